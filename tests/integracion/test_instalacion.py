"""Lo que `make` necesita para empezar, y que un comienzo a medias no sea para siempre."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servicios import RAIZ

pytestmark = pytest.mark.elige_base

# Un Python que hace de todo menos lo lento: en vez de un venv, dice que se lo pidieron.
_PYTHON = f"""#!/bin/sh
case "$*" in
  *ensurepip*) {{ensurepip}} ;;
  "-m venv --clear .venv") echo de nuevo ;;
  *) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture
def carpeta(tmp_path: Path) -> Path:
    """Una con `entorno.sh`, en un sitio cuyo nombre lleva de todo."""
    raiz = tmp_path / "C# qué? a%20b"
    raiz.mkdir()
    shutil.copy(RAIZ / "entorno.sh", raiz)
    return raiz


def preparar(carpeta: Path, python: str = _PYTHON.format(ensurepip="exit 0")) -> tuple[int, str]:
    """En qué termina `entorno.sh` con ese Python, y lo que dice."""
    falso = carpeta / "python-de-prueba"
    falso.write_text(python)
    falso.chmod(0o755)
    hecho = subprocess.run(
        ["./entorno.sh", str(falso)], cwd=carpeta, capture_output=True, text=True, timeout=60
    )
    return hecho.returncode, hecho.stdout + hecho.stderr


def test_sin_entorno_se_hace(carpeta: Path) -> None:
    assert preparar(carpeta) == (0, "de nuevo\n")


def test_uno_entero_se_deja_como_esta(carpeta: Path) -> None:
    (carpeta / ".venv").symlink_to(RAIZ / ".venv")
    assert preparar(carpeta) == (0, "")


def test_uno_a_medias_se_hace_otra_vez(carpeta: Path) -> None:
    orden = [sys.executable, "-m", "venv", "--without-pip", str(carpeta / ".venv")]
    subprocess.run(orden, check=True)
    codigo, dicho = preparar(carpeta)
    assert codigo == 0 and dicho.endswith("de nuevo\n") and "a medias" in dicho


def test_uno_cuyo_python_ya_no_esta_se_hace_otra_vez(carpeta: Path) -> None:
    (carpeta / ".venv" / "bin").mkdir(parents=True)
    (carpeta / ".venv" / "bin" / "python").symlink_to("/no/hay/python3.11")
    codigo, dicho = preparar(carpeta)
    assert codigo == 0 and dicho.endswith("de nuevo\n")


@pytest.mark.parametrize(
    ("python", "dicho"),
    [
        ("#!/bin/sh\nexit 1\n", "anterior al 3.11"),
        (_PYTHON.format(ensurepip="exit 1"), "apt-get install python3."),
    ],
)
def test_lo_que_falta_se_dice_antes_de_empezar(carpeta: Path, python: str, dicho: str) -> None:
    codigo, salida = preparar(carpeta, python)
    assert codigo == 2 and dicho in salida and salida.count("\n") == 1
    assert not (carpeta / ".venv").exists()


def test_sin_python_se_dice_cual_hace_falta(carpeta: Path) -> None:
    hecho = subprocess.run(
        ["./entorno.sh", "python-que-no-hay"], cwd=carpeta, capture_output=True, text=True
    )
    assert hecho.returncode == 2 and "3.11 o posterior" in hecho.stderr


def test_con_autocrlf_los_saltos_siguen_siendo_de_unix(tmp_path: Path) -> None:
    clon = tmp_path / "clon"
    git = ["git", "-c", "core.autocrlf=true", "-C", str(RAIZ), "archive", "HEAD"]
    archivo = subprocess.run([*git, ".gitattributes", "probar.sh", "Makefile"], capture_output=True)
    clon.mkdir()
    subprocess.run(["tar", "x", "-C", str(clon)], input=archivo.stdout, check=True)
    for nombre in ("probar.sh", "Makefile"):
        assert b"\r\n" not in (clon / nombre).read_bytes()
