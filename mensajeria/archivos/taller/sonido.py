"""WAV y MP3: su sonido, sin lo que lo acompaña, que puede decir quién lo grabó, cuándo o dónde."""

from __future__ import annotations

# Los trozos de un WAV (RIFF) que son el sonido; los demás se dejan en blanco, y nada se mueve.
_DE_WAV = (b"fmt ", b"fact", b"data")
_CABECERA_DE_RIFF, _CABECERA_DE_TROZO = 12, 8
# Lo que rodea a los marcos de un MP3: ID3v2 delante; ID3v1 y APE, detrás.
_ID3, _CABECERA_DE_ID3, _CON_PIE = b"ID3", 10, 0x10
_ID3V1, _LARGO_DE_ID3V1 = b"TAG", 128
_APE, _PIE_DE_APE, _CON_CABECERA = b"APETAGEX", 32, 1 << 31


def wav_sin_metadatos(crudo: bytes) -> bytes:
    limpio = bytearray(crudo)
    donde = _CABECERA_DE_RIFF
    while donde + _CABECERA_DE_TROZO <= len(crudo):
        datos = donde + _CABECERA_DE_TROZO
        largo = int.from_bytes(crudo[donde + 4 : datos], "little")
        fin = min(datos + largo, len(crudo))
        if crudo[donde : donde + 4] not in _DE_WAV:
            limpio[donde : donde + 4] = b"JUNK"
            limpio[datos:fin] = bytes(fin - datos)
        # A los impares les sigue un cero, que hay quien no pone.
        donde = fin + (largo % 2 and not any(crudo[fin : fin + 1]))
    return bytes(limpio)


def mp3_sin_metadatos(crudo: bytes) -> bytes:
    desde, hasta = 0, len(crudo)
    while crudo.startswith(_ID3, desde) and desde + _CABECERA_DE_ID3 <= hasta:
        pie = _CABECERA_DE_ID3 if crudo[desde + 5] & _CON_PIE else 0
        desde += _CABECERA_DE_ID3 + _de_siete_bits(crudo[desde + 6 : desde + 10]) + pie
    if crudo.startswith(_ID3V1, max(desde, hasta - _LARGO_DE_ID3V1)):
        hasta -= _LARGO_DE_ID3V1
    return crudo[desde : hasta - _largo_de_ape(crudo[desde:hasta])]


def _de_siete_bits(cuatro: bytes) -> int:
    """Un entero de ID3v2 (2.4.0, 6.2): ningún byte suyo parece el principio de un marco."""
    return sum((byte & 0x7F) << 7 * n for n, byte in enumerate(reversed(cuatro)))


def _largo_de_ape(crudo: bytes) -> int:
    """Con su cabecera, si la lleva; 0 si no acaba en uno."""
    pie = crudo[-_PIE_DE_APE:]
    if not pie.startswith(_APE):
        return 0
    marcas = int.from_bytes(pie[20:24], "little")
    return int.from_bytes(pie[12:16], "little") + (_PIE_DE_APE if marcas & _CON_CABECERA else 0)
