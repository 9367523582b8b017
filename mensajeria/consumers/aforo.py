"""Cuántas conexiones tiene abiertas cada dirección en este proceso."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

_abiertas: Counter[str] = Counter()


def entrar(direccion: str) -> bool:
    """`False` si esa dirección ya tiene `CONEXIONES_POR_IP` abiertas."""
    if _abiertas[direccion] >= settings.CONEXIONES_POR_IP:
        return False
    _abiertas[direccion] += 1
    return True


def salir(direccion: str) -> None:
    _abiertas[direccion] -= 1
    if _abiertas[direccion] <= 0:
        del _abiertas[direccion]
