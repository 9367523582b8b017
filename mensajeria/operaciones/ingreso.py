"""Entrar con contraseña: cuántos intentos caben, por REST y en la mesa."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from mensajeria.entre_procesos import limites
from mensajeria.models import plegado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


@contextmanager
def intento(nombre: str, meta: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Comprobar una contraseña cuenta como fallo salvo que se llame a lo que da.

    `meta` es el de la petición. Lanza RATE_LIMITED si ya no caben más fallos (docs/contrato.md,
    sección 3); si no hubo sitio para calcular la huella (UNAVAILABLE), no cuenta.
    """
    contadas = limites.apuntar_ingreso(plegado(nombre), meta.get("REMOTE_ADDR") or "")
    try:
        yield lambda: limites.devolver_ingreso(contadas)
    except ErrorMensajeria as error:
        if error.codigo is CodigoError.UNAVAILABLE:
            limites.devolver_ingreso(contadas)
        raise
