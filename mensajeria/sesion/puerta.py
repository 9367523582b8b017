"""Lo que una sesión le pide a su puerta, y lo que una puerta le da."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from mensajeria.central.sala import Enmarcar

Id = int | str
Responder = Callable[[bytes], None]


class Puerta(Protocol):
    """Lo que una puerta pone: su marco de evento, y cómo escribir, cerrar y frenar sin esperar.

    `entregado` dice que lo último escrito lleva hasta esa secuencia de esa conversación: si un
    latido posterior se contesta, la puerta llama a `Sesion.recibio`. `olvidar`: lo escrito hasta
    ahora era para otro usuario.

    `marco_evento` es la misma función en todas las conexiones de una puerta: así un evento se
    enmarca una vez por proceso.
    """

    @property
    def marco_evento(self) -> Enmarcar: ...
    def escribir(self, marco: str) -> None: ...
    def entregado(self, conversacion: str, secuencia: int) -> None: ...
    def olvidar(self) -> None: ...
    def cerrar(self) -> None: ...
    def pausar(self) -> None: ...
    def reanudar(self) -> None: ...


class Pedida(NamedTuple):
    """`responder` escribe el acuse `{"ok": …}`, si la petición lo espera."""

    evento: str
    datos: Any
    id: Id | None
    responder: Responder | None
