"""Qué dice un aviso: quién escribió, qué y cuánto queda por leer; o nada, si ya no hace falta."""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.text import Truncator

from mensajeria import presentacion
from mensajeria.avisos import dicho, preferencias
from mensajeria.avisos.dicho import SIN_NOMBRE, LoQueDice
from mensajeria.consultas.filas import DE_PARTICIPANTE, FilaDeParticipante, participante_de_fila
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import (
    RECORDATORIOS,
    RESUMENES,
    Aviso,
    Canal,
    Conversacion,
    Mensaje,
    Notificacion,
    Participante,
    Usuario,
    ahora,
    sin_arroba,
    sin_controles,
)
from mensajeria.operaciones.resumen import cifras_de_actividad
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.tipos import iso

# Lo que cabe de un texto y de un nombre: con dos nombres, y dicho dos veces en el de FCM, no pasa
# de los 4 KiB que admiten los servicios.
LARGO = 140
LARGO_DE_NOMBRE = 80
# Entre cuántos de los últimos se busca el que nombra a alguien.
MAX_MENCIONES = 100
# Desde cuántos de una conversación se leen aparte.
SALA = 10
_DE_TIPO = {
    "imagen": "Imagen",
    "archivo": "Archivo",
    "audio": "Audio",
    "video": "Vídeo",
    "ubicacion": "Ubicación",
    "contacto": "Contacto",
}


_ACTIVOS = Preparada(
    lambda usuarios: Usuario.objects.filter(pk__de_la_lista=usuarios, is_active=True).values_list(
        "pk", "is_staff"
    ),
    1,
)


class _Quien(NamedTuple):
    """De un usuario, lo que decide si un aviso sigue siendo para él."""

    queridas: formas.MisAvisos
    es_personal: bool


def preparar(avisos: Sequence[Aviso]) -> list[LoQueDice | None]:
    """El de cada uno, en su orden; `None`: lo leyó, ya no está, ya no es suyo o ya no lo quiere, y
    no se envía.

    Seis consultas, sean los que sean; otra por cada sala grande, y por cada uno cuyo último mensaje
    se eliminó, y las del resumen de cada hora.
    """
    quienes = _quienes({a.usuario_id or "" for a in avisos})
    queridos = [a for a in avisos if _lo_quiere(a, quienes)]
    de_mensajes = [a for a in queridos if a.conversacion_id]
    suyos = _participaciones(de_mensajes)
    conversaciones = Conversacion.objects.in_bulk({a.conversacion_id for a in de_mensajes})
    ultimos = _ultimos(de_mensajes)
    sueltas = Notificacion.objects.in_bulk(
        [a.datos["notificacion"] for a in queridos if "notificacion" in a.datos]
    )
    cifras = functools.cache(cifras_de_actividad)

    def uno(aviso: Aviso) -> LoQueDice | None:
        if aviso.clase == RESUMENES:
            return _de_resumen(aviso, quienes[aviso.usuario_id or ""], cifras)
        if not aviso.conversacion_id:
            return _de_notificacion(sueltas.get(aviso.datos.get("notificacion", "")))
        suyo = suyos.get((aviso.conversacion_id, aviso.usuario_id or ""))
        conversacion = conversaciones.get(aviso.conversacion_id)
        if not suyo or not conversacion:
            return None
        queridas = quienes[aviso.usuario_id or ""].queridas
        return _de_mensaje(aviso, suyo, conversacion, ultimos, queridas)

    listos = {a.pk: uno(a) for a in queridos}
    return [listos.get(a.pk) for a in avisos]


def _quienes(usuarios: set[str]) -> dict[str, _Quien]:
    queridas = preferencias.de(usuarios)
    return {id_: _Quien(queridas[id_], p) for id_, p in _ACTIVOS(sorted(usuarios))}


def _lo_quiere(aviso: Aviso, quienes: dict[str, _Quien]) -> bool:
    """Con las preferencias de ahora, que pueden no ser las de cuando se repartió."""
    quien = quienes.get(aviso.usuario_id or "")
    if quien is None:
        return False
    suyas, clase = quien.queridas, aviso.clase
    return preferencias.cuando(suyas, aviso.canal, clase, aviso.prioridad, ahora()) is not None


