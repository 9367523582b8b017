"""Mirar si a alguien le cabe otro no cuesta más por lo que ya envió."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria.archivos import subida
from mensajeria.models import Usuario


@pytest.mark.bd
def test_el_sitio_que_queda_se_mira_sin_leer_ninguna_fila(ana: Usuario, almacen: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("los planes que se leen aquí son los de SQLite")
    with CaptureQueriesContext(connection) as hechas:
        subida._exigir_sitio("ana", 1)
    sentencias = [q["sql"] for q in hechas.captured_queries]
    assert len(sentencias) == 2
    with connection.cursor() as cursor:
        planes = []
        for sql in sentencias:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            planes.append(" ".join(paso for *_, paso in cursor.fetchall()))
    assert all("COVERING INDEX ix_arc_usuario" in plan for plan in planes), planes
    # De los que tiene enviados, para contar los que no, ninguno.
    assert "estado=?" in planes[0]
