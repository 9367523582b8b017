"""Schemathesis, sobre todo el documento de OpenAPI, contra un servidor en marcha."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integracion.conftest import revisar_registro
from tests.servicios import Servidor

pytestmark = pytest.mark.elige_base

SEGUNDOS = 60
# Hay reglas que un esquema no dice: que un texto no esté en blanco, que quepa otro mensaje fijado.
SIN_MIRAR = "positive_data_acceptance"
# Deja sin valor al token con que se pide todo lo demás: con el de otra persona.
REVOCAR = "revocar_tokens"


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Sin el REST del original, que contesta en los mismos caminos y no está en el documento."""
    carpeta = tmp_path_factory.mktemp("openapi")
    with Servidor(carpeta, REST_DEL_ORIGINAL="0", EVENTOS_POR_SEGUNDO="100000") as uno:
        yield uno
    revisar_registro(uno.registro)


@pytest.mark.parametrize(
    ("quien", "que"),
    [
        ("ana", [f"--exclude-operation-id={REVOCAR}", f"--max-time={SEGUNDOS}"]),
        ("carla", [f"--include-operation-id={REVOCAR}", "--max-time=5"]),
    ],
)
def test_nada_contradice_al_documento(
    servidor: Servidor, tmp_path: Path, quien: str, que: list[str]
) -> None:
    hecho = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{servidor.url}/api/esquema/?format=json",
            f"--header=Authorization: Bearer {servidor.token(quien)}",
            f"--exclude-checks={SIN_MIRAR}",
            "--generation-database=none",
            "--no-color",
            *que,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
