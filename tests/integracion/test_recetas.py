"""Cada orden y cada fragmento de `empezar`, `recetas` y `english`, contra un servidor en marcha.

No se corren: lo que arranca o instala (`tests/integracion/test_arranque.py`,
`tests/integracion/test_paquete_npm.py`); lo que se ve en un navegador va en
`tests/pagina/test_docs.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fragmentos import Fragmento, fragmentos
from tests.servicios import PACIENCIA, RAIZ, SECRETO, Servidor, detener

pytestmark = pytest.mark.elige_base

CON = {"bash": ["bash", "-e"], "python": [sys.executable], "js": ["node"]}
EXTENSION = {"bash": "sh", "python": "py", "js": "mjs"}
DOCUMENTOS = ("empezar", "recetas", "english")
# El oyente, que no acaba solo, más abajo; los de tests/integracion/test_recetas_con_corte.py; y lo
# que va en un navegador.
CON_SU_PRUEBA = ("3. Oírlo desde un programa", "No perder nada tras un corte", "Vue")
# Lo que ha de verse al correr cada uno, por su título.
SE_VE = {
    ("empezar", "2. Hablarle desde la terminal"): '"texto":"Hola desde la terminal"',
    ("recetas", "Node"): "Hola desde Node",
    ("recetas", "Python, con Socket.IO"): "True",
    ("recetas", "La terminal: leer lo que cambió"): '"results":',
    ("recetas", "La terminal: Socket.IO por sondeo"): '437[{"ok":true',
    ("recetas", "Entrar con el token de otro sistema"): "200 {'_id': 'test_user'",
    ("english", "Talk to it"): "",
}


def _los_que_se_corren() -> Iterator[Fragmento]:
    for nombre in DOCUMENTOS:
        for fragmento in fragmentos(RAIZ / f"docs/{nombre}.md"):
            if (
                fragmento.lenguaje in CON
                and not re.search("make run|pip install", fragmento.codigo)
                and fragmento.titulo not in CON_SU_PRUEBA
            ):
                yield fragmento


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    with Servidor(tmp_path_factory.mktemp("recetas")) as uno:
        yield uno


@pytest.mark.parametrize("fragmento", list(_los_que_se_corren()), ids=lambda f: f.donde)
def test_se_corre_tal_cual(
    fragmento: Fragmento, servidor: Servidor, instalado: Path, vecinos: None
) -> None:
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


def test_el_oyente_acaba_al_oir_a_otra_persona(servidor: Servidor, tmp_path: Path) -> None:
    [oyente] = [f.codigo for f in fragmentos(RAIZ / "docs/empezar.md") if f.lenguaje == "python"]
    archivo = tmp_path / "oyente.py"
    archivo.write_text(oyente.replace("localhost:3000", f"localhost:{servidor.puerto}"))
    with subprocess.Popen([sys.executable, archivo], stdout=subprocess.PIPE, text=True) as proceso:
        try:
            assert proceso.stdout
            next(linea for linea in proceso.stdout if "Hola desde Python" in linea)
            requests.post(
                f"{servidor.url}/api/mensajeria/conversaciones/conv_test/mensajes/",
                json={"contenido": {"texto": "Te oigo"}},
                headers={"Authorization": f"Bearer {servidor.token('ana')}"},
                timeout=PACIENCIA,
            ).raise_for_status()
            assert "Te oigo" in proceso.stdout.read()
            assert proceso.wait(PACIENCIA) == 0
        finally:
            detener(proceso)
