"""Lo que abre lo ajeno muere sin llevarse a nadie: ni a otros archivos, ni al servidor."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from mensajeria.archivos.taller import procesos
from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.archivos.taller.procesos import Taller
from mensajeria.archivos.taller.resultado import Inspeccionado, NoAdmitido
from mensajeria.protocolo.errores import CodigoError
from tests.archivos import muestras as m
from tests.servicios import PACIENCIA, RAIZ

pytestmark = pytest.mark.elige_base


def mirar(crudo: bytes) -> Inspeccionado:
    """Lo de siempre, menos con unos que hacen lo que dicen."""
    if crudo == b"muere":
        os.kill(os.getpid(), signal.SIGKILL)
    if crudo == b"no acaba":
        _no_acabar()
    if crudo == b"come":
        try:
            return Inspeccionado("", "archivo", bytes(procesos.BYTES_DE_MEMORIA))
        except MemoryError:
            raise NoAdmitido(CodigoError.FILE_BOMB) from None
    return inspeccionar(crudo)


def _no_acabar() -> None:
    """Lo que tarda en notarse, sin esperar tanto."""
    procesos._limitar(resource.RLIMIT_CPU, int(time.process_time()) + 1)
    while True:
        pass


@pytest.fixture(scope="module")
def taller() -> Iterator[Taller]:
    uno = Taller(mirar)
    yield uno
    uno.cerrar()


def test_mira_en_otro_proceso(taller: Taller) -> None:
    assert taller.inspeccionar(m.imagen("PNG")).tipo == "image/png"
    with pytest.raises(NoAdmitido) as error:
        taller.inspeccionar(b"")
    assert error.value.codigo == "FILE_EMPTY"


@pytest.mark.parametrize("crudo", [b"muere", b"no acaba", b"come"])
def test_lo_que_acaba_con_su_proceso_se_niega_y_los_demas_siguen(
    taller: Taller, crudo: bytes
) -> None:
    with ThreadPoolExecutor(3) as hilos:
        malo = hilos.submit(taller.inspeccionar, crudo)
        buenos = [hilos.submit(taller.inspeccionar, m.imagen("PNG")) for _ in range(2)]
        with pytest.raises(NoAdmitido) as error:
            malo.result(PACIENCIA)
    assert error.value.codigo == "FILE_BOMB"
    assert {bueno.result(PACIENCIA).tipo for bueno in buenos} == {"image/png"}
    assert taller.inspeccionar(m.imagen("PNG")).tipo == "image/png"


_PADRE = """
from mensajeria.archivos.taller.procesos import taller
import psutil
if __name__ == "__main__":
    taller().inspeccionar(b"hola")
    print([p.pid for p in psutil.Process().children(recursive=True)], flush=True)
    import time; time.sleep(600)
"""


def test_si_muere_el_servidor_mueren_los_suyos(tmp_path: object) -> None:
    guion = os.path.join(str(tmp_path), "padre.py")
    with open(guion, "w") as archivo:
        archivo.write(_PADRE)
    padre = subprocess.Popen(
        [sys.executable, guion],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(RAIZ)},
    )
    assert padre.stdout is not None
    hijos = [psutil.Process(int(p)) for p in padre.stdout.readline().strip("[]\n").split(",")]
    assert hijos
    padre.kill()
    padre.wait(PACIENCIA)
    padre.stdout.close()
    _, vivos = psutil.wait_procs(hijos, PACIENCIA)
    assert not vivos
