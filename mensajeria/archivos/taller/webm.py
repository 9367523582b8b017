"""WebM: sus elementos (EBML, RFC 8794), para saber qué lleva y quitar lo que sobra."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from mensajeria.archivos.taller.resultado import bomba, danado, no_admitido

_EBML, _TIPO_DE_DOCUMENTO, _SEGMENTO = 0x1A45DFA3, 0x4282, 0x18538067
_INFORMACION, _ESCALA, _DURACION = 0x1549A966, 0x2AD7B1, 0x4489
_PISTAS, _PISTA, _TIPO_DE_PISTA = 0x1654AE6B, 0xAE, 0x83
_GRUPO, _HORA, _BLOQUE, _BLOQUES, _BLOQUE_SUELTO = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
# Dónde se grabó, con qué, quién; y los archivos que lleve pegados. En su sitio queda un hueco.
_SOBRAN, _HUECO = {0x1254C367, 0x1941A469}, 0xEC
# Lo de dentro se mira sin saber dónde acaban: quien graba en directo no lo escribe.
_CONTENEDORES = {_EBML, _SEGMENTO, _INFORMACION, _PISTAS, _PISTA, _GRUPO, _BLOQUES}
_DE_VIDEO, _DE_AUDIO = 1, 2
_MAX_LEIDO = 256
# Cien megabytes de voz llevan menos.
MAX_ELEMENTOS = 1_000_000
# Nanosegundos de una unidad, si no se dice (RFC 9559, 5.1.2.9).
_ESCALA_HABITUAL = 1_000_000


class Visto(NamedTuple):
    con_video: bool
    segundos: float
    sin_metadatos: bytes


class Elemento(NamedTuple):
    """`inicio`: donde empieza; `datos` y `fin`: lo de dentro, sin su cabecera."""

    id: int
    inicio: int
    datos: int
    fin: int


def leer(crudo: bytes) -> Visto:
    """Lanza `NoAdmitido` si no es un WebM, o no lleva ni audio ni vídeo."""
    pistas: set[int] = set()
    escala, duracion, hora, ultima = _ESCALA_HABITUAL, 0.0, 0, 0
    sobran: list[Elemento] = []
    for uno in _elementos(crudo):
        # De un bloque solo hace falta su cabecera.
        id_, datos = uno.id, crudo[uno.datos : min(uno.fin, uno.datos + _MAX_LEIDO)]
        if id_ == _TIPO_DE_DOCUMENTO and datos.rstrip(b"\0") != b"webm":
            raise no_admitido("De los de Matroska se admiten los WebM")
        elif id_ == _TIPO_DE_PISTA:
            pistas.add(int.from_bytes(datos, "big"))
        elif id_ == _ESCALA:
            escala = int.from_bytes(datos, "big")
        elif id_ == _DURACION:
            [duracion] = struct.unpack(">f" if len(datos) == 4 else ">d", datos)
        elif id_ == _HORA:
            hora = int.from_bytes(datos, "big")
        elif id_ in (_BLOQUE, _BLOQUE_SUELTO):
            ultima = max(ultima, hora + _hora_de_bloque(datos))
        elif id_ in _SOBRAN:
            sobran.append(uno)
    if not pistas & {_DE_VIDEO, _DE_AUDIO}:
        raise danado("No lleva ni audio ni vídeo, o está incompleto")
    segundos = (duracion or ultima) * escala / 1e9
    return Visto(_DE_VIDEO in pistas, segundos, _sin(crudo, sobran))


def _sin(crudo: bytes, sobran: list[Elemento]) -> bytes:
    limpio = bytearray(crudo)
    for uno in sobran:
        limpio[uno.inicio : uno.fin] = _hueco(uno.fin - uno.inicio)
    return bytes(limpio)


def _hueco(largo: int) -> bytes:
    """Un elemento vacío que ocupa eso: lo demás no se mueve (RFC 8794, 11.3.2)."""
    if largo < 9:
        return bytes([_HUECO, 0x80 | largo - 2]) + bytes(largo - 2)
    return bytes([_HUECO, 0x01]) + (largo - 9).to_bytes(7, "big") + bytes(largo - 9)


def _elementos(crudo: bytes) -> Iterator[Elemento]:
    """Los que no llevan otros dentro, en su orden."""
    donde = 0
    for _ in range(MAX_ELEMENTOS):
        if donde >= len(crudo):
            return
        inicio = donde
        id_, donde = _numero(crudo, donde, con_marca=True)
        largo, donde = _numero(crudo, donde)
        if id_ in _CONTENEDORES:
            continue
        if donde + largo > len(crudo):
            raise danado("El archivo está incompleto")
        yield Elemento(id_, inicio, donde, donde + largo)
        donde += largo
    raise bomba("El archivo lleva demasiadas partes")


def _numero(crudo: bytes, donde: int, *, con_marca: bool = False) -> tuple[int, int]:
    """Un entero de largo variable (RFC 8794, 4), y dónde acaba; un identificador lleva su marca."""
    primero = crudo[donde]
    if not primero:
        raise danado()
    largo = 9 - primero.bit_length()
    valor = int.from_bytes(crudo[donde : donde + largo], "big")
    return (valor if con_marca else valor & ((1 << 7 * largo) - 1)), donde + largo


def _hora_de_bloque(datos: bytes) -> int:
    """La suya, desde la de su grupo; va tras el número de pista (RFC 9559, 10.1)."""
    _, donde = _numero(datos, 0)
    [hora] = struct.unpack_from(">h", datos, donde)
    return int(hora)
