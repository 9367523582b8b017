"""Los procesos que abren lo ajeno: pocos, con la memoria y el tiempo acotados, y reponibles.

Un archivo hecho a propósito puede pedir toda la memoria, no acabar nunca o tirar el programa que
lo lee: aquí le pasa a un proceso que no tiene nada más.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.archivos.taller.resultado import Inspeccionado, NoAdmitido
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.archivos")

PROCESOS = 2
# Lo que puede pedir uno, con Python y Pillow dentro; y lo que puede trabajar con un archivo.
BYTES_DE_MEMORIA = 1536 * 1024**2
SEGUNDOS_DE_TRABAJO = 20
# Lo que se espera por uno, contando los que van delante.
SEGUNDOS_DE_ESPERA = 60.0
# Después de tantos empieza otro: lo que alguno dejara atrás no se junta.
ARCHIVOS_POR_PROCESO = 200


class Taller:
    """Nace con el primer archivo; se usa desde cualquier hilo, que se para a esperar.

    `mirar` es lo que hace cada proceso con uno.
    """

    def __init__(self, mirar: Callable[[bytes], Inspeccionado] | None = None) -> None:
        self._mirar = mirar or _con_plazo
        self._cerrojo = threading.Lock()
        self._grupo: ProcessPoolExecutor | None = None

    def inspeccionar(self, crudo: bytes) -> Inspeccionado:
        """Lo que es; lanza `NoAdmitido`, o UNAVAILABLE si no le llega el turno."""
        grupo = self._el_de_ahora()
        try:
            return self._esperar(grupo, crudo)
        except BrokenProcessPool:
            self._soltar(grupo)
        # Murió un proceso, y con él los demás encargos: a solas se sabe de quién fue la culpa.
        with _nuevo(1) as suyo:
            try:
                return self._esperar(suyo, crudo)
            except BrokenProcessPool:
                registro.warning("Un archivo de %d bytes acabó con quien lo miraba", len(crudo))
        raise NoAdmitido(CodigoError.FILE_BOMB, "Abrir el archivo pide demasiada memoria o tiempo")

    def _esperar(self, grupo: ProcessPoolExecutor, crudo: bytes) -> Inspeccionado:
        encargo = grupo.submit(self._mirar, crudo)
        try:
            return encargo.result(SEGUNDOS_DE_ESPERA)
        except TimeoutError:
            encargo.cancel()
            raise ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=5.0) from None

    def _el_de_ahora(self) -> ProcessPoolExecutor:
        with self._cerrojo:
            if self._grupo is None:
                self._grupo = _nuevo(PROCESOS)
            return self._grupo

    def _soltar(self, grupo: ProcessPoolExecutor) -> None:
        with self._cerrojo:
            if self._grupo is grupo:
                self._grupo = None
        grupo.shutdown(wait=False)

    def cerrar(self) -> None:
        """Acaba con los suyos sin esperarlos: lo que miraban no se guardó."""
        with self._cerrojo:
            grupo, self._grupo = self._grupo, None
        if grupo is not None:
            for proceso in list((grupo._processes or {}).values()):
                proceso.kill()
            grupo.shutdown(wait=False, cancel_futures=True)


def _nuevo(procesos: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        procesos,
        # Limpio: sin los enchufes, las conexiones ni los cerrojos de este.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_acotar,
        max_tasks_per_child=ARCHIVOS_POR_PROCESO,
    )


# En el proceso


def _acotar() -> None:
    # De un Ctrl-C se ocupa el padre.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_morir_con_el_padre, daemon=True).start()
    _limitar(resource.RLIMIT_AS, BYTES_DE_MEMORIA)
    _limitar(resource.RLIMIT_CORE, 0)
    # Antes que mirar un archivo es contestar a los demás.
    with contextlib.suppress(OSError):
        os.nice(10)


def _limitar(cual: int, cuanto: int) -> None:
    _, maximo = resource.getrlimit(cual)
    if maximo != resource.RLIM_INFINITY:
        cuanto = min(cuanto, maximo)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(cual, (cuanto, maximo))


def _morir_con_el_padre() -> None:
    """Si muere de golpe, nadie diría a este que acabe."""
    padre = multiprocessing.parent_process()
    if padre is not None:
        wait([padre.sentinel])
        os._exit(0)


def _con_plazo(crudo: bytes) -> Inspeccionado:
    # Pasado el plazo, el sistema mata al proceso (SIGXCPU).
    _limitar(resource.RLIMIT_CPU, int(time.process_time()) + 1 + SEGUNDOS_DE_TRABAJO)
    return inspeccionar(crudo)


_taller = Taller()


def taller() -> Taller:
    """El de este proceso."""
    return _taller
