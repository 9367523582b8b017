"""Lo que ejecuta cada proceso del taller: se acota, y dice de cada archivo que le llega qué es."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.archivos.taller.resultado import Dicho, Encargo, Inspeccionado, NoAdmitido

# Lo que puede pedir uno, con Python y Pillow dentro; y lo que puede trabajar con un archivo.
BYTES_DE_MEMORIA = 1536 * 1024**2
SEGUNDOS_DE_TRABAJO = 20
# De unos bytes, con su tope y su lado (0, como venga), lo que se guarda.
Mirar = Callable[[bytes, int, int], Inspeccionado]
# El enchufe que le deja su padre.
_ENCHUFE = 0


def atender(mirar: Mirar) -> None:
    """Dice que ya está, y contesta a cada encargo, hasta que su padre se vaya."""
    _acotar()
    conexion = Connection(_ENCHUFE)
    with contextlib.suppress(EOFError, OSError):
        conexion.send_bytes(b"")
        while True:
            encargo = msgspec.msgpack.decode(conexion.recv_bytes(), type=Encargo)
            limitar_trabajo(SEGUNDOS_DE_TRABAJO)
            conexion.send_bytes(msgspec.msgpack.encode(_dicho(mirar, encargo)))


def _dicho(mirar: Mirar, encargo: Encargo) -> Dicho:
    try:
        return Dicho(hallado=mirar(encargo.crudo, encargo.tope, encargo.lado))
    except NoAdmitido as rechazo:
        return Dicho(codigo=rechazo.codigo, mensaje=rechazo.mensaje)


def _acotar() -> None:
    # De un Ctrl-C se ocupa el padre.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_morir_con_el_padre, daemon=True).start()
    _limitar(resource.RLIMIT_AS, BYTES_DE_MEMORIA)
    _limitar(resource.RLIMIT_CORE, 0)
    # Si a la máquina le falta memoria, que muera este, y no el servidor ni la base.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limitar(resource.RLIMIT_FSIZE, 0)
    # Antes que mirar un archivo es contestar a los demás.
    with contextlib.suppress(OSError):
        os.nice(10)


def limitar_trabajo(segundos: int) -> None:
    """Pasado ese rato de procesador, el sistema mata al proceso (SIGXCPU)."""
    _limitar(resource.RLIMIT_CPU, int(time.process_time()) + 1 + segundos)


def _limitar(cual: int, cuanto: int) -> None:
    _, maximo = resource.getrlimit(cual)
    if maximo != resource.RLIM_INFINITY:
        cuanto = min(cuanto, maximo)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(cual, (cuanto, maximo))


def _morir_con_el_padre() -> None:
    """Si muere de golpe, nadie diría a este que acabe: su lado del enchufe se cierra."""
    espera = select.poll()
    espera.register(_ENCHUFE, 0)
    espera.poll()
    os._exit(0)


if __name__ == "__main__":
    atender(inspeccionar)
