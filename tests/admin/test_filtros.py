"""En la mesa solo se filtra, ordena y busca por lo declarado: lo demás adivinaría, o costaría."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mensajeria.models import Notificacion, Usuario
from tests.admin.test_mesa import como

pytestmark = pytest.mark.bd

LISTAS = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry]
NO_DECLARADOS = [
    "texto__regex=(a|a)*b",
    "texto__icontains=a",
    "tipo__regex=(a|a)*b",
    "tipo__in=texto,imagen",
    "tipo__exact__regex=x",
    "remitente__email__startswith=ana",
    "remitente__password__startswith=pbkdf2",
    "usuario__email__startswith=ana",
    "participantes__usuario__email__gt=m",
    "user__email__startswith=m",
    "user__id__exact=mod",
    "email__startswith=ana",
    "email=ana@servitech.test",
    "password__startswith=pbkdf2",
    "is_superuser__exact=1",
    "groups__id__exact=1",
    "id__startswith=a",
    "pk__in=ana",
    "version__gt=0",
    "fecha_envio__year=2026",
    "fecha_envio__gt=2026-01-01",
    "ip__startswith=10.",
    "name__regex=(a|a)*b",
    "permissions__codename__startswith=a",
    "no_existe=1",
]


@pytest.fixture
def mesa(decir: Any, ana: Usuario) -> Client:
    decir("ana")
    Notificacion.objects.create(id="n", usuario=ana, tipo="t", titulo="T", mensaje="M")
    Usuario.objects.create_user(username="admin", id="admin", is_staff=True, is_superuser=True)
    return como("admin")


@pytest.mark.parametrize("lista", LISTAS)
def test_lo_no_declarado_no_llega_a_la_base(lista: str, mesa: Client) -> None:
    for filtro in NO_DECLARADOS:
        with CaptureQueriesContext(
            connection,
        ) as consultas:
            respuesta = mesa.get(f"{lista}?{filtro}")
        assert respuesta.status_code == 400, filtro
        assert not any("REGEXP" in c["sql"] for c in consultas)
        assert mesa.get(f"{lista}?e=1&{filtro}").status_code == 400


@pytest.mark.parametrize("lista", LISTAS)
def test_los_filtros_que_se_enlazan_sirven(lista: str, mesa: Client) -> None:
    pagina = mesa.get(lista).content.decode()
    enlaces = set(re.findall(r'href="(\?[^"]+)"', pagina))
    for enlace in enlaces:
        assert mesa.get(lista + enlace.replace("&amp;", "&")).status_code == 200, enlace
    assert enlaces or lista.endswith("/group/")


@pytest.mark.parametrize("lista", LISTAS)
def test_ordenar_y_buscar_sin_fin(lista: str, mesa: Client) -> None:
    orden = mesa.get(f"{lista}?o=" + ".".join(["1"] * 3_000))
    assert (orden.status_code, orden["Location"]) == (302, f"{lista}?e=1")
    mucho = mesa.get(lista, {"q": "hola " * 2_000})
    assert mucho.status_code == 200
    if "searchbar" in mucho.content.decode():
        assert "8 primeras palabras" in mucho.content.decode()
    assert mesa.get(f"{lista}?_to_field=email").status_code == 400


FECHAS = ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "9999-12-31", "ayer", ""]


@pytest.mark.parametrize("lista", LISTAS)
def test_lo_que_la_base_no_sabria_buscar(lista: str, mesa: Client) -> None:
    """Una fecha fuera de su calendario, o un filtro con más valores de los que caben en un SQL."""
    pagina = mesa.get(lista).content.decode()
    de_aqui = {p.split("=")[0] for p in re.findall(r'href="\?([^"]+)"', pagina)}
    de_fecha = sorted(p for p in de_aqui if p.endswith(("__gte", "__lt")))
    imposibles: list[dict[str, Any]] = [{nombre: fecha} for nombre in de_fecha for fecha in FECHAS]
    imposibles += [{nombre: ["a"] * 900} for nombre in sorted(de_aqui)]
    for parametros in imposibles:
        respuesta = mesa.get(lista, parametros)
        assert (respuesta.status_code, respuesta["Location"]) == (302, f"{lista}?e=1"), parametros
    assert mesa.get(f"{lista}?e=1").status_code == 200


@pytest.mark.parametrize("lista", LISTAS)
def test_lo_que_se_busca_por_otro_campo(lista: str, mesa: Client) -> None:
    modelo = next(m for m in admin.site._registry if lista.endswith(f"/{m._meta.model_name}/"))
    filas = [str(f.pk) for f in modelo._default_manager.all()[:1]]
    for vista in ("change", "delete"):
        for pk in ("0", *filas):
            for campo in ("", "email", "no_existe", "%00"):
                camino = f"{lista}{pk}/{vista}/?_to_field={campo}"
                assert mesa.get(camino).status_code < 500
                assert mesa.post(camino, {"_to_field": campo, "_popup": "1"}).status_code < 500
