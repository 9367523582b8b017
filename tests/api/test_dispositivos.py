"""Lo mal enviado al registrar un dispositivo es un error con su código, en las tres bases."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.models import Dispositivo, Usuario
from tests.avisos.servicio import Navegador
from tests.avisos.test_webpush import CLAVE
from tests.operaciones.test_ingresos import con, entrar

pytestmark = pytest.mark.bd
DISPOSITIVOS = "/api/mensajeria/dispositivos/"


@pytest.fixture
def cliente(ana: Usuario, settings: Any) -> Any:
    settings.VAPID_CLAVE, settings.FCM_CUENTA = CLAVE, {"project_id": "p"}
    return con(entrar()["access"])


def cuerpo(punto: str, canal: str = "fcm", mas: str = "") -> bytes:
    return f'{{"canal": "{canal}", "punto": "{punto}"{mas}}}'.encode()


@pytest.mark.parametrize(
    ("crudo", "campo"),
    [
        (cuerpo(r"token\u0000de-fcm"), "punto"),
        (cuerpo(r"token\u001bde-fcm"), "punto"),
        (cuerpo("token de fcm"), "punto"),
        (cuerpo("tokeñ-de-fcm"), "punto"),
        (cuerpo(r"token-\ud83d-de-fcm"), None),
        (cuerpo("token-de-fcm").replace(b"-", b"\xed\xa0\x80"), None),
        (cuerpo("corto"), "punto"),
        (cuerpo("x" * 2049), "punto"),
        (cuerpo("x" * 100_000), "punto"),
        (cuerpo("x" * 99, "paloma"), "canal"),
        (cuerpo("x" * 99, mas=', "idioma": "fr"'), "idioma"),
        (cuerpo("x" * 99, mas=', "claves": {"p256dh": "a\\u0000", "auth": "b"}'), None),
        (cuerpo("x" * 99, mas=', "claves": ' + "[" * 99 + "]" * 99), None),
        (cuerpo("https://a.com/" + "x" * 2048, "webpush"), "punto"),
        (cuerpo(r"https://a.com/\u0000", "webpush"), "punto"),
        (cuerpo("https://a.com/x", "webpush"), "claves"),
        (cuerpo("https://a.com/x", "webpush", ', "claves": {"p256dh": 1, "auth": null}'), None),
        (b"[]", None),
        (b"", None),
    ],
)
def test_lo_que_no_vale_no_se_guarda_ni_rompe_nada(
    cliente: Any, crudo: bytes, campo: str | None
) -> None:
    respuesta = cliente.post(DISPOSITIVOS, crudo, content_type="application/json")
    assert (respuesta.status_code, respuesta.json()["code"]) == (400, "VALIDATION_ERROR")
    if campo:
        assert respuesta.json()["campo"] == campo
    assert not Dispositivo.objects.exists()


def test_lo_enorme_no_se_lee(cliente: Any) -> None:
    crudo = cuerpo("x" * 1_000_000)
    respuesta = cliente.post(DISPOSITIVOS, crudo, content_type="application/json")
    assert (respuesta.status_code, respuesta.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_lo_mas_largo_que_cabe_se_guarda(cliente: Any) -> None:
    for canal, punto in (("fcm", "x" * 2048), ("webpush", f"https://a.com/{'x' * 2034}")):
        claves = {"claves": Navegador().claves} if canal == "webpush" else {}
        pedido = {"canal": canal, "punto": punto, "idioma": "en", **claves}
        agente = "Mozilla/5.0 " + "x" * 4_000
        creado = cliente.post(DISPOSITIVOS, pedido, format="json", HTTP_USER_AGENT=agente)
        assert creado.status_code == 201
    assert len(cliente.get(DISPOSITIVOS).json()) == 2


@pytest.mark.parametrize("id_", ["%00", "%ED%A0%80", "%F0%9F%98%80", "x" * 3_000, "a%00b"])
def test_uno_que_no_puede_existir_no_existe(cliente: Any, id_: str) -> None:
    for pedido in (
        cliente.delete(f"{DISPOSITIVOS}{id_}/"),
        cliente.post(f"{DISPOSITIVOS}{id_}/probar/"),
    ):
        assert pedido.status_code in (400, 404)
        assert pedido.json()["code"] in ("NOT_FOUND", "VALIDATION_ERROR")
