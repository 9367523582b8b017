"""Dónde se guardan los archivos, y quién los mira, como lo escribe quien lo configura."""

from __future__ import annotations

from typing import Any

import pytest

from servitech import almacenes, direcciones
from servitech.entorno import Malo


def test_una_carpeta_o_un_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(almacenes, "find_spec", lambda nombre: nombre)
    carpeta = almacenes.de_archivos("/var/lib/servitech/archivos")
    assert carpeta["OPTIONS"]["location"] == "/var/lib/servitech/archivos"
    s3: dict[str, Any] = almacenes.de_archivos("s3://cubo/una/carpeta/")
    assert s3["BACKEND"] == "mensajeria.archivos.s3.S3"
    assert (s3["OPTIONS"]["bucket_name"], s3["OPTIONS"]["location"]) == ("cubo", "una/carpeta")
    assert almacenes.de_archivos("s3://cubo")["OPTIONS"]["location"] == ""


@pytest.mark.parametrize(
    "valor",
    ["archivos", "./x", "s3://", "s3://clave:secreto@cubo", "s3://cubo?region=x", "gs://cubo"],
)
def test_lo_que_no_se_entiende(valor: str) -> None:
    with pytest.raises(Malo):
        almacenes.de_archivos(valor)


def test_un_s3_sin_sus_paquetes_dice_cuales(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(almacenes, "find_spec", lambda _: None)
    with pytest.raises(Malo, match=r"requirements-s3\.txt"):
        almacenes.de_archivos("s3://cubo")


def test_el_antivirus() -> None:
    assert direcciones.con_puerto("localhost:3310") == ("localhost", 3310)
    assert direcciones.con_puerto("[::1]:3310") == ("::1", 3310)
    for malo in ("localhost", "localhost:", "localhost:x", "/run/clamd.ctl", "a:99999"):
        with pytest.raises(Malo):
            direcciones.con_puerto(malo)
