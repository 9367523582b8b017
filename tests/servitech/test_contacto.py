"""`/.well-known/security.txt`, como lo pide la RFC 9116."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

RUTA = "/.well-known/security.txt"


def _campos(**como: Any) -> list[tuple[str, str]]:
    respuesta = Client().get(RUTA, **como)
    assert respuesta.status_code == 200
    assert respuesta["Content-Type"] == "text/plain; charset=utf-8"
    lineas = respuesta.content.decode().splitlines()
    return [(nombre, valor) for nombre, _, valor in (linea.partition(": ") for linea in lineas)]


@pytest.mark.parametrize("dentro_de", [timedelta(0), timedelta(days=5 * 366)])
def test_no_caduca_mientras_se_sirva(
    settings: Any, monkeypatch: pytest.MonkeyPatch, dentro_de: timedelta
) -> None:
    settings.CONTACTO_DE_SEGURIDAD = ["mailto:a@example.com", "https://example.com/avisos"]
    ahora = timezone.now() + dentro_de
    monkeypatch.setattr(timezone, "now", lambda: ahora)
    campos = _campos()
    assert [v for n, v in campos if n == "Contact"] == settings.CONTACTO_DE_SEGURIDAD
    [caduca] = [datetime.fromisoformat(v) for n, v in campos if n == "Expires"]
    assert timedelta(days=30) < caduca - ahora < timedelta(days=365)


def test_por_https_dice_cual_es_el_suyo(settings: Any) -> None:
    settings.CONTACTO_DE_SEGURIDAD = ["mailto:a@example.com"]
    assert ("Canonical", f"https://testserver{RUTA}") in _campos(secure=True)


def test_sin_contacto_no_existe(settings: Any) -> None:
    settings.CONTACTO_DE_SEGURIDAD = []
    assert Client().get(RUTA).status_code == 404
