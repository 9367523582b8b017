"""En qué queda un aviso tras darlo a su canal: hecho, otra vez más tarde, enterrado u olvidado."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from mensajeria import metricas
from mensajeria.avisos import preferencias
from mensajeria.avisos.buzon import ENTRE, Quedo, Resultado
from mensajeria.base_de_datos import en_transaccion
from mensajeria.models import RECORDATORIOS, Aviso, Canal, Dispositivo, ahora
from mensajeria.ordenes.puntos_de_fallo import PuntoDeAviso, pasar

# Los intentos antes de enterrarlo, y la pausa tras el primero y como mucho: entre todos, unas dos
# horas y media.
INTENTOS = 12
PAUSA = timedelta(seconds=2)
PAUSA_MAYOR = timedelta(minutes=30)
# Lo urgente se repite hasta que se lee.
REPETICIONES = 3
ENTRE_REPETICIONES = timedelta(minutes=5)
# Al enviarlos, quedan esperando a recordarse.
_SE_RECUERDAN = ("mensajes", "menciones")

_E = Aviso.Estado


def acabar(hechos: Sequence[tuple[Aviso, Resultado]]) -> None:
    """Escribe en qué quedó cada uno; lo que ya tomó otro, porque se tardó, no se toca."""
    for aviso, resultado in hechos:
        metricas.AVISOS.labels(aviso.canal, resultado.quedo).inc()
    en_transaccion(_acabar, hechos)
    pasar(PuntoDeAviso.TRAS_ACABAR)


def _acabar(hechos: Sequence[tuple[Aviso, Resultado]]) -> None:
    juntos: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    llegaron: set[str] = set()
    for aviso, resultado in hechos:
        if resultado.quedo in (Quedo.ENVIADO, Quedo.SOBRA) and not _se_repite(aviso, resultado):
            juntos[aviso.arriendo, resultado.quedo].append(aviso.pk)
            if aviso.dispositivo_id and resultado.quedo is Quedo.ENVIADO:
                llegaron.add(aviso.dispositivo_id)
        else:
            _acabar_uno(aviso, resultado)
    if llegaron:
        suyos = Dispositivo.objects.filter(pk__in=sorted(llegaron))
        suyos.update(ultimo_envio=ahora(), ultimo_error="")
    por_pk = {a.pk: a for a, _ in hechos}
    for (arriendo, quedo), ids in juntos.items():
        _acabar_juntos(arriendo, quedo, [por_pk[id_] for id_ in ids])


def _acabar_juntos(arriendo: str, quedo: str, avisos: list[Aviso]) -> None:
    """Hechos hasta donde se tomaron; el que creció mientras tanto sigue pendiente."""
    se_envio = quedo == Quedo.ENVIADO
    cambios = {"enviado": ahora()} if se_envio else {}
    recuerdan = _cuando_se_recuerdan(avisos) if se_envio else {}
    juntos: defaultdict[tuple[int, datetime | None], list[str]] = defaultdict(list)
    for aviso in avisos:
        juntos[aviso.hasta, recuerdan.get(aviso.pk)].append(aviso.pk)
    for (hasta, cuando), ids in juntos.items():
        suyos = Aviso.objects.filter(pk__in=ids, arriendo=arriendo)
        comun = {"arriendo": "", "intentos": 0, "ultimo_error": "", "enviado_hasta": hasta}
        enteros = suyos.filter(hasta=hasta)
        if cuando is None:
            enteros.update(estado=_E.HECHO, **comun, **cambios)
        else:
            espera = {"clase": RECORDATORIOS, "prioridad": "normal", "no_antes_de": cuando}
            enteros.update(**espera, **comun, **cambios)
        for crecio in list(suyos):
            siguiente = _cuando_sigue(crecio)
            suyos.filter(pk=crecio.pk).update(no_antes_de=siguiente, **comun, **cambios)


def _cuando_sigue(crecio: Aviso) -> datetime:
    """Lo que llegó mientras se enviaba lo de antes espera lo mismo que si acabara de llegar."""
    instante = ahora()
    entre = (
        ENTRE.get(Canal(crecio.canal), timedelta()) if crecio.prioridad == "normal" else timedelta()
    )
    if crecio.usuario_id is None:
        return instante + entre
    de_que = (crecio.canal, crecio.clase, crecio.prioridad)
    cuando = preferencias.cuando(preferencias.las_de(crecio.usuario_id), *de_que, instante)
    return max(cuando or instante, instante + entre)


def _cuando_se_recuerdan(avisos: Iterable[Aviso]) -> dict[str, datetime]:
    """Los de mensajes que su dueño quiere que se le recuerden, una vez, si siguen sin leer."""
    if not settings.RECORDATORIO_HORAS:
        return {}
    de_quien = {a.pk: a for a in avisos if a.conversacion_id and a.clase in _SE_RECUERDAN}
    queridas = preferencias.de({a.usuario_id for a in de_quien.values() if a.usuario_id})
    desde = ahora() + timedelta(hours=settings.RECORDATORIO_HORAS)
    recuerdan: dict[str, datetime] = {}
    for id_, aviso in de_quien.items():
        suyas = queridas.get(aviso.usuario_id or "")
        if suyas is None or aviso.prioridad == "baja":
            continue
        cuando = preferencias.cuando(suyas, aviso.canal, RECORDATORIOS, "normal", desde)
        if cuando is not None:
            recuerdan[id_] = cuando
    return recuerdan


def _se_repite(aviso: Aviso, resultado: Resultado) -> bool:
    urgente = aviso.prioridad == "urgente" and aviso.canal != Canal.APLICACION
    return resultado.quedo is Quedo.ENVIADO and urgente and aviso.veces + 1 < REPETICIONES


def _acabar_uno(aviso: Aviso, resultado: Resultado) -> None:
    if resultado.quedo is Quedo.OLVIDADO:
        # Con él se van sus avisos.
        Dispositivo.objects.filter(pk=aviso.dispositivo_id).delete()
        return
    suyo = Aviso.objects.filter(pk=aviso.pk, arriendo=aviso.arriendo)
    if resultado.quedo is Quedo.ENVIADO:
        suyo.update(
            arriendo="",
            intentos=0,
            ultimo_error="",
            enviado=ahora(),
            enviado_hasta=aviso.hasta,
            veces=F("veces") + 1,
            no_antes_de=ahora() + ENTRE_REPETICIONES,
        )
        return
    error = resultado.error[:300]
    if aviso.dispositivo_id:
        suyos = Dispositivo.objects.filter(pk=aviso.dispositivo_id)
        suyos.update(ultimo_error=error, fecha_error=ahora())
    if resultado.quedo is Quedo.FALLO or aviso.intentos >= INTENTOS:
        suyo.update(arriendo="", estado=_E.ENTERRADO, ultimo_error=error)
    else:
        cuando = ahora() + _pausa(aviso.intentos, resultado.espera)
        suyo.update(arriendo="", no_antes_de=cuando, ultimo_error=error)


def _pausa(intentos: int, pedida: float | None) -> timedelta:
    """Crece con cada intento, y con azar: si no, lo que cayó a la vez volvería a la vez."""
    pausa: timedelta = min(PAUSA_MAYOR, PAUSA * 2 ** (intentos - 1)) * random.uniform(0.75, 1.25)
    return max(pausa, timedelta(seconds=min(pedida or 0, 24 * 3600)))
