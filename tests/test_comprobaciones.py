from __future__ import annotations

from typing import Any

import pytest

from mensajeria.comprobaciones import revisar_configuracion


@pytest.fixture
def seguro(settings: Any) -> Any:
    settings.DEBUG = settings.DEMO = False
    settings.JWT_SECRET = "x" * 40
    settings.SOCKET_CORS_ORIGIN = ["https://tusitio.com"]
    return settings


def ids() -> list[str | None]:
    return [c.id for c in revisar_configuracion(None)]


def test_una_configuracion_segura_no_dice_nada(seguro: Any) -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("ajuste", "valor", "esperado"),
    [
        ("JWT_SECRET", "", "mensajeria.E001"),
        ("JWT_SECRET", "tu_secreto_jwt_seguro", "mensajeria.E001"),
        ("JWT_SECRET", "corto", "mensajeria.W001"),
        ("SOCKET_CORS_ORIGIN", ["*"], "mensajeria.E002"),
        ("DEMO", True, "mensajeria.E003"),
    ],
)
def test_lo_que_no_debe_arrancar(seguro: Any, ajuste: str, valor: Any, esperado: str) -> None:
    setattr(seguro, ajuste, valor)
    assert ids() == [esperado]
    assert all(c.hint for c in revisar_configuracion(None))


def test_un_punto_de_fallo_armado_no_arranca(seguro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNTO_DE_FALLO", "tras_confirmar:1")
    assert ids() == ["mensajeria.E004"]


def test_en_desarrollo_todo_vale(seguro: Any) -> None:
    seguro.DEBUG = True
    seguro.JWT_SECRET = ""
    assert ids() == []
