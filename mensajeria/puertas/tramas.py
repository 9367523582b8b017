"""Las tramas de un WebSocket (RFC 6455), sin red: hacer las del servidor y leer las del cliente."""

from __future__ import annotations

import functools
import logging
import struct
import zlib
from collections.abc import Callable
from typing import TypeAlias

from websockets.extensions import Extension
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # sin su extensión de C
    from websockets.utils import apply_mask

TEXTO, BINARIA, CIERRE, PING, PONG = 1, 2, 8, 9, 10
# Lo que un cliente no puede enviar: la carga es la del cierre que se le debe.
FALLO = -1

# Lo leído: su tipo, y su carga ya sin máscara; de un texto, el texto.
Trama: TypeAlias = tuple[int, str | bytes]

UTF8_INCORRECTO = 1007
_SIN_CODIGO = 1005
# De 3000 en adelante son de las aplicaciones, y cualquiera envía el que quiera.
_DE_OTROS = 3000
_CON_MASCARA = 0x80
_DE_CONTROL = 0x08
_COMPRIMIDA = 0x40
# La cabecera, con su máscara, de lo que dice su longitud en 7, 16 o 64 bits.
_CABECERA, _CABECERA_16, _CABECERA_64 = 6, 8, 14
# El primer octeto de las tramas enteras que se leen aquí, y el de todas las correctas.
_CORRIENTES = frozenset({0x80 | TEXTO, 0x80 | BINARIA, 0x80 | PING, 0x80 | PONG})
_CORRECTAS = _CORRIENTES | {0x80 | CIERRE, 0x80, 0x00, TEXTO, BINARIA}
_COMPRIMIDAS = frozenset({0xC0 | TEXTO, 0xC0 | BINARIA, 0x40 | TEXTO, 0x40 | BINARIA})

registro = logging.getLogger("uvicorn.error")


def hacer(tipo: int, carga: bytes, comprimida: bool = False) -> bytes:
    """Una trama entera y sin máscara."""
    primero = 0x80 | tipo | (_COMPRIMIDA if comprimida else 0)
    largo = len(carga)
    if largo < 126:
        return bytes((primero, largo)) + carga
    if largo < 65_536:
        return struct.pack("!BBH", primero, 126, largo) + carga
    return struct.pack("!BBQ", primero, 127, largo) + carga


def de_cierre(codigo: int, motivo: str = "") -> bytes:
    return hacer(CIERRE, Close(codigo, motivo).serialize())


def de_mensaje(mensaje: str | bytes, ventana: int = 0) -> bytes:
    """La trama de un mensaje; con `ventana` (sus bits), comprimida si así ocupa menos."""
    tipo, carga = (BINARIA, mensaje) if isinstance(mensaje, bytes) else (TEXTO, mensaje.encode())
    if ventana:
        compresor = zlib.compressobj(wbits=-ventana, memLevel=5)
        # Un vaciado acaba siempre en 00 00 ff ff, que no se envía (RFC 7692, 7.2.1).
        menor = (compresor.compress(carga) + compresor.flush(zlib.Z_SYNC_FLUSH))[:-4]
        if len(menor) < len(carga):
            return hacer(tipo, menor, comprimida=True)
    return hacer(tipo, carga)


@functools.cache
def de_evento(
    marco_evento: Callable[[str, bytes], str], ventana: int
) -> Callable[[str, bytes], bytes]:
    """De evento y datos a la trama de su marco.

    Es la misma función para los mismos argumentos: así una emisión la hace una vez para todos.
    """

    def trama_de_evento(evento: str, datos: bytes) -> bytes:
        return de_mensaje(marco_evento(evento, datos), ventana)

    return trama_de_evento