_DE_UNA_SALA = Preparada(
    lambda conversacion, usuarios: Participante.objects.filter(
        conversacion=conversacion, usuario__de_la_lista=usuarios, activo=True
    ).values_list(*DE_PARTICIPANTE),
    2,
)


def _participaciones(avisos: Sequence[Aviso]) -> dict[tuple[str, str], FilaDeParticipante]:
    """Las de una sala grande, por ella; las sueltas, todas juntas."""
    de_cada: defaultdict[str, list[str]] = defaultdict(list)
    for aviso in avisos:
        de_cada[aviso.conversacion_id or ""].append(aviso.usuario_id or "")
    filas: list[tuple[Any, ...]] = []
    sueltos: list[Q] = []
    for conversacion, usuarios in sorted(de_cada.items()):
        if len(usuarios) >= SALA:
            filas += _DE_UNA_SALA(conversacion, usuarios)
        else:
            sueltos += [Q(conversacion=conversacion, usuario=u) for u in usuarios]
    if sueltos:
        suyas = Participante.objects.filter(_alguno(sueltos), activo=True)
        filas += suyas.values_list(*DE_PARTICIPANTE)
    return {(p.conversacion_id, p.usuario_id): p for p in map(participante_de_fila, filas)}


def _ultimos(avisos: Sequence[Aviso]) -> dict[tuple[str, int], Mensaje]:
    """El último de cada aviso, si no se retiró."""
    pares = {(a.conversacion_id, a.hasta) for a in avisos}
    filas = Mensaje.objects.filter(
        _alguno(Q(conversacion=c, secuencia=n) for c, n in sorted(pares)),
        eliminado=False,
        oculto=False,
    )
    return {(m.conversacion_id, m.secuencia): m for m in filas.select_related("remitente")}


def _alguno(pares: Iterable[Q]) -> Q:
    """Esos, y no el producto de todos con todos, que serían miles."""
    return functools.reduce(operator.or_, pares, Q(pk__in=()))


def _de_mensaje(
    aviso: Aviso,
    suyo: FilaDeParticipante,
    conversacion: Conversacion,
    ultimos: dict[tuple[str, int], Mensaje],
    queridas: formas.MisAvisos,
) -> LoQueDice | None:
    cuantos = presentacion.sin_leer(suyo, conversacion.ultima_secuencia)
    callada = suyo.silenciada_hasta is not None and suyo.silenciada_hasta > ahora()
    if callada and aviso.clase != "menciones":
        return None
    if suyo.leido_hasta >= aviso.hasta or not cuantos:
        return None
    mensaje = ultimos.get((conversacion.pk, aviso.hasta))
    mencion = aviso.clase == "menciones"
    if mencion and (mensaje is None or suyo.usuario_id not in mensaje.menciones):
        le_nombra = _el_que_le_nombra(suyo, aviso)
        mencion, mensaje = le_nombra is not None, le_nombra or mensaje
        if not mencion and (callada or not _quiere_mensajes(queridas, aviso)):
            return None
    mensaje = mensaje or _en_pie(suyo, aviso).first()
    if mensaje is None:
        return None
    return LoQueDice(
        quien=_nombre(mensaje),
        donde=_donde(conversacion),
        texto=lo_que_dice(mensaje),
        clase_de_archivo="" if sin_controles(mensaje.texto) else _clase_de_archivo(mensaje),
        cuantos=cuantos,
        conversacion=conversacion.pk,
        mensaje=mensaje.pk,
        secuencia=mensaje.secuencia,
        mencion=mencion,
        urgente=aviso.prioridad == "urgente",
        individual=conversacion.tipo == Conversacion.Tipo.INDIVIDUAL,
        recordatorio=aviso.clase == RECORDATORIOS,
    )


def _el_que_le_nombra(suyo: FilaDeParticipante, aviso: Aviso) -> Mensaje | None:
    ultimos = _en_pie(suyo, aviso)[:MAX_MENCIONES]
    return next((m for m in ultimos if suyo.usuario_id in m.menciones), None)


