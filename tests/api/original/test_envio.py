"""Enviar con un formulario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mensajeria.models import Archivo, Conversacion, Mensaje
from tests.api.original.test_rutas import API, CONV
from tests.api.test_rutas import cliente
from tests.archivos import muestras
from tests.archivos.apoyo import guardado, leida

pytestmark = pytest.mark.bd


def _formulario(uno: APIClient, **campos: Any) -> Any:
    return uno.post(f"{API}{CONV}/mensajes", campos, format="multipart")


def test_un_formulario_envia_su_texto(conversacion: Conversacion, decir: Any) -> None:
    citado = decir("beto").mensaje_id
    uno = cliente("ana")
    for campos, texto in (
        ({"contenido": "hola, qué tal"}, "hola, qué tal"),
        ({"contenido": '{"texto": "en JSON"}', "remitenteId": "ana"}, "en JSON"),
        ({"contenido": "{sin cerrar", "prioridad": "", "respuestaA": ""}, "{sin cerrar"),
        ({"contenido": "[" * 40}, "[" * 40),
        ({"contenido": "42", "prioridad": "alta", "respuestaA": citado}, "42"),
    ):
        respuesta = _formulario(uno, **campos)
        assert respuesta.status_code == 201, respuesta.content
        mensaje = respuesta.json()["mensaje"]
        assert mensaje["contenido"]["texto"] == texto
        assert mensaje["prioridad"] == (campos.get("prioridad") or "normal")
        assert (mensaje["respuestaA"] or {}).get("_id") == (campos.get("respuestaA") or None)


def _imagen(nombre: str = "a.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(nombre, muestras.imagen("PNG"), "image/png")


@pytest.mark.parametrize("campo", ["archivo", "file"])
def test_un_formulario_lleva_un_archivo(
    campo: str, conversacion: Conversacion, almacen: Path
) -> None:
    respuesta = _formulario(cliente("ana"), **{campo: _imagen()}, contenido="mira")
    assert respuesta.status_code == 201, respuesta.content
    contenido = respuesta.json()["mensaje"]["contenido"]
    assert (contenido["texto"], contenido["tipo"]) == ("mira", "imagen")
    assert contenido["archivo"]["nombre"] == "a.png"
    vista = leida(cliente("beto").get(contenido["archivo"]["url"]))
    assert vista.status_code == 200


def test_reintentarlo_devuelve_el_primero_y_con_otra_cosa_choca(
    conversacion: Conversacion, almacen: Path
) -> None:
    """Quien no vio la respuesta lo envía todo otra vez, archivo incluido."""
    uno = cliente("ana")
    campos: dict[str, Any] = {"contenido": "mira", "idCliente": "uno"}
    primero, otra_vez = [_formulario(uno, archivo=_imagen(), **campos) for _ in range(2)]
    assert (primero.status_code, otra_vez.status_code) == (201, 201), otra_vez.content
    assert primero.json()["mensaje"] == otra_vez.json()["mensaje"]
    antes = guardado(almacen)
    for distinto in (
        {"archivo": _imagen(), "contenido": "otra cosa"},
        {"archivo": SimpleUploadedFile("b.txt", b"hola"), "contenido": "mira"},
    ):
        respuesta = _formulario(uno, **distinto, idCliente="uno")
        assert (respuesta.status_code, respuesta.json()["code"]) == (409, "CONFLICT")
    assert Archivo.objects.count() == Mensaje.objects.count() == 1
    assert guardado(almacen) == antes
    # Es de cada cual.
    de_beto = _formulario(cliente("beto"), archivo=_imagen(), **campos)
    assert de_beto.json()["mensaje"]["_id"] != primero.json()["mensaje"]["_id"]


def test_un_archivo_sin_texto_basta(conversacion: Conversacion, almacen: Path) -> None:
    assert _formulario(cliente("ana"), archivo=_imagen()).status_code == 201


@pytest.mark.parametrize(
    ("campos", "estado", "campo"),
    [
        ({"contenido": "x" * 5001}, 400, "contenido.texto"),
        ({"tipo": "audio"}, 400, "tipo"),
        ({"otro": SimpleUploadedFile("b.txt", b"hola")}, 400, "archivo"),
        ({"archivo": SimpleUploadedFile("b.png", b"\x89PNG")}, 422, "archivo"),
    ],
)
def test_si_el_mensaje_no_sale_el_archivo_no_queda(
    campos: dict[str, Any], estado: int, campo: str, conversacion: Conversacion, almacen: Path
) -> None:
    respuesta = _formulario(cliente("ana"), **{"archivo": _imagen(), **campos})
    assert (respuesta.status_code, respuesta.json()["campo"]) == (estado, campo)
    assert not Archivo.objects.exists()
    assert guardado(almacen) == set()


def test_un_formulario_no_lleva_otra_firma(conversacion: Conversacion) -> None:
    uno = cliente("ana")
    casos: list[tuple[dict[str, Any], int, str]] = [
        ({"contenido": "x", "remitenteId": "beto"}, 403, "remitenteId"),
        ({"contenido": "x", "remitenteId": ["ana", "beto"]}, 403, "remitenteId"),
        ({"contenido": "x", "remitenteId": ["beto", "ana"]}, 403, "remitenteId"),
        ({"contenido": ["x", "y"]}, 400, "contenido"),
        ({"contenido": "a\x01b"}, 400, "contenido"),
        ({"contenido": r'{"texto": "a\u0001b"}'}, 400, "contenido.texto"),
        ({"contenido": '{"a":' * 40 + "1" + "}" * 40}, 400, "contenido"),
        ({"contenido": ""}, 400, "contenido"),
        ({"contenido": "x" * 5001}, 400, "contenido.texto"),
    ]
    for campos, estado, campo in casos:
        respuesta = _formulario(uno, **campos)
        datos = respuesta.json()
        assert (respuesta.status_code, datos["campo"]) == (estado, campo), datos
        assert datos["success"] is False
    assert not Mensaje.objects.exists()
