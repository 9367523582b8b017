"""Los hilos que atienden las peticiones HTTP, y cuántas caben a la vez de cada quién."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mensajeria.consultas import Cupo
from servitech import busquedas, subidas

T = TypeVar("T")

# De cada persona, los que atiende un navegador a la vez no llenan los hilos, y lo que pide una
# página que se abre cabe en la espera.
A_LA_VEZ = 3
EN_ESPERA = 100
# Los archivos que cada persona baja a la vez; quien lee despacio no retiene más abiertos.
BAJADAS_A_LA_VEZ = 16
# Sin saber quién pide, los de cada dirección, que puede ser de mucha gente: más que las huellas que
# caben (`contrasenas`), y esperan las conexiones que se le dejan abrir.
A_LA_VEZ_SIN_SABER = 7
EN_ESPERA_SIN_SABER = 1_000
# Correos con los que alguien contesta, ya recibidos: los demás se piden otra vez más tarde.
CORREOS_EN_ESPERA = 20


class Hilos:
    """Tantos, que se llaman así; se les pide desde el bucle de eventos."""

    def __init__(self, cuantos: int, nombre: str) -> None:
        self.ejecutor = ThreadPoolExecutor(cuantos, thread_name_prefix=nombre)

    def pedir(self, funcion: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self.ejecutor, funcion, *args)


# Con los de subida, los de búsqueda, los de lectura, el de presencia y el escritor, las conexiones
# que caben en el fondo.
CUANTOS = 10
PETICIONES = Hilos(CUANTOS, "peticiones")
# Mirar y guardar un archivo tarda: no lo espera nadie más.
SUBIDAS = Hilos(3, "subidas")
BUSQUEDAS = Hilos(busquedas.HILOS, "busquedas")
# Sin la base: un almacén que tarda no le quita el sitio a lo que la necesita.
BAJADAS = Hilos(4, "bajadas")

corrientes = Cupo(PETICIONES.pedir, A_LA_VEZ, EN_ESPERA, "peticiones")
sin_saber = Cupo(PETICIONES.pedir, A_LA_VEZ_SIN_SABER, EN_ESPERA_SIN_SABER, "sin_saber_de_quien")
de_subida = Cupo(SUBIDAS.pedir, 1, subidas.A_LA_VEZ, "subidas")
de_correo = Cupo(SUBIDAS.pedir, 2, CORREOS_EN_ESPERA, "correo")
de_busqueda = Cupo(BUSQUEDAS.pedir, 1, busquedas.EN_ESPERA, "busquedas")
de_bajada = Cupo(BAJADAS.pedir, BAJADAS_A_LA_VEZ, EN_ESPERA, "bajadas")
