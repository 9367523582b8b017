"""Gente que estrena cada prueba en el servidor que comparte con otras.

Así no le llega nada de una anterior: ni la ausencia de quien se fue, que se nota a los dos
segundos, ni sus notificaciones, ni lo que gastó de sus límites.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Self

TRIOS = 500
# De los últimos, que nadie estrena: hacen bulto en conversaciones con mucha gente.
BULTO = [f"{quien}-{n}" for n in range(TRIOS - 34, TRIOS + 1) for quien in ("ana", "beto", "carla")]
_numeros = itertools.count(1)

# Tocayos de los del ejemplo, con sus nombres y su clave, que comprobar cuesta y resumir también.
POBLAR = f"""
for u in models.Usuario.objects.filter(pk__in=["ana", "beto", "carla"]):
    models.Usuario.objects.bulk_create(
        models.Usuario(
            pk=f"{{u.pk}}-{{n:03}}", username=f"{{u.pk}}-{{n:03}}", nombre=u.nombre,
            apellido=u.apellido, es_experto=u.es_experto, password=u.password,
        )
        for n in range(1, {TRIOS} + 1)
    )
"""


@dataclass(frozen=True)
class Gente:
    """Una ana, un beto y una carla: sus identificadores, con los que también se ingresa."""

    ana: str
    beto: str
    carla: str

    @classmethod
    def nueva(cls) -> Self:
        """La siguiente, en cualquier base que se preparó con `POBLAR`."""
        n = next(_numeros)
        assert n <= TRIOS - len(BULTO) // 3, "hay más pruebas que gente: sube TRIOS"
        return cls(f"ana-{n:03}", f"beto-{n:03}", f"carla-{n:03}")
