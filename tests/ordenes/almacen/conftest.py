from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.ordenes.almacen.pista import Pista


@pytest.fixture
def pista() -> Iterator[Pista]:
    if connection.vendor != "postgresql":
        pytest.skip("solo PostgreSQL se escribe al vuelo")
    una = Pista()
    yield una
    una.cerrar()
