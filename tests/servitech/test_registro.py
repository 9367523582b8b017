from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servitech import registro as modulo
from servitech.registro import ArchivoDeRegistro, EnJSON, Linea, SinTraza


@pytest.fixture
def carpeta(tmp_path: Path) -> Path:
    return tmp_path / "hay"


@pytest.fixture
def registro(carpeta: Path) -> Iterator[logging.Logger]:
    """Uno que escribe en `server.log` de una carpeta que aún no existe."""
    uno = logging.getLogger("prueba.registro")
    archivo = ArchivoDeRegistro(str(carpeta / "server.log"))
    uno.addHandler(archivo)
    yield uno
    uno.removeHandler(archivo)
    archivo.close()


def quejas(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "mensajeria.registro"]


def test_sin_donde_escribir_se_dice_una_vez_y_se_vuelve(
    registro: logging.Logger,
    carpeta: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        registro.warning("no cabe")
    assert len(quejas(caplog)) == 1 and "server.log (No such file" in quejas(caplog)[0]
    monkeypatch.setattr(modulo, "DESCANSO", 0.0)
    registro.handlers[0]._callado_hasta = 0.0  # type: ignore[attr-defined]
    registro.warning("no cabe")
    assert len(quejas(caplog)) == 1
    carpeta.mkdir()
    registro.warning("ya cabe")
    assert (carpeta / "server.log").read_text() == "ya cabe\n"
    assert quejas(caplog)[1].startswith("Se escribe otra vez")


@pytest.mark.parametrize("que", ["carpeta", "tubo", "lleno"])
def test_lo_que_no_admite_lineas(
    que: str, registro: logging.Logger, carpeta: Path, capsys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    carpeta.mkdir()
    archivo = carpeta / "server.log"
    if que == "carpeta":
        archivo.mkdir()
    elif que == "tubo":
        os.mkfifo(archivo)
    else:
        archivo.symlink_to("/dev/full")
    for _ in range(3):
        registro.warning("línea")
    assert len(quejas(caplog)) == 1
    assert capsys.readouterr().err == ""


def test_solo_lo_leen_su_dueno_y_su_grupo(registro: logging.Logger, carpeta: Path) -> None:
    carpeta.mkdir()
    archivo = carpeta / "server.log"
    registro.warning("nuevo")
    assert stat.S_IMODE(archivo.stat().st_mode) == 0o640
    # Rotado por otro, que lo deja abierto a todos.
    archivo.unlink()
    archivo.touch(0o666)
    archivo.chmod(0o666)
    registro.warning("rotado \ud800")
    assert stat.S_IMODE(archivo.stat().st_mode) == 0o640
    assert archivo.read_text() == "rotado \\ud800\n"


def test_lo_que_no_es_un_archivo_se_deja_como_esta(tmp_path: Path) -> None:
    antes = os.stat("/dev/null").st_mode
    modulo.cerrar_a_otros("/dev/null")
    assert os.stat("/dev/null").st_mode == antes


@pytest.mark.parametrize(
    ("nombre", "queda"),
    [
        ("django.security.DisallowedHost", "«ajeno» (ValueError)"),
        ("channels_redis.pubsub", "«ajeno» (ValueError)"),
        ("mensajeria.base", "«ajeno»"),
    ],
)
def test_la_traza_es_para_los_defectos(nombre: str, queda: str) -> None:
    error = ValueError("x")
    suceso = logging.LogRecord(
        nombre, logging.ERROR, "", 0, "«%s»", ("ajeno",), (ValueError, error, None)
    )
    assert SinTraza().filter(suceso)
    assert suceso.getMessage() == queda
    assert bool(suceso.exc_info) is (nombre == "mensajeria.base")


def test_un_registro_mal_hecho_no_rompe_a_nadie() -> None:
    suyo = (ValueError, ValueError(), None)
    suceso = logging.LogRecord("django.security.X", 40, "", 0, "%d" * 999, ("no",), suyo)
    assert SinTraza().filter(suceso)
    assert len(suceso.getMessage()) < 400


@pytest.mark.parametrize("formato", [Linea, EnJSON])
def test_lo_que_va_a_dos_sitios_se_escribe_una_vez(formato: type[logging.Formatter]) -> None:
    class Contada:
        veces = 0

        def __str__(self) -> str:
            self.veces += 1
            return "ana"

    quien, uno, otro = Contada(), formato(), formato()
    linea = logging.makeLogRecord({"msg": "llega %s", "args": (quien,)})
    assert "llega ana" in uno.format(linea) and uno.format(linea) == uno.format(linea)
    assert quien.veces == 1
    assert "llega ana" in otro.format(linea) and quien.veces == 2
