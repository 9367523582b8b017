"""Con antivirus, nada se enseña sin mirar; sin él, o si no contesta, se nota."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mensajeria.archivos import antivirus, limpieza
from mensajeria.models import Archivo
from mensajeria.protocolo.errores import ErrorMensajeria
from tests.archivos import muestras
from tests.archivos.apoyo import guardado, subir
from tests.archivos.clamd import MALO, Clamd
from tests.servicios import detener, esperar_puerto, puerto_libre

_E = Archivo.Estado


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    uno = Clamd(b"stream: OK\n")
    settings.CLAMD = ("127.0.0.1", uno.puerto)
    yield uno
    uno.cerrar()


@pytest.mark.bd
@pytest.mark.usefixtures("ana")
class TestAlSubir:
    def test_limpio_esta_listo_y_se_mira_lo_que_llego(self, clamd: Clamd, almacen: Path) -> None:
        cruda = muestras.foto((1600, 1200))
        assert subir("ana", cruda).estado == _E.LISTO
        assert clamd.recibido == cruda

    def test_infectado_se_niega_y_no_queda_nada(self, clamd: Clamd, almacen: Path) -> None:
        clamd.contesta = b"stream: Eicar-Test FOUND\n"
        with pytest.raises(ErrorMensajeria) as error:
            subir("ana", b"hola")
        assert error.value.codigo == "FILE_INFECTED"
        assert guardado(almacen) == set()
        assert not Archivo.objects.exists()

    @pytest.mark.parametrize(
        "contesta",
        [b"", b"stream: algo ERROR\n", b"INSTREAM size limit exceeded. ERROR\n", b"\xff\xfe"],
    )
    def test_si_no_se_sabe_queda_en_revision(
        self, contesta: bytes, clamd: Clamd, almacen: Path
    ) -> None:
        clamd.contesta = contesta
        assert subir("ana", b"hola").estado == _E.EN_REVISION

    def test_si_no_esta_tambien_y_se_mira_cuando_vuelve(
        self, clamd: Clamd, almacen: Path, settings: Any
    ) -> None:
        settings.CLAMD = ("127.0.0.1", puerto_libre())
        uno, otro = subir("ana", b"hola"), subir("ana", b"adios")
        assert {uno.estado, otro.estado} == {_E.EN_REVISION}
        assert limpieza.revisar() == 0
        settings.CLAMD = ("127.0.0.1", clamd.puerto)
        assert limpieza.revisar() == 2
        assert set(Archivo.objects.values_list("estado", flat=True)) == {_E.LISTO}

    def test_si_al_volver_dice_que_no_sobra(
        self, clamd: Clamd, almacen: Path, settings: Any
    ) -> None:
        settings.CLAMD = ("127.0.0.1", puerto_libre())
        subir("ana", b"hola")
        settings.CLAMD = ("127.0.0.1", clamd.puerto)
        clamd.contesta = b"stream: Eicar-Test FOUND\n"
        assert limpieza.revisar() == 0
        assert Archivo.objects.get().estado == _E.SOBRA

    @pytest.mark.parametrize(
        "contesta", [b"", b"stream: algo ERROR\n", b"INSTREAM size limit exceeded. ERROR\n"]
    )
    def test_con_el_que_no_puede_no_detiene_a_los_demas_y_al_tercero_sobra(
        self, contesta: bytes, clamd: Clamd, almacen: Path
    ) -> None:
        clamd.contesta = contesta
        raro, *otros = [subir("ana", crudo).pk for crudo in (b"el raro", b"uno", b"dos")]
        clamd.contesta, clamd.a_estos = b"stream: OK\n", {b"raro": contesta}
        assert limpieza.revisar() == 2
        assert set(Archivo.objects.filter(pk__in=otros).values_list("estado", flat=True)) == {
            _E.LISTO
        }
        for intentos in range(1, limpieza.INTENTOS):
            fila = Archivo.objects.get(pk=raro)
            assert (fila.estado, fila.intentos) == (_E.EN_REVISION, intentos)
            limpieza.revisar()
        assert Archivo.objects.get(pk=raro).estado == _E.SOBRA

    def test_si_no_esta_no_se_le_pregunta_por_cada_uno(
        self, clamd: Clamd, almacen: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.CLAMD = ("127.0.0.1", puerto_libre())
        subir("ana", b"hola")
        preguntas: list[object] = []
        with monkeypatch.context() as espia:
            espia.setattr(antivirus, "_preguntar", preguntas.append)
            for _ in range(3):
                assert subir("ana", b"hola").estado == _E.EN_REVISION
            assert limpieza.revisar() == 0
        assert preguntas == []
        assert {f.intentos for f in Archivo.objects.all()} == {0}
        # Pasado el descanso, otra vez.
        antivirus._descansos.clear()
        settings.CLAMD = ("127.0.0.1", clamd.puerto)
        assert limpieza.revisar() == 4


@pytest.fixture(scope="module")
def de_verdad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """El clamd de Debian, con una base de firmas que tiene una sola: la nuestra."""
    clamd = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert clamd, "falta clamav-daemon, que instala make test"
    carpeta = tmp_path_factory.mktemp("clamav")
    (carpeta / "nuestra.ndb").write_text(f"Prueba.Nuestra:0:*:{MALO.hex()}\n")
    puerto = puerto_libre()
    ajustes = carpeta / "clamd.conf"
    ajustes.write_text(
        f"DatabaseDirectory {carpeta}\nTCPSocket {puerto}\nTCPAddr 127.0.0.1\nForeground yes\n"
        "OfficialDatabaseOnly no\nStreamMaxLength 2M\n"
    )
    proceso = subprocess.Popen(
        [clamd, "-c", str(ajustes)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        esperar_puerto(puerto, proceso)
        yield puerto
    finally:
        detener(proceso)


@pytest.mark.elige_base
def test_con_el_de_debian(de_verdad: int, settings: Any) -> None:
    settings.CLAMD = ("127.0.0.1", de_verdad)
    antivirus.mirar(b"hola" * 300_000)
    assert antivirus._preguntar(antivirus._saludar("127.0.0.1", de_verdad)) == ("PONG", "")
    with pytest.raises(antivirus.Infectado, match="Nuestra"):
        antivirus.mirar(b"hola " + MALO + b" adios")
    # Lo que no le cabe lo corta a medias: no es que esté limpio, ni que él no esté.
    with pytest.raises(antivirus.NoPuede):
        antivirus.mirar(b"hola" * 2_000_000)


@pytest.mark.elige_base
def test_sin_antivirus_no_se_espera_a_nadie(settings: Any) -> None:
    settings.CLAMD = None
    inicio = time.monotonic()
    antivirus.mirar(MALO)
    assert time.monotonic() - inicio < 1
