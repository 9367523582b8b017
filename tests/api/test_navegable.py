"""La API en el navegador: sus páginas se llaman en español, sus migas llevan a algo, y se entra."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from mensajeria.api.descripcion import SIN_TITULO
from mensajeria.api.urls import urlpatterns
from mensajeria.models import Conversacion, Usuario
from tests.test_contrato import rutas

# De la base solo sale qué hay; lo que se mira es cómo se enseña.
pytestmark = [pytest.mark.bd, pytest.mark.elige_base]

M = "/api/mensajeria/"
TITULOS = {
    M: "API de mensajería",
    f"{M}conversaciones/": "Conversaciones",
    f"{M}conversaciones/conv/": "Conversación",
    f"{M}conversaciones/conv/mensajes/": "Mensajes",
    f"{M}conversaciones/conv/participantes/": "Participantes",
    f"{M}conversaciones/conv/fijados/": "Fijados",
    f"{M}mensajes/{{m}}/": "Mensaje",
    f"{M}mensajes/{{m}}/recibos/": "Recibos",
    f"{M}archivos/": "Archivos",
    f"{M}usuarios/": "Personas",
    f"{M}usuarios/beto/": "Persona",
    f"{M}usuarios/yo/": "Mi perfil",
    f"{M}notificaciones/": "Notificaciones",
    f"{M}dispositivos/": "Dispositivos",
    f"{M}preferencias/": "Mis avisos",
    f"{M}sesiones/": "Sesiones",
    f"{M}estadisticas/": "Estadísticas",
    f"{M}test/": "Comprobación",
}


def ver(uno: Any, camino: str) -> Any:
    return uno.get(camino, HTTP_ACCEPT="text/html")


@pytest.mark.parametrize("camino", TITULOS)
def test_cada_pagina_se_llama_en_espanol_y_sus_migas_llevan_a_algo(camino: str, decir: Any) -> None:
    uno = APIClient()
    uno.login(username="ana", password="demo")
    aqui = camino.format(m=decir("ana").mensaje_id)
    pagina = ver(uno, aqui).content.decode()
    assert f"<h1>{TITULOS[camino]}</h1>" in pagina
    assert f"<title>{TITULOS[camino]} – Servitech Mensajería</title>" in pagina
    assert "Django REST framework" not in pagina
    [lista] = re.findall(r'<ul class="breadcrumb">(.*?)</ul>', pagina, re.DOTALL)
    migas = [unescape(m) for m in re.findall(r'href="([^"]+)"', lista)]
    assert (migas[0], migas[-1]) == (M, aqui)
    assert [ver(uno, miga).status_code for miga in migas] == [200] * len(migas)


def test_toda_pagina_tiene_su_titulo(ana: Usuario) -> None:
    uno = APIClient()
    uno.login(username="ana", password="demo")
    for _, camino in rutas(list(urlpatterns)):
        pagina = ver(uno, "/api/" + re.sub(r"\{\w+\}", "x", camino)).content.decode()
        [titulo] = re.findall("<h1>(.*)</h1>", pagina) or ["los bytes no son una página"]
        assert titulo != SIN_TITULO, camino


def test_se_entra_desde_el_indice_sin_ser_del_personal(
    conversacion: Conversacion, settings: Any
) -> None:
    settings.DEMO = False
    uno = Client(enforce_csrf_checks=True)
    indice = ver(uno, M).content.decode()
    [entrar] = re.findall(r'href="(/api/entrar/[^"]*)"', indice)
    formulario = uno.get(entrar).content.decode()
    assert "demo" not in formulario
    datos = {
        "username": "ana",
        "password": "demo",
        "next": M,
        "csrfmiddlewaretoken": re.findall(r'csrfmiddlewaretoken" value="(\w+)"', formulario)[0],
    }
    dentro = uno.post(entrar, datos)
    assert (dentro.status_code, dentro["Location"]) == (302, M)
    assert ver(uno, f"{M}conversaciones/conv/").status_code == 200
    pagina = ver(uno, M).content.decode()
    assert "Salir (ana)" in pagina
    ficha = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', pagina)[0]
    assert uno.post("/api/salir/", {"csrfmiddlewaretoken": ficha}).status_code == 302
    assert ver(uno, f"{M}conversaciones/conv/").status_code == 401


def test_entrar_en_la_api_tiene_los_limites_de_los_tokens(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 1
    mal = {"username": "ana", "password": "mal"}
    uno = Client()
    assert "espera" not in uno.post("/api/entrar/", mal).content.decode()
    limitado = uno.post("/api/entrar/", {**mal, "password": "demo"})
    assert limitado.status_code == 200
    assert "Demasiados intentos fallidos; espera" in limitado.content.decode()
    otro = uno.post("/api/token/", mal, content_type="application/json")
    assert otro.status_code == 429


def test_en_el_ejemplo_la_entrada_dice_con_quien(settings: Any, db: None) -> None:
    settings.DEMO = True
    assert "con la clave" in Client().get("/api/entrar/").content.decode()


@pytest.mark.parametrize(
    ("metodo", "cabeceras", "estado"),
    [
        ("get", {"HTTP_ACCEPT": "text/html"}, 200),
        ("get", {"HTTP_ACCEPT": "image/png"}, 200),
        ("get", {"HTTP_AUTHORIZATION": "Bearer malo"}, 200),
        ("post", {}, 405),
        ("post", {"HTTP_AUTHORIZATION": "Bearer malo"}, 405),
        ("post", {"HTTP_ACCEPT": "text/html"}, 405),
        ("delete", {"HTTP_ACCEPT": "text/html"}, 405),
        ("options", {}, 200),
    ],
)
def test_la_direccion_del_esquema_no_falla_pidan_lo_que_pidan(
    metodo: str, cabeceras: dict[str, str], estado: int
) -> None:
    respuesta = getattr(APIClient(), metodo)("/api/esquema/", **cabeceras)
    assert respuesta.status_code == estado
    if estado != 200:
        assert respuesta.json()["code"] == "VALIDATION_ERROR"
