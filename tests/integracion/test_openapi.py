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
# En un formulario todo es texto: lo que por su esquema está mal, como un `null`, llega bien.
FORMULARIOS = (
    "subir_archivo",
    "subir_archivo_a_conversacion",
    "poner_mi_avatar",
    "poner_avatar_de_conversacion",
)


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Sin el REST del original, que contesta en los mismos caminos y no está en el documento."""
    carpeta = tmp_path_factory.mktemp("openapi")
    with Servidor(carpeta, REST_DEL_ORIGINAL="0", EVENTOS_POR_SEGUNDO="100000") as uno:
        yield uno
    revisar_registro(uno.registro)


def _durante(segundos: int) -> str:
    return f"--max-time={segundos}"


@pytest.mark.parametrize(
    ("quien", "que", "sin_mirar"),
    [
        (
            "ana",
            [*(f"--exclude-operation-id={o}" for o in (REVOCAR, *FORMULARIOS)), _durante(SEGUNDOS)],
            SIN_MIRAR,
        ),
        (
            "ana",
            [*(f"--include-operation-id={o}" for o in FORMULARIOS), _durante(5)],
            f"{SIN_MIRAR},negative_data_rejection",
        ),
        ("carla", [f"--include-operation-id={REVOCAR}", _durante(5)], SIN_MIRAR),
    ],
)
def test_nada_contradice_al_documento(
    servidor: Servidor, tmp_path: Path, quien: str, que: list[str], sin_mirar: str
) -> None:
    hecho = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{servidor.url}/api/esquema/?format=json",
            f"--header=Authorization: Bearer {servidor.token(quien)}",
            f"--exclude-checks={sin_mirar}",
            "--generation-database=none",
            "--no-color",
            *que,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
