"""Cómo va este proceso, medido cada medio segundo y no cada vez que pasa algo, para `/metrics`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria import fallos, metricas
from mensajeria.central.vigilancia import Vigilancia
from mensajeria.compas import hasta_el_siguiente
from mensajeria.entre_procesos.compartido import compartido

PERIODO = 0.5


class Medidor:
    """`colas`: cuánto hay en cada una de este nodo."""

    def __init__(self, vigilancia: Vigilancia, colas: Mapping[str, Callable[[], int]]) -> None:
        self._vigilancia = vigilancia
        metricas.COLAS.update(colas)
        self._bucle = asyncio.get_running_loop()

    def arrancar(self) -> None:
        self._esperar()

    def cerrar(self) -> None:
        self._tarda.cancel()
        self._volcar()

    def _esperar(self) -> None:
        self._toca = self._bucle.time() + hasta_el_siguiente(PERIODO)
        self._tarda = self._bucle.call_at(self._toca, self._medir)

    def _medir(self) -> None:
        retraso = max(0.0, self._bucle.time() - self._toca)
        metricas.RETRASO.observe(retraso)
        metricas.RETRASO_DE_PROCESO.set(retraso)
        self._volcar()
        for nombre, cuanto in metricas.COLAS.items():
            metricas.COLA.labels(nombre).set(cuanto())
        for parte, arriba in self._partes().items():
            metricas.ARRIBA.labels(parte).set(arriba)
        self._esperar()

    def _partes(self) -> dict[str, bool]:
        partes = {
            "base_de_datos": fallos.responde(),
            "escritura": fallos.deja_escribir(),
            "registro": self._vigilancia.al_dia(time.monotonic()),
        }
        if enlace := compartido().enlace:
            partes["redis"] = enlace.responde
        if settings.CAPA_URL:
            partes["capa"] = get_channel_layer().responde
        return partes

    @staticmethod
    def _volcar() -> None:
        for uno in metricas.EN_EL_BUCLE:
            uno.volcar()
