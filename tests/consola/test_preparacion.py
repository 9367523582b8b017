"""El candado con que se prepara la base: uno cada vez, y nadie se queda esperando a quien falló."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from mensajeria.consola import preparacion
from tests.servicios import PACIENCIA

pytestmark = pytest.mark.bd


@pytest.fixture(autouse=True)
def _candado_aparte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict, "ARCHIVO", str(tmp_path / "base"))


def test_quien_falla_lo_suelta() -> None:
    dichos: list[str] = []
    with pytest.raises(RuntimeError), preparacion.de_uno_en_uno(dichos.append):
        raise RuntimeError("a medias")
    with preparacion.de_uno_en_uno(dichos.append):
        pass
    assert dichos == []


@pytest.mark.skipif("MONGODB_URI" not in os.environ, reason="es de MongoDB")
def test_el_de_mongodb_se_renueva_y_el_de_quien_murio_caduca(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparacion, "ARRIENDO", timedelta(seconds=0.3))
    mongo: Any = connection
    mongo.ensure_connection()
    candados = mongo.get_collection("mensajeria_candado")
    candados.insert_one({"_id": "preparar", "de": "muerto", "hasta": preparacion._ahora()})
    with preparacion.de_uno_en_uno(lambda _: None):
        suyo = candados.find_one({"_id": "preparar"})
        renovado = threading.Event()
        limite = PACIENCIA / 0.05
        while not renovado.wait(0.05) and limite > 0:
            limite -= 1
            if candados.find_one({"_id": "preparar"})["hasta"] > suyo["hasta"]:
                renovado.set()
        assert renovado.is_set() and suyo["de"] != "muerto"
    assert candados.find_one({"_id": "preparar"}) is None
