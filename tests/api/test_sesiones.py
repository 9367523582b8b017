"""Mis sesiones: se ven por dispositivo, y se acaba una, o todas menos esta."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from mensajeria.models import Ingreso, Usuario
from tests.operaciones.test_ingresos import SESIONES, con, entrar, id_de, vale

pytestmark = pytest.mark.bd

CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0.0.0 Safari/537.36"


def test_cada_sesion_dice_de_donde_es_y_nada_con_que_entrar(ana: Usuario, beto: Usuario) -> None:
    entrar("beto")
    cuerpo = {"username": "ana", "password": "demo"}
    cookie = Client(headers={"user-agent": "curl/8.5"}, REMOTE_ADDR="2001:db8:1:2::3")
    cookie.force_login(ana)
    pareja = (
        APIClient()
        .post(
            "/api/token/",
            cuerpo,
            format="json",
            HTTP_USER_AGENT=CHROME,
            REMOTE_ADDR="203.0.113.9",
        )
        .json()
    )
    lista = con(pareja["access"]).get(SESIONES).json()
    esta, otra = sorted(lista, key=lambda s: not s["actual"])
    assert esta == {
        "_id": id_de(pareja),
        "via": "token",
        "dispositivo": "Chrome en Windows",
        "direccion": "203.0.113.*",
        "desde": esta["desde"],
        "ultimaVez": esta["desde"],
        "expira": esta["expira"],
        "actual": True,
    }
    assert esta["desde"] < esta["expira"]
    assert (otra["via"], otra["actual"]) == ("cookie", False)
    assert str(cookie.session.session_key) not in str(lista)


def test_la_usada_mas_recientemente_va_primero(ana: Usuario) -> None:
    parejas = [entrar() for _ in range(3)]
    lista = con(parejas[0]["access"]).get(SESIONES).json()
    assert [s["_id"] for s in lista] == [id_de(p) for p in reversed(parejas)]


def test_se_acaba_una_y_solo_esa(ana: Usuario) -> None:
    esta, otra, tercera = entrar(), entrar(), entrar()
    uno = con(esta["access"])
    for _ in range(2):  # repetirlo no cambia nada
        assert uno.delete(f"{SESIONES}{id_de(otra)}/").status_code == 204
    assert [vale(p["access"]) for p in (esta, otra, tercera)] == [True, False, True]
    assert len(uno.get(SESIONES).json()) == 2


def test_acabar_la_propia_es_salir(ana: Usuario) -> None:
    esta, otra = entrar(), entrar()
    assert con(esta["access"]).delete(f"{SESIONES}{id_de(esta)}/").status_code == 204
    assert [vale(p["access"]) for p in (esta, otra)] == [False, True]


def test_todas_menos_esta(ana: Usuario, beto: Usuario) -> None:
    esta, otra, de_beto, cookie = entrar(), entrar(), entrar("beto"), Client()
    cookie.force_login(ana)
    assert con(esta["access"]).delete(SESIONES).status_code == 204
    assert [vale(p["access"]) for p in (esta, otra, de_beto)] == [True, False, True]
    assert cookie.get(SESIONES).status_code == 401
    [queda] = con(esta["access"]).get(SESIONES).json()
    assert (queda["_id"], queda["actual"]) == (id_de(esta), True)


def test_desde_la_cookie_tambien_y_con_su_csrf(ana: Usuario) -> None:
    pareja, cookie = entrar(), Client(enforce_csrf_checks=True)
    cookie.force_login(ana)
    assert cookie.delete(SESIONES).status_code == 403
    cookie.get("/", headers={"accept": "text/html"})
    ficha = {"x-csrftoken": cookie.cookies["csrftoken"].value}
    assert cookie.delete(SESIONES, headers=ficha).status_code == 204
    assert not vale(pareja["access"])
    assert len(cookie.get(SESIONES).json()) == 1


@pytest.mark.parametrize("id_", ["nada", "a%00b", "{beto}"])
def test_la_ajena_y_la_que_no_existe_se_niegan_igual(ana: Usuario, beto: Usuario, id_: str) -> None:
    de_beto = entrar("beto")
    camino = f"{SESIONES}{id_.format(beto=id_de(de_beto))}/"
    respuesta = con(entrar("ana")["access"]).delete(camino)
    assert (respuesta.status_code, respuesta.json()["code"]) == (404, "NOT_FOUND")
    assert vale(de_beto["access"])


def test_quien_cambia_su_clave_en_la_mesa_sigue_dentro_y_los_demas_no(ana: Usuario) -> None:
    Usuario.objects.update(is_staff=True, is_superuser=True)
    nueva = {"new_password1": "otra-clave-larga", "new_password2": "otra-clave-larga"}
    propia: dict[str, Any] = {"old_password": "demo", **nueva}
    de_otro = {"usable_password": "true", "password1": "y-otra-mas-larga"}
    de_otro["password2"] = de_otro["password1"]
    for camino, datos in (
        ("/admin/password_change/", propia),
        ("/admin/mensajeria/usuario/ana/password/", {**de_otro, "set-password": "1"}),
    ):
        ana.refresh_from_db()
        aqui, alli = Client(), Client()
        for cliente in (aqui, alli):
            cliente.force_login(ana)
        assert aqui.post(camino, datos).status_code == 302
        assert (aqui.get("/admin/").status_code, alli.get("/admin/").status_code) == (200, 302)
        [queda] = aqui.get(SESIONES).json()
        assert queda["actual"]
    assert Ingreso.objects.filter(via=Ingreso.COOKIE).count() > 1
