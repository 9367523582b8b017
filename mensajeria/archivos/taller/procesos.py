"""Los procesos que abren lo ajeno: pocos, cada uno con un archivo, y reponibles.

Un archivo hecho a propósito puede pedir toda la memoria, no acabar nunca o tirar el programa que
lo lee: aquí le pasa a un proceso en el que no hay otro.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

import msgspec

from mensajeria.archivos.taller.resultado import Dicho, Encargo, Inspeccionado, NoAdmitido
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.archivos")

PROCESOS = 2
# Lo que se espera a que le llegue el turno a un archivo, a que empiece el proceso, a que este tome
# lo que se le da, y a que diga qué es.
SEGUNDOS_DE_TURNO = 30.0
SEGUNDOS_DE_ARRANQUE = 20.0
SEGUNDOS_DE_ENTREGA = 10
SEGUNDOS_POR_ARCHIVO = 60.0
# Después de tantos empieza otro: lo que alguno dejara atrás no se junta.
ARCHIVOS_POR_PROCESO = 200
# Lo que ocupa lo que se dice de un archivo, además de él.
_DE_MAS = 4 * 1024**2
# Lo único del entorno que le hace falta para empezar: ni claves, ni direcciones.
_VARIABLES = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
_MODULO = "mensajeria.archivos.taller.trabajador"


class Mortal(NoAdmitido):
    """Acabó con el proceso que lo miraba, o este no acababa con él."""

    def __init__(self) -> None:
        super().__init__(
            CodigoError.FILE_BOMB, "Abrir el archivo pide demasiada memoria o demasiado tiempo"
        )


class Taller:
    """Nace con el primer archivo; se usa desde cualquier hilo, que se para a esperar.

    `modulo` es lo que ejecuta cada proceso.
    """

    def __init__(self, modulo: str = _MODULO) -> None:
        self._modulo = modulo
        self._turnos = threading.Semaphore(PROCESOS)
        self._cerrojo = threading.Lock()
        self._parados: list[_Proceso] = []
        self._ocupados: set[_Proceso] = set()
        self._cerrado = False

    def inspeccionar(self, crudo: bytes, tope: int, lado: int = 0) -> Inspeccionado:
        """Lo que es, si lo que se guardaría de él cabe en `tope` bytes; si no, `NoAdmitido`. Con
        `lado`, un cuadrado de esos píxeles hecho de una imagen.

        UNAVAILABLE si no le llega el turno.
        """
        if not self._turnos.acquire(timeout=SEGUNDOS_DE_TURNO):
            raise _no_disponible()
        try:
            dicho = self._pedir(Encargo(crudo, tope, lado))
        finally:
            self._turnos.release()
        if dicho.hallado is None:
            raise NoAdmitido(dicho.codigo or CodigoError.FILE_DAMAGED, dicho.mensaje)
        return dicho.hallado

    def _pedir(self, encargo: Encargo) -> Dicho:
        proceso = self._tomar()
        try:
            return proceso.pedir(encargo)
        except Mortal:
            if self._cerrado:
                raise _no_disponible() from None
            registro.warning("Un archivo de %d bytes acabó con quien lo miraba", len(encargo.crudo))
            raise
        finally:
            self._dejar(proceso)

    def _tomar(self) -> _Proceso:
        with self._cerrojo:
            if self._cerrado:
                raise _no_disponible()
            while self._parados:
                proceso = self._parados.pop()
                if proceso.vive():
                    break
                proceso.acabar()
            else:
                proceso = self._nuevo()
            self._ocupados.add(proceso)
            return proceso

    def _nuevo(self) -> _Proceso:
        try:
            return _Proceso(self._modulo)
        except OSError as error:
            registro.error("No se puede empezar el proceso que mira los archivos: %s", error)
            raise _no_disponible() from None

    def _dejar(self, proceso: _Proceso) -> None:
        with self._cerrojo:
            self._ocupados.discard(proceso)
            if proceso.vive() and proceso.hechos < ARCHIVOS_POR_PROCESO and not self._cerrado:
                self._parados.append(proceso)
                return
        proceso.acabar()

    def cerrar(self) -> None:
        """Acaba con los suyos sin esperar a que terminen, y no empieza más: nada se guardó aún."""
        with self._cerrojo:
            self._cerrado = True
            for proceso in self._parados:
                proceso.acabar()
            for proceso in self._ocupados:
                proceso.matar()
            self._parados.clear()


class _Proceso:
    """Uno, y el enchufe por el que se le habla: hace un encargo cada vez."""

    def __init__(self, modulo: str) -> None:
        nuestro, suyo = socket.socketpair()
        # Uno parado no retiene a quien le escribe, ni a quien lo lee a medias.
        plazo = struct.pack("ll", SEGUNDOS_DE_ENTREGA, 0)
        nuestro.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, plazo)
        nuestro.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, plazo)
        self._conexion = Connection(nuestro.detach())
        # Lo que dejara un encargo sin contestar sería del siguiente: no hace más.
        self._a_medias = False
        self.hechos = 0
        with suyo:
            # Otro programa y no una copia de este: sin enchufes, conexiones, claves ni cerrojos.
            self._proceso = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-m", modulo],
                stdin=suyo.fileno(),
                stdout=subprocess.DEVNULL,
                env=_entorno(),
            )

    def pedir(self, encargo: Encargo) -> Dicho:
        """Lo que dice del archivo; `Mortal` si acaba con él, o lo mira y no acaba.

        UNAVAILABLE si no llega a mirarlo.
        """
        self._a_medias = True
        if not self.hechos:
            self._empezar()
        self.hechos += 1
        try:
            self._entregar(encargo)
            if not self._conexion.poll(SEGUNDOS_POR_ARCHIVO):
                raise Mortal
            crudo = self._conexion.recv_bytes(encargo.tope + _DE_MAS)
            dicho = msgspec.msgpack.decode(crudo, type=Dicho)
        except (EOFError, OSError, msgspec.DecodeError):
            raise Mortal from None
        self._a_medias = False
        return dicho

    def _entregar(self, encargo: Encargo) -> None:
        try:
            self._conexion.send_bytes(msgspec.msgpack.encode(encargo))
        except BlockingIOError:
            registro.error("El proceso que mira los archivos no toma lo que se le da")
            raise _no_disponible() from None

    def _empezar(self) -> None:
        """Espera a que esté: lo que falle antes de ver un archivo no es culpa suya."""
        try:
            if self._conexion.poll(SEGUNDOS_DE_ARRANQUE):
                self._conexion.recv_bytes(0)
                return
        except (EOFError, OSError):
            pass
        registro.error("No empieza el proceso que mira los archivos")
        raise _no_disponible()

    def vive(self) -> bool:
        return not self._a_medias and self._proceso.poll() is None

    def matar(self) -> None:
        self._proceso.kill()

    def acabar(self) -> None:
        self.matar()
        self._proceso.wait()
        self._conexion.close()


def _entorno() -> dict[str, str]:
    caminos = os.pathsep.join(camino or os.getcwd() for camino in sys.path)
    suyas = {nombre: os.environ[nombre] for nombre in _VARIABLES if nombre in os.environ}
    return {**suyas, "PYTHONPATH": caminos}


def _no_disponible() -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=5.0)


_taller = Taller()


def taller() -> Taller:
    """El de este proceso."""
    return _taller
