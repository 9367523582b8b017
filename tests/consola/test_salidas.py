"""El archivo de la base, cerrado a otros diga lo que diga su dirección."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from mensajeria.consola import salidas
from servitech import bases


def _reservar(base: Path, consulta: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ajustes = bases.de_url(f"sqlite:///{base}{consulta}")
    monkeypatch.setattr(salidas, "connection", SimpleNamespace(settings_dict=ajustes))
    salidas.reservar_base()


@pytest.mark.parametrize("consulta", ["", "?timeout=5", "?mode=rwc", "?vfs=unix&psow=1"])
def test_el_archivo_de_la_base_es_0640(
    tmp_path: Path, consulta: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "qué?mode=ro"
    escrita = Path(str(base).replace("?", "%3F"))
    antes = os.umask(0)
    try:
        _reservar(escrita, consulta, monkeypatch)
        assert stat.S_IMODE(base.stat().st_mode) == 0o640
        base.chmod(0o666)
        _reservar(escrita, consulta, monkeypatch)
    finally:
        os.umask(antes)
    assert stat.S_IMODE(base.stat().st_mode) == 0o640


@pytest.mark.parametrize("consulta", ["?mode=ro", "?psow=1&mode=rw"])
def test_la_que_ha_de_estar_no_se_crea(
    tmp_path: Path, consulta: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base"
    _reservar(base, consulta, monkeypatch)
    assert not base.exists()
    base.touch()
    base.chmod(0o644)
    _reservar(base, consulta, monkeypatch)
    assert stat.S_IMODE(base.stat().st_mode) == 0o640
