"""Socket.IO v5, lo que no tiene estado de conexión: paquetes que entran y marcos que salen.

Un «marco» es ya un paquete Engine.IO (`42["evento",{…}]` o los bytes de un adjunto): se codifica
una vez y se envía tal cual a cuantos clientes haya. Fuente: docs/socket.io-protocol/v5-current.md
y packages/socket.io-parser de socketio/socket.io (con su límite de 10 adjuntos, CVE-2026-33151).
"""

import enum
import functools
import re
from typing import Any

import msgspec

from mensajeria.protocolo import json_javascript
from mensajeria.protocolo.json_estricto import ruta_con_controles
from mensajeria.protocolo.textos import CON_CONTROLES
from mensajeria.puertas.engineio.paquetes import ErrorPaquete

ESPACIO_PRINCIPAL = "/"
ADJUNTOS_MAXIMOS = 10
ID_MAXIMO = 2**53 - 1  # el mayor entero que JavaScript devuelve sin redondear

# Con estos nombres el cliente o el servidor hablan consigo mismos: dejarlos pasar sería ejecutar
# sus manejadores internos a petición del otro lado.
RESERVADOS = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)

SUSTITUTO_SUELTO = "El texto no es Unicode: lleva media pareja de sustitutos"
_CABECERA = re.compile(r"(?:([0-4])|([56])([0-9]{1,3})-)(?:(/[^,]*),?)?([0-9]*)")


