"""Entrar con contraseña: cuántos intentos caben, por REST y en la mesa."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError

from mensajeria import metricas
from mensajeria.entre_procesos import limites
from mensajeria.models import Usuario, plegado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


@contextmanager
def intento(nombre: str, meta: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Comprobar una contraseña cuenta como fallo salvo que se llame a lo que da.

    `meta` es el de la petición. Lanza RATE_LIMITED si ya no caben más fallos (docs/contrato.md,
    sección 3). Lo que no llega a decir que la contraseña está mal (la base no responde, no hubo
    sitio para calcular la huella) no cuenta.
    """
    dicho, direccion = plegado(nombre), meta.get("REMOTE_ADDR") or ""
    contadas = limites.apuntar_ingreso(dicho, direccion)
    try:
        # Con el correo se prueba la misma contraseña que con el nombre: cuentan juntos. Los demás,
        # en el de nadie: que exista la cuenta no se nota en lo que se tarda.
        suyo = _nombre_de_la_cuenta(nombre)
        otro = suyo if suyo and suyo != dicho else f"{dicho}\0"
        contadas += limites.apuntar_en_la_cuenta(otro, direccion)
        yield lambda: limites.devolver_ingreso(contadas)
    except BaseException as error:
        if _esta_mal(error):
            metricas.INGRESOS_FALLIDOS.labels("clave").inc()
        else:
            limites.devolver_ingreso(contadas)
        raise


def _nombre_de_la_cuenta(nombre: str) -> str | None:
    try:
        return plegado(Usuario.objects.get_by_natural_key(nombre).username)
    except Usuario.DoesNotExist:
        return None


def _esta_mal(error: BaseException) -> bool:
    """Por REST, y en los formularios de la mesa."""
    if isinstance(error, ErrorMensajeria):
        return error.codigo is CodigoError.AUTH_INVALID
    return isinstance(error, ValidationError)
