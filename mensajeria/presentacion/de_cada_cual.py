"""Lo que es de cada cual: sus notificaciones y sus sesiones abiertas."""

from __future__ import annotations

from mensajeria.models import Dispositivo, Ingreso
from mensajeria.models.datos import DatosDeNotificacion
from mensajeria.presentacion.comun import fecha
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import iso


def sesion(fila: Ingreso, *, actual: bool) -> formas.SesionAbierta:
    return formas.SesionAbierta(
        id=fila.pk,
        via=fila.via,
        dispositivo=fila.dispositivo,
        direccion=fila.direccion,
        desde=iso(fila.desde),
        ultima_vez=iso(fila.ultima_vez),
        expira=iso(fila.expira),
        actual=actual,
    )


def dispositivo(fila: Dispositivo) -> formas.Dispositivo:
    return formas.Dispositivo(
        id=fila.pk,
        canal=fila.canal,
        nombre=fila.nombre,
        alta=iso(fila.alta),
        ultima_vez=iso(fila.ultima_vez),
        ultimo_envio=fecha(fila.ultimo_envio),
        ultimo_error=fila.ultimo_error or None,
        fecha_error=fecha(fila.fecha_error),
    )


def notificacion(fila: DatosDeNotificacion) -> formas.Notificacion:
    return formas.Notificacion(
        id=fila.id,
        tipo=fila.tipo,
        titulo=fila.titulo,
        mensaje=fila.mensaje,
        icono=fila.icono,
        datos=fila.datos,
        acciones=[formas.Accion(**a) for a in fila.acciones],
        leida=fila.leida,
        fecha=iso(fila.fecha),
    )
