"""Un cliente Socket.IO sobre su sesión Engine.IO, como máquina de estados sin red ni reloj.

Fuente: packages/socket.io/lib/client.ts y socket.ts de socketio/socket.io. Lo que no encaja
levanta `ErrorPaquete`, y quien la conduce cierra la sesión, como Node.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from mensajeria.protocolo.eventos import sin_campos
from mensajeria.protocolo.textos import es_unicode
from mensajeria.puertas.engineio.paquetes import ErrorPaquete, MotivoDeCierre
from mensajeria.puertas.socketio import marcos
from mensajeria.puertas.socketio.marcos import PaqueteSocketIO, TipoDePaquete
from mensajeria.sesion.conexion import Peticion


@dataclass(frozen=True, slots=True)
class AjustesSocketIO:
    """Espacios admitidos y plazos en segundos; por defecto, los de Node.

    `plazo_despedida`: si el transporte se cierra pegado al `41`, el cliente puede ver el cierre
    antes que el `41`, y entonces reconecta.
    """

    espacios: frozenset[str] = frozenset({marcos.ESPACIO_PRINCIPAL})
    plazo_connect: float = 45.0
    plazo_adjuntos: float = 10.0
    plazo_despedida: float = 0.5


class ConexionPedida(msgspec.Struct, frozen=True):
    """CONNECT a un espacio que existe: espera `aceptar` o `rechazar`."""

    auth: dict[str, Any] | None


class EspacioDesconocido(msgspec.Struct, frozen=True):
    """CONNECT a un espacio que no existe: `marco` es la respuesta."""

    marco: str


class EventoIlegible(msgspec.Struct, frozen=True):
    """EVENT con textos que no se admiten; de la petición queda el nombre, si él sí vale."""

    peticion: Peticion
    defecto: str
    campo: str = ""


class Desconectado(msgspec.Struct, frozen=True):
    """El cliente deja el espacio; el transporte sigue."""

    motivo: MotivoDeCierre


# Lo que un paquete significa para su espacio: un EVENT, ya la petición que la sesión espera.
EventoSocketIO = ConexionPedida | EspacioDesconocido | Peticion | EventoIlegible | Desconectado


class _Estado(enum.Enum):
    PENDIENTE = enum.auto()
    CONECTADO = enum.auto()


class MaquinaSocketIO:
    """Qué espacios tiene este cliente y qué plazos corren."""

    __slots__ = (
        "_ajustes",
        "_decodificador",
        "_espacios",
        "_limite_adjuntos",
        "_limite_connect",
        "_limite_despedida",
    )

    def __init__(self, ajustes: AjustesSocketIO, carga_maxima: int, ahora: float) -> None:
        self._ajustes = ajustes
        self._decodificador = marcos.Decodificador(carga_maxima)
        self._espacios: dict[str, _Estado] = {}
        self._limite_connect: float | None = ahora + ajustes.plazo_connect
        self._limite_adjuntos: float | None = None
        self._limite_despedida: float | None = None

    # Entrada ------------------------------------------------------------------------------

    def decodificar(self, mensajes: Iterable[str | bytes], ahora: float) -> list[PaqueteSocketIO]:
        """Lee todos los mensajes antes de procesar ninguno: uno malo los invalida todos."""
        paquetes = []
        for mensaje in mensajes:
            paquete = self._decodificador.agregar(mensaje)
            if paquete is not None:
                paquetes.append(paquete)
        a_medias = self._decodificador.a_medias
        self._limite_adjuntos = ahora + self._ajustes.plazo_adjuntos if a_medias else None
        return paquetes

    def recibir(self, paquete: PaqueteSocketIO, ahora: float) -> EventoSocketIO | None:
        """Lo que pide un paquete, o `None` si nada; `ErrorPaquete` si a su espacio no le toca."""
        if self._limite_despedida is not None:
            return None
        estado = self._espacios.get(paquete.espacio)
        if paquete.tipo is TipoDePaquete.CONNECT:
            return self._connect(paquete, estado)
        if estado is not _Estado.CONECTADO:
            raise ErrorPaquete("paquete para un espacio sin conectar")
        if paquete.tipo is TipoDePaquete.DISCONNECT:
            self._quitar(paquete.espacio, ahora)
            return Desconectado(MotivoDeCierre.CLIENTE)
        # Un ACK no corresponde a nada: este servidor no pide confirmaciones.
        if paquete.datos is None or paquete.tipo is TipoDePaquete.ACK:
            return None
        return _evento(paquete)

    def _connect(self, paquete: PaqueteSocketIO, estado: _Estado | None) -> EventoSocketIO:
        if estado is not None:
            raise ErrorPaquete("CONNECT repetido")
        if paquete.espacio not in self._ajustes.espacios:
            marco = marcos.marco_connect_error(paquete.espacio, "Invalid namespace")
            return EspacioDesconocido(marco)
        self._espacios[paquete.espacio] = _Estado.PENDIENTE
        return ConexionPedida(paquete.datos)

    # Salida -------------------------------------------------------------------------------

    def aceptar(self, espacio: str, sid: str) -> str | None:
        """El `40` que acepta un CONNECT; `None` si ya no espera respuesta."""
        if self._espacios.get(espacio) is not _Estado.PENDIENTE:
            return None
        self._espacios[espacio] = _Estado.CONECTADO
        self._limite_connect = None
        return marcos.marco_connect(espacio, sid)

    def rechazar(self, espacio: str, mensaje: str, datos: Any) -> str | None:
        """El `44` que rechaza un CONNECT; `None` si ya no espera respuesta."""
        if self._espacios.get(espacio) is not _Estado.PENDIENTE:
            return None
        del self._espacios[espacio]
        return marcos.marco_connect_error(espacio, mensaje, datos)

    def despedir(self, espacio: str, ahora: float) -> str | None:
        """El `41` del servidor; lo que llegue después se ignora hasta que venza el plazo."""
        if self._espacios.pop(espacio, None) is not _Estado.CONECTADO:
            return None
        self._limite_despedida = ahora + self._ajustes.plazo_despedida
        return marcos.marco_disconnect(espacio)

    # Tiempo -------------------------------------------------------------------------------

    def proximo_vencimiento(self) -> float | None:
        """Cuándo hay que llamar a `vencer`; `None` si nunca."""
        proximo = self._limite_connect
        for limite in (self._limite_adjuntos, self._limite_despedida):
            if limite is not None and (proximo is None or limite < proximo):
                proximo = limite
        return proximo

    def vencer(self, ahora: float) -> MotivoDeCierre | None:
        """El motivo por el que cerrar la sesión a esta hora, o `None`."""
        for limite, motivo in (
            (self._limite_despedida, MotivoDeCierre.SERVIDOR),
            (self._limite_adjuntos, MotivoDeCierre.SIN_ADJUNTOS),
            (self._limite_connect, MotivoDeCierre.SIN_CONNECT),
        ):
            if limite is not None and ahora >= limite:
                return motivo
        return None

    def _quitar(self, espacio: str, ahora: float) -> None:
        """Sin ningún espacio vuelve a correr el plazo: nadie ocupa un transporte para nada."""
        del self._espacios[espacio]
        if _Estado.CONECTADO not in self._espacios.values():
            self._limite_connect = ahora + self._ajustes.plazo_connect


def _evento(paquete: PaqueteSocketIO) -> Peticion | EventoIlegible:
    nombre, *argumentos = paquete.datos
    if not isinstance(nombre, str):
        nombre = str(int(nombre) if nombre == int(nombre) else nombre)
    if not paquete.defecto:
        return Peticion(nombre, argumentos)
    if sin_campos(nombre):
        return Peticion(nombre)
    legible = Peticion(nombre if es_unicode(nombre) else "")
    return EventoIlegible(legible, paquete.defecto, paquete.campo)
