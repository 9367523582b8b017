"""Quiénes se comparan: un servidor y la puerta por la que se le habla."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bancos.carga.dialectos import Dialecto, Nativa, SocketIO
from bancos.servidores import EnMarcha, Taller, node, producto
from bancos.siembra import Siembra

Arranque = Callable[[Taller, Siembra], AbstractContextManager[EnMarcha]]


@dataclass(frozen=True)
class Contendiente:
    """Dos con el mismo `arranque` comparten servidor."""

    etiqueta: str
    arranque: Arranque
    dialecto: Dialecto
    propio: bool = False


_PG = partial(producto)
_SQLITE = partial(producto, sqlite=True)

CONTENDIENTES = {
    "producto": Contendiente("producto, Socket.IO", _PG, SocketIO(), propio=True),
    "nativa": Contendiente("producto, WebSocket sencillo", _PG, Nativa(), propio=True),
    "sqlite": Contendiente("producto, SQLite", _SQLITE, SocketIO(), propio=True),
    "node": Contendiente("Node, tres consultas", partial(node), SocketIO()),
    "node-lote": Contendiente("Node, por lotes", partial(node, modo="lote"), SocketIO()),
    "node-memoria": Contendiente("Node, sin guardar", partial(node, modo="memoria"), SocketIO()),
}
