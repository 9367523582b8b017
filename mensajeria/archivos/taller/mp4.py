"""MP4 y M4A: sus cajas (ISO/IEC 14496-12, 4.2), para saber qué llevan y quitar lo que sobra."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import NamedTuple

from mensajeria.archivos.taller.resultado import bomba, danado

# Las que llevan dentro otras que se miran.
_CONTENEDORES = {b"moov", b"trak", b"mdia", b"mvex", b"moof", b"traf"}
# Dónde se grabó, con qué, quién: se dejan en blanco, con su largo, y lo demás no se mueve.
_METADATOS = {b"udta", b"meta", b"uuid"}
# Cien megabytes grabados por trozos llevan menos, y ninguna está a más de cinco de otra.
MAX_CAJAS = 100_000
MAX_HONDURA = 8


class Caja(NamedTuple):
    """`inicio`: donde empieza; `datos` y `fin`: lo de dentro, sin su cabecera."""

    tipo: bytes
    inicio: int
    datos: int
    fin: int


class Pelicula(NamedTuple):
    con_video: bool
    segundos: float
    sin_metadatos: bytes


def leer(crudo: bytes) -> Pelicula:
    """Lanza `NoAdmitido` si le falta algo, o si no lleva ni audio ni vídeo."""
    cajas = list(itertools.islice(_todas(crudo, 0, len(crudo)), MAX_CAJAS + 1))
    if len(cajas) > MAX_CAJAS:
        raise bomba("El archivo lleva demasiadas partes")
    pistas = {crudo[c.datos + 8 : c.datos + 12] for c in cajas if c.tipo == b"hdlr"}
    if not pistas & {b"vide", b"soun"}:
        raise danado("No lleva ni audio ni vídeo, o está incompleto")
    limpio = bytearray(crudo)
    for caja in cajas:
        if caja.tipo in _METADATOS:
            cabecera = caja.datos - caja.inicio
            limpio[caja.inicio + 4 : caja.inicio + 8] = b"free"
            limpio[caja.inicio + cabecera : caja.fin] = bytes(caja.fin - caja.datos)
    return Pelicula(b"vide" in pistas, _segundos(crudo, cajas), bytes(limpio))


def _todas(crudo: bytes, desde: int, hasta: int, hondura: int = 0) -> Iterator[Caja]:
    if hondura > MAX_HONDURA:
        raise bomba("El archivo lleva demasiadas partes")
    while desde < hasta:
        caja = _caja(crudo, desde, hasta)
        yield caja
        if caja.tipo in _CONTENEDORES:
            yield from _todas(crudo, caja.datos, caja.fin, hondura + 1)
        desde = caja.fin


def _caja(crudo: bytes, desde: int, hasta: int) -> Caja:
    if desde + 8 > hasta:
        raise danado("El archivo está incompleto")
    largo, tipo, cabecera = *struct.unpack_from(">I4s", crudo, desde), 8
    if largo == 1:
        largo, cabecera = int.from_bytes(crudo[desde + 8 : desde + 16], "big"), 16
    elif largo == 0:
        largo = hasta - desde
    if largo < cabecera or desde + largo > hasta:
        raise danado("El archivo está incompleto")
    return Caja(tipo, desde, desde + cabecera, desde + largo)


def _segundos(crudo: bytes, cajas: list[Caja]) -> float:
    """Lo que dice su cabecera; la de lo que se graba por trozos (moof) no lo sabe."""
    cabecera = next((c for c in cajas if c.tipo == b"mvhd"), None)
    if cabecera is None:
        return 0.0
    escala, duracion = _escala_y_duracion(crudo, cabecera)
    for extendida in (c for c in cajas if c.tipo == b"mehd" and not duracion):
        largo = 8 if crudo[extendida.datos] else 4
        duracion = int.from_bytes(crudo[extendida.datos + 4 : extendida.datos + 4 + largo], "big")
    return duracion / escala if escala and duracion else _hasta_el_ultimo_trozo(crudo, cajas)


def _escala_y_duracion(crudo: bytes, caja: Caja) -> tuple[int, int]:
    """De una `mvhd` o una `mdhd`: unidades por segundo, y cuántas dura; 0 si no se sabe."""
    formato, salto, sin_saber = (">IQ", 20, 2**64) if crudo[caja.datos] else (">II", 12, 2**32)
    escala, duracion = struct.unpack_from(formato, crudo, caja.datos + salto)
    # Todo unos (ISO/IEC 14496-12, 8.2.2.3).
    return escala, 0 if duracion == sin_saber - 1 else duracion


def _hasta_el_ultimo_trozo(crudo: bytes, cajas: list[Caja]) -> float:
    """Cuándo empieza el último, que es corto."""
    escalas = [_escala_y_duracion(crudo, c)[0] for c in cajas if c.tipo == b"mdhd"]
    comienzos = [
        int.from_bytes(crudo[c.datos + 4 : c.datos + (12 if crudo[c.datos] else 8)], "big")
        for c in cajas
        if c.tipo == b"tfdt"
    ]
    return max(comienzos, default=0) / escalas[0] if escalas and escalas[0] else 0.0
