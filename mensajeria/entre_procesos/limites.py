"""Límites de ritmo por persona y dirección (docs/contrato.md, sección 3)."""

from __future__ import annotations

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute

from mensajeria.entre_procesos.compartido import compartido
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


def gastar_mensaje(usuario_id: str) -> None:
    """Cuenta un mensaje; RATE_LIMITED con `reintentar_en` si pasa de `MENSAJES_POR_MINUTO`."""
    limite = RateLimitItemPerMinute(settings.MENSAJES_POR_MINUTO)
    _exigir("Límite de mensajes excedido", compartido().ventanas.gastar(limite, f"m:{usuario_id}"))


def revisar_ingreso(nombre: str, direccion: str) -> None:
    """RATE_LIMITED si ese nombre desde esa dirección ha fallado demasiado en el último minuto."""
    espera = compartido().ventanas.mirar(_ingresos(), f"i:{nombre}:{direccion}")
    _exigir("Demasiados intentos fallidos", espera)


def anotar_ingreso_fallido(nombre: str, direccion: str) -> None:
    compartido().ventanas.gastar(_ingresos(), f"i:{nombre}:{direccion}")


def _ingresos() -> RateLimitItem:
    return RateLimitItemPerMinute(settings.INGRESOS_FALLIDOS_POR_MINUTO)


def _exigir(mensaje: str, espera: float | None) -> None:
    if espera is not None:
        raise ErrorMensajeria(CodigoError.RATE_LIMITED, mensaje, reintentar_en=espera)
