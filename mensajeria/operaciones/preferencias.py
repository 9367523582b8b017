"""Cómo quiere ver cada cual una conversación: silenciarla, anclarla o archivarla, para sí."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from msgspec import UNSET

from mensajeria import presentacion
from mensajeria.models import SIEMPRE, leer_fecha
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo.cargas import CambiarPreferencias
from mensajeria.protocolo.empujes import PreferenciasActualizadas
from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.tipos import SIN_PLAZO


def cambiar(lote: Lote, orden: Orden[CambiarPreferencias]) -> Anuncio | PreferenciasActualizadas:
    """Las de quien lo pide, en una conversación suya; lo saben solo sus conexiones.

    No ocupa ningún número: para los demás no cambia nada. Dejarlas como están no lo anuncia.
    """
    carga = orden.carga
    propia = lote.participante(carga.conversacion_id, orden.actor)
    nuevas = _dichas(lote, carga)
    cambian = [campo for campo, valor in nuevas.items() if getattr(propia, campo) != valor]
    for campo in cambian:
        setattr(propia, campo, nuevas[campo])
    id_, suyas = propia.conversacion_id, presentacion.preferencias(propia)
    if not cambian:
        return PreferenciasActualizadas(conversacion_id=id_, preferencias=suyas)
    lote.cambiar(propia, *cambian)
    return lote.avisar(
        PreferenciasActualizadas, propia.usuario_id, conversacion_id=id_, preferencias=suyas
    )


CAMBIAR = Verbo(
    CambiarPreferencias,
    cambiar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id),
)


def _dichas(lote: Lote, carga: CambiarPreferencias) -> dict[str, bool | datetime | None]:
    """Las que trae, por el nombre de su campo."""
    dichas: dict[str, bool | datetime | None] = {
        campo: valor
        for campo, valor in (("anclada", carga.anclada), ("archivada", carga.archivada))
        if valor is not None
    }
    if carga.silenciada_hasta is not UNSET:
        dichas["silenciada_hasta"] = _hasta(lote, carga.silenciada_hasta)
    return dichas


def _hasta(lote: Lote, dicho: str | None) -> datetime | None:
    """Lo que ya pasó es no silenciarla."""
    if dicho == SIN_PLAZO:
        return SIEMPRE
    try:
        cuando = leer_fecha(dicho)
    except (ValidationError, ValueError, OverflowError):
        raise no_valido(
            f"«silenciadaHasta» es una fecha ISO 8601, «{SIN_PLAZO}» o null", "silenciadaHasta"
        ) from None
    return None if cuando is None or cuando <= lote.ahora else min(cuando, SIEMPRE)
