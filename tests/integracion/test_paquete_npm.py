"""El cliente de JavaScript, empaquetado e instalado en una carpeta vacía: compila y habla."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.gente import Gente
from tests.integracion.conftest import correr
from tests.servicios import RAIZ, SECRETO, Servidor, firmar

pytestmark = pytest.mark.elige_base


def test_sus_tipos_compilan_en_otro_proyecto(instalado: Path) -> None:
    correr(instalado, str(RAIZ / "node_modules/.bin/tsc"), "-p", "tsconfig.json")


def test_es_el_mismo_codigo_que_sirve_la_pagina(instalado: Path) -> None:
    lib = instalado / "node_modules/servitech-mensajeria/lib"
    de_aqui = RAIZ / "static/mensajeria"
    suyos = sorted(a.relative_to(lib) for a in lib.rglob("*.js"))
    assert suyos == sorted(
        [Path("cliente.js"), *(a.relative_to(de_aqui) for a in de_aqui.glob("cliente/*.js"))]
    )
    assert all((lib / a).read_bytes() == (de_aqui / a).read_bytes() for a in suyos)


def usar(carpeta: Path, **pedido: Any) -> list[dict[str, Any]]:
    salida = correr(carpeta, "node", "uso.mjs", json.dumps(pedido))
    return [json.loads(linea) for linea in salida.splitlines()]


@pytest.mark.parametrize("reclamo", ["userId", "user_id", "sub", "id"])
def test_entra_con_el_token_de_otro_sistema_y_pide_otro_si_caduco(
    servidor: Servidor, instalado: Path, gente: Gente, conv: str, reclamo: str
) -> None:
    caduca = time.time() + 3600
    bueno = jwt.encode({reclamo: gente.ana, "exp": caduca}, SECRETO, "HS256")
    # Caducado para el servidor, y por su declaración vigente: lo niega él, y se pide otro.
    tokens = [firmar(gente.ana, secreto="otro" * 8), bueno]
    dicho = usar(instalado, url=servidor.url, tokens=tokens, conversacionId=conv)
    por = "nativo" if _hay_websocket() else "sondeo"
    assert dicho == [
        {"sesion": gente.ana},
        {"llega": "Hola desde Node"},
        {"pedidos": 2, "por": por},
        {"sesion": None},
    ]


def test_un_token_caducado_no_llega_ni_a_enviarse(
    servidor: Servidor, instalado: Path, gente: Gente, conv: str
) -> None:
    tokens = [firmar(gente.ana, -60), servidor.token(gente.ana)]
    dicho = usar(instalado, url=f"{servidor.url}/", tokens=tokens, conversacionId=conv)
    assert {k: v for d in dicho for k, v in d.items() if k == "pedidos"} == {"pedidos": 2}


def _hay_websocket() -> bool:
    orden = ["node", "-p", "typeof WebSocket"]
    return subprocess.run(orden, capture_output=True, text=True).stdout.strip() == "function"
