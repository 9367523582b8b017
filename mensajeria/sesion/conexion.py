"""Una conexión: lo que una sesión le pide, y lo que su puerta lleva a la sesión.

Quien mueve los bytes de un cliente cumple `Conexion`, y llama a una `Aplicacion`: en el producto,
`Sesion`. Ninguna de estas llamadas espera. El ejemplo más corto, un eco: `tests/eco_socketio.py`.
La `Puerta` por la que llegan, y que el proceso apaga al detenerse, está en `mensajeria.nodo`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from mensajeria.difusion.emision import Emision, Enmarcar
from mensajeria.protocolo import empujes
from mensajeria.protocolo.errores import ErrorMensajeria

Id = int | str
Responder = Callable[[bytes], None]
MAX_NOMBRE_DE_EVENTO = 64


class Peticion(NamedTuple):
    """Lo que un cliente pide, leído de su trama.

    `id` lo lleva el evento `error`, si la puerta tiene uno; `responder` envía el acuse
    `{"ok": …}` ya codificado, si el cliente lo espera.
    """

    evento: str = ""
    argumentos: Sequence[Any] = ()
    id: Id | None = None
    responder: Responder | None = None

    @property
    def datos(self) -> Any:
        """La carga: el primer argumento; los demás no son del contrato."""
        return self.argumentos[0] if self.argumentos else {}


class Medida(NamedTuple):
    """`por_leer`: bytes que aún no salieron hacia el cliente."""

    puerta: str
    transporte: str
    por_leer: int


class Conexion(Protocol):
    """Una conexión, vista desde la aplicación."""

    @property
    def marco_evento(self) -> Enmarcar[str]:
        """De evento y datos a marco, para lo que es solo suyo."""

    def entregar(self, emision: Emision) -> None:
        """Envía un evento que sale para muchos, enmarcado una vez para todos los de la puerta."""

    def enviar(self, marco: str) -> None:
        """Envía un marco en su turno; sin conexión no hace nada."""

    def pedir_latido(self) -> None:
        """Envía un ping, que avisa a la aplicación; si ahora no puede, nada."""

    def cerrar(self) -> None:
        """Despide al cliente cuando haya salido lo enviado."""

    def medida(self) -> Medida:
        """Por dónde va y cuánto tiene por leer."""

    def pausar(self) -> None:
        """Deja de leer del cliente."""

    def reanudar(self) -> None:
        """Vuelve a leer."""


class Aplicacion(Protocol):
    """A quien una puerta lleva lo que le pasa a una conexión."""

    def recibir(self, peticion: Peticion, /) -> None:
        """El cliente pide algo."""

    def negar(self, peticion: Peticion, error: ErrorMensajeria, /) -> None:
        """Lo que envió no es una petición admisible; de ella hay lo que se pudo leer."""

    def ping_enviado(self) -> None:
        """Sale un ping, detrás de todo lo enviado hasta ahora."""

    def ping_contestado(self) -> None:
        """El cliente contestó al último: lo enviado antes que él le ha llegado."""

    def desconectada(self, motivo: str = "", /) -> None:
        """Ya no hay cliente; es la última llamada."""


def forma_de_error(
    error: ErrorMensajeria, evento: str | None = None, id_: Id | None = None
) -> empujes.Error:
    """El evento `error` del contrato."""
    return empujes.Error(
        code=error.codigo,
        message=error.mensaje,
        evento=evento and evento[:MAX_NOMBRE_DE_EVENTO],
        id=msgspec.UNSET if id_ is None else id_,
        campo=msgspec.UNSET if error.campo is None else error.campo,
        reintentar_en=msgspec.UNSET if error.reintentar_en is None else error.reintentar_en,
    )
