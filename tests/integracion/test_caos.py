"""Una docena de muertes de golpe en cada pasada; `make caos` hace doscientas."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.caos import caos
from tests.integracion.conftest import revisar_registro
from tests.servicios import nueva_base, nueva_sqlite

pytestmark = pytest.mark.elige_base


@pytest.mark.parametrize("base", [pytest.param("sqlite", marks=pytest.mark.aparte), "postgres"])
async def test_seis_muertes_y_nada_acusado_se_pierde(
    tmp_path: Path, postgres: str, base: str
) -> None:
    url = nueva_base(postgres) if base == "postgres" else nueva_sqlite(tmp_path)
    balance = await caos(tmp_path, 6, url, semilla=7)
    assert balance.limpio(), str(balance)
    assert balance.acusados == balance.enviados > 100
    for registro in tmp_path.glob("server-*.log"):
        revisar_registro(registro)
