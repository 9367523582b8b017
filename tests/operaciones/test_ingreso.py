"""Entrar con contraseña, por REST y en la mesa: cuántos fallos caben y a quién se encuentra."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from rest_framework.test import APIClient

from mensajeria.entre_procesos.aforo import red_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Usuario

pytestmark = pytest.mark.bd


def entrar(nombre: str, clave: str = "mal", desde: str = "203.0.113.1") -> int:
    datos = {"username": nombre, "password": clave}
    return int(APIClient(REMOTE_ADDR=desde).post("/api/token/", datos, format="json").status_code)


def test_los_fallos_a_la_vez_no_pasan_del_limite(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 10

    def uno(_: int) -> int:
        try:
            return entrar("ana")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as hilos:
        estados = list(hilos.map(uno, range(40)))
    assert (estados.count(401), estados.count(429)) == (10, 30)


def test_acertar_no_gasta(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2
    settings.INGRESOS_FALLIDOS_POR_NOMBRE = settings.INGRESOS_FALLIDOS_POR_IP = 2
    assert [entrar("ana", "demo") for _ in range(5)] == [200] * 5
    assert [entrar("ana") for _ in range(3)] == [401, 401, 429]
    assert entrar("ana", "demo") == 429


def test_el_nombre_y_el_correo_son_la_misma_cuenta(
    ana: Usuario, beto: Usuario, settings: Any
) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 4
    for quien in (ana, beto):
        quien.email = f"{quien.username}@servitech.test"
        quien.save(update_fields=["email"])
    dichos = ("ana", "ana@servitech.test", "ANA", "Ana@servitech.test")
    assert [entrar(d) for d in dichos] == [401] * 4
    assert entrar("ana") == entrar("ana@servitech.test") == 429
    # Lo negado no cuenta, y acertar con el correo devuelve lo de los dos.
    assert [entrar("beto@servitech.test", "demo") for _ in range(6)] == [200] * 6
    assert [entrar("beto") for _ in range(5)] == [401] * 4 + [429]


def test_que_exista_la_cuenta_no_se_nota_en_lo_que_se_cuenta(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cada cuenta es un viaje a Redis."""
    Usuario.objects.filter(pk="ana").update(email="ana@http.co", correo_plegado="ana@http.co")
    ventanas = compartido().ventanas
    viajes: list[object] = []
    gastar = ventanas.gastar

    def apuntar(tope: int, cuantos: Mapping[str, int]) -> Any:
        viajes.append(tope)
        return gastar(tope, cuantos)

    monkeypatch.setattr(ventanas, "gastar", apuntar)
    por_nombre = []
    for nombre in ("ana", "ana@http.co", "nadie", "nadie@http.co"):
        viajes.clear()
        assert entrar(nombre) == 401
        por_nombre.append(len(viajes))
    assert len(set(por_nombre)) == 1, por_nombre


