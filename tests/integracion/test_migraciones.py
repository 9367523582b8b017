"""Las migraciones van hacia atrás y otra vez hacia delante, en cada base."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servicios import Servidor

pytestmark = pytest.mark.bd


def test_atras_y_adelante_con_el_ejemplo_dentro_y_sin_nada(tmp_path: Path) -> None:
    uno = Servidor(tmp_path)
    uno.orden("makemigrations", "--check", "--dry-run")
    usuarios = uno.guion("print(models.Usuario.objects.count())")
    uno.orden("migrate", "mensajeria", "0001")
    uno.orden("migrate")
    assert uno.guion("print(models.Usuario.objects.count())") == usuarios

    uno.orden("migrate", "mensajeria", "zero")
    uno.orden("preparar")
    assert uno.guion("print(models.Usuario.objects.count())") == usuarios
    with uno:
        assert uno.token("ana")
