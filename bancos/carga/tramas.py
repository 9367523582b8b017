"""Las tramas de WebSocket (RFC 6455), del lado del cliente y sin entrada ni salida."""

from __future__ import annotations

import struct
from collections.abc import Iterator

TEXTO, BINARIO, CIERRE, PING, PONG = 1, 2, 8, 9, 10
# Toda trama de un cliente va enmascarada; con la máscara a cero, los bytes quedan como son.
_MASCARA = bytes(4)


def trama(carga: bytes, codigo: int = TEXTO) -> bytes:
    """Una trama entera de un cliente, con esa carga."""
    largo = len(carga)
    if largo < 126:
        cabeza = struct.pack("!BB", 0x80 | codigo, 0x80 | largo)
    elif largo < 65536:
        cabeza = struct.pack("!BBH", 0x80 | codigo, 0x80 | 126, largo)
    else:
        cabeza = struct.pack("!BBQ", 0x80 | codigo, 0x80 | 127, largo)
    return cabeza + _MASCARA + carga


class Lector:
    """Parte en tramas lo que llega de un servidor, sin partir ni comprimir mensajes."""

    __slots__ = ("_resto",)

    def __init__(self) -> None:
        self._resto = b""

    def leer(self, datos: bytes) -> Iterator[tuple[int, bytes]]:
        """El código y la carga de cada trama que quedó entera."""
        if self._resto:
            datos = self._resto + datos
        i, fin = 0, len(datos)
        while fin - i >= 2:
            largo, j = datos[i + 1], i + 2
            if largo == 126:
                if fin - j < 2:
                    break
                largo, j = datos[j] << 8 | datos[j + 1], j + 2
            elif largo == 127:
                if fin - j < 8:
                    break
                largo, j = int.from_bytes(datos[j : j + 8], "big"), j + 8
            if fin - j < largo:
                break
            yield datos[i] & 15, datos[j : j + largo]
            i = j + largo
        self._resto = datos[i:]