def _quiere_mensajes(queridas: formas.MisAvisos, aviso: Aviso) -> bool:
    suyo = (aviso.canal, "mensajes", aviso.prioridad)
    return preferencias.cuando(queridas, *suyo, ahora()) is not None


def _en_pie(suyo: FilaDeParticipante, aviso: Aviso) -> QuerySet[Mensaje]:
    """Los que cubre el aviso y no se retiraron, del más nuevo al más viejo."""
    filas = Mensaje.objects.filter(
        conversacion=suyo.conversacion_id,
        secuencia__gt=max(suyo.leido_hasta, aviso.desde - 1),
        secuencia__lte=aviso.hasta,
        eliminado=False,
        oculto=False,
    )
    ajenos = filas.exclude(remitente=suyo.usuario_id).select_related("remitente")
    return ajenos.order_by("-secuencia")


def _nombre(mensaje: Mensaje) -> str:
    quien = mensaje.remitente
    if quien is None:
        return SIN_NOMBRE
    return _nombrar(f"{quien.nombre or sin_arroba(quien.username)} {quien.apellido}")


def _donde(conversacion: Conversacion) -> str:
    if conversacion.tipo == Conversacion.Tipo.INDIVIDUAL:
        return ""
    return _nombrar(conversacion.nombre_personalizado)


def _nombrar(nombre: str) -> str:
    return _corto(sin_controles(nombre), LARGO_DE_NOMBRE)


@functools.lru_cache(maxsize=256)
def _corto(texto: str, largo: int) -> str:
    # El mismo, para los mil de una sala.
    return Truncator(texto).chars(largo)


def lo_que_dice(mensaje: Mensaje) -> str:
    """Su texto, o qué archivo lleva, en una línea."""
    if texto := sin_controles(mensaje.texto):
        return _corto(texto, LARGO)
    nombre = sin_controles((mensaje.archivo or {}).get("nombre") or "")
    que = _clase_de_archivo(mensaje)
    return _corto(f"{que}: {nombre}" if nombre else que, LARGO)


def _clase_de_archivo(mensaje: Mensaje) -> str:
    return _DE_TIPO.get(mensaje.tipo, "Mensaje")


def _de_notificacion(fila: Notificacion | None) -> LoQueDice | None:
    if fila is None or fila.leida:
        return None
    escrito = sin_controles(fila.titulo), sin_controles(fila.mensaje)
    return LoQueDice(
        quien="",
        donde="",
        texto=escrito[1],
        cuantos=1,
        conversacion=str(fila.datos.get("conversacionId") or ""),
        propio=dicho.de_suelta(fila.tipo, fila.datos, *escrito),
    )


def _de_resumen(
    aviso: Aviso, quien: _Quien, cifras: Callable[[datetime, datetime], empujes.CifrasDeActividad]
) -> LoQueDice | None:
    """El de una hora en la que pasó algo; en la aplicación, también si no pasó nada."""
    desde, hasta = (datetime.fromisoformat(aviso.datos[c]) for c in ("desde", "hasta"))
    suyas = cifras(desde, hasta)
    if not quien.es_personal or (aviso.canal != Canal.APLICACION and not suyas.mensajes_enviados):
        return None
    zona = preferencias.zona_de(quien.queridas.zona)
    empieza, acaba = (f"{fecha.astimezone(zona):%H:%M}" for fecha in (desde, hasta))
    segundos = int((hasta - desde).total_seconds())
    propio = dicho.de_resumen(empieza, acaba, suyas, _quien_mas(suyas))
    return LoQueDice(
        quien="",
        donde="",
        texto=propio["es"][1],
        cuantos=1,
        propio=propio,
        actividad=empujes.ResumenActividad(
            periodo="1h" if segundos == 3600 else f"{segundos}s",
            desde=iso(desde),
            hasta=iso(hasta),
            estadisticas=suyas,
        ),
    )


def _quien_mas(cifras: empujes.CifrasDeActividad) -> str:
    if not cifras.usuarios_mas_activos:
        return ""
    primero = cifras.usuarios_mas_activos[0].usuario
    return _nombrar(f"{primero.nombre} {primero.apellido}")
