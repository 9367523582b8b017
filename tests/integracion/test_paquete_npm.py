"""El cliente de JavaScript, instalado de un servidor en una carpeta vacía: compila y habla."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from mensajeria.pagina.paquete_npm import ARCHIVO, paquete
from tests.gente import Gente
from tests.integracion.conftest import correr, instalar
from tests.servicios import PACIENCIA, RAIZ, SECRETO, Servidor, firmar
from tests.test_documentos import DOCUMENTOS

pytestmark = pytest.mark.elige_base

TSC = str(RAIZ / "node_modules/.bin/tsc")
PAQUETE = "node_modules/servitech-mensajeria"


@pytest.fixture(scope="session")
def del_servidor(servidor: Servidor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instalado como dice `docs/cliente.md`, de un servidor en marcha."""
    tarjeta = requests.get(servidor.url, timeout=PACIENCIA).json()
    return instalar(tmp_path_factory.mktemp("npm"), servidor.url + tarjeta["clientes"]["npm"])


def test_sus_tipos_compilan_en_otro_proyecto(del_servidor: Path) -> None:
    correr(del_servidor, TSC, "-p", "tsconfig.json")


def test_el_del_servidor_es_el_de_npm_pack(del_servidor: Path, instalado: Path) -> None:
    assert _contenido(del_servidor / PAQUETE) == _contenido(instalado / PAQUETE)


def test_es_el_mismo_codigo_que_sirve_la_pagina(instalado: Path) -> None:
    lib = _contenido(instalado / PAQUETE / "lib")
    de_aqui = _contenido(RAIZ / "static/mensajeria")
    suyos = {n for n in de_aqui if n.startswith(("cliente.js", "cliente/"))}
    assert {n: lib[n] for n in suyos} == {n: de_aqui[n] for n in suyos}
    # Lo demás, sus tipos.
    assert all(n.endswith(".d.ts") for n in lib.keys() - suyos)


def test_los_tipos_guardados_son_los_que_salen_del_codigo(tmp_path: Path) -> None:
    correr(RAIZ, TSC, "-p", "clientes/npm", "--outDir", str(tmp_path))
    guardados = _contenido(RAIZ / "clientes/npm/tipos")
    assert guardados == _contenido(tmp_path), "No están al día: ejecuta make docs"


def test_sale_igual_cada_vez_y_los_documentos_nombran_esta_version(servidor: Servidor) -> None:
    de_otro_proceso = requests.get(f"{servidor.url}/clientes/{ARCHIVO}", timeout=PACIENCIA)
    assert de_otro_proceso.content == paquete()
    nombrados = {
        nombre
        for documento in DOCUMENTOS
        for nombre in re.findall(r"servitech-mensajeria-[\d.]+\.tgz", documento.read_text("utf-8"))
    }
    assert nombrados == {ARCHIVO}


@pytest.mark.parametrize("opciones", ["", "{ url: 'localhost:3000' }", "{ url: 'null' }"])
def test_sin_direccion_dice_que_hacer(del_servidor: Path, opciones: str) -> None:
    crear = (
        f'import {{ ClienteMensajeria }} from "servitech-mensajeria";'
        f"try {{ new ClienteMensajeria({opciones}) }} catch (e) {{ console.log(String(e)) }}"
    )
    dicho = correr(del_servidor, "node", "--input-type=module", "-e", crear)
    assert dicho.startswith("TypeError: Falta dónde está el servidor, en `url`")
    assert 'new ClienteMensajeria({ url: "http://localhost:3000" })' in dicho


def _contenido(carpeta: Path) -> dict[str, bytes]:
    return {str(a.relative_to(carpeta)): a.read_bytes() for a in carpeta.rglob("*") if a.is_file()}


def usar(carpeta: Path, **pedido: Any) -> list[dict[str, Any]]:
    salida = correr(carpeta, "node", "uso.mjs", json.dumps(pedido))
    return [json.loads(linea) for linea in salida.splitlines()]


@pytest.mark.parametrize("reclamo", ["userId", "user_id", "sub", "id"])
def test_entra_con_el_token_de_otro_sistema_y_pide_otro_si_caduco(
    servidor: Servidor, del_servidor: Path, gente: Gente, conv: str, reclamo: str
) -> None:
    caduca = time.time() + 3600
    bueno = jwt.encode({reclamo: gente.ana, "exp": caduca}, SECRETO, "HS256")
    # Caducado para el servidor, y por su declaración vigente: lo niega él, y se pide otro.
    tokens = [firmar(gente.ana, secreto="otro" * 8), bueno]
    dicho = usar(del_servidor, url=servidor.url, tokens=tokens, conversacionId=conv)
    por = "nativo" if _hay_websocket() else "sondeo"
    assert dicho == [
        {"sesion": gente.ana},
        {"llega": "Hola desde Node"},
        {"pedidos": 2, "por": por},
        {"sesion": None},
    ]


def test_un_token_caducado_no_llega_ni_a_enviarse(
    servidor: Servidor, del_servidor: Path, gente: Gente, conv: str
) -> None:
    tokens = [firmar(gente.ana, -60), servidor.token(gente.ana)]
    dicho = usar(del_servidor, url=f"{servidor.url}/", tokens=tokens, conversacionId=conv)
    assert {k: v for d in dicho for k, v in d.items() if k == "pedidos"} == {"pedidos": 2}


def _hay_websocket() -> bool:
    orden = ["node", "-p", "typeof WebSocket"]
    return subprocess.run(orden, capture_output=True, text=True).stdout.strip() == "function"
