"""Quién tiene la página a la vista, en todos los procesos.

Cada uno dice de quiénes son las páginas visibles que sostiene. Lo del que muere de golpe deja de
valer con su arriendo, y se borra solo.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable

from redis import RedisError

from mensajeria.entre_procesos.arriendos import Arriendos
from mensajeria.entre_procesos.enlace import Enlace, llave

# Lo que dura en Redis lo de un proceso que no lo renueva.
SEGUNDOS = 30


def _de_proceso(nombre: str) -> str:
    return llave("presencia", "miran", nombre)


class Miradas:
    """Sin Redis, lo de este proceso es todo lo que hay."""

    def __init__(self, enlace: Enlace | None, arriendos: Arriendos | None) -> None:
        self._enlace = enlace
        self._arriendos = arriendos
        self._propias: set[str] = set()
        # El último fallo tras el que se apuntó entero lo de aquí.
        self._fallo_visto = 0.0
        self._cerrojo = threading.Lock()

    def anotar(self, empiezan: Collection[str], acaban: Collection[str]) -> None:
        """Los que aquí empiezan y acaban de mirar. `RedisError` si no llegó: lo repone `latir`."""
        with self._cerrojo:
            self._propias.difference_update(acaban)
            self._propias.update(empiezan)
        enlace = self._enlace
        if enlace is None:
            return
        mia = _de_proceso(enlace.proceso)

        def escribir() -> None:
            with enlace.redis.pipeline(transaction=True) as tubo:
                if acaban:
                    tubo.srem(mia, *acaban)
                if empiezan:
                    tubo.sadd(mia, *empiezan)
                tubo.expire(mia, SEGUNDOS)
                tubo.execute()

        enlace.llamar(escribir)

    def latir(self) -> None:
        """Cada pocos segundos, lo renueva; y si Redis falló o no lo tiene, lo apunta entero."""
        enlace = self._enlace
        if enlace is None:
            return
        mia = _de_proceso(enlace.proceso)
        fallo = enlace.ultimo_fallo

        def renovar() -> bool:
            with enlace.redis.pipeline(transaction=False) as tubo:
                tubo.expire(mia, SEGUNDOS)
                tubo.scard(mia)
                return bool(tubo.execute()[1] == len(self._propias))

        if fallo == self._fallo_visto and enlace.llamar(renovar):
            return
        with self._cerrojo:
            propias = sorted(self._propias)

        def escribir() -> None:
            with enlace.redis.pipeline(transaction=True) as tubo:
                tubo.delete(mia)
                if propias:
                    tubo.sadd(mia, *propias)
                    tubo.expire(mia, SEGUNDOS)
                tubo.execute()

        enlace.llamar(escribir)
        self._fallo_visto = fallo

    def miran(self, usuarios: Iterable[str]) -> set[str]:
        """De esos, los que tienen alguna página visible; si Redis no responde, ninguno."""
        buscados = sorted(set(usuarios))
        if not buscados:
            return set()
        enlace, arriendos = self._enlace, self._arriendos
        if enlace is None or arriendos is None:
            with self._cerrojo:
                return self._propias.intersection(buscados)
        try:
            vivos = enlace.llamar(lambda: arriendos.leer(enlace.redis))
            return enlace.llamar(lambda: self._los_que(vivos, buscados))
        except RedisError:
            return set()

    def _los_que(self, procesos: Iterable[str], usuarios: list[str]) -> set[str]:
        assert self._enlace is not None
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for proceso in procesos:
                tubo.smismember(_de_proceso(proceso), usuarios)
            respuestas = tubo.execute()
        return {u for r in respuestas for u, esta in zip(usuarios, r, strict=True) if esta}
