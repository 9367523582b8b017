"""Enviar con un formulario."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mensajeria.models import Conversacion, Mensaje
from tests.api.original.test_rutas import API, CONV
from tests.api.test_rutas import cliente

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


def test_un_formulario_no_lleva_archivos_ni_otra_firma(conversacion: Conversacion) -> None:
    uno = cliente("ana")
    archivo = SimpleUploadedFile("a.png", b"\x89PNG", "image/png")
    casos: list[tuple[dict[str, Any], int, str]] = [
        ({"contenido": "mira", "archivo": archivo}, 400, "archivo"),
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
