"""Una base que lee y no deja escribir: se niega lo que se pide guardar, y se dice una vez."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pymongo import MongoClient
from pymongo.errors import NotPrimaryError

from mensajeria import fallos, sucesos
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.fallos import SOLO_LECTURA
from mensajeria.models import Conversacion, Mensaje, Usuario
from mensajeria.operaciones import presencia
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from servitech.caidas import SesionesDeDjango
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd

_CERRAR = {
    "sqlite": "PRAGMA query_only = 1",
    "postgresql": "SET default_transaction_read_only = on",
}


def _decir(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@contextlib.contextmanager
def _sql_de_solo_lectura() -> Iterator[None]:
    """También en las conexiones que se abran mientras dure."""

    def cerrar(**_: Any) -> None:
        _decir(_CERRAR[connection.vendor])

    connection_created.connect(cerrar)
    try:
        cerrar()
        yield
    finally:
        connection_created.disconnect(cerrar)
        connection.close()
        if reserva := getattr(connection, "pool", None):
            reserva.drain()


@contextlib.contextmanager
def _mongo_sin_primario() -> Iterator[None]:
    """Antes de elegir servidor: a uno que lo dijera sin perder el puesto, pymongo lo daría por
    desconocido hasta su siguiente aviso, que no llega.
    """

    def negar(*_: Any, **__: Any) -> Any:
        raise NotPrimaryError("not primary", {"code": 10107})

    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(MongoClient, "_retryable_write", negar)
        yield


def solo_lectura() -> contextlib.AbstractContextManager[None]:
    return _mongo_sin_primario() if connection.vendor == "mongodb" else _sql_de_solo_lectura()


@pytest.fixture(autouse=True)
def sin_sucesos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninguno empezado por otra prueba, y acaban en cuanto algo sale bien."""
    monkeypatch.setattr(sucesos, "CALMA", 0.0)
    for suceso in (fallos._no_responde, fallos._no_escribe):
        monkeypatch.setattr(suceso, "dura", False)


def _envio(quien: str = "ana") -> Orden[cargas.EnviarMensaje]:
    contenido = cargas.ContenidoEnviado(texto="hola")
    return Orden(Actor(quien), cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido))


def test_enviar_es_unavailable_sin_trazas_y_al_volver_se_envia(
    conversacion: Conversacion, caplog: pytest.LogCaptureFixture
) -> None:
    with solo_lectura():
        for _ in range(20):
            for negado in ejecutar([_envio("ana"), _envio("beto")]):
                assert isinstance(negado, ErrorMensajeria)
                assert (negado.codigo, negado.mensaje) == (CodigoError.UNAVAILABLE, SOLO_LECTURA)
                assert negado.reintentar_en
        assert Mensaje.objects.count() == 0
        assert Client().get("/salud/").json()["base_de_datos"] == "no deja escribir"
    [linea] = caplog.records
    assert "no deja escribir" in linea.getMessage() and not linea.exc_info
    assert isinstance(ejecutar([_envio()])[0], empujes.MensajeEnviado)
    assert "deja escribir otra vez" in caplog.messages[-1]
    assert Client().get("/salud/").json()["base_de_datos"] == "bien"


def test_por_rest_se_lee_y_lo_demas_es_503(
    conversacion: Conversacion, caplog: pytest.LogCaptureFixture
) -> None:
    cliente = Client()
    cliente.force_login(Usuario.objects.get(pk="ana"))
    raiz = "/api/mensajeria/conversaciones/conv/"
    with solo_lectura():
        assert cliente.get(f"{raiz}mensajes/").status_code == 200
        for ruta, datos in (
            (f"{raiz}mensajes/", {"contenido": {"texto": "hola"}}),
            (f"{raiz}participantes/", {"usuarioId": "carla"}),
            ("/api/mensajeria/conversaciones/", {"participantes": [{"usuarioId": "carla"}]}),
        ):
            respuesta = cliente.post(ruta, datos, content_type="application/json")
            assert respuesta.status_code == 503, respuesta.content
            assert respuesta.json()["code"] == "UNAVAILABLE"
            assert respuesta.json()["message"] == SOLO_LECTURA
            assert respuesta["Retry-After"]
    assert len(caplog.records) == 1


def test_en_la_mesa_hay_una_pagina_que_lo_dice(
    conversacion: Conversacion, caplog: pytest.LogCaptureFixture
) -> None:
    admin = Usuario.objects.create_superuser(username="admin", id="admin", password="demo")
    dentro = Client(raise_request_exception=False)
    dentro.force_login(admin)
    cambio = {
        "old_password": "demo",
        "new_password1": "otra-clave-9",
        "new_password2": "otra-clave-9",
    }
    with solo_lectura():
        assert dentro.get("/admin/mensajeria/mensaje/").status_code == 200
        for quien, ruta, datos in (
            (
                Client(raise_request_exception=False),
                "/admin/login/",
                {"username": "admin", "password": "demo"},
            ),
            (dentro, "/admin/password_change/", cambio),
            (dentro, "/admin/logout/", {}),
        ):
            pagina = quien.post(ruta, datos)
            assert pagina.status_code == 503, ruta
            assert SOLO_LECTURA in pagina.content.decode()
            assert pagina["Retry-After"]
        accion = dentro.post(
            "/admin/mensajeria/conversacion/accion/cerrar/",
            {"ids": ["conv"], "motivo": "porque sí", "confirmar": "1"},
            follow=True,
        )
        assert accion.status_code == 200
        assert SOLO_LECTURA in accion.content.decode()
    assert [r.getMessage().partition(" (")[0] for r in caplog.records] == [
        "La base de datos no deja escribir"
    ]


def test_una_sesion_que_no_se_puede_guardar_tampoco_es_un_500(ana: Usuario) -> None:
    """Se guarda después de la vista, donde no alcanza lo que recoge sus fallos."""

    def vista(request: HttpRequest) -> HttpResponse:
        request.session["algo"] = 1
        return HttpResponse()

    peticion = HttpRequest()
    peticion.META["HTTP_HOST"] = "localhost"
    with solo_lectura():
        respuesta: Any = SesionesDeDjango(vista)(peticion)
    assert respuesta.status_code == 503


def test_quien_se_va_se_anuncia_aunque_no_se_apunte_cuando(conversacion: Conversacion) -> None:
    claves = [Clave("ana"), Clave("ana", "conv")]
    presencia.llegar(claves, {"ana": ["conv"]})
    with solo_lectura():
        idas: list[Sobre] = presencia.irse(claves)
    assert [s.evento for s in idas] == ["usuario_desconectado", "estado_usuario_cambiado"]
