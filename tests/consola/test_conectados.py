"""Lo que dice un servidor de quién tiene conectado, y lo que calla."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management.base import CommandError

from mensajeria.consola import conectados
from mensajeria.management.commands.mensaje import Command


def _todas(total: int = 1, callados: int = 0) -> dict[str, Any]:
    return {
        "procesos": [{"total": total, "conectados": [{"usuario": "ana"}]}],
        "callados": callados,
    }


@pytest.mark.parametrize(
    ("todas", "sabe"),
    [(_todas(), True), (_todas(total=2), False), (_todas(callados=1), False)],
)
def test_de_quien_no_sale_solo_se_sabe_si_se_dicen_todas(
    monkeypatch: pytest.MonkeyPatch, todas: dict[str, Any], sabe: bool
) -> None:
    monkeypatch.setattr(conectados, "pedir", lambda _: todas)
    suyas = Command()._conectados("http://aqui")
    assert suyas("ana") == [{"usuario": "ana"}]
    assert suyas("beto") == (() if sabe else None)
    assert bool(conectados.no_se_dicen(todas)) is not sabe


def test_sin_servidor_no_se_sabe_de_nadie(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nadie(_: str) -> Any:
        raise CommandError("Nadie contesta")

    monkeypatch.setattr(conectados, "pedir", nadie)
    assert Command()._conectados("http://aqui")("ana") is None
    assert "Nadie contesta" in capsys.readouterr().err
