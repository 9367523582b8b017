"""Lo que lleva los avisos entre procesos, si no es el Redis de `REDIS_URL`: si reparte."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria.consola.diagnostico.hallazgos import Hallazgo, bien, mal, omitido

_PACIENCIA = 4.0


def revisar() -> Iterator[Hallazgo]:
    if not settings.CAPA_URL:
        yield omitido("sin CAPA_URL: los avisos entre procesos van por Redis")
        return
    try:
        yield bien(f"reparte lo publicado ({async_to_sync(_ida_y_vuelta)() * 1000:.0f} ms)")
    except Exception as error:
        yield mal(
            f"no responde ({' '.join([type(error).__name__, str(error)]).strip()})",
            "Comprueba CAPA_URL, que esté en marcha y que la cuenta pueda publicar y suscribirse."
            " Mientras, lo de otros procesos llega por la base, con medio segundo de retraso.",
        )


async def _ida_y_vuelta() -> float:
    capa = get_channel_layer()
    async with asyncio.timeout(_PACIENCIA):
        canal = await capa.new_channel()
        inicio = time.perf_counter()
        await capa.send(canal, {"type": "diagnostico"})
        await capa.receive(canal)
    return time.perf_counter() - inicio
