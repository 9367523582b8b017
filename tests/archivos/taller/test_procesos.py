"""Lo que abre lo ajeno muere sin llevarse a nadie: ni a otros archivos, ni al servidor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from mensajeria.archivos.taller import procesos
from mensajeria.archivos.taller.procesos import Mortal, Taller
from mensajeria.archivos.taller.resultado import NoAdmitido
from mensajeria.protocolo.errores import ErrorMensajeria
from tests.archivos import muestras as m
from tests.servicios import PACIENCIA, RAIZ

pytestmark = pytest.mark.elige_base

MALO = "tests.archivos.taller.malo"
TOPE = 20 * 2**20


@pytest.fixture
def taller() -> Iterator[Taller]:
    uno = Taller(MALO)
    yield uno
    uno.cerrar()


def _quien(taller: Taller) -> int:
    """El pid de quien mira."""
    return int(taller.inspeccionar(b"quien", TOPE).contenido)


def test_mira_en_otro_proceso(taller: Taller) -> None:
    hallado = taller.inspeccionar(m.imagen("PNG"), TOPE)
    assert (hallado.tipo, hallado.clase, hallado.datos["ancho"]) == ("image/png", "imagen", 64)
    assert len(hallado.miniaturas) == 2
    with pytest.raises(NoAdmitido) as error:
        taller.inspeccionar(b"", TOPE)
    assert error.value.codigo == "FILE_EMPTY"
    assert _quien(taller) != os.getpid()


@pytest.mark.parametrize("crudo", [b"muere", b"no acaba"])
def test_lo_que_acaba_con_su_proceso_se_niega_y_a_los_demas_no_los_toca(
    taller: Taller, crudo: bytes
) -> None:
    with ThreadPoolExecutor(3) as hilos:
        malo = hilos.submit(taller.inspeccionar, crudo, TOPE)
        buenos = [hilos.submit(taller.inspeccionar, m.imagen("PNG"), TOPE) for _ in range(2)]
        with pytest.raises(Mortal) as error:
            malo.result(PACIENCIA)
    assert error.value.codigo == "FILE_BOMB"
    assert {bueno.result(PACIENCIA).tipo for bueno in buenos} == {"image/png"}
    assert taller.inspeccionar(m.imagen("PNG"), TOPE).tipo == "image/png"


def test_el_que_pide_demasiada_memoria_se_niega_y_su_proceso_sigue(taller: Taller) -> None:
    antes = _quien(taller)
    with pytest.raises(NoAdmitido) as error:
        taller.inspeccionar(b"come", TOPE)
    assert error.value.codigo == "FILE_BOMB"
    assert _quien(taller) == antes


def test_lo_que_al_guardarse_ocuparia_mas_del_tope_se_niega(taller: Taller) -> None:
    with pytest.raises(NoAdmitido) as error:
        taller.inspeccionar(m.imagen("PNG", (300, 200)), 100)
    assert error.value.codigo == "FILE_BOMB"


def test_cada_pocos_empieza_otro_y_nadie_se_queda_sin_quien_lo_mire(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Con más hilos que procesos, que es cuando se perdían."""
    monkeypatch.setattr(procesos, "ARCHIVOS_POR_PROCESO", 3)
    with ThreadPoolExecutor(3) as hilos:
        quienes = list(hilos.map(lambda _: _quien(taller), range(24), timeout=PACIENCIA))
    assert max(map(quienes.count, quienes)) <= 3
    assert len(set(quienes)) >= 8
    vivos = [p for p in set(quienes) if psutil.pid_exists(p)]
    assert len(vivos) <= procesos.PROCESOS


def test_el_que_murio_parado_no_es_culpa_del_siguiente_archivo(taller: Taller) -> None:
    proceso = psutil.Process(_quien(taller))
    proceso.kill()
    psutil.wait_procs([proceso], PACIENCIA)
    assert _quien(taller) != proceso.pid


def test_el_que_no_llega_a_empezar_no_es_culpa_de_nadie(caplog: pytest.LogCaptureFixture) -> None:
    uno = Taller("tests.archivos.taller.no_existe")
    with pytest.raises(ErrorMensajeria) as error:
        uno.inspeccionar(b"hola", TOPE)
    assert error.value.codigo == "UNAVAILABLE"
    assert "No empieza" in caplog.text


