"""Que cada métrica cuenta lo que dice."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from mensajeria import fallos, metricas
from mensajeria.central.medidor import Medidor
from mensajeria.metricas import HistogramaEnElBucle
from mensajeria.models import Usuario
from mensajeria.puertas import tramas


def valor(nombre: str, **etiquetas: str) -> float:
    return REGISTRY.get_sample_value(nombre, etiquetas) or 0.0


def test_lo_que_se_anota_en_el_bucle_es_lo_que_la_biblioteca_observaria() -> None:
    suyo, nuestro = CollectorRegistry(), CollectorRegistry()
    limites = (1, 2, 5)
    observado = Histogram("uno", "", buckets=limites, registry=suyo)
    anotado = HistogramaEnElBucle(Histogram("uno", "", buckets=limites, registry=nuestro))
    for cuanto in (0.0, 1.0, 1.5, 2.0, 5.0, 7.0):
        observado.observe(cuanto)
        anotado.anotar(cuanto)
    anotado.volcar()
    anotado.volcar()

    def dice(registro: CollectorRegistry) -> Any:
        [uno] = registro.collect()
        return [(m.name, m.labels, m.value) for m in uno.samples if not m.name.endswith("created")]

    assert dice(suyo) == dice(nuestro)


def test_lo_que_se_cuenta_en_el_bucle_se_suma_una_vez() -> None:
    cuenta = metricas.CuentaEnElBucle(Counter("otra", "", registry=CollectorRegistry()))
    cuenta.sumar()
    cuenta.sumar(3)
    cuenta.volcar()
    cuenta.volcar()
    [familia] = cuenta._suya.collect()
    assert familia.samples[0].value == 4


def test_el_codigo_de_un_cierre_esta_acotado() -> None:
    de_cada_uno = {b"": 1005, b"\x03": 1005, b"\x03\xe8": 1000, b"\x03\xf1adios": 1009}
    assert {c: tramas.codigo_de_cierre(c) for c in de_cada_uno} == de_cada_uno
    assert tramas.codigo_de_cierre((4123).to_bytes(2)) == 3000
    assert tramas.codigo_de_cierre(b"\xff\xff") == 3000


class Vigilancia:
    sigue = True

    def al_dia(self, _: float) -> bool:
        return self.sigue


async def test_el_medidor_dice_el_retraso_las_colas_y_lo_que_responde(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fallos._no_responde, "dura", False)
    vigilancia: Any = Vigilancia()
    medidor = Medidor(vigilancia, {"ordenes": lambda: 7})
    antes = valor("mensajeria_bucle_retraso_segundos_count")
    medidor.arrancar()
    # El bucle, parado a propósito.
    time.sleep(medidor._toca - asyncio.get_running_loop().time() + 0.2)
    async with asyncio.timeout(5):
        while valor("mensajeria_bucle_retraso_segundos_count") == antes:
            await asyncio.sleep(0.01)
    vigilancia.sigue = False
    assert valor("mensajeria_bucle_retraso_de_proceso_segundos") >= 0.15
    assert valor("mensajeria_cola", cola="ordenes") == 7
    assert valor("mensajeria_arriba", parte="registro") == 1
    medidor._tarda.cancel()
    medidor._medir()
    assert valor("mensajeria_arriba", parte="registro") == 0
    assert valor("mensajeria_arriba", parte="base_de_datos") == 1
    medidor.cerrar()


@pytest.mark.bd
def test_las_negativas_y_los_ingresos_fallidos_se_cuentan(ana: Usuario) -> None:
    def van() -> tuple[float, ...]:
        return (
            valor("mensajeria_negativas_total", puerta="rest", codigo="AUTH_INVALID"),
            valor("mensajeria_negativas_total", puerta="rest", codigo="AUTH_REQUIRED"),
            valor("mensajeria_ingresos_fallidos_total", con="clave"),
            valor("mensajeria_ingresos_fallidos_total", con="token"),
        )

    antes = van()
    mal = {"username": "ana", "password": "otra"}
    Client().post("/api/token/", mal, content_type="application/json")
    malo = {"HTTP_AUTHORIZATION": "Bearer nada"}
    Client().get("/api/mensajeria/conversaciones/", **malo)  # type: ignore[arg-type]
    Client().get("/api/mensajeria/conversaciones/")
    assert tuple(d - a for a, d in zip(antes, van(), strict=True)) == (2, 1, 1, 1)


@pytest.mark.bd
def test_dice_la_version_y_en_que_maquina(base: None) -> None:
    texto = metricas.exponer().decode()
    assert 'mensajeria_version{nodo="' in texto
