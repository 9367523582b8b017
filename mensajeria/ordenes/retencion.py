"""Conversaciones cuya fila retiene alguien de fuera: se niegan sin esperarlas, y lo demás sigue.

Solo pasa en PostgreSQL, con otro proceso parado a medio escribir o una consola con una transacción
abierta. Tras esperar por una una vez, las órdenes que la nombran no vuelven a esperar hasta que una
mirada la encuentra libre; que en ese instante la tenga otro nodo escribiendo no se distingue.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from mensajeria.base_de_datos import atomico
from mensajeria.fallos import es_caida
from mensajeria.models import Conversacion
from mensajeria.ordenes.almacen import orm
from mensajeria.ordenes.nombra import Nombra

SEGUNDOS = 5.0


class Retencion:
    """Lo que un ejecutor sabe retenido, y hasta cuándo se fía de saberlo."""

    def __init__(self) -> None:
        self._hasta: dict[str, float] = {}

    @property
    def hay(self) -> bool:
        """Si de alguna conversación se supo que la retiene otro, y no que la soltara."""
        return bool(self._hasta)

    def descubrir(self, nombradas: Sequence[Nombra]) -> bool:
        """Tras esperar en vano, mira qué conversaciones retiene otro; `False` si ya ninguna."""
        try:
            retenidas = _retenidas(c for c in conversaciones_de(nombradas) if c)
        except Exception as error:
            if es_caida(error):  # lo dirá el propio lote
                return False
            raise
        self._hasta.update(dict.fromkeys(retenidas, time.monotonic() + SEGUNDOS))
        return bool(retenidas)

    def apartar(self, nombradas: Sequence[Nombra]) -> set[int]:
        """Los índices de las órdenes que esperarían por una conversación que se sabe retenida."""
        if not self._hasta:
            return set()
        ahora = time.monotonic()
        try:
            suyas = conversaciones_de(nombradas)
            sospechosas = {c for c in suyas if c and self._hasta.get(c, 0) > ahora}
            siguen = _retenidas(sospechosas) if sospechosas else set()
        except Exception as error:
            if es_caida(error):
                return set()
            raise
        for id_ in [c for c, t in list(self._hasta.items()) if t <= ahora or c in sospechosas]:
            self._hasta.pop(id_, None)
        self._hasta.update(dict.fromkeys(siguen, ahora + SEGUNDOS))
        return {i for i, c in enumerate(suyas) if c in siguen}


def conversaciones_de(nombradas: Sequence[Nombra]) -> list[str | None]:
    """De qué conversación es cada orden; una consulta si alguna solo nombra un mensaje."""
    de_mensaje = orm.conversaciones_de({n.mensaje for n in nombradas if n.mensaje})
    return [n.conversacion or de_mensaje.get(n.mensaje or "") for n in nombradas]


def _retenidas(ids: Iterable[str]) -> set[str]:
    filas = Conversacion.objects.filter(pk__in=list(ids))
    with atomico():
        libres = set(filas.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return set(filas.values_list("pk", flat=True)) - libres
