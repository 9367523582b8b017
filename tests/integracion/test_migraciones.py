"""Las migraciones van hacia atrás y otra vez hacia delante, en cada base."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.servicios import PACIENCIA, Servidor

pytestmark = pytest.mark.bd


def test_atras_y_adelante_con_el_ejemplo_dentro_y_sin_nada(tmp_path: Path, redis: str) -> None:
    """Con Redis, una orden entra en el espacio de la base antes de migrarla."""
    uno = Servidor(tmp_path, REDIS_URL=redis)
    uno.orden("makemigrations", "--check", "--dry-run")
    del_ejemplo = uno.guion("print(models.Participante.objects.count())")
    uno.orden("migrate", "mensajeria", "0001")
    uno.orden("migrate")
    assert uno.guion("print(models.Participante.objects.count())") == del_ejemplo

    uno.orden("migrate", "mensajeria", "zero")
    uno.orden("preparar")
    assert uno.guion("print(models.Participante.objects.count())") == del_ejemplo
    with uno:
        ingreso = {"username": "ana", "password": "demo"}
        assert requests.post(f"{uno.url}/api/token/", json=ingreso, timeout=PACIENCIA).ok
