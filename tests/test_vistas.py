from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mensajeria.models import Usuario
from servitech import salud

pytestmark = pytest.mark.bd


def test_la_raiz_es_pagina_para_un_navegador_y_tarjeta_para_curl() -> None:
    tarjeta = Client().get("/", HTTP_ACCEPT="*/*")
    assert tarjeta.json()["puertas"] == {"websocket": "/ws/mensajeria/", "socketio": "/socket.io/"}
    for camino in ("/", "/test_mensajeria_completa.html"):
        pagina = Client().get(camino, HTTP_ACCEPT="text/html,*/*")
        assert pagina["Content-Type"].startswith("text/html")


def test_salud(monkeypatch: pytest.MonkeyPatch) -> None:
    bien = Client().get("/salud/")
    assert (bien.status_code, bien.json()["base_de_datos"]) == (200, "bien")
    monkeypatch.setattr(salud, "_base_de_datos", lambda: "no responde")
    mal = Client().get("/salud/")
    assert (mal.status_code, mal.json()["estado"]) == (503, "mal")


def test_las_metricas_no_son_de_cualquiera(ana: Usuario) -> None:
    for camino in ("/metrics", "/metrics/"):
        assert b"mensajeria_eventos" in Client().get(camino).content
    fuera: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.7"}
    assert Client().get("/metrics", **fuera).status_code == 404
    Usuario.objects.update(is_staff=True)
    personal = Client()
    personal.force_login(ana)
    assert personal.get("/metrics", **fuera).status_code == 200


def test_con_token_da_igual_de_donde_se_venga(settings: Any, ana: Usuario) -> None:
    """Tras un proxy que no se dijo, todos parecen de esta máquina."""
    settings.METRICAS_TOKEN = "uno-largo"
    fuera: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.7"}
    for desde in ({}, fuera):
        assert Client().get("/metrics", **desde).status_code == 404
        for cabecera, estado in (("Bearer uno-largo", 200), ("Bearer otro", 404), ("ñ", 404)):
            respuesta = Client().get("/metrics", **desde, HTTP_AUTHORIZATION=cabecera)
            assert respuesta.status_code == estado


def test_sin_token_hay_redes(settings: Any, ana: Usuario) -> None:
    settings.METRICAS_RED = "10.0.0.0/8,fd00::/8"
    de_cada_una = {"10.2.3.4": 200, "fd00::7": 200, "127.0.0.1": 404, "": 404, "testclient": 404}
    for direccion, estado in de_cada_una.items():
        assert Client().get("/metrics", REMOTE_ADDR=direccion).status_code == estado


def test_lo_de_la_api_no_se_guarda_y_solo_la_pagina_pide_el_microfono(ana: Usuario) -> None:
    dentro = Client()
    dentro.force_login(ana)
    for camino in ("/api/mensajeria/conversaciones/", "/api/mensajeria/nada/", "/api/esquema/"):
        for uno in (dentro, Client()):
            assert uno.get(camino)["Cache-Control"] == "no-store"
    for camino in ("/", "/admin/login/", "/api/docs/", "/salud/"):
        permisos = Client().get(camino)["Permissions-Policy"]
        assert "camera=()" in permisos
        assert f"microphone={'(self)' if camino == '/' else '()'}" in permisos


def test_hsts_es_un_ajuste(settings: Any) -> None:
    assert "Strict-Transport-Security" not in Client().get("/", secure=True)
    settings.SECURE_HSTS_SECONDS = 60
    assert Client().get("/", secure=True)["Strict-Transport-Security"] == "max-age=60"
    assert "Strict-Transport-Security" not in Client().get("/")


@pytest.mark.parametrize(
    ("siguiente", "lleva_a"),
    [
        ("/admin/mensajeria/mensaje/", "/admin/mensajeria/mensaje/"),
        ("/api/docs/?a=1", "/api/docs/?a=1"),
        ("//mala.test/", "/admin/"),
        ("https://mala.test/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("", "/admin/"),
    ],
)
def test_next_lleva_a_algun_sitio_de_casa(siguiente: str, lleva_a: str, ana: Usuario) -> None:
    Usuario.objects.update(is_staff=True, is_superuser=True)
    uno = Client()
    datos = {"username": "ana", "password": "demo", "next": siguiente}
    for respuesta in (
        uno.post("/admin/login/", datos),
        uno.get("/admin/login/", {"next": siguiente}),
    ):
        assert (respuesta.status_code, respuesta["Location"]) == (302, lleva_a)
    assert uno.get(lleva_a).status_code == 200
