"""Las huellas de las contraseñas: cómo se calculan, dónde y cuántas a la vez.

Una cuesta medio segundo de CPU, y la pide cualquiera sin haber entrado: van a unos hilos propios,
con menos prisa que los que atienden, y las que no caben se niegan.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher, PBKDF2PasswordHasher
from django.utils.crypto import pbkdf2

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

T = TypeVar("T")

# Quien espera la suya ocupa un hilo de peticiones (`servitech.hilos`): han de sobrar.
HILOS, COLA = 2, 4
SEGUNDOS_PARA_REPETIR = 2.0
_MENOS_PRISA = 10
# bcrypt no mira más allá, y la biblioteca de Python lo rechaza en vez de cortar como la de Node.
_MAX_BYTES = 72
# De cada cuántas vueltas se hace una para saber cuánto cuestan ahora.
_MUESTRA = 10


def _con_menos_prisa() -> None:
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _MENOS_PRISA)


class Huellas:
    """Los hilos que las calculan; UNAVAILABLE si ya esperan `COLA`."""

    def __init__(self) -> None:
        self._sitio = threading.BoundedSemaphore(HILOS + COLA)
        self._hilos = ThreadPoolExecutor(HILOS, "huellas", _con_menos_prisa)

    def calcular(self, funcion: Callable[..., T], *argumentos: Any) -> T:
        if not self._sitio.acquire(blocking=False):
            raise ErrorMensajeria(
                CodigoError.UNAVAILABLE,
                "Hay demasiados ingresos a la vez; repítelo en unos segundos",
                reintentar_en=SEGUNDOS_PARA_REPETIR,
            )
        try:
            return self._hilos.submit(funcion, *argumentos).result()
        finally:
            self._sitio.release()


huellas = Huellas()


def _estrenar() -> None:
    """En un proceso recién bifurcado: los hilos del padre no están."""
    global huellas
    huellas = Huellas()


os.register_at_fork(after_in_child=_estrenar)


class PBKDF2(PBKDF2PasswordHasher):
    """La de Django, en los hilos de las huellas."""

    def encode(self, password: str, salt: str | bytes, iterations: int | None = None) -> str:
        return huellas.calcular(super().encode, password, salt, iterations)


class BcryptDelOriginal(BCryptPasswordHasher):
    """Como las guardaba el original en Node, y solo para comprobarlas.

    Al primer ingreso, Django la guarda de nuevo con la suya. Fallar con una cuesta lo que fallar
    con las demás, o lo que un nombre que no existe: el tiempo no dice de quién es.
    """

    def encode(self, password: str, salt: str | bytes) -> str:
        sal = salt.encode("ascii") if isinstance(salt, str) else salt
        hecho = bcrypt.hashpw(password.encode()[:_MAX_BYTES], sal)
        return f"{self.algorithm}${hecho.decode('ascii')}"

    def verify(self, password: str, encoded: str) -> bool:
        return huellas.calcular(self._verificar, super().verify, password, encoded)

    def _verificar(
        self, verificar: Callable[[str, str], bool], password: str, encoded: str
    ) -> bool:
        antes = time.thread_time()
        try:
            bien = verificar(password, encoded)
        except ValueError:  # lo guardado no es de bcrypt, aunque lo diga
            bien = False
        if not bien:
            _completar(time.thread_time() - antes)
        return bien


def _completar(gastado: float) -> None:
    """Lo que falta, en CPU, para haber gastado lo que una huella de PBKDF2 entera."""
    vueltas = PBKDF2.iterations // _MUESTRA
    antes = time.thread_time()
    pbkdf2("", "sal", vueltas)
    hechas = vueltas * (1 + gastado / (time.thread_time() - antes))
    if hechas < PBKDF2.iterations:
        pbkdf2("", "sal", PBKDF2.iterations - int(hechas))