class TipoDePaquete(enum.IntEnum):
    """Tipos de paquete; los dos binarios se entregan ya como EVENT y ACK."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


# Por su número: preguntárselo a la clase cuesta veinte veces más.
_TIPOS = tuple(TipoDePaquete)


class PaqueteSocketIO(msgspec.Struct, frozen=True):
    """Un paquete completo, con los adjuntos en su sitio.

    `datos` es `None` si no traía. Con `defecto` contiene textos que no se admiten, y dice por qué y
    en qué `campo`: se sabe qué se pedía y con qué id, pero no debe pasar más adentro.
    """

    tipo: TipoDePaquete
    espacio: str
    datos: Any = None
    id: int | None = None
    defecto: str = ""
    campo: str = ""


class Decodificador:
    """Convierte los mensajes de una sesión en paquetes, reuniendo los adjuntos."""

    __slots__ = ("_adjuntos", "_bytes", "_carga_maxima", "_esperados", "_parcial")

    def __init__(self, carga_maxima: int) -> None:
        self._carga_maxima = carga_maxima
        self._parcial: PaqueteSocketIO | None = None
        self._esperados = 0
        self._adjuntos: list[bytes] = []
        self._bytes = 0

    @property
    def a_medias(self) -> bool:
        """Si hay un paquete que espera adjuntos."""
        return self._parcial is not None

    def agregar(self, dato: str | bytes) -> PaqueteSocketIO | None:
        """Toma un mensaje y devuelve el paquete que completa; `ErrorPaquete` si no encaja."""
        if isinstance(dato, bytes):
            return self._agregar_adjunto(dato)
        if self._parcial is not None:
            raise ErrorPaquete("texto donde tocaba un adjunto")
        paquete, self._esperados = _decodificar_texto(dato)
        if not self._esperados:
            return paquete
        self._parcial = paquete
        self._bytes = len(dato)
        return None

    def _agregar_adjunto(self, dato: bytes) -> PaqueteSocketIO | None:
        if self._parcial is None:
            raise ErrorPaquete("adjunto que nadie anunció")
        self._bytes += len(dato)
        if self._bytes > self._carga_maxima:
            raise ErrorPaquete("los adjuntos pasan de la carga máxima")
        self._adjuntos.append(dato)
        if len(self._adjuntos) < self._esperados:
            return None
        datos = _reconstruir(self._parcial.datos, self._adjuntos)
        paquete = msgspec.structs.replace(self._parcial, datos=datos)
        self._parcial, self._adjuntos = None, []
        return paquete


def marco_evento(nombre: str, datos_json: bytes) -> str:
    """`42["nombre",<datos>]` con `datos_json` tal cual, que ya es JSON."""
    return f"42[{_nombre(nombre)},{datos_json.decode()}]"


def marco_ack(id: int, datos_json: bytes, espacio: str = ESPACIO_PRINCIPAL) -> str:
    """`43<id>[<datos>]` con `datos_json` tal cual, que ya es JSON."""
    return f"43{_prefijo(espacio)}{id}[{datos_json.decode()}]"


def marco_connect(espacio: str, sid: str) -> str:
    """La aceptación de un CONNECT."""
    return f"40{_prefijo(espacio)}{json_javascript.codificar({'sid': sid})}"


def marco_connect_error(espacio: str, mensaje: str, datos: Any = None) -> str:
    """El rechazo de un CONNECT: `{message, data}`, sin `data` si no hay."""
    cuerpo = {"message": mensaje} if datos is None else {"message": mensaje, "data": datos}
    return f"44{_prefijo(espacio)}{json_javascript.codificar(cuerpo)}"


def marco_disconnect(espacio: str) -> str:
    """La despedida del servidor."""
    return f"41{_prefijo(espacio)}"


def _reconstruir(valor: Any, adjuntos: list[bytes]) -> Any:
    """Cambia cada marcador por su adjunto; `ErrorPaquete` si no existe."""
    if isinstance(valor, list):
        return [_reconstruir(parte, adjuntos) for parte in valor]
    if not isinstance(valor, dict):
        return valor
    if valor.get("_placeholder") is not True:
        return {clave: _reconstruir(parte, adjuntos) for clave, parte in valor.items()}
    numero = valor.get("num")
    if type(numero) is not int or not 0 <= numero < len(adjuntos):
        raise ErrorPaquete("marcador sin adjunto")
    return adjuntos[numero]


def _decodificar_texto(texto: str) -> tuple[PaqueteSocketIO, int]:
    """Devuelve el paquete y cuántos adjuntos le faltan."""
    cabecera = _CABECERA.match(texto)
    if cabecera is None:
        raise ErrorPaquete("cabecera incorrecta")
    simple, binario, cuantos, espacio, id = cabecera.groups()
    adjuntos = int(cuantos) if binario else 0
    if binario and not 0 < adjuntos <= ADJUNTOS_MAXIMOS:
        raise ErrorPaquete("número de adjuntos fuera de límites")
    tipo = _TIPOS[int(simple)] if simple else _TIPOS[int(binario) - 3]
    datos, defecto, campo = _decodificar_datos(texto[cabecera.end() :])
    _validar_datos(tipo, datos)
    if binario and datos is None:
        raise ErrorPaquete("adjuntos sin datos")
    if tipo is TipoDePaquete.CONNECT and defecto == SUSTITUTO_SUELTO:
        datos = json_javascript.sin_sustitutos(datos)
    paquete = PaqueteSocketIO(
        tipo, espacio or ESPACIO_PRINCIPAL, datos, _decodificar_id(id), defecto, campo
    )
    return paquete, adjuntos


def _decodificar_id(texto: str) -> int | None:
    if not texto:
        return None
    if len(texto) > len(str(ID_MAXIMO)) or (id := int(texto)) > ID_MAXIMO:
        raise ErrorPaquete("id de confirmación fuera de límites")
    return id


def _decodificar_datos(texto: str) -> tuple[Any, str, str]:
    """Los datos, el defecto de sus textos y en qué campo de la carga está."""
    if not texto:
        return None, "", ""
    defecto = campo = ""
    try:
        datos = json_javascript.decodificar(texto)
        if (ruta := ruta_con_controles(texto, datos)) is not None:
            # Lo primero es a qué argumento del evento se refiere.
            defecto, campo = CON_CONTROLES, ruta.partition(".")[2]
    except json_javascript.SustitutoSuelto as error:
        datos, defecto = error.valor, SUSTITUTO_SUELTO
    except json_javascript.JsonInvalido as error:
        raise ErrorPaquete(str(error)) from None
    if datos is None:
        raise ErrorPaquete("null no son datos de ningún paquete")
    return datos, defecto, campo


def _validar_datos(tipo: TipoDePaquete, datos: Any) -> None:
    """La forma que cada tipo exige; sin datos pasa, como en Node, salvo CONNECT_ERROR."""
    if tipo is TipoDePaquete.CONNECT_ERROR:
        raise ErrorPaquete("un cliente no rechaza conexiones")
    if datos is None:
        return
    if tipo is TipoDePaquete.CONNECT:
        correcto = isinstance(datos, dict)
    elif tipo is TipoDePaquete.DISCONNECT:
        correcto = False
    elif tipo is TipoDePaquete.EVENT:
        correcto = isinstance(datos, list) and bool(datos) and _es_nombre(datos[0])
    else:
        correcto = isinstance(datos, list)
    if not correcto:
        raise ErrorPaquete("datos que su tipo de paquete no admite")


def _es_nombre(valor: Any) -> bool:
    """Un texto no reservado, o un número: Node los admite también."""
    if isinstance(valor, str):
        return valor not in RESERVADOS
    return type(valor) in (int, float)


@functools.cache
def _nombre(nombre: str) -> str:
    """El nombre como JSON; `ValueError` si es de los reservados."""
    if nombre in RESERVADOS:
        raise ValueError(f"{nombre!r} está reservado: los clientes JavaScript se desconectarían")
    return json_javascript.codificar(nombre)


def _prefijo(espacio: str) -> str:
    return "" if espacio == ESPACIO_PRINCIPAL else f"{espacio},"
