"""Las alertas y el tablero nombran lo que hay, cada alerta suena, y dice qué hacer."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from mensajeria import metricas
from mensajeria.avisos import limpieza
from mensajeria.pagina import documentos
from tests.servicios import RAIZ

CARPETA = RAIZ / "produccion/prometheus"
_NOMBRE = re.compile(r"\bmensajeria_\w+")
_ETIQUETAS = re.compile(r"\b(mensajeria_\w+)\{([^}]*)\}")
_DE_PROMETHEUS = {"instance", "job", "pid", "le"}
# La distribución entera del retraso, que por proceso ya se ve, y lo que ocupan los archivos.
SOLO_EN_METRICS = {"mensajeria_bucle_retraso_segundos", "mensajeria_archivos_bytes"}


def reglas() -> list[dict[str, Any]]:
    [grupo] = yaml.safe_load((CARPETA / "alertas.yml").read_text())["groups"]
    return list(grupo["rules"])


def expresiones() -> list[str]:
    tablero = json.loads((CARPETA / "tablero.json").read_text())
    de_paneles = [t["expr"] for p in tablero["panels"] for t in p["targets"]]
    return [r["expr"] for r in reglas()] + de_paneles


def que_hay() -> dict[str, Any]:
    """Cada serie de `/metrics`, con la métrica de la que es."""
    return {
        nombre: metrica
        for nombre, metrica in REGISTRY._names_to_collectors.items()
        if nombre.startswith("mensajeria_") and not nombre.endswith("_created")
    }


def test_no_nombran_ninguna_que_no_haya() -> None:
    hay = que_hay()
    for expresion in expresiones():
        nombradas = set(_NOMBRE.findall(expresion))
        assert nombradas <= hay.keys(), nombradas - hay.keys()
        for nombre, dentro in _ETIQUETAS.findall(expresion):
            usadas = set(re.findall(r"(\w+)\s*=~?\"", dentro))
            assert usadas <= {*hay[nombre]._labelnames} | _DE_PROMETHEUS, (expresion, usadas)


def test_cada_una_esta_en_el_tablero_o_en_una_alerta() -> None:
    """Una que nadie mira no tiene razón de ser."""
    hay = que_hay()
    miradas = {hay[n] for e in expresiones() for n in _NOMBRE.findall(e)}
    assert {m._name for m in set(hay.values()) - miradas} == SOLO_EN_METRICS


def test_las_edades_de_los_avisos_son_las_que_se_dicen() -> None:
    dichas = {nombre for nombre, _ in limpieza._EDADES} | {limpieza._MAS}
    [regla] = [r["expr"] for r in reglas() if r["alert"] == "AvisosAtrasados"]
    [alternativas] = re.findall(r'edad=~"([^"]+)"', regla)
    assert set(alternativas.split("|")) < dichas


def test_cada_alerta_lleva_a_lo_que_hay_que_hacer() -> None:
    anclas = {s.ancla for s in documentos.paginas()["alertas"].secciones if s.nivel == 2}
    assert anclas == {r["alert"].lower() for r in reglas()}
    for regla in reglas():
        assert regla["annotations"]["que_hacer"] == f"docs/alertas.md#{regla['alert'].lower()}"
        assert regla["labels"]["gravedad"] in ("urgente", "aviso")


def test_cada_alerta_tiene_su_prueba_y_callan_todas_si_va_bien() -> None:
    pruebas = yaml.safe_load((CARPETA / "alertas.pruebas.yml").read_text())["tests"]
    suenan = {
        caso["alertname"] for p in pruebas for caso in p["alert_rule_test"] if caso["exp_alerts"]
    }
    callan = {
        caso["alertname"]
        for p in pruebas
        for caso in p["alert_rule_test"]
        if p["name"] == "todo bien" and not caso["exp_alerts"]
    }
    assert suenan == callan == {r["alert"] for r in reglas()}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="sin promtool (Debian: prometheus)")
@pytest.mark.parametrize(
    "orden",
    [("check", "rules", "alertas.yml"), ("test", "rules", "alertas.pruebas.yml")],
    ids=["se leen", "suenan"],
)
def test_promtool(orden: tuple[str, ...]) -> None:
    hecho = subprocess.run(["promtool", *orden], cwd=CARPETA, capture_output=True, text=True)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr


def test_lo_que_solo_nace_al_fallar_ya_esta() -> None:
    texto = metricas.exponer().decode()
    for serie in (
        'mensajeria_errores_total{codigo="INTERNAL_ERROR"} ',
        'mensajeria_negativas_total{codigo="INTERNAL_ERROR",puerta="rest"} ',
        'mensajeria_ingresos_fallidos_total{con="clave"} ',
        'mensajeria_cierres_total{codigo="1006",por="nadie"} ',
        'mensajeria_negativas_total{codigo="1013",puerta="nativa"} ',
    ):
        assert serie in texto
