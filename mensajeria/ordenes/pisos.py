"""Los pisos: hasta dónde recibieron y leyeron *todos* los demás."""

from __future__ import annotations

from collections.abc import Sequence


def pisos_de(cursores: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """De los dos cursores de cada participante activo, los dos pisos de cada uno.

    A solas no hay ningún otro: son 0, y como solo suben, se quedan donde estaban.
    """
    de_cada = [_menor_de_los_demas([pareja[i] for pareja in cursores]) for i in (0, 1)]
    return list(zip(*de_cada, strict=True))


def _menor_de_los_demas(cursores: list[int]) -> list[int]:
    """El menor de todos o, para quien lo tiene, el siguiente."""
    orden = sorted(range(len(cursores)), key=cursores.__getitem__)[:2]
    if len(orden) < 2:
        return [0] * len(cursores)
    menor, siguiente = orden
    return [cursores[siguiente if i == menor else menor] for i in range(len(cursores))]
