"""Lo que es de cada cual: sus notificaciones y sus sesiones abiertas."""

from __future__ import annotations

from mensajeria.models import Ingreso
from mensajeria.models.datos import DatosDeNotificacion
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
