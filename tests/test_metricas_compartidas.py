from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, multiprocess, values
from prometheus_client.mmap_dict import MmapedDict

from mensajeria import metricas, metricas_compartidas


@pytest.fixture
def proceso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """El número del proceso que cuenta, en una carpeta propia; cambiarlo es nacer de otro."""
    pid = [1]
    carpeta = tmp_path / "metricas" / "de" / "todos"
    monkeypatch.setenv(metricas_compartidas.CARPETA, str(carpeta))
    monkeypatch.setattr(metricas_compartidas, "_dicho", False)
    monkeypatch.setattr(values, "MmapedDict", MmapedDict)
    clase = values.MultiProcessValue(lambda: pid[0])
    monkeypatch.setattr(values, "ValueClass", clase)
    return pid


def cuenta() -> Any:
    return Counter("prueba", "De prueba", registry=CollectorRegistry())


def suma(carpeta: Path) -> float | None:
    todas = CollectorRegistry()
    multiprocess.MultiProcessCollector(todas, str(carpeta))
    return todas.get_sample_value("prueba_total")


def test_dos_procesos_suman_y_el_sitio_esta_pedido(proceso: list[int], tmp_path: Path) -> None:
    assert metricas_compartidas.compartir()
    uno = cuenta()
    uno.inc(2)
    proceso[0] = 2
    uno.inc(3)
    carpeta = tmp_path / "metricas" / "de" / "todos"
    assert suma(carpeta) == 5
    for archivo in carpeta.iterdir():
        assert archivo.stat().st_blocks * 512 >= archivo.stat().st_size > 0


def test_sin_carpeta_se_cuenta_igual_y_se_dice_una_vez(
    proceso: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "metricas").write_text("no es una carpeta")
    with caplog.at_level(logging.WARNING):
        assert metricas_compartidas.compartir()
        una, otra = cuenta(), cuenta()
        una.inc()
        otra.inc(2)
    assert una._value.get() == 1
    assert len(caplog.records) == 1


def test_la_carpeta_se_borra_con_el_proceso_en_marcha(
    proceso: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Como cuando alguien vacía `/tmp`, y nace otro proceso."""
    metricas_compartidas.compartir()
    una, otra = cuenta(), cuenta()
    una.inc()
    shutil.rmtree(tmp_path / "metricas")
    proceso[0] = 2
    for cual in (una, otra, una):
        cual.inc()
        assert cual._value.get() >= 1
    monkeypatch.setattr(metricas, "_COMPARTIDAS", True)
    assert b"mensajeria_conexiones" in metricas.exponer()
