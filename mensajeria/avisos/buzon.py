"""El buzón: cómo se abre y se toma un aviso, con varios carteros a la vez.

Quien toma uno lo aparta un rato, con su arriendo. Si muere, el rato pasa y lo toma otro: por eso
se entrega al menos una vez, y cada canal dice qué hace quien lo recibe dos.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import F

from mensajeria import metricas
from mensajeria.avisos import preferencias
from mensajeria.avisos.poner import poner
from mensajeria.base_de_datos import en_transaccion
from mensajeria.consultas.preparada import Preparada
from mensajeria.fallos import anotar
from mensajeria.models import (
    RECORDATORIOS,
    RESUMENES,
    Aviso,
    Canal,
    ahora,
    nuevo_id,
)
from mensajeria.ordenes.puntos_de_fallo import PuntoDeAviso, pasar

# Los que salen a la vez a los dispositivos de una persona, que los pone ella: si no contestan, solo
# esperan los suyos.
DE_UNA_PERSONA = 2
# Los que se juntan en un correo, como mucho.
MAX_JUNTOS = 500
# Desde cuántos sale mejor una consulta aparte que ir con los demás.
MUCHOS_IGUALES = 20
# A un teléfono que acaba de sonar, lo corriente que sigue le llega junto; y entre dos miradas a una
# conversación pasa lo que se espera para la segunda.
ENTRE = {
    Canal.WEBPUSH: timedelta(seconds=10),
    Canal.FCM: timedelta(seconds=10),
    Canal.REVISION: timedelta(seconds=30),
}


# De menos a más.
PRIORIDADES = ("baja", "normal", "alta", "urgente")

_E = Aviso.Estado


class Quedo(StrEnum):
    """En qué acaba cada intento."""

    ENVIADO = "enviado"
    SOBRA = "sobra"
    REINTENTO = "reintento"
    FALLO = "fallo"
    OLVIDADO = "olvidado"


@dataclass(slots=True, frozen=True)
class Resultado:
    """`espera`: lo que pidió quien lo recibe, si lo pidió. `OLVIDADO`: ese sitio ya no existe."""

    quedo: Quedo
    error: str = ""
    espera: float | None = None


ENVIADO = Resultado(Quedo.ENVIADO)
SOBRA = Resultado(Quedo.SOBRA)


def fallo_al_enviar(error: Exception) -> Resultado:
    """El de uno que no se pudo ni enviar, por algo que no se esperaba."""
    anotar(error, "enviar un aviso")
    return Resultado(Quedo.REINTENTO, f"No se pudo enviar ({type(error).__name__})")


def sale_por(canal: str) -> bool:
    """Si ese canal está en marcha aquí, y alguien lo saca."""
    if settings.AVISOS == "no":
        return False
    configurado = {
        Canal.WEBPUSH: bool(settings.VAPID_CLAVE),
        Canal.FCM: bool(settings.FCM_CUENTA),
        Canal.CORREO: bool(settings.CORREO_DE_AVISOS),
    }
    return configurado.get(Canal(canal), True)


# Abrir


def abrir(nuevos: Sequence[Aviso]) -> None:
    """Los crea, o reabre los que ya había con lo que traen. Dentro de una transacción."""
    if not nuevos:
        return
    filas = Aviso.objects.select_for_update().filter(pk__in=sorted({a.pk for a in nuevos}))
    hay = {a.pk: a for a in filas.order_by("pk")}
    por_crear: dict[str, Aviso] = {}
    cambian: dict[str, Aviso] = {}
    for nuevo in nuevos:
        anterior = hay.get(nuevo.pk) or por_crear.get(nuevo.pk)
        if anterior is None:
            por_crear[nuevo.pk] = nuevo
        elif nuevo.hasta > anterior.hasta:
            _reabrir(anterior, nuevo)
            if nuevo.pk in hay:
                cambian[nuevo.pk] = anterior
    if por_crear:
        Aviso.objects.bulk_create([por_crear[k] for k in sorted(por_crear)])
    _guardar([cambian[k] for k in sorted(cambian)])


_valores_al_reabrir = attrgetter(*Aviso.AL_REABRIR)


def _guardar(avisos: list[Aviso]) -> None:
    """Los que ya estaban. Los de una sala grande quedan todos iguales, y van en una consulta."""
    iguales: defaultdict[tuple[Any, ...], list[Aviso]] = defaultdict(list)
    for aviso in avisos:
        iguales[_valores_al_reabrir(aviso)].append(aviso)
    distintos = []
    for valores, suyos in iguales.items():
        if len(suyos) < MUCHOS_IGUALES:
            distintos += suyos
            continue
        filas = Aviso.objects.filter(pk__in=[a.pk for a in suyos])
        filas.update(**dict(zip(Aviso.AL_REABRIR, valores, strict=True)))
    poner(distintos, Aviso.AL_REABRIR)


def _reabrir(fila: Aviso, nuevo: Aviso) -> None:
    fila.hasta = nuevo.hasta
    recuerda = fila.clase == RECORDATORIOS
    # Uno que espera a recordar lo de antes deja de esperar: hay algo que decir ya.
    if fila.estado == _E.PENDIENTE and (fila.arriendo or not recuerda):
        fila.prioridad = max(fila.prioridad, nuevo.prioridad, key=PRIORIDADES.index)
        fila.clase = nuevo.clase if recuerda or nuevo.clase == "menciones" else fila.clase
        # Uno tomado se está enviando, y uno que espera a reintentar no se adelanta.
        if not fila.arriendo and not fila.intentos:
            fila.no_antes_de = min(fila.no_antes_de, nuevo.no_antes_de)
        return
    for campo in Aviso.AL_REABRIR:
        setattr(fila, campo, getattr(nuevo, campo))
    entre = ENTRE.get(Canal(fila.canal))
    if entre and nuevo.prioridad == "normal" and fila.enviado:
        fila.no_antes_de = max(fila.no_antes_de, fila.enviado + entre)


# Tomar


_CON_ALGO = Preparada(
    lambda canales, instante: (
        Aviso.objects.filter(
            estado=_E.PENDIENTE, canal__de_la_lista=canales, no_antes_de__lte=instante
        )
        .order_by()
        .values_list("canal")
        .distinct()
    ),
    2,
)


def canales_con_algo(canales: Collection[str]) -> set[str]:
    """Por cuáles hay algo que pueda salir ya."""
    return {canal for (canal,) in _CON_ALGO(sorted(canales), ahora())}


def arriendo_de_uno() -> timedelta:
    """Más de lo que tarda nadie en enviar lo que toma: pasado, se da a quien lo tomó por muerto."""
    return timedelta(seconds=settings.AVISOS_ARRIENDO)


def tomar(
    canal: str,
    cuantos: int,
    fuera: Mapping[str, int] | None = None,
    esperan: Collection[str] = (),
) -> list[Aviso]:
    """Los más antiguos que ya pueden salir; nadie más los toma mientras dure el arriendo.

    `fuera`: los que aún están saliendo de cada persona, que con los que se toman no pasarán de
    `DE_UNA_PERSONA`; sin él, no se mira de quién son. `esperan`: los dispositivos para los que no.
    """
    tomados = en_transaccion(_tomar, canal, cuantos, fuera, esperan)
    if tomados:
        pasar(PuntoDeAviso.TRAS_TOMAR)
    return tomados


def _tomar(
    canal: str, cuantos: int, fuera: Mapping[str, int] | None, esperan: Collection[str]
) -> list[Aviso]:
    filas = Aviso.objects.select_for_update(skip_locked=True).filter(
        estado=_E.PENDIENTE, canal=canal, no_antes_de__lte=ahora()
    )
    if fuera is None:
        tomados = list(filas.order_by("no_antes_de", "pk")[:cuantos])
    else:
        llenas = sorted(quien for quien, van in fuera.items() if van >= DE_UNA_PERSONA)
        libres = filas.exclude(usuario__in=llenas)
        if esperan:
            libres = libres.exclude(dispositivo__in=sorted(esperan))
        tomados = _pocos_de_cada(libres.order_by("no_antes_de", "pk")[:cuantos], fuera)
    return _apartar(_sin_los_que_esperan(tomados))


def _pocos_de_cada(avisos: Iterable[Aviso], fuera: Mapping[str, int]) -> list[Aviso]:
    van, caben = Counter(fuera), []
    for aviso in avisos:
        quien = aviso.usuario_id or ""
        if van[quien] < DE_UNA_PERSONA:
            van[quien] += 1
            caben.append(aviso)
    return caben


def _sin_los_que_esperan(filas: list[Aviso]) -> list[Aviso]:
    """Sin los que, al ir a salir, caen en horas tranquilas: esperan a que acaben, y no es un
    intento.
    """
    instante = ahora()
    queridas = preferencias.de({a.usuario_id for a in filas if a.usuario_id})
    salen = []
    for aviso in filas:
        suyas = queridas.get(aviso.usuario_id or "")
        cuando = instante
        if suyas is not None:
            de_que = (aviso.canal, aviso.clase, aviso.prioridad)
            cuando = preferencias.sin_molestar(suyas, *de_que, instante)
        if cuando > instante:
            cuando = max(cuando, aviso.no_antes_de)
            Aviso.objects.filter(pk=aviso.pk).update(no_antes_de=cuando)
        else:
            salen.append(aviso)
    return salen


def _apartar(tomados: list[Aviso]) -> list[Aviso]:
    arriendo = nuevo_id()
    Aviso.objects.filter(pk__in=[a.pk for a in tomados]).update(
        arriendo=arriendo, no_antes_de=ahora() + arriendo_de_uno(), intentos=F("intentos") + 1
    )
    for aviso in tomados:
        # `no_antes_de` queda como estaba: desde cuándo podía salir.
        aviso.arriendo, aviso.intentos = arriendo, aviso.intentos + 1
    return tomados


def tomar_los_de(tomados: Sequence[Aviso]) -> list[Aviso]:
    """Lo demás que se está juntando por ese canal para las mismas personas; no lo que espera a otra
    cosa: a que acaben sus horas tranquilas, a otro intento o a repetirse.
    """
    usuarios = sorted({a.usuario_id for a in tomados if a.usuario_id})
    if not usuarios:
        return []
    return en_transaccion(_tomar_los_de, tomados[0].canal, usuarios)


def _tomar_los_de(canal: str, usuarios: list[str]) -> list[Aviso]:
    se_juntan = Aviso.objects.select_for_update(skip_locked=True).filter(
        estado=_E.PENDIENTE, canal=canal, usuario__in=usuarios, arriendo="", intentos=0, veces=0
    )
    filas = se_juntan.exclude(clase__in=(RECORDATORIOS, RESUMENES)).order_by("pk")
    return _apartar(_sin_los_que_esperan(list(filas[:MAX_JUNTOS])))


def contar_entrega(aviso: Aviso) -> None:
    """Que se le da a su canal ahora, por primera vez."""
    if aviso.intentos == 1:
        demora = (ahora() - aviso.no_antes_de).total_seconds()
        metricas.DEMORA_DE_AVISOS.labels(aviso.canal).observe(max(0.0, demora))


def posponer(aviso: Aviso, cuando: datetime) -> None:
    """El tomado deja de estarlo y espera hasta entonces, sin acabarse ni contar como intento."""
    suyo = Aviso.objects.filter(pk=aviso.pk, arriendo=aviso.arriendo)
    suyo.update(arriendo="", intentos=0, no_antes_de=cuando)


def soltar(avisos: Iterable[Aviso]) -> None:
    """Los tomados que no se llegaron a enviar pueden salir ya, y no cuentan como intento."""
    por_arriendo: defaultdict[str, list[str]] = defaultdict(list)
    for aviso in avisos:
        por_arriendo[aviso.arriendo].append(aviso.pk)
    for arriendo, ids in por_arriendo.items():
        suyos = Aviso.objects.filter(pk__in=ids, arriendo=arriendo)
        suyos.update(arriendo="", no_antes_de=ahora(), intentos=F("intentos") - 1)
