"""Los tokens: cómo se consiguen, cuáles valen y qué pasa con los demás."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any, cast

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from mensajeria.models import Conversacion, Usuario, ahora
from tests.api.test_rutas import HOLA, C, cliente

pytestmark = pytest.mark.bd


def ingresar_y_renovar(uno: APIClient) -> dict[str, str]:
    """La pareja de ana; comprueba que su token de acceso vale, y el renovado también."""
    pareja = uno.post("/api/token/", {"username": "ana", "password": "demo"}, format="json").json()
    nuevo = uno.post("/api/token/refresh/", {"refresh": pareja["refresh"]}, format="json").json()
    for token in (pareja["access"], nuevo["access"]):
        uno.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert uno.get(C).status_code == 200
    return cast(dict[str, str], pareja)


def test_tokens(ana: Usuario, settings: Any) -> None:
    uno = APIClient()
    pareja = ingresar_y_renovar(uno)
    for malo in (pareja["refresh"], "x", pareja["access"] + "x"):
        uno.credentials(HTTP_AUTHORIZATION=f"Bearer {malo}")
        assert uno.get(C).json()["code"] == "AUTH_INVALID"
    uno.credentials(HTTP_AUTHORIZATION=f"Bearer {pareja['access']}")
    assert uno.post("/api/token/revocar/").status_code == 204
    assert uno.get(C).status_code == 401
    renovada = APIClient().post(
        "/api/token/refresh/", {"refresh": pareja["refresh"]}, format="json"
    )
    assert renovada.status_code == 401
    assert cliente("ana").get(C).status_code == 200


@pytest.mark.elige_base
@pytest.mark.parametrize(
    "dicho",
    [
        {"userId": "\ud800"},
        {"userId": "ana\0"},
        {"userId": None},
        {"iat": []},
        {"iat": None},
        {"iat": -(10**400)},
        {"exp": 1e300},
        {"exp": "pronto"},
        {"token_type": []},
    ],
    ids=str,
)
def test_un_token_firmado_y_mal_hecho_es_401(ana: Usuario, dicho: dict[str, Any]) -> None:
    """Lo pudo firmar otro servicio con el mismo secreto."""
    bueno = {"userId": "ana", "iat": time.time(), "exp": time.time() + 60, "jti": "x"}
    for clase in ("refresh", "access"):
        datos = {**bueno, "token_type": clase, **dicho}
        token = jwt.encode(datos, settings.JWT_SECRET, "HS256")
        uno = APIClient(raise_request_exception=False)
        if clase == "refresh":
            respuesta = uno.post("/api/token/refresh/", {"refresh": token}, format="json")
        else:
            respuesta = uno.get(C, HTTP_AUTHORIZATION=f"Bearer {token}")
        assert respuesta.status_code == 401


def test_un_token_de_otro_servicio_vale_y_se_renueva(ana: Usuario, settings: Any) -> None:
    suyo = {"sub": 42, "jti": 7, "aud": "otro", "userId": "ana", "exp": time.time() + 60}
    uno = APIClient()
    for clase, ruta in (("access", C), ("refresh", "/api/token/refresh/")):
        token = jwt.PyJWS().encode(
            json.dumps({**suyo, "token_type": clase}).encode(), settings.JWT_SECRET, "HS256"
        )
        if clase == "access":
            respuesta = uno.get(ruta, HTTP_AUTHORIZATION=f"Bearer {token}")
        else:
            respuesta = uno.post(ruta, {"refresh": token}, format="json")
        assert respuesta.status_code == 200, clase


def test_se_ingresa_tras_revocar_en_una_maquina_con_el_reloj_por_delante(ana: Usuario) -> None:
    ana.tokens_desde = ahora() + timedelta(seconds=15)
    ana.save(update_fields=["tokens_desde"])
    ingresar_y_renovar(APIClient())


def test_un_token_malo_es_401_tambien_en_la_pagina_navegable(ana: Usuario) -> None:
    uno = APIClient()
    uno.credentials(HTTP_AUTHORIZATION="Bearer malo")
    assert uno.get(C, HTTP_ACCEPT="text/html").status_code == 401


def test_el_ingreso_fallido_tiene_limite_y_no_dice_quien_existe(
    ana: Usuario, settings: Any
) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2

    def entrar(nombre: str, clave: str) -> Any:
        return APIClient().post(
            "/api/token/", {"username": nombre, "password": clave}, format="json"
        )

    assert entrar("ana", "mal").content == entrar("nadie", "mal").content
    assert entrar("ana", "mal").status_code == 401
    limitado = entrar("ana", "demo")
    assert limitado.status_code == 429
    assert limitado.json()["code"] == "RATE_LIMITED"
    assert int(limitado["Retry-After"]) > 0


def test_el_token_de_muestra_solo_en_modo_de_ejemplo(ana: Usuario, settings: Any) -> None:
    Usuario.objects.create_user(username="test_user", id="test_user")
    uno = APIClient()
    uno.credentials(HTTP_AUTHORIZATION="Bearer test_token")
    settings.DEMO = True
    assert uno.get(C).status_code == 200
    settings.DEMO = False
    assert uno.get(C).status_code == 401


def test_la_sesion_sin_csrf_no_escribe(conversacion: Conversacion) -> None:
    uno = APIClient(enforce_csrf_checks=True)
    uno.login(username="ana", password="demo")
    assert uno.get(C + "conv/").status_code == 200
    respuesta = uno.post(C + "conv/mensajes/", HOLA, format="json")
    assert (respuesta.status_code, respuesta.json()["code"]) == (403, "PERMISSION_DENIED")


def test_un_token_de_otro_firmante_con_secuencia_valida(ana: Usuario) -> None:
    token = jwt.encode({"userId": "ana", "exp": time.time() + 60}, "x" * 40, "HS256")
    uno = APIClient()
    uno.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert uno.get(C).status_code == 401
