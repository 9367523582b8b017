"""Detrás de un PgBouncer que presta sus sesiones por transacciones, y lo que la dirección exige."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from tests import servicios
from tests.gente import Gente
from tests.integracion.cliente import como, hola
from tests.integracion.conftest import nueva_conversacion, revisar_registro
from tests.servicios import PACIENCIA, Servidor

pytestmark = pytest.mark.elige_base

SESIONES = 2
PLAZOS = "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"
LEER = "SELECT " + ", ".join(f"current_setting('{p}')" for p in PLAZOS)
# Dentro de una transacción y fuera, con la de Django ya usada.
GUION = f"""
from django.db import connection
from mensajeria.base_de_datos import atomico, instantanea
def leer():
    with connection.cursor() as cursor:
        cursor.execute({LEER!r})
        print(cursor.fetchone())
leer()
with atomico(): leer()
with instantanea(): leer()
"""


@pytest.fixture
def prestado(postgres: str) -> Iterator[str]:
    """Una base con el ejemplo, por el intermediario."""
    with servicios.pgbouncer(servicios.nueva_base(postgres), SESIONES) as url:
        yield url


async def test_se_envia_se_edita_y_se_lee(prestado: str, tmp_path: Path, gente: Gente) -> None:
    with Servidor(tmp_path, DATABASE_URL=prestado) as servidor:
        conv = nueva_conversacion(servidor, gente.ana, gente.beto)
        async with como(servidor, gente.ana) as ana, como(servidor, gente.beto) as beto:
            for n in range(20):
                await ana.pedir("enviar_mensaje", hola(conv, f"mensaje {n}"))
            await beto.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 20)
        paginas = requests.get(
            f"{servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/",
            headers={"Authorization": f"Bearer {servidor.token(gente.beto)}"},
            timeout=PACIENCIA,
        ).json()
        assert len(paginas["results"]) == 20
        fuera, dentro, leyendo = servidor.guion(GUION).splitlines()
        assert fuera == str(("0", "0", "0"))
        assert dentro == leyendo == str(("10s", "1500ms", "10s"))
        dicho = servidor.orden("diagnosticar", "--url", servidor.url).stdout
        assert "una lectura suelta no tiene plazo" in dicho
    revisar_registro(servidor.registro)
    _nada_queda_en_las_sesiones(prestado)


def _nada_queda_en_las_sesiones(prestado: str) -> None:
    """Lo que otro que use el mismo intermediario se encontraría."""
    with contextlib.ExitStack() as todas:
        for _ in range(SESIONES):
            otra = todas.enter_context(psycopg.connect(prestado))
            assert otra.execute(LEER).fetchone() == ("0", "0", "0")
            assert otra.execute("SELECT name FROM pg_prepared_statements").fetchall() == []


def test_con_verify_full_no_se_conecta_en_claro(postgres: str, tmp_path: Path) -> None:
    """Y `diagnosticar` dice el motivo, que la reserva de conexiones se calla."""
    exigente = Servidor(tmp_path, DATABASE_URL=f"{postgres}?sslmode=verify-full")
    with pytest.raises(subprocess.CalledProcessError) as fallo:
        exigente.orden("diagnosticar")
    assert "no responde (OperationalError" in fallo.value.stdout
    assert "SSL" in fallo.value.stdout or "certificate" in fallo.value.stdout
