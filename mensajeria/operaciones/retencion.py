"""Conversaciones cuya fila retiene alguien de fuera: se niegan sin esperarlas, y lo demás sigue.

Solo pasa en PostgreSQL, con otro proceso parado a medio escribir o una consola con una transacción
abierta. Tras esperar por una una vez, las órdenes que la nombran no vuelven a esperar.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from mensajeria.base_de_datos import atomico, es_caida
from mensajeria.models import Conversacion
from mensajeria.operaciones.lote import conversaciones_de
from mensajeria.operaciones.orden import Orden

SEGUNDOS = 5.0

_hasta: dict[str, float] = {}


def descubrir(ordenes: Sequence[Orden]) -> bool:
    """Tras esperar en vano, mira qué conversaciones retiene otro; `False` si ya ninguna."""
    nombradas = {c for c in conversaciones_de(ordenes) if c}
    retenidas = _retenidas(nombradas)
    _hasta.update(dict.fromkeys(retenidas, time.monotonic() + SEGUNDOS))
    return bool(retenidas)


def apartar(ordenes: Sequence[Orden]) -> set[int]:
    """Los índices de las órdenes que esperarían por una conversación que se sabe retenida."""
    if not _hasta:
        return set()
    suyas = conversaciones_de(ordenes)
    ahora = time.monotonic()
    sospechosas = {c for c in suyas if c and _hasta.get(c, 0) > ahora}
    siguen = _retenidas(sospechosas) if sospechosas else set()
    for id_ in [c for c, hasta in list(_hasta.items()) if hasta <= ahora or c in sospechosas]:
        _hasta.pop(id_, None)
    _hasta.update(dict.fromkeys(siguen, ahora + SEGUNDOS))
    return {i for i, c in enumerate(suyas) if c in siguen}


def _retenidas(ids: Iterable[str]) -> set[str]:
    filas = Conversacion.objects.filter(pk__in=list(ids))
    try:
        with atomico():
            libres = set(filas.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return set(filas.values_list("pk", flat=True)) - libres
    except Exception as error:
        if es_caida(error):  # lo dirá el propio lote
            return set()
        raise
