"""Los plazos de PostgreSQL en una sesión nuestra; en la prestada, `test_pgbouncer.py`."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from mensajeria.base_de_datos import atomico
from mensajeria.plazos import es_prestada


@pytest.mark.bd
def test_en_una_sesion_nuestra_los_plazos_estan_siempre(base: None) -> None:
    if connection.vendor != "postgresql":
        return
    conexion: Any = connection
    with atomico(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("1500ms",)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("10s",)
    assert not es_prestada(conexion.connection.pgconn)
