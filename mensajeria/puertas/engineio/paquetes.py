"""Engine.IO v4, lo que no tiene estado: paquetes, paquete de apertura y tabla de rechazos.

Fuente: docs/engine.io-protocol/v4-current.md y packages/engine.io de socketio/socket.io.
"""

import base64
import binascii
import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from mensajeria.protocolo import json_javascript
from mensajeria.puertas.cola import MAX_PENDIENTE

SEPARADOR = "\x1e"
PAQUETE_CIERRE = "1"
PAQUETE_PING = "2"
PAQUETE_NADA = "6"
SONDA = "2probe"
RESPUESTA_SONDA = "3probe"
ASCENSO = "5"


class Transporte(enum.StrEnum):
    """Los dos transportes, con el nombre que llevan en la consulta."""

    SONDEO = "polling"
    WEBSOCKET = "websocket"


class MotivoDeCierre(enum.StrEnum):
    """Por qué terminó una conexión; los textos que Node también usa son los suyos."""

    TRANSPORTE = "transport close"
    ERROR_TRANSPORTE = "transport error"
    SIN_LATIDO = "ping timeout"
    MALFORMADO = "parse error"
    EXCESO = "payload too large"
    LENTO = "slow consumer"
    SIN_CONNECT = "connect timeout"
    SIN_ADJUNTOS = "attachments timeout"
    CLIENTE = "client namespace disconnect"
    SERVIDOR = "server namespace disconnect"
    APAGADO = "server shutting down"
    INTERNO = "internal error"


class CodigoEngineIO(enum.IntEnum):
    """Códigos con los que Engine.IO rechaza una petición."""

    TRANSPORTE_DESCONOCIDO = 0
    SID_DESCONOCIDO = 1
    METODO_INCORRECTO = 2
    PETICION_INCORRECTA = 3
    PROHIBIDO = 4
    VERSION_NO_ADMITIDA = 5

    @property
    def estado_http(self) -> int:
        """403 para lo prohibido; 400 para lo demás, como Node."""
        return 403 if self is CodigoEngineIO.PROHIBIDO else 400

    @property
    def cuerpo(self) -> str:
        """`{"code", "message"}`, letra por letra lo de Node."""
        return json_javascript.codificar({"code": int(self), "message": _MENSAJES[self]})


_MENSAJES = {
    CodigoEngineIO.TRANSPORTE_DESCONOCIDO: "Transport unknown",
    CodigoEngineIO.SID_DESCONOCIDO: "Session ID unknown",
    CodigoEngineIO.METODO_INCORRECTO: "Bad handshake method",
    CodigoEngineIO.PETICION_INCORRECTA: "Bad request",
    CodigoEngineIO.PROHIBIDO: "Forbidden",
    CodigoEngineIO.VERSION_NO_ADMITIDA: "Unsupported protocol version",
}


class ErrorPaquete(ValueError):
    """El cliente envió algo que el protocolo no admite: su sesión termina."""


@dataclass(frozen=True, slots=True)
class Ajustes:
    """Plazos (segundos) y límites (bytes) de una sesión; por defecto, los de Node.

    `limite_salida` es lo que puede esperar a un cliente que no lee.
    """

    intervalo_ping: float = 25.0
    plazo_pong: float = 20.0
    plazo_ascenso: float = 10.0
    plazo_cierre: float = 30.0
    carga_maxima: int = 1_000_000
    limite_salida: int = MAX_PENDIENTE


class MensajeRecibido(msgspec.Struct, frozen=True):
    """Paquete `message`: texto sin su `4`, o bytes."""

    dato: str | bytes


class PongRecibido(msgspec.Struct, frozen=True):
    """Paquete `pong`."""


class CierreRecibido(msgspec.Struct, frozen=True):
    """Paquete `close`."""


class Ignorado(msgspec.Struct, frozen=True):
    """`open`, `upgrade` o `noop` fuera de lugar: Node los pasa por alto."""


PaqueteEngineIO = MensajeRecibido | PongRecibido | CierreRecibido | Ignorado


