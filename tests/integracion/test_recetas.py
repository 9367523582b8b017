"""Cada orden y cada fragmento de `empezar`, `recetas` y `english`, contra un servidor en marcha.

No se corren: lo que arranca o instala (`tests/integracion/test_arranque.py`), y las de React y Vue,
que se compilan en `make lint`; la página a pelo va en `tests/pagina/test_docs.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fragmentos import Fragmento, fragmentos
from tests.servicios import PACIENCIA, RAIZ, SECRETO, Servidor

pytestmark = pytest.mark.elige_base

CON = {"bash": ["bash", "-e"], "python": [sys.executable], "js": ["node"]}
EXTENSION = {"bash": "sh", "python": "py", "js": "mjs"}
DOCUMENTOS = ("empezar", "recetas", "english")
# Lo que ha de verse al correr cada uno, por su título.
SE_VE = {
    ("empezar", "2. Hablarle desde la terminal"): '"texto":"Hola desde la terminal"',
    ("empezar", "3. Oírlo desde un programa"): "nuevo_mensaje",
    ("recetas", "Node"): "Hola desde Node",
    ("recetas", "Python, con Socket.IO"): "True",
    ("recetas", "La terminal: leer lo que cambió"): '"results":',
    ("recetas", "Entrar con el token de otro sistema"): "eyJ",
    ("recetas", "No perder nada tras un corte"): "faltaban",
    ("english", "Talk to it"): "",
}


def _los_que_se_corren() -> Iterator[Fragmento]:
    for nombre in DOCUMENTOS:
        for fragmento in fragmentos(RAIZ / f"docs/{nombre}.md"):
            if fragmento.lenguaje in CON and "make run" not in fragmento.codigo:
                yield fragmento


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    with Servidor(tmp_path_factory.mktemp("recetas")) as uno:
        yield uno


@pytest.mark.parametrize("fragmento", list(_los_que_se_corren()), ids=lambda f: f.donde)
def test_se_corre_tal_cual(fragmento: Fragmento, servidor: Servidor, instalado: Path) -> None:
    vecinos = instalado / "node_modules/socket.io-client"
    if not vecinos.exists():
        for modulo in (RAIZ / "node_modules").resolve().iterdir():
            if not (suyo := instalado / "node_modules" / modulo.name).exists():
                suyo.symlink_to(modulo)
    archivo = instalado / f"fragmento.{EXTENSION[fragmento.lenguaje]}"
    archivo.write_text(fragmento.codigo.replace("localhost:3000", f"localhost:{servidor.puerto}"))
    hecho = subprocess.run(
        [*CON[fragmento.lenguaje], archivo.name],
        cwd=instalado,
        env={**os.environ, "JWT_SECRET": SECRETO},
        capture_output=True,
        text=True,
        timeout=PACIENCIA * 2,
    )
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert SE_VE[fragmento.documento.stem, fragmento.titulo] in hecho.stdout
