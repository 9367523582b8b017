"""Lecturas, con el alcance de lo que un usuario puede ver y sin una consulta por fila."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet

from mensajeria import presentacion
from mensajeria.base_de_datos import instantanea
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Conversacion, Lectura, Mensaje, Participante, Reaccion, Usuario
from mensajeria.presentacion import Acuses, Entorno
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.json_estricto import codificar

MAX_CAMBIOS = 500
MAX_BYTES_DE_CAMBIOS = 256 * 1024


# Presentar


def participantes_de(conversaciones: Iterable[str]) -> dict[str, list[Participante]]:
    """Los participantes, también los que salieron, por conversación y en orden de ingreso."""
    filas = (
        Participante.objects.filter(conversacion__in=list(conversaciones))
        .select_related("usuario")
        .order_by("fecha_ingreso", "pk")
    )
    por_conversacion: dict[str, list[Participante]] = defaultdict(list)
    for fila in filas:
        por_conversacion[fila.conversacion_id].append(fila)
    return por_conversacion


def presentar_mensajes(filas: Sequence[Mensaje]) -> list[formas.Mensaje]:
    """Las formas de `filas` (con `remitente` y `respuesta_a` cargados), en tres consultas."""
    if not filas:
        return []
    entornos = _entornos(filas)
    reacciones: dict[str, list[Reaccion]] = defaultdict(list)
    for r in Reaccion.objects.filter(mensaje__in=[f.pk for f in filas]).order_by("fecha", "pk"):
        reacciones[r.mensaje_id].append(r)
    return [presentacion.mensaje(f, entornos[f.conversacion_id], reacciones[f.pk]) for f in filas]


def _entornos(filas: Sequence[Mensaje]) -> dict[str, Entorno]:
    tramos: dict[str, tuple[int, int]] = {}
    for f in filas:
        desde, hasta = tramos.get(f.conversacion_id, (f.secuencia, f.secuencia))
        tramos[f.conversacion_id] = (min(desde, f.secuencia), max(hasta, f.secuencia))
    participantes = participantes_de(tramos)
    dueno = {p.pk: p for ps in participantes.values() for p in ps}
    solapan = Q(pk__in=[])
    for conversacion, (desde, hasta) in tramos.items():
        suyos = [p.pk for p in participantes[conversacion]]
        solapan |= Q(participante__in=suyos, hasta__gte=desde, desde__lt=hasta)
    acuses: dict[tuple[str, str], dict[str, Acuses]] = defaultdict(dict)
    filas_de_acuse = Lectura.objects.filter(solapan).order_by("hasta")
    for participante_id, clase, desde, hasta, fecha in filas_de_acuse.values_list(
        "participante_id", "clase", "desde", "hasta", "fecha"
    ):
        p = dueno[participante_id]
        suyo = acuses[p.conversacion_id, clase].setdefault(p.usuario_id, Acuses())
        suyo.desde.append(desde)
        suyo.hasta.append(hasta)
        suyo.fechas.append(fecha)
    return {
        c: Entorno(
            participantes[c],
            acuses[c, Lectura.Clase.ENTREGADO],
            acuses[c, Lectura.Clase.LEIDO],
        )
        for c in tramos
    }


def presentar_conversaciones(
    filas: Sequence[Conversacion], lector: str | None = None
) -> list[formas.Conversacion]:
    """Las formas de `filas`, en una consulta y una mirada a la presencia."""
    participantes = participantes_de([f.pk for f in filas])
    usuarios = {p.usuario_id for suyos in participantes.values() for p in suyos}
    en_linea = compartido().presencia.en_linea(usuarios)
    return [presentacion.conversacion(f, participantes[f.pk], en_linea, lector) for f in filas]


# Con el alcance de un usuario


def conversaciones_de(usuario_id: str) -> QuerySet[Conversacion]:
    """Las conversaciones de las que es participante activo."""
    return Conversacion.objects.filter(
        participantes__usuario=usuario_id, participantes__activo=True
    )


def conversacion_de(usuario_id: str, conversacion_id: str) -> Conversacion:
    """Una de las suyas, o NOT_FOUND: lo mismo para la ajena y la que no existe."""
    fila = conversaciones_de(usuario_id).filter(pk=conversacion_id).first()
    if fila is None:
        raise no_existe("conversacionId")
    return fila


def con_lo_que_cita(filas: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
    return filas.select_related("remitente", "respuesta_a__remitente")


def mensajes_de(usuario_id: str, conversacion_id: str) -> QuerySet[Mensaje]:
    """Los mensajes de una de sus conversaciones, o NOT_FOUND."""
    conversacion_de(usuario_id, conversacion_id)
    return con_lo_que_cita(Mensaje.objects.filter(conversacion=conversacion_id))


def mensaje_de(usuario_id: str, mensaje_id: str) -> Mensaje:
    """Un mensaje de alguna de sus conversaciones, o NOT_FOUND."""
    fila = con_lo_que_cita(Mensaje.objects.filter(pk=mensaje_id)).first()
    if fila is None or not conversaciones_de(usuario_id).filter(pk=fila.conversacion_id).exists():
        raise no_existe("mensajeId")
    return fila


# Lo que pasó desde un cambio


@dataclass(slots=True)
class Puesta:
    """Una conversación al día: `hasta` es el último cambio que cubre `cambios`."""

    conversacion: formas.Conversacion
    puede_enviar: bool
    ultima_secuencia: int
    ultimo_cambio: int
    hasta: int
    cambios: list[formas.Mensaje]
    completa: bool


def poner_al_dia(usuario_id: str, cursores: Mapping[str, int | None]) -> dict[str, Puesta]:
    """Lo que a `usuario_id` le falta de cada conversación suya desde su cursor (`None`: nada).

    Las que no son suyas no están en la respuesta. Todo se lee de un mismo instante: si no, un
    mensaje que cambia entre dos lecturas se quedaría fuera de la respuesta y de lo que sigue.
    """
    with instantanea():
        return _poner_al_dia(usuario_id, cursores)


def _poner_al_dia(usuario_id: str, cursores: Mapping[str, int | None]) -> dict[str, Puesta]:
    filas = list(conversaciones_de(usuario_id).filter(pk__in=list(cursores)))
    formas_ = presentar_conversaciones(filas, usuario_id)
    desde = {f.pk: cursor for f in filas if (cursor := cursores[f.pk]) is not None}
    mensajes, cortadas = _cambiados(filas, desde)
    puestas = {}
    for fila, forma in zip(filas, formas_, strict=True):
        completa = fila.pk not in cortadas
        suyos = mensajes.get(fila.pk, [])
        propio = next(p for p in forma.participantes if p.usuario.id == usuario_id)
        ultimo = suyos[-1].secuencia_cambio if suyos else (desde.get(fila.pk) or 0)
        puestas[fila.pk] = Puesta(
            conversacion=forma,
            puede_enviar=propio.permisos.puede_enviar and fila.activa,
            ultima_secuencia=fila.ultima_secuencia,
            ultimo_cambio=fila.ultimo_cambio,
            hasta=fila.ultimo_cambio if completa else ultimo,
            cambios=suyos,
            completa=completa,
        )
    return puestas


def _cambiados(
    filas: Sequence[Conversacion], desde: Mapping[str, int]
) -> tuple[dict[str, list[formas.Mensaje]], set[str]]:
    """Mensajes cambiados por conversación, y las conversaciones que no cupieron enteras."""
    pendientes = {
        f.pk: Q(
            conversacion=f.pk,
            secuencia_cambio__gt=desde[f.pk],
            secuencia_cambio__lte=f.ultimo_cambio,
        )
        for f in filas
        if f.pk in desde and desde[f.pk] < f.ultimo_cambio
    }
    if not pendientes:
        return {}, set()
    algunos = Mensaje.objects.filter(reduce(or_, pendientes.values()))
    orden = con_lo_que_cita(algunos).order_by("conversacion", "secuencia_cambio")
    hallados = list(orden[: MAX_CAMBIOS + 1])
    caben = hallados[:MAX_CAMBIOS]
    por_conversacion: dict[str, list[formas.Mensaje]] = defaultdict(list)
    bytes_ = 0
    dentro = 0
    for forma in presentar_mensajes(caben):
        bytes_ += len(codificar(forma))
        if bytes_ > MAX_BYTES_DE_CAMBIOS and dentro:
            break
        por_conversacion[forma.conversacion].append(forma)
        dentro += 1
    if dentro == len(hallados):
        return por_conversacion, set()
    # Vienen por conversación: la primera que no cupo y las que le siguen quedan cortadas.
    enteras = set(por_conversacion) - {m.conversacion_id for m in hallados[dentro:]}
    return por_conversacion, set(pendientes) - enteras


@dataclass(slots=True)
class Cambios:
    """Lo que `central` necesita para reponer lo que la capa perdió, hasta el cambio `hasta`."""

    hasta: int
    completo: bool
    ultima_secuencia: int
    miembros: dict[str, bool | None]
    conversacion: formas.Conversacion | None
    no_leidos: dict[str, int]
    mensajes: list[formas.Mensaje]


def cambios_desde(cursores: Mapping[str, int]) -> dict[str, Cambios]:
    """Todo lo cambiado en cada conversación después de su cursor, como está ahora.

    Las que no existen no están en la respuesta.
    """
    with instantanea():
        filas = list(Conversacion.objects.filter(pk__in=list(cursores)))
        participantes = participantes_de([f.pk for f in filas])
        mensajes, cortadas = _cambiados(filas, cursores)
        return {
            f.pk: _cambios(
                f, cursores[f.pk], participantes[f.pk], mensajes.get(f.pk, []), f.pk in cortadas
            )
            for f in filas
        }


def _cambios(
    fila: Conversacion,
    desde: int,
    participantes: Sequence[Participante],
    suyos: list[formas.Mensaje],
    cortada: bool,
) -> Cambios:
    hasta = fila.ultimo_cambio
    if cortada:
        hasta = suyos[-1].secuencia_cambio if suyos else desde
    otros = fila.secuencia_cambio > desde or any(p.secuencia_cambio > desde for p in participantes)
    forma = None
    if otros:
        en_linea = compartido().presencia.en_linea({p.usuario_id for p in participantes})
        forma = presentacion.conversacion(fila, participantes, en_linea)
    return Cambios(
        hasta=hasta,
        completo=hasta == fila.ultimo_cambio,
        ultima_secuencia=fila.ultima_secuencia,
        miembros={
            p.usuario_id: (p.puede_enviar and fila.activa) if p.activo else None
            for p in participantes
        },
        conversacion=forma,
        no_leidos={
            p.usuario_id: presentacion.sin_leer(p, fila.ultima_secuencia) for p in participantes
        },
        mensajes=suyos,
    )


@dataclass(slots=True, frozen=True)
class Participacion:
    conversacion_id: str
    puede_enviar: bool
    ultimo_cambio: int
    ultima_secuencia: int


def participaciones_de(usuario_id: str) -> list[Participacion]:
    """Sus conversaciones activas, con las dos cuentas de cada una."""
    filas = Participante.objects.filter(
        usuario=usuario_id, activo=True, conversacion__activa=True
    ).values_list(
        "conversacion_id",
        "puede_enviar",
        "conversacion__ultimo_cambio",
        "conversacion__ultima_secuencia",
    )
    return [Participacion(*fila) for fila in filas]


def conversaciones_por_usuario(usuarios: Iterable[str]) -> dict[str, list[str]]:
    """Las conversaciones activas de cada uno de esos usuarios."""
    hallados = list(usuarios)
    por_usuario: dict[str, list[str]] = defaultdict(list)
    if hallados:
        filas = Participante.objects.filter(
            usuario__in=hallados, activo=True, conversacion__activa=True
        )
        for usuario, conversacion in filas.values_list("usuario_id", "conversacion_id"):
            por_usuario[usuario].append(conversacion)
    return por_usuario


def adelantadas(vistos: Mapping[str, int]) -> list[str]:
    """De las conversaciones de `vistos`, las que en la base van por delante de su número."""
    filas = Conversacion.objects.filter(pk__in=list(vistos)).values_list("pk", "ultimo_cambio")
    return [pk for pk, ultimo in filas if ultimo > vistos[pk]]


class Vigencia(NamedTuple):
    version: int
    activo: bool
    tokens_desde: datetime | None


def usuarios_vigentes(ids: Iterable[str]) -> dict[str, Vigencia]:
    """De los que existen, lo que decide si sus conexiones abiertas siguen valiendo."""
    filas = Usuario.objects.filter(pk__in=list(ids)).values_list(
        "pk", "version", "is_active", "tokens_desde"
    )
    return {pk: Vigencia(version, activo, desde) for pk, version, activo, desde in filas}


def con_no_leidos(filas: QuerySet[Conversacion], usuario_id: str) -> QuerySet[Conversacion]:
    """De esas conversaciones, las que tienen algo sin leer para ese participante."""
    return filas.filter(
        participantes__usuario=usuario_id,
        ultima_secuencia__gt=F("participantes__leido_hasta")
        + F("participantes__enviados")
        - F("participantes__enviados_leidos"),
    )


def totales_por_tipo() -> dict[str, dict[str, int]]:
    """Cuántas conversaciones y mensajes hay de cada tipo."""
    return {
        nombre: dict(
            modelo.objects.order_by("tipo").values_list("tipo").annotate(cuantos=Count("pk"))
        )
        for nombre, modelo in (("conversaciones", Conversacion), ("mensajes", Mensaje))
    }
