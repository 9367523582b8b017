"""Cuántas cosas de cada clave hay en todos los procesos vivos: cada uno apunta las suyas."""

from __future__ import annotations

from collections.abc import Collection

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

    def contar(self, clave: str, aqui: int) -> int:
        """Apunta las de este proceso; devuelve las que hay en todos los vivos."""
        self._propias[clave] = aqui
        return self._enlace.llamar(lambda: self._publicar_y_sumar(clave))

    def _publicar_y_sumar(self, clave: str) -> int:
        self._publicar([clave])
        por_proceso: dict[str, str] = self._enlace.redis.hgetall(_de(clave))
        if not por_proceso:
            return 0
        vivos = self._arriendos.vivos(list(por_proceso)) | {self._enlace.proceso}
        if muertos := por_proceso.keys() - vivos:
            self._enlace.redis.hdel(_de(clave), *muertos)
        return sum(int(n) for p, n in por_proceso.items() if p in vivos)

    def reponer(self) -> None:
        """Apunta otra vez todas las de este proceso: Redis pudo perderlas, o no saberlas."""
        self._enlace.llamar(lambda: self._publicar(list(self._propias)))

    def _publicar(self, claves: Collection[str]) -> None:
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for clave in claves:
                if self._propias[clave]:
                    tubo.hset(_de(clave), self._enlace.proceso, self._propias[clave])
                    tubo.expire(_de(clave), _UN_DIA)
                else:
                    tubo.hdel(_de(clave), self._enlace.proceso)
            tubo.execute()
        for clave in claves:
            if not self._propias[clave]:
                del self._propias[clave]