class LectorDeTramas:
    """Las tramas de un cliente, de los trozos en que llegan.

    Lo corriente (entera, sin comprimir, correcta) se lee aquí: el lector de `websockets` cuesta
    cuatro veces más. A él va lo demás, en tramas enteras; y desde la primera incorrecta, todo.
    """

    __slots__ = ("_extensiones", "_falta", "_lento", "_maximo", "_partes", "_resto", "_roto")

    def __init__(self, maximo: int, extensiones: list[Extension] | None = None) -> None:
        self._maximo = maximo
        self._extensiones = extensiones
        self._resto: bytearray | None = None
        self._falta = 0
        self._roto = False
        # Con un mensaje a medias: quién lo lee, y lo que va de él tras su tipo.
        self._lento: Protocol | None = None
        self._partes: tuple[int, list[bytes]] | None = None

    def leer(self, datos: bytes) -> list[Trama]:
        """Las que se completan con esos bytes, en orden; lo que siga a un FALLO no cuenta."""
        if self._resto is not None:
            self._resto += datos
            if len(self._resto) < self._falta:
                return []
            datos, self._resto = bytes(self._resto), None
        tramas: list[Trama] = []
        pos, fin = 0, len(datos)
        while pos < fin:
            carga, siguiente = (fin, fin) if self._roto else self._medir(datos, pos)
            if siguiente > fin:
                self._resto, self._falta = bytearray(datos[pos:]), siguiente - pos
                break
            if self._lento is None and not self._roto and datos[pos] in _CORRIENTES:
                cruda = apply_mask(datos[carga:siguiente], datos[carga - 4 : carga])
                tramas.append(_trama(datos[pos] & 0x0F, cruda))
            else:
                tramas += self._leer_despacio(datos[pos:siguiente])
            pos = siguiente
        return tramas

    def _medir(self, datos: bytes, pos: int) -> tuple[int, int]:
        """Dónde empieza su carga y dónde acaba la trama, o los bytes que hacen falta para saberlo.

        La incorrecta acaba donde los datos: no hay más que leer.
        """
        fin = len(datos)
        if fin - pos < 2:
            return 0, pos + 2
        primero, segundo = datos[pos], datos[pos + 1]
        largo, cabecera = segundo & 0x7F, _CABECERA
        correcta = primero in _CORRECTAS or (self._extensiones and primero in _COMPRIMIDAS)
        if correcta and segundo & _CON_MASCARA:
            if largo > 125 and not primero & _DE_CONTROL:
                cabecera = _CABECERA_16 if largo == 126 else _CABECERA_64
                if fin - pos < cabecera:
                    return 0, pos + cabecera
                largo = int.from_bytes(datos[pos + 2 : pos + cabecera - 4], "big")
            elif largo > 125:
                largo = self._maximo + 1
            if largo <= self._maximo:
                return pos + cabecera, pos + cabecera + largo
        self._roto = True
        return fin, fin

    def _leer_despacio(self, datos: bytes) -> list[Trama]:
        if self._lento is None:
            self._lento = Protocol(SERVER, max_size=self._maximo, logger=registro)
            self._lento.extensions = self._extensiones or []
        lento = self._lento
        lento.receive_data(datos)
        lento.data_to_send()
        marcos = [marco for marco in lento.events_received() if isinstance(marco, Frame)]
        tramas = [trama for marco in marcos if (trama := self._juntar(marco)) is not None]
        if lento.parser_exc is not None and lento.close_sent is not None:
            tramas.append((FALLO, lento.close_sent.serialize()))
        elif lento.state is OPEN and lento.current_size is None and not self._roto:
            self._lento = None
        return tramas

    def _juntar(self, marco: Frame) -> Trama | None:
        """La trama de un marco suelto, o la del mensaje que completa."""
        cruda = bytes(marco.data)
        if marco.opcode in (Opcode.CLOSE, Opcode.PING, Opcode.PONG):
            return int(marco.opcode), cruda
        tipo, partes = self._partes or (int(marco.opcode), [])
        partes.append(cruda)
        self._partes = None if marco.fin else (tipo, partes)
        return _trama(tipo, b"".join(partes)) if marco.fin else None


def _trama(tipo: int, cruda: bytes) -> Trama:
    if tipo != TEXTO:
        return tipo, cruda
    try:
        return tipo, cruda.decode()
    except UnicodeDecodeError:
        return FALLO, Close(UTF8_INCORRECTO, "").serialize()


def codigo_de_cierre(carga: bytes) -> int:
    """El que lleva un cierre: 1005 si ninguno, y 3000 por todos los que no son del protocolo."""
    codigo = int.from_bytes(carga[:2]) if len(carga) >= 2 else _SIN_CODIGO
    return min(codigo, _DE_OTROS)
