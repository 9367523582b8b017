"""Entrar con contraseña: cuántos intentos caben, por REST y en la mesa."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError

from mensajeria.entre_procesos import limites
from mensajeria.models import plegado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


@contextmanager
def intento(nombre: str, meta: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Comprobar una contraseña cuenta como fallo salvo que se llame a lo que da.

    `meta` es el de la petición. Lanza RATE_LIMITED si ya no caben más fallos (docs/contrato.md,
    sección 3). Lo que no llega a decir que la contraseña está mal (la base no responde, no hubo
    sitio para calcular la huella) no cuenta.
    """
    contadas = limites.apuntar_ingreso(plegado(nombre), meta.get("REMOTE_ADDR") or "")
    try:
        yield lambda: limites.devolver_ingreso(contadas)
    except BaseException as error:
        if not _esta_mal(error):
            limites.devolver_ingreso(contadas)
        raise


def _esta_mal(error: BaseException) -> bool:
    """Por REST, y en los formularios de la mesa."""
    if isinstance(error, ErrorMensajeria):
        return error.codigo is CodigoError.AUTH_INVALID
    return isinstance(error, ValidationError)
