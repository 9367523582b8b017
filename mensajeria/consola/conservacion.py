"""Cuánto se guarda: lápidas primero y, pasado un plazo, lo que de ellas ya no necesita nadie.

Un mensaje nunca deja de ser una fila: `secuencia` no puede tener huecos y quien reanuda ha de saber
que se borró. Lo que se va es su contenido, de dónde vino y los recibos que solo hablaban de él.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from mensajeria.archivos import limpieza
from mensajeria.consola.borrado import CON_ORIGEN, borrar_origenes
from mensajeria.consola.tandas import LEIDOS, Progreso, borrar_filas, pedir_todas
from mensajeria.models import (
    Archivo,
    Ingreso,
    Lectura,
    Mensaje,
    Moderacion,
    Notificacion,
    Participante,
    ahora,
)
from mensajeria.protocolo import cargas

RAZON = "Pasó su plazo de conservación"


@dataclass(frozen=True, slots=True)
class Plazos:
    """`mensajes`: lo enviado antes se borra. `lapidas`: las anteriores se vacían del todo."""

    mensajes: datetime
    lapidas: datetime


@dataclass(slots=True)
class Purga:
    lapidas: int = 0
    vaciadas: int = 0
    recibos: int = 0
    notificaciones: int = 0
    sesiones: int = 0
    archivos: int = 0
    archivos_que_quedan: int = 0


def purgar(plazos: Plazos, progreso: Progreso, *, simular: bool = False) -> Purga:
    """Lo hecho, o lo que se haría. Cada tanda se confirma sola: se puede detener y repetir."""
    purga = Purga()
    viejas = Notificacion.objects.filter(fecha__lt=plazos.mensajes)
    caducadas: tuple[QuerySet[Any], ...] = (
        Ingreso.objects.filter(expira__lte=ahora()),
        Session.objects.filter(expire_date__lte=ahora()),
    )
    con_origen = _lapidas(plazos).filter(CON_ORIGEN)
    if simular:
        purga.lapidas = _caducados(plazos).count()
        purga.vaciadas = con_origen.count()
        purga.notificaciones = viejas.count()
        purga.sesiones = sum(filas.count() for filas in caducadas)
    else:
        purga.lapidas = _poner_lapidas(plazos, progreso)
        purga.vaciadas = borrar_origenes(con_origen, lambda n: progreso("vaciar lápidas", n, 0))
        borrar_filas(_moderaciones(plazos), lambda _: None)
        purga.notificaciones = borrar_filas(viejas, lambda n: progreso("notificaciones", n, 0))
        purga.sesiones = sum(
            borrar_filas(filas, lambda n: progreso("sesiones", n, 0)) for filas in caducadas
        )
    purga.recibos = _purgar_recibos(plazos, progreso, simular)
    if simular:
        purga.archivos = _con_archivo(plazos).count() + limpieza.por_borrar()
    else:
        purga.archivos, purga.archivos_que_quedan = _borrar_archivos(progreso)
    return purga


def _borrar_archivos(progreso: Progreso) -> limpieza.Borrados:
    """Los que ya no lleva ningún mensaje, y los que caducaron."""
    total = limpieza.por_borrar()
    return limpieza.limpiar(avisar=lambda n: progreso("archivos", n, total))


def _caducados(plazos: Plazos) -> QuerySet[Mensaje]:
    return Mensaje.objects.filter(eliminado=False, fecha_envio__lt=plazos.mensajes)


def _con_archivo(plazos: Plazos) -> QuerySet[Archivo]:
    """Los que se van con su mensaje."""
    return Archivo.objects.filter(
        mensaje__eliminado=False, mensaje__fecha_envio__lt=plazos.mensajes
    )


def _lapidas(plazos: Plazos) -> QuerySet[Mensaje]:
    return Mensaje.objects.filter(eliminado=True, fecha_eliminacion__lt=plazos.lapidas)


def _moderaciones(plazos: Plazos) -> QuerySet[Moderacion]:
    """Lo que se denunció de lo que ya es una lápida vieja puede citar lo que decía."""
    return Moderacion.objects.filter(
        mensaje__eliminado=True, mensaje__fecha_eliminacion__lt=plazos.lapidas
    )


def _poner_lapidas(plazos: Plazos, progreso: Progreso) -> int:
    """Como si los eliminara un moderador: con su número de cambio y su `mensaje_eliminado`."""
    total = _caducados(plazos).count()
    cargas_ = (cargas.EliminarMensaje(mensaje_id=id_, razon=RAZON) for id_ in _por_turno(plazos))
    return pedir_todas(cargas_, lambda n: progreso("lápidas", n, total))


def _por_turno(plazos: Plazos) -> Iterator[str]:
    """Los caducados, de lo más viejo a lo más nuevo; los que se leen juntos, por conversación: una
    tanda que toca cien cuesta diez veces más que la que toca una, y hace esperar en las cien.
    """
    caducados = pagina = _caducados(plazos)
    columnas = ("fecha_envio", "pk", "conversacion_id", "secuencia")
    while parte := list(pagina.order_by("fecha_envio", "pk").values_list(*columnas)[:LEIDOS]):
        # Desde donde iba: el índice por fecha no vuelve a recorrer lo ya eliminado.
        fecha, id_, *_ = parte[-1]
        pagina = caducados.filter(Q(fecha_envio__gt=fecha) | Q(fecha_envio=fecha, pk__gt=id_))
        for _, id_, *_ in sorted(parte, key=itemgetter(2, 3)):
            yield id_


def _purgar_recibos(plazos: Plazos, progreso: Progreso, simular: bool) -> int:
    con_lapidas = _lapidas(plazos).order_by("conversacion_id")
    conversaciones = list(con_lapidas.values_list("conversacion_id", flat=True).distinct())
    quitados = 0
    for i, conversacion in enumerate(conversaciones, 1):
        sobran = _recibos_que_sobran(conversacion, plazos)
        quitados += sobran.count() if simular else borrar_filas(sobran, lambda _: None)
        progreso("recibos", i, len(conversaciones))
    return quitados


def _recibos_que_sobran(conversacion: str, plazos: Plazos) -> QuerySet[Lectura]:
    """Los que solo cubren un comienzo de lápidas viejas: su fecha ya no se enseña con nada.

    Hasta dónde leyó cada cual está en su participante, y no cambia.
    """
    suyos = Mensaje.objects.filter(conversacion=conversacion)
    ultimo = suyos.order_by("-secuencia").values_list("secuencia", flat=True).first() or 0
    quedan = suyos.filter(Q(eliminado=False) | Q(fecha_eliminacion__gte=plazos.lapidas))
    primero = quedan.order_by("secuencia").values_list("secuencia", flat=True).first()
    piso = ultimo if primero is None else primero - 1
    gente = Participante.objects.filter(conversacion=conversacion).values_list("pk", flat=True)
    return Lectura.objects.filter(participante__in=list(gente), hasta__lte=piso)
