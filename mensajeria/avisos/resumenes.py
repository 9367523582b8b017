"""El resumen de cada hora, para el personal: un aviso por persona, sitio y hora de su reloj.

La clave de cada uno dice de qué hora es: quien arranca otra vez, o a la vez que otro, lo encuentra
hecho.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from mensajeria.avisos import a_quien, buzon, preferencias
from mensajeria.base_de_datos import en_transaccion
from mensajeria.models import RESUMENES, Aviso, Canal, Usuario, ahora, clave_de_aviso
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import iso

# Cada cuánto acaba una hora en alguna zona: las hay a y cuarto.
CUARTO = 900
PERIODO = 60.0


def periodo() -> float:
    """Cada cuánto se mira si acabó alguna."""
    return min(PERIODO, settings.RESUMEN_SEGUNDOS / 2)


def momento() -> int:
    """Mientras dé lo mismo, ninguna ha acabado."""
    return int(time.time()) // min(CUARTO, settings.RESUMEN_SEGUNDOS)


def tramo(instante: datetime, zona: str) -> tuple[datetime, datetime]:
    """La última hora que acabó, en un reloj de esa zona."""
    segundos = settings.RESUMEN_SEGUNDOS
    local = instante.astimezone(preferencias.zona_de(zona))
    desfase = int((local.utcoffset() or timedelta()).total_seconds())
    hasta = (int(instante.timestamp()) + desfase) // segundos * segundos - desfase
    return datetime.fromtimestamp(hasta - segundos, UTC), datetime.fromtimestamp(hasta, UTC)


def abrir() -> None:
    """Los de la última hora que aún no lo estén; los de las horas tranquilas no se guardan."""
    personal = Usuario.objects.filter(is_staff=True, is_active=True)
    correos = dict(personal.values_list("pk", "email"))
    queridas, dispositivos = preferencias.de(correos), a_quien.dispositivos_de(correos)
    nuevos = []
    for id_, correo in sorted(correos.items()):
        sitios = [(Canal.APLICACION, ""), *dispositivos[id_]]
        if correo and buzon.sale_por(Canal.CORREO):
            sitios.append((Canal.CORREO, ""))
        nuevos += [a for s in sitios if (a := _aviso(id_, *s, queridas[id_])) is not None]
    en_transaccion(buzon.abrir, nuevos)


def _aviso(
    usuario_id: str, canal: Canal, dispositivo: str, queridas: formas.MisAvisos
) -> Aviso | None:
    instante = ahora()
    cuando = preferencias.cuando(queridas, canal, RESUMENES, "alta", instante)
    if cuando is None or cuando > instante:
        return None
    desde, hasta = map(iso, tramo(instante, queridas.zona))
    return Aviso(
        id=clave_de_aviso(RESUMENES, canal, usuario_id, dispositivo, hasta),
        usuario_id=usuario_id,
        dispositivo_id=dispositivo or None,
        canal=canal,
        clase=RESUMENES,
        datos={"desde": desde, "hasta": hasta},
        causado=instante,
        no_antes_de=instante,
    )
