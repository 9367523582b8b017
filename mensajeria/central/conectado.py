"""Una conexión, vista por quien opera el servicio."""

from __future__ import annotations

import msgspec


class Conectado(msgspec.Struct):
    """`desde`: segundos Unix. `por_leer`: bytes que aún no salieron hacia él. `sin_confirmar`: las
    conversaciones de lo enviado que ningún latido ha confirmado.
    """

    conexion: str
    usuario: str
    puerta: str
    transporte: str
    direccion: str
    desde: float
    salas: int
    por_leer: int
    sin_confirmar: int


class Hoja(msgspec.Struct):
    """Los de un proceso: cuántos son, y los que más tienen por leer, hasta un tope."""

    proceso: str
    nodo: str
    total: int
    conectados: list[Conectado]
