"""Quiénes se comparan: un servidor y la puerta por la que se le habla."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bancos.carga.dialectos import Dialecto, Eco, Nativa, SocketIO
from bancos.servidores import EnMarcha, Taller, en_python, node, producto, vistas_orm
from bancos.siembra import Siembra

Arranque = Callable[[Taller, Siembra], AbstractContextManager[EnMarcha]]


@dataclass(frozen=True)
class Contendiente:
    """Dos con el mismo `arranque` comparten servidor."""

    etiqueta: str
    arranque: Arranque
    dialecto: Dialecto


_PG = partial(producto)
_SIO, _NATIVA, _ECO = SocketIO(), Nativa(), Eco()

CONTENDIENTES = {
    "producto": Contendiente("producto, Socket.IO", _PG, _SIO),
    "nativa": Contendiente("producto, WebSocket sencillo", _PG, _NATIVA),
    "sqlite": Contendiente("producto, SQLite", partial(producto, sqlite=True), _SIO),
    "producto-2": Contendiente("producto, 2 procesos", partial(producto, procesos=2), _SIO),
    "producto-4": Contendiente("producto, 4 procesos", partial(producto, procesos=4), _SIO),
    "node": Contendiente("Node, tres consultas", partial(node), _SIO),
    "node-lote": Contendiente("Node, por lotes", partial(node, modo="lote"), _SIO),
    "node-memoria": Contendiente("Node, sin guardar", partial(node, modo="memoria"), _SIO),
    "node-2": Contendiente("Node, 2 procesos, tres consultas", partial(node, procesos=2), _SIO),
    "node-4": Contendiente("Node, 4 procesos, tres consultas", partial(node, procesos=4), _SIO),
    "python-socketio": Contendiente(
        "python-socketio en uvicorn, sin guardar",
        partial(en_python, guion="python_socketio"),
        _SIO,
    ),
    "tutorial": Contendiente(
        "tutorial de Channels en daphne, Redis",
        partial(en_python, guion="tutorial", con_redis=True),
        _ECO,
    ),
    "tutorial-memoria": Contendiente(
        "tutorial de Channels en daphne, en memoria", partial(en_python, guion="tutorial"), _ECO
    ),
    "picows": Contendiente("picows (suelo)", partial(en_python, guion="suelo"), _ECO),
    "orm": Contendiente("vista llana de Django", vistas_orm, _SIO),
}
