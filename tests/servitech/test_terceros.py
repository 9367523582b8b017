"""Lo que publicaron otros y se sirve desde la raíz es lo que publicaron."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

TERCEROS = settings.BASE_DIR / "static/terceros/socket.io"
DE_NPM = settings.BASE_DIR / "node_modules/socket.io-client"
CLIENTE_DE_NPM = [
    f"socket.io{variante}.js{mapa}"
    for variante in ("", ".min", ".esm.min")
    for mapa in ("", ".map")
]


def test_el_cliente_de_socketio_es_el_de_npm_sin_tocar() -> None:
    paquete = json.loads((DE_NPM / "package.json").read_text())
    nuestro = json.loads((settings.BASE_DIR / "package.json").read_text())
    assert paquete["version"] == nuestro["devDependencies"]["socket.io-client"]
    assert (TERCEROS / "LICENSE").read_bytes() == (DE_NPM / "LICENSE").read_bytes()
    for nombre in CLIENTE_DE_NPM:
        assert (TERCEROS / nombre).read_bytes() == (DE_NPM / "dist" / nombre).read_bytes(), nombre
        if nombre.endswith(".js"):
            assert f"Socket.IO v{paquete['version']}" in (TERCEROS / nombre).read_text()[:80]
    assert {r.name for r in TERCEROS.iterdir()} == {"LICENSE", *CLIENTE_DE_NPM}
    leeme = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
    assert f"| socket.io-client {paquete['version']} " in leeme


@pytest.mark.parametrize("produccion", [False, True])
def test_se_sirve_sin_node_y_para_cualquier_pagina(
    produccion: bool, settings: Any, tmp_path: Path
) -> None:
    settings.WHITENOISE_AUTOREFRESH, settings.STATIC_ROOT = not produccion, tmp_path
    uno = Client()
    for nombre in CLIENTE_DE_NPM:
        respuesta = uno.get(f"/socket.io/{nombre}")
        tipo = "application/json" if nombre.endswith(".map") else "text/javascript"
        assert respuesta.headers["Content-Type"].startswith(tipo)
        assert respuesta.headers["Access-Control-Allow-Origin"] == "*"
        assert b"".join(respuesta) == (TERCEROS / nombre).read_bytes()