def test_lo_que_no_dice_que_este_mal_no_gasta(
    ana: Usuario, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Con la base sin responder no se sabe si acierta, ni por REST ni en la mesa."""
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2
    Usuario.objects.update(is_staff=True)
    dentro = Client(REMOTE_ADDR="203.0.113.1")
    dentro.force_login(ana)
    fuera = Client(REMOTE_ADDR="203.0.113.1")
    datos = {"username": "ana", "password": "demo"}
    cambio = {f"new_password{i}": "otra clave larga" for i in (1, 2)} | {"old_password": "demo"}

    def caida(*_: Any, **__: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as parche:
        parche.setattr("django.contrib.auth.backends.ModelBackend.authenticate", caida)
        parche.setattr(Usuario, "check_password", caida)
        for _ in range(3):
            assert entrar("ana", "demo") == 503
            assert fuera.post("/admin/login/", datos).status_code == 503
            assert dentro.post("/admin/password_change/", cambio).status_code == 503
    assert entrar("ana", "demo") == 200


def test_un_nombre_desde_muchas_direcciones(ana: Usuario, beto: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_NOMBRE = 4
    formas = ("ana", "ANA", " ana ", "Ana", "ana")
    estados = [entrar(n, desde=f"203.0.113.{i}") for i, n in enumerate(formas)]
    assert estados == [401, 401, 401, 401, 429]
    assert entrar("beto", desde="203.0.113.1") == 401


def test_muchos_nombres_desde_una_direccion(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_IP = 4
    assert [entrar(f"nadie{n}") for n in range(5)] == [401, 401, 401, 401, 429]
    assert entrar("ana", "demo") == 429
    assert entrar("ana", "demo", desde="203.0.113.2") == 200


def test_un_64_de_ipv6_es_una_direccion(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_IP = 2
    estados = [entrar(f"n{i}", desde=f"2001:db8:1:2::{i:x}") for i in range(1, 4)]
    assert estados == [401, 401, 429]
    assert entrar("n9", desde="2001:db8:1:3::1") == 401
    assert red_de("::ffff:203.0.113.1") == red_de("203.0.113.1") == "203.0.113.1"
    assert red_de("") == ""


def test_la_mesa_gasta_del_mismo_limite(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2
    mesa = Client(REMOTE_ADDR="203.0.113.1")
    for _ in range(2):
        pagina = mesa.post("/admin/login/", {"username": "Ana ", "password": "mal"})
        assert "Demasiados" not in pagina.content.decode()
    pagina = mesa.post("/admin/login/", {"username": "ana", "password": "mal"})
    assert "Demasiados intentos fallidos" in pagina.content.decode()
    assert entrar("ana", "demo") == 429


def test_cambiar_la_contrasena_cuenta_sus_fallos(ana: Usuario, settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2
    Usuario.objects.update(is_staff=True)
    mesa = Client(REMOTE_ADDR="203.0.113.1")
    mesa.force_login(ana)
    nueva = {"new_password1": "otra clave larga", "new_password2": "otra clave larga"}
    for _ in range(2):
        pagina = mesa.post("/admin/password_change/", {"old_password": "mal", **nueva})
        assert "Demasiados" not in pagina.content.decode()
    pagina = mesa.post("/admin/password_change/", {"old_password": "demo", **nueva})
    assert "Demasiados intentos fallidos" in pagina.content.decode()
    assert entrar("ana", "demo") == 429
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 10
    assert "Mesa" in mesa.get("/admin/password_change/").content.decode()
    hecho = mesa.post("/admin/password_change/", {"old_password": "demo", **nueva})
    assert (hecho.status_code, hecho["Location"]) == (302, "/admin/password_change/done/")
    assert entrar("ana", "otra clave larga") == 200


@pytest.mark.parametrize("dicho", ["ana", "ANA", "  Ana ", "Ana@Servitech.Test", "ＡＮＡ"])
def test_mayusculas_y_espacios_no_cuentan(dicho: str, ana: Usuario) -> None:
    ana.email = " ANA@servitech.test"
    ana.save(update_fields=["email"])
    assert entrar(dicho, "demo") == 200
    datos = {"username": dicho, "password": "demo"}
    Usuario.objects.update(is_staff=True)
    assert Client().post("/admin/login/", datos).status_code == 302


def test_a_quien_no_se_distingue_no_se_adivina(base: None) -> None:
    """Las que ya estaban: exacta entra; de otro modo, ninguna. Y un correo no quita un nombre."""
    for nombre, correo in (("Ana", "x@s.test"), ("ana", "x@s.test"), ("beto", ""), ("c", "beto")):
        Usuario.objects.create_user(username=nombre, email=correo, password=f"de {nombre}")
    assert entrar("Ana", "de Ana") == entrar("ana", "de ana") == 200
    assert entrar("ANA", "de ana") == entrar("x@s.test", "de ana") == 401
    assert entrar("beto", "de beto") == 200
    assert entrar("beto", "de c") == entrar(" ", "de beto") == 401
