"""Qué tiene cada cual a la vista en su página, en todos los procesos.

Cada uno dice lo que enseñan las páginas visibles que sostiene: una conversación o, si no se sabe
cuál, todas (la clave del usuario, sin más). Lo del que muere de golpe deja de valer con su
arriendo, y se borra solo.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping

from redis import RedisError

from mensajeria.entre_procesos.arriendos import Arriendos
from mensajeria.entre_procesos.enlace import Enlace, llave
from mensajeria.entre_procesos.presencia import Clave

# Lo que dura en Redis lo de un proceso que no lo renueva.
SEGUNDOS = 30


def _de_proceso(nombre: str) -> str:
    return llave("presencia", "miran", nombre)


class Miradas:
    """Sin Redis, lo de este proceso es todo lo que hay."""

    def __init__(self, enlace: Enlace | None, arriendos: Arriendos | None) -> None:
        self._enlace = enlace
        self._arriendos = arriendos
        self._propias: dict[str, set[Clave]] = {}
        # El último fallo tras el que se apuntó entero lo de aquí.
        self._fallo_visto = 0.0
        self._cerrojo = threading.Lock()

    def anotar(self, que: Mapping[str, Collection[str]]) -> None:
        """Las conversaciones que mira aquí cada uno de esos; la vacía, todas.

        `RedisError` si no llegó: lo repone `latir`.
        """
        sobran: set[Clave] = set()
        faltan: set[Clave] = set()
        with self._cerrojo:
            for usuario, cuales in que.items():
                suyas = {Clave(usuario, c) for c in cuales}
                sobran |= self._propias.pop(usuario, set()) - suyas
                faltan |= suyas
                if suyas:
                    self._propias[usuario] = suyas
        enlace = self._enlace
        if enlace is None:
            return
        mia = _de_proceso(enlace.proceso)

        def escribir() -> None:
            with enlace.redis.pipeline(transaction=True) as tubo:
                if sobran:
                    tubo.srem(mia, *(c.texto for c in sobran))
                if faltan:
                    tubo.sadd(mia, *(c.texto for c in faltan))
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
        with self._cerrojo:
            propias = sorted(c.texto for suyas in self._propias.values() for c in suyas)

        def renovar() -> bool:
            with enlace.redis.pipeline(transaction=False) as tubo:
                tubo.expire(mia, SEGUNDOS)
                tubo.scard(mia)
                return bool(tubo.execute()[1] == len(propias))

        if fallo == self._fallo_visto and enlace.llamar(renovar):
            return

        def escribir() -> None:
            with enlace.redis.pipeline(transaction=True) as tubo:
                tubo.delete(mia)
                if propias:
                    tubo.sadd(mia, *propias)
                    tubo.expire(mia, SEGUNDOS)
                tubo.execute()

        enlace.llamar(escribir)
        self._fallo_visto = fallo

    def miran(self, claves: Iterable[Clave]) -> set[Clave]:
        """De esas, las que alguna página enseña; si Redis no responde, ninguna."""
        buscadas = list(set(claves))
        if not buscadas:
            return set()
        enlace, arriendos = self._enlace, self._arriendos
        if enlace is None or arriendos is None:
            with self._cerrojo:
                return {c for c in buscadas if c in self._propias.get(c.usuario, ())}
        try:
            vivos = enlace.llamar(lambda: arriendos.leer(enlace.redis))
            return enlace.llamar(lambda: self._las_que(vivos, buscadas))
        except RedisError:
            return set()

    def _las_que(self, procesos: Iterable[str], claves: list[Clave]) -> set[Clave]:
        assert self._enlace is not None
        textos = [c.texto for c in claves]
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for proceso in procesos:
                tubo.smismember(_de_proceso(proceso), textos)
            respuestas = tubo.execute()
        return {c for r in respuestas for c, esta in zip(claves, r, strict=True) if esta}
