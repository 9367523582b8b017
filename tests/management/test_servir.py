from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mensajeria.archivos import comprobacion
from mensajeria.management.commands import servir
from tests.servicios import puerto_libre


@pytest.fixture
def sin_atender(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    monkeypatch.setattr(servir, "_atender", lambda enchufe, _latir: enchufe.close())
    monkeypatch.setattr(servir, "falta_preparar", lambda: "")
    monkeypatch.setattr(comprobacion, "_el_ultimo_no_esta", lambda: False)
    settings.DEBUG = settings.DEMO = True
    return settings


def queja(host: str) -> str:
    """Lo que se dice por la salida de errores al servir ahí."""
    errores = io.StringIO()
    call_command(
        "servir",
        host=host,
        puerto=puerto_libre(),
        stdout=io.StringIO(),
        stderr=errores,
        force_color=True,
    )
    return errores.getvalue()


def test_el_modo_de_ejemplo_a_la_vista_avisa_en_rojo(sin_atender: Any) -> None:
    for host in ("0.0.0.0", "::"):
        assert f"\x1b[31;1mCUIDADO: se escucha en {host} " in queja(host)
    assert queja("127.0.0.1") == queja("::1") == queja("localhost") == ""


def test_una_base_de_ejemplo_en_produccion_no_llega_a_escuchar(
    sin_atender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sin_atender.DEBUG = sin_atender.DEMO = False
    monkeypatch.setattr("mensajeria.comprobaciones.cuentas._con_la_de_ejemplo", lambda: ["ana"])
    monkeypatch.setattr(servir.Command, "_abrir", lambda *_: pytest.fail("escuchó"))
    with pytest.raises(CommandError, match=r"E010.*ana"):
        call_command("servir", stdout=io.StringIO(), stderr=io.StringIO())


def test_una_base_sin_preparar_lo_dice_y_no_llega_a_escuchar(
    sin_atender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servir, "falta_preparar", lambda: "sin preparar")
    monkeypatch.setattr(servir.Command, "_abrir", lambda *_: pytest.fail("escuchó"))
    with pytest.raises(CommandError, match="sin preparar"):
        call_command("servir", stdout=io.StringIO(), stderr=io.StringIO())


def test_una_base_que_no_responde_no_impide_servir_si_no_hay_redis(
    sin_atender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falla() -> str:
        raise OperationalError("no responde")

    sin_atender.REDIS_URL = ""
    monkeypatch.setattr(servir, "falta_preparar", falla)
    monkeypatch.setattr(servir, "caida", lambda _: None)
    assert queja("127.0.0.1") == ""
