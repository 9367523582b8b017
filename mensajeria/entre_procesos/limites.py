"""Límites de ritmo por persona y dirección (docs/contrato.md, sección 3)."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.ventanas import Gasto
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


def gastar_mensajes(de_cada_uno: Mapping[str, int]) -> dict[str, Gasto]:
    """Cuenta de cada usuario los mensajes que quepan en `MENSAJES_POR_MINUTO`; un solo viaje."""
    cuantos = {f"m:{usuario}": n for usuario, n in de_cada_uno.items()}
    gastos = compartido().ventanas.gastar(settings.MENSAJES_POR_MINUTO, cuantos)
    return dict(zip(de_cada_uno, gastos.values(), strict=True))


def devolver_mensajes(de_cada_uno: Mapping[str, int]) -> None:
    """Los contados de más: lo rechazado y lo repetido no gastan."""
    compartido().ventanas.devolver({f"m:{usuario}": n for usuario, n in de_cada_uno.items()})


def exceso_de_mensajes(espera: float) -> ErrorMensajeria:
    """RATE_LIMITED, para quien pasa de `MENSAJES_POR_MINUTO`."""
    return _exceso("Límite de mensajes excedido", espera)


def revisar_ingreso(nombre: str, direccion: str) -> None:
    """RATE_LIMITED si ese nombre desde esa dirección ha fallado demasiado en el último minuto."""
    tope = settings.INGRESOS_FALLIDOS_POR_MINUTO
    espera = compartido().ventanas.mirar(tope, f"i:{nombre}:{direccion}")
    if espera is not None:
        raise _exceso("Demasiados intentos fallidos", espera)


def anotar_ingreso_fallido(nombre: str, direccion: str) -> None:
    tope = settings.INGRESOS_FALLIDOS_POR_MINUTO
    compartido().ventanas.gastar(tope, {f"i:{nombre}:{direccion}": 1})


def _exceso(mensaje: str, espera: float) -> ErrorMensajeria:
    en = max(0.1, round(espera, 1))
    return ErrorMensajeria(CodigoError.RATE_LIMITED, mensaje, reintentar_en=en)
