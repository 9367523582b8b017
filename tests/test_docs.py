"""`/docs/`: todo lo que se sirve está entero, se enlaza bien y no pide nada fuera."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from mensajeria.api.errores import cuerpo_de_rest
from mensajeria.pagina import documentos
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.test_documentos import DEL_SERVIDOR, DOCUMENTOS

ENLACE = re.compile(r'href="([^"]*)"')
IDENTIFICADOR = re.compile(r' id="([^"]*)"')
# Se leen en el repositorio, y no hacen falta para usarlo.
SIN_SERVIR = {"README.md"}


def ver(camino: str) -> str:
    respuesta = Client().get(camino)
    assert respuesta.status_code == 200, camino
    return respuesta.content.decode()


def test_estan_todos() -> None:
    assert {d.name for d in DOCUMENTOS} - SIN_SERVIR == {
        archivo.rpartition("/")[2] for archivo in documentos.DOCUMENTOS.values()
    }


@pytest.mark.parametrize("nombre", documentos.DOCUMENTOS)
def test_sus_enlaces_llevan_a_algo(nombre: str) -> None:
    html = ver(f"/docs/{nombre}/")
    for enlace in map(unescape, ENLACE.findall(html)):
        camino, _, ancla = enlace.partition("#")
        if not camino.startswith("/docs/") and camino:
            assert camino.startswith(("/", "http", "mailto:")), enlace
            assert camino in ("/", *DEL_SERVIDOR) or not camino.startswith("/api"), enlace
            continue
        destino = ver(camino) if camino else html
        if ancla:
            assert unquote(ancla) in map(unescape, IDENTIFICADOR.findall(destino)), enlace


@pytest.mark.parametrize("nombre", documentos.DOCUMENTOS)
def test_no_pide_nada_fuera(nombre: str) -> None:
    html = ver(f"/docs/{nombre}/")
    pedidos = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', html)
    assert pedidos
    assert all(p.startswith(("/static/", "/docs/imagenes/")) for p in pedidos)


@pytest.mark.parametrize("nombre", ["ninguna", "a" * 5_000])
def test_una_imagen_que_no_hay(nombre: str) -> None:
    assert Client().get(f"/docs/imagenes/{nombre}.png").status_code == 404


def test_la_de_ingles_lo_dice() -> None:
    assert '<html lang="en">' in ver("/docs/english/")
    assert '<html lang="es">' in ver("/docs/")


@pytest.mark.parametrize(
    ("texto", "primera"),
    [
        ("rate_limited", ("errores", "rate_limited")),
        ("LÍMITES de ritmo", ("contrato", "límites-de-ritmo")),
        ("limites ritmo", ("contrato", "límites-de-ritmo")),
    ],
)
def test_buscar_no_mira_acentos_ni_mayusculas(texto: str, primera: tuple[str, str]) -> None:
    hallada = documentos.buscar(texto)[0]
    assert (hallada.pagina.nombre, hallada.seccion.ancla) == primera


def test_lo_que_no_se_halla_se_dice_y_lo_buscado_no_se_ejecuta() -> None:
    assert documentos.buscar("  ") == documentos.buscar("zzzz") == []
    html = ver("/docs/?q=%3Cscript%3Ezzzz")
    assert "Nada." in html
    assert "<script>zzzz" not in html
    assert Client().get("/docs/nada/").status_code == 404
    assert Client().post("/docs/").status_code == 405


@pytest.mark.parametrize("codigo", CodigoError)
def test_cada_error_de_rest_dice_donde_se_explica(codigo: CodigoError) -> None:
    camino, _, ancla = cuerpo_de_rest(ErrorMensajeria(codigo))["documentacion"].partition("#")
    assert f'<h2 id="{ancla}">{codigo}</h2>' in ver(camino)


def test_se_prueba_solo_en_el_ejemplo(settings: Any) -> None:
    for demo in (True, False):
        settings.DEMO = demo
        assert ("probar.js" in ver("/docs/eventos/")) is demo
