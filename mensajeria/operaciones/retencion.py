"""Conversaciones cuya fila retiene alguien de fuera: se niegan sin esperarlas, y lo demás sigue.

Solo pasa en PostgreSQL, con otro proceso parado a medio escribir o una consola con una transacción
abierta. Tras esperar por una una vez, las órdenes que la nombran no vuelven a esperar hasta que una
mirada la encuentra libre; que en ese instante la tenga otro nodo escribiendo no se distingue.
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
    try:
        retenidas = _retenidas(c for c in conversaciones_de(ordenes) if c)
    except Exception as error:
        if es_caida(error):  # lo dirá el propio lote
            return False
        raise
    _hasta.update(dict.fromkeys(retenidas, time.monotonic() + SEGUNDOS))
    return bool(retenidas)


def apartar(ordenes: Sequence[Orden]) -> set[int]:
    """Los índices de las órdenes que esperarían por una conversación que se sabe retenida."""
    if not _hasta:
        return set()
    ahora = time.monotonic()
    try:
        suyas = conversaciones_de(ordenes)
        sospechosas = {c for c in suyas if c and _hasta.get(c, 0) > ahora}
        siguen = _retenidas(sospechosas) if sospechosas else set()
    except Exception as error:
        if es_caida(error):
            return set()
        raise
    for id_ in [c for c, hasta in list(_hasta.items()) if hasta <= ahora or c in sospechosas]:
        _hasta.pop(id_, None)
    _hasta.update(dict.fromkeys(siguen, ahora + SEGUNDOS))
    return {i for i, c in enumerate(suyas) if c in siguen}


def _retenidas(ids: Iterable[str]) -> set[str]:
    filas = Conversacion.objects.filter(pk__in=list(ids))
    with atomico():
        libres = set(filas.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return set(filas.values_list("pk", flat=True)) - libres