def test_el_que_tarda_mas_de_la_cuenta_deja_su_sitio(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sin gastar procesador: de eso no muere solo, y es culpa suya igual."""
    _quien(taller)
    monkeypatch.setattr(procesos, "SEGUNDOS_POR_ARCHIVO", 0.5)
    for _ in range(procesos.PROCESOS + 1):
        with pytest.raises(Mortal) as error:
            taller.inspeccionar(b"espera", TOPE)
        assert error.value.codigo == "FILE_BOMB"
    monkeypatch.undo()
    assert taller.inspeccionar(b"hola", TOPE).tipo == "text/plain"


def test_el_que_no_llega_a_su_turno_no_tiene_la_culpa(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(procesos.PROCESOS) as hilos:
        lentos = [
            hilos.submit(taller.inspeccionar, b"espera", TOPE) for _ in range(procesos.PROCESOS)
        ]
        _hasta_que(lambda: len(taller._ocupados) == procesos.PROCESOS)
        monkeypatch.setattr(procesos, "SEGUNDOS_DE_TURNO", 0.1)
        with pytest.raises(ErrorMensajeria) as error:
            taller.inspeccionar(b"hola", TOPE)
        assert error.value.codigo == "UNAVAILABLE"
        taller.cerrar()
        assert all(lento.exception(PACIENCIA) for lento in lentos)


def test_el_que_no_toma_lo_que_se_le_da_no_retiene_a_nadie(
    taller: Taller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(procesos, "SEGUNDOS_DE_ENTREGA", 1)
    parado = _quien(taller)
    os.kill(parado, signal.SIGSTOP)
    with pytest.raises(ErrorMensajeria) as error:
        taller.inspeccionar(bytes(4 * 2**20), TOPE)
    assert error.value.codigo == "UNAVAILABLE"
    assert "no toma lo que se le da" in caplog.text
    assert _quien(taller) != parado


def test_si_falta_memoria_muere_antes_que_nadie_y_no_escribe(taller: Taller) -> None:
    pid = _quien(taller)
    with open(f"/proc/{pid}/oom_score_adj") as suyo:
        assert suyo.read().strip() == "1000"
    assert psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE)[0] == 0


def test_no_hereda_las_claves_ni_los_enchufes(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nombre in ("JWT_SECRET", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "OTRA"):
        monkeypatch.setenv(nombre, "muy secreta")
    entorno = json.loads(taller.inspeccionar(b"entorno", TOPE).contenido)
    assert "muy secreta" not in entorno.values()
    assert set(entorno) <= {*procesos._VARIABLES, "PYTHONPATH", "LC_CTYPE"}
    # El suyo, y lo que salga por la terminal.
    abiertos = os.listdir(f"/proc/{_quien(taller)}/fd")
    assert set(abiertos) <= {"0", "1", "2", "3"}


def test_al_cerrarse_no_empieza_otro_ni_culpa_al_que_miraba(taller: Taller) -> None:
    pid = _quien(taller)
    with ThreadPoolExecutor(1) as hilos:
        esperando = hilos.submit(taller.inspeccionar, b"espera", TOPE)
        _hasta_que(lambda: taller._ocupados)
        taller.cerrar()
        for pedir in (lambda: esperando.result(PACIENCIA), lambda: _quien(taller)):
            with pytest.raises(ErrorMensajeria) as error:
                pedir()
            assert error.value.codigo == "UNAVAILABLE"
    assert not psutil.pid_exists(pid)


def _hasta_que(cierto: object) -> None:
    for _ in range(int(PACIENCIA * 100)):
        if callable(cierto) and cierto():
            return
        threading.Event().wait(0.01)
    raise TimeoutError


_PADRE = """
from mensajeria.archivos.taller.procesos import Taller
import psutil, threading
if __name__ == "__main__":
    uno = Taller("tests.archivos.taller.malo")
    uno.inspeccionar(b"hola", 2**20)
    threading.Thread(target=uno.inspeccionar, args=(b"espera", 2**20), daemon=True).start()
    uno.inspeccionar(b"hola", 2**20)
    print([p.pid for p in psutil.Process().children(recursive=True)], flush=True)
    import time; time.sleep(600)
"""


def test_si_muere_el_servidor_mueren_los_suyos_tambien_los_ocupados(tmp_path: object) -> None:
    guion = os.path.join(str(tmp_path), "padre.py")
    with open(guion, "w") as archivo:
        archivo.write(_PADRE)
    padre = subprocess.Popen(
        [sys.executable, guion],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(RAIZ), *sys.path))},
    )
    assert padre.stdout is not None
    hijos = [psutil.Process(int(p)) for p in padre.stdout.readline().strip("[]\n").split(",")]
    assert hijos
    padre.kill()
    padre.wait(PACIENCIA)
    padre.stdout.close()
    _, vivos = psutil.wait_procs(hijos, PACIENCIA)
    assert not vivos
