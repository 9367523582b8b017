"""`/docs/`: todo lo que se sirve está entero, se enlaza bien y no pide nada fuera."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from django.test import Client
from django.test.utils import override_script_prefix

from mensajeria.api.errores import cuerpo_de_rest
from mensajeria.pagina import documentos
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.test_documentos import DEL_SERVIDOR, DOCUMENTOS

ENLACE = re.compile(r'href="([^"]*)"')
IDENTIFICADOR = re.compile(r' id="([^"]*)"')
# Se leen en el repositorio, y no hacen falta para usarlo.
SIN_SERVIR = {"README.md"}


def ver(camino: str, maquina: str = "localhost", segura: bool = False) -> str:
    respuesta = Client().get(camino, headers={"host": maquina}, secure=segura)
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


def test_la_que_no_esta_lleva_a_las_demas() -> None:
    respuesta = Client().get("/docs/ninguna/")
    assert respuesta.status_code == 404
    html = respuesta.content.decode()
    assert "Esa página no está" in html
    assert 'href="/docs/empezar/"' in html


def test_lo_que_no_hay_fuera_se_dice_en_espanol() -> None:
    respuesta = Client().get("/ninguna/")
    assert respuesta.status_code == 404
    assert "No hay nada en esta dirección" in respuesta.content.decode()


@pytest.mark.parametrize("nombre", ["ninguna", "a" * 5_000])
def test_una_imagen_que_no_hay(nombre: str) -> None:
    assert Client().get(f"/docs/imagenes/{nombre}.png").status_code == 404


def test_los_ejemplos_llevan_a_quien_los_sirve() -> None:
    """La página se hace una vez; su dirección, con cada petición."""
    for maquina, segura, suyas in (
        ("mensajes.ejemplo", True, ("https://mensajes.ejemplo", "wss://mensajes.ejemplo")),
        ("[::1]:3001", False, ("http://[::1]:3001", "ws://[::1]:3001")),
        ("mensajes.ejemplo", False, ("http://mensajes.ejemplo", "ws://mensajes.ejemplo")),
    ):
        html = ver("/docs/empezar/", maquina, segura)
        assert all(f"{suya}/" in html for suya in suyas)
        assert "localhost:3000" not in html
        for camino in ("/api/esquema/", "/api/esquema/?format=json", "/docs/asyncapi.yaml"):
            documento = yaml.safe_load(ver(camino, maquina, segura))
            assert "localhost:3000" not in json.dumps(documento)
    with override_script_prefix("/charla/"):
        html = ver("/docs/recetas/", "mensajes.ejemplo", True)
    assert 'src="https://mensajes.ejemplo/charla/socket.io/socket.io.js' in unescape(html)


def test_lo_que_es_de_la_propia_maquina_sigue_siendolo() -> None:
    assert "curl localhost:3000/salud/" in ver("/docs/problemas/", "mensajes.ejemplo")


@pytest.mark.parametrize("maquina", ['a"><script>', "a'b", "a b", "mensajes.ejemplo/x"])
def test_con_una_maquina_imposible_no_se_escribe_nada(maquina: str) -> None:
    for camino in ("/docs/", "/docs/asyncapi.yaml", "/api/esquema/"):
        respuesta = Client().get(camino, headers={"host": maquina})
        assert respuesta.status_code == 400
        assert maquina.encode() not in respuesta.content


def test_el_asyncapi_dice_por_donde_se_entra() -> None:
    for segura, protocolo in ((True, "wss"), (False, "ws")):
        documento = yaml.safe_load(ver("/docs/asyncapi.yaml", "mensajes.ejemplo:8443", segura))
        servidores = documento["servers"]
        assert {s["host"] for s in servidores.values()} == {"mensajes.ejemplo:8443"}
        assert servidores["websocket"]["protocol"] == protocolo


def test_los_tipos_se_leen_y_no_son_un_video() -> None:
    respuesta = Client().get("/static/mensajeria/cliente/eventos.d.ts")
    assert b"export interface Mensaje " in b"".join(respuesta)
    assert respuesta.headers["Content-Type"] == 'text/plain; charset="utf-8"'


def test_la_api_sin_javascript_dice_donde_leerla() -> None:
    assert "<noscript><p>Esta página necesita JavaScript." in ver("/api/docs/")


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