def decodificar_paquete(dato: str | bytes) -> PaqueteEngineIO:
    """Lee un paquete del cliente; `ErrorPaquete` si no lo es o no le toca enviarlo."""
    if isinstance(dato, bytes):
        return MensajeRecibido(dato)
    tipo = dato[:1]
    if tipo == "4":
        return MensajeRecibido(dato[1:])
    if tipo == "b":
        return MensajeRecibido(_decodificar_base64(dato[1:]))
    if tipo == "3":
        return PongRecibido()
    if tipo == "1":
        return CierreRecibido()
    if tipo and tipo in "056":
        return Ignorado()
    raise ErrorPaquete("paquete desconocido o en dirección contraria")


def decodificar_carga(cuerpo: bytes) -> list[PaqueteEngineIO]:
    """Lee el cuerpo de un POST entero o nada: un paquete malo invalida toda la carga."""
    try:
        texto = cuerpo.decode()
    except UnicodeDecodeError:
        raise ErrorPaquete("la carga no es UTF-8") from None
    return [decodificar_paquete(parte) for parte in texto.split(SEPARADOR)]


def codificar_carga(paquetes: Iterable[str | bytes]) -> str:
    """Une paquetes ya codificados para un GET; los binarios van en base64 tras una `b`."""
    return SEPARADOR.join(
        "b" + base64.b64encode(p).decode() if isinstance(p, bytes) else p for p in paquetes
    )


def paquete_apertura(sid: str, transporte: Transporte, ajustes: Ajustes) -> str:
    """El paquete `open`, con los plazos en milisegundos."""
    ascensos = [str(Transporte.WEBSOCKET)] if transporte is Transporte.SONDEO else []
    return "0" + json_javascript.codificar(
        {
            "sid": sid,
            "upgrades": ascensos,
            "pingInterval": round(ajustes.intervalo_ping * 1000),
            "pingTimeout": round(ajustes.plazo_pong * 1000),
            "maxPayload": ajustes.carga_maxima,
        }
    )


def validar_peticion(
    consulta: Mapping[str, str],
    metodo: str,
    es_websocket: bool,
    transporte_de: Callable[[str], Transporte | None],
) -> CodigoEngineIO | None:
    """Devuelve por qué se rechaza una petición, o `None`; en el orden en que Node lo mira.

    `transporte_de(sid)` da el transporte actual de una sesión, o `None` si no existe. El
    origen se comprueba antes y aparte: es cosa de quien monta la puerta.
    """
    transporte = consulta.get("transport")
    if transporte not in (Transporte.SONDEO, Transporte.WEBSOCKET):
        return CodigoEngineIO.TRANSPORTE_DESCONOCIDO
    if sid := consulta.get("sid"):
        return _validar_sesion(transporte, metodo, es_websocket, transporte_de(sid))
    if metodo != "GET":
        return CodigoEngineIO.METODO_INCORRECTO
    if es_websocket != (transporte == Transporte.WEBSOCKET):
        return CodigoEngineIO.PETICION_INCORRECTA
    if consulta.get("EIO") != "4":
        return CodigoEngineIO.VERSION_NO_ADMITIDA
    return None


def _validar_sesion(
    transporte: str, metodo: str, es_websocket: bool, actual: Transporte | None
) -> CodigoEngineIO | None:
    if actual is None:
        return CodigoEngineIO.SID_DESCONOCIDO
    if es_websocket:
        correcta = transporte == Transporte.WEBSOCKET
    else:
        correcta = transporte == actual == Transporte.SONDEO and metodo in ("GET", "POST")
    return None if correcta else CodigoEngineIO.PETICION_INCORRECTA


def _decodificar_base64(texto: str) -> bytes:
    """Base64 estricto: Node descarta en silencio lo que sobra, y entrega otra cosa."""
    try:
        return base64.b64decode(texto, validate=True)
    except (binascii.Error, ValueError):
        raise ErrorPaquete("base64 incorrecto") from None
