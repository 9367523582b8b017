"""De unas figuras a los objetivos, las tablas y las gráficas."""

from __future__ import annotations

from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest

from bancos import grafica
from bancos.contendientes import CONTENDIENTES
from bancos.escenarios import mensajes
from bancos.fila import Fila, Objetivo
from bancos.filas import grupos
from bancos.medidas import Resultado, juicios
from bancos.siembra import Siembra
from bancos.tabla import de_objetivos, detalle, informe

CONTEXTO: dict[str, Any] = {
    "fecha": "2026-01-01T00:00:00+00:00",
    "rapido": False,
    "veces": 3,
    "segundos": 2.0,
    "procesador": "Uno",
    "nucleos": 2,
    "carga_al_empezar": 0.1,
    "versiones": {"Node": "20.0.0"},
}


def _resultado(*objetivos: Objetivo) -> Resultado:
    fila = Fila(
        "sala2x1",
        "Mensaje guardado",
        Siembra(),
        partial(mensajes.en_vuelo, prefijo="s", mensajes=1),
        ("producto", "node"),
        objetivos=objetivos,
    )
    return Resultado(
        fila,
        {
            "producto": [{"us": 300.0, "p50_ms": 2.0}, {"us": 100.0, "p50_ms": 3.0}],
            "node": [{"us": 400.0, "p50_ms": 1.0}, {"us": 600.0, "p50_ms": 1.0}],
        },
    )


@pytest.mark.parametrize(
    ("objetivo", "razon", "bien"),
    [
        (Objetivo("producto", "node", 0.4), 0.4, True),
        (Objetivo("producto", "node", 0.39), 0.4, False),
        (Objetivo("producto", "node", 2, "p50_ms", al_menos=True), 2.5, True),
        (Objetivo("producto", "node", 3, "p50_ms", al_menos=True), 2.5, False),
        (Objetivo("producto", "producto", 90, "us", con_figura="p50_ms"), 80, True),
    ],
)
def test_un_objetivo_compara_las_medianas(objetivo, razon, bien):
    (juicio,) = juicios(_resultado(objetivo))

    assert juicio.razon == pytest.approx(razon)
    assert juicio.se_cumple is bien


def test_de_lo_que_no_se_midio_no_hay_juicio():
    assert juicios(_resultado(Objetivo("nativa", "node", 1))) == []


def test_la_tabla_de_una_fila_lleva_mediana_y_rango():
    tabla = detalle(_resultado())

    assert "| | µs de CPU | p50, ms |" in tabla
    assert "| producto, Socket.IO | 200 (100–300) | 2,50 (2,00–3,00) |" in tabla


def test_la_de_objetivos_dice_cuales_no_se_cumplen():
    tabla = de_objetivos([_resultado(Objetivo("producto", "node", 0.15))])

    linea = "| producto, Socket.IO | µs de CPU | Node, tres consultas | 0,400 | ≤ 0,15 | **no** |"
    assert linea in tabla


@pytest.mark.parametrize(("rapido", "avisa"), [(False, False), (True, True)])
def test_una_corrida_rapida_lo_dice(rapido, avisa):
    texto = informe(
        {**CONTEXTO, "rapido": rapido}, {"Mensajes": [_resultado()]}, ["objetivos.svg", "m.svg"]
    )

    assert ("Corrida rápida" in texto) is avisa
    assert "![Mensajes](m.svg)" in texto


def test_las_graficas_son_xml_con_lo_medido_y_los_dos_temas():
    barra = grafica.Barra("Node & <otros>", 5.0, 4.0, 6.0, propio=False)
    razon = grafica.Razon("20x4", 0.4, 0.8, bien=True)

    for svg in (
        grafica.barras("Mensajes", [grafica.Panel("Fila", "µs", [barra])]),
        grafica.razones("Objetivos", [razon]),
    ):
        raiz = ElementTree.fromstring(svg)
        textos = [t.text for t in raiz.iter("{http://www.w3.org/2000/svg}text")]
        assert {"5,00", "0,400"} & {*textos}
        assert "prefers-color-scheme: dark" in svg


def test_una_grafica_sin_nada_que_dibujar_tambien_sale():
    ElementTree.fromstring(grafica.razones("Objetivos", []))
    ElementTree.fromstring(grafica.barras("Mensajes", []))


@pytest.mark.parametrize("rapido", [False, True])
def test_las_filas_no_repiten_id_y_sus_objetivos_son_de_quienes_se_miden(rapido):
    filas = [fila for de_grupo in grupos(rapido).values() for fila in de_grupo]

    assert len({fila.id for fila in filas}) == len(filas)
    for fila in filas:
        assert {*fila.contendientes} <= {*CONTENDIENTES}, fila.id
        for o in fila.objetivos:
            # Las rápidas se dejan la otra puerta donde cuesta abrirla.
            assert {o.de, o.frente_a} <= {*fila.contendientes, *(["nativa"] if rapido else [])}
