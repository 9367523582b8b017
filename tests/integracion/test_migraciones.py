"""Las migraciones van hacia atrás y otra vez hacia delante, en cada base."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import requests

from tests.servicios import PACIENCIA, RAIZ, Servidor, nueva_base

pytestmark = pytest.mark.bd


# Sin salir de un proceso: cada orden de consola es otro, y tarda en cargar más que en migrar.
ATRAS_Y_ADELANTE = """
from django.core.management import call_command
def migrar(*hasta): call_command("migrate", *hasta, verbosity=0)
print(models.Participante.objects.count())
migrar("mensajeria", "0001"), migrar()
print(models.Participante.objects.count())
migrar("mensajeria", "zero")
"""


def test_atras_y_adelante_con_el_ejemplo_dentro_y_sin_nada(tmp_path: Path, redis: str) -> None:
    """Con Redis, una orden entra en el espacio de la base antes de migrarla."""
    uno = Servidor(tmp_path, REDIS_URL=redis)
    uno.orden("makemigrations", "--check", "--dry-run")
    del_ejemplo, vueltos = uno.guion(ATRAS_Y_ADELANTE).split()
    assert vueltos == del_ejemplo
    uno.orden("preparar")
    assert uno.guion("print(models.Participante.objects.count())").strip() == del_ejemplo
    with uno:
        ingreso = {"username": "ana", "password": "demo"}
        assert requests.post(f"{uno.url}/api/token/", json=ingreso, timeout=PACIENCIA).ok


def test_varios_preparar_a_la_vez_van_bien(tmp_path: Path) -> None:
    """Desde el principio de todo, que es cuando más tienen que hacer."""
    uno = Servidor(tmp_path)
    uno.orden("migrate", "mensajeria", "zero")
    a_la_vez = [
        subprocess.Popen(
            [sys.executable, "manage.py", "preparar"],
            cwd=RAIZ,
            env=uno.entorno,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    dichos = [proceso.communicate(timeout=2 * PACIENCIA)[0] for proceso in a_la_vez]
    assert [proceso.returncode for proceso in a_la_vez] == [0, 0, 0], dichos
    assert sum("se le espera" in dicho for dicho in dichos) >= 1, dichos
    assert uno.guion("print(models.Participante.objects.exists())").strip() == "True"


@pytest.mark.elige_base
def test_quien_usa_una_tabla_no_hace_fallar_la_migracion(tmp_path: Path, postgres: str) -> None:
    """Ni la migración hace cola ante él: insiste hasta que la suelta."""
    base = nueva_base(postgres)
    uno = Servidor(tmp_path, DATABASE_URL=base)
    uno.orden("migrate", "mensajeria", "0014")
    with psycopg.connect(base) as ajena:
        ajena.execute("SELECT 1 FROM mensajeria_mensaje LIMIT 1")
        proceso = subprocess.Popen(
            [sys.executable, "manage.py", "preparar"],
            cwd=RAIZ,
            env=uno.entorno,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert proceso.stdout is not None
        assert "se insiste" in proceso.stdout.readline()
        ajena.rollback()
        dicho, _ = proceso.communicate(timeout=PACIENCIA)
    assert proceso.returncode == 0, dicho
