"""Cuántas cosas de cada clave hay en todos los procesos vivos: cada uno apunta las suyas."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mensajeria.entre_procesos.arriendos import Arriendos
from mensajeria.entre_procesos.enlace import Enlace, llave

_UN_DIA = 86_400


def _de(clave: str) -> str:
    return llave("presencia", "abiertas", clave)


class Cuentas:
    """Una tabla por clave: lo de cada proceso. Lo de un proceso muerto deja de contar."""

    def __init__(self, enlace: Enlace, arriendos: Arriendos) -> None:
        self._enlace = enlace
        self._arriendos = arriendos
        # Los ceros se recuerdan hasta que Redis los sabe.
        self._propias: dict[str, int] = {}

    def contar(self, aqui: Mapping[str, int]) -> dict[str, int]:
        """Apunta las de este proceso; devuelve las que hay en todos los vivos. Un solo viaje."""
        self._propias.update(aqui)
        return self._enlace.llamar(lambda: self._publicar_y_sumar(list(aqui)))

    def _publicar_y_sumar(self, claves: list[str]) -> dict[str, int]:
        tablas, arriendos = self._publicar(claves, leyendo=True)
        todos = {p for tabla in tablas for p in tabla}
        vivos = self._arriendos.vivos_segun(arriendos, todos) | {self._enlace.proceso}
        for clave, tabla in zip(claves, tablas, strict=True):
            if muertos := tabla.keys() - vivos:
                self._enlace.redis.hdel(_de(clave), *muertos)
        return {
            clave: sum(int(n) for p, n in tabla.items() if p in vivos)
            for clave, tabla in zip(claves, tablas, strict=True)
        }

    def reponer(self) -> None:
        """Apunta otra vez todas las de este proceso: Redis pudo perderlas, o no saberlas."""
        self._enlace.llamar(lambda: self._publicar(list(self._propias)))

    def _publicar(
        self, claves: Collection[str], *, leyendo: bool = False
    ) -> tuple[list[dict[str, str]], list[str]]:
        """`leyendo`, además, lo que todos apuntaron de cada una, y los arriendos."""
        leidas: list[int] = []
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for clave in claves:
                if self._propias[clave]:
                    tubo.hset(_de(clave), self._enlace.proceso, self._propias[clave])
                    tubo.expire(_de(clave), _UN_DIA)
                else:
                    tubo.hdel(_de(clave), self._enlace.proceso)
                if leyendo:
                    leidas.append(len(tubo))
                    tubo.hgetall(_de(clave))
            self._arriendos.leer(tubo)
            respuestas = tubo.execute()
        for clave in claves:
            if not self._propias[clave]:
                del self._propias[clave]
        return [respuestas[i] for i in leidas], respuestas[-1]
