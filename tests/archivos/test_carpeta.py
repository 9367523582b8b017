"""Lo que se da por guardado sobrevive a un corte de luz."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mensajeria.archivos import deposito


def test_llegan_al_disco_el_archivo_su_carpeta_y_la_que_dice_que_existe(
    almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sincronizados: list[str] = []
    de_verdad = os.fsync

    def fsync(descriptor: int) -> None:
        sincronizados.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        de_verdad(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    id_ = "b" * 24
    deposito.guardar(id_, "contenido", b"x")
    suya = almacen / "bb"
    assert sincronizados == [str(suya / f"{id_}.contenido"), str(suya), str(almacen)]
