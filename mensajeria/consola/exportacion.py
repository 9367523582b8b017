"""Lo que se da a quien lo pide: una línea de JSON por cosa, con las formas del contrato.

Cada línea es `{"clase": …, "datos": …}`. Se lee por tandas: el tamaño no importa.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet

from mensajeria import presentacion
from mensajeria.avisos import preferencias
from mensajeria.consultas import (
    con_lo_que_cita,
    presentar_conversaciones,
    presentar_mensajes,
    todos_los_de,
)
from mensajeria.models import (
    Archivo,
    Conversacion,
    Dispositivo,
    Ingreso,
    Lectura,
    Mensaje,
    Notificacion,
    Participante,
    Reaccion,
    Usuario,
)
from mensajeria.operaciones.autenticacion import abierto, vigencia_de
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import ahora, iso

# Un mensaje con todo su historial puede ocupar medio megabyte.
TANDA = 100
VERSION_DEL_FORMATO = 1


def _linea(clase: str, datos: Any, **mas: Any) -> bytes:
    return codificar({"clase": clase, "datos": datos, **mas}) + b"\n"


def _cabecera(de: str, id_: str) -> bytes:
    return _linea(
        "exportacion", {"de": de, "_id": id_, "fecha": ahora(), "version": VERSION_DEL_FORMATO}
    )


def de_conversacion(fila: Conversacion) -> Iterator[bytes]:
    """La conversación y sus mensajes hasta el último que tiene ahora, en orden."""
    yield _cabecera("conversacion", fila.pk)
    [forma] = presentar_conversaciones([fila])
    forma.participantes = todos_los_de(fila.pk)
    yield _linea("conversacion", forma, archivada=fila.archivada)
    suyos = con_lo_que_cita(Mensaje.objects.filter(conversacion=fila.pk))
    for desde in range(0, fila.ultima_secuencia, TANDA):
        tramo = suyos.filter(secuencia__gt=desde, secuencia__lte=desde + TANDA)
        hasta = tramo.filter(secuencia__lte=fila.ultima_secuencia)
        for mensaje in presentar_mensajes(list(hasta.order_by("secuencia")), enteros=True):
            yield _linea("mensaje", mensaje)


def lineas_de_conversacion(fila: Conversacion) -> int:
    """Cuántas da `de_conversacion`."""
    return 2 + fila.ultima_secuencia


def de_usuario(fila: Usuario) -> Iterator[bytes]:
    """Todo lo suyo: quién es, dónde participa y dónde entró, y lo que escribió, leyó y le avisaron.

    Nunca su contraseña. De los demás, solo lo que sus propias conversaciones le enseñan.
    """
    yield _cabecera("usuario", fila.pk)
    yield _linea("usuario", _ficha(fila))
    yield from _participaciones(fila)
    suyos = con_lo_que_cita(Mensaje.objects.filter(remitente=fila.pk))
    for tanda in _tandas(suyos):
        for mensaje, forma in zip(tanda, presentar_mensajes(tanda, enteros=True), strict=True):
            yield _linea("mensaje", forma, socketInfo=_origen(mensaje))
    for r in _sueltas(Reaccion.objects.filter(usuario=fila.pk)):
        yield _linea("reaccion", _reaccion(r))
    recibos = Lectura.objects.filter(participante__usuario=fila.pk).select_related("participante")
    for recibo in _sueltas(recibos):
        yield _linea("acuse", _recibo(recibo))
    for ingreso in _sueltas(Ingreso.objects.filter(usuario=fila.pk)):
        yield _linea("sesion", _sesion(ingreso, fila))
    for subido in _sueltas(Archivo.objects.filter(usuario=fila.pk)):
        yield _linea("archivo", _archivo(subido))
    for aviso in _sueltas(Notificacion.objects.filter(usuario=fila.pk)):
        yield _linea("notificacion", presentacion.notificacion(aviso))
    for sitio in _sueltas(Dispositivo.objects.filter(usuario=fila.pk)):
        yield _linea("dispositivo", presentacion.dispositivo(sitio))
    yield _linea("preferencias", preferencias.las_de(fila.pk))


def lineas_de_usuario(fila: Usuario) -> int:
    """Cuántas da `de_usuario`."""
    suyos: tuple[type[Model], ...] = (Reaccion, Ingreso, Archivo, Notificacion, Dispositivo)
    participa = Participante.objects.filter(usuario=fila.pk)
    return (
        3
        + participa.count()
        + participa.filter(activo=True).count()
        + Mensaje.objects.filter(remitente=fila.pk).count()
        + Lectura.objects.filter(participante__usuario=fila.pk).count()
        + sum(modelo._base_manager.filter(usuario=fila.pk).count() for modelo in suyos)
    )


def _tandas(filas: QuerySet[Any]) -> Iterator[list[Any]]:
    """Por tandas, y por identificador."""
    pagina = filas.order_by("pk")
    while tanda := list(pagina[:TANDA]):
        yield tanda
        pagina = filas.filter(pk__gt=tanda[-1].pk).order_by("pk")


def _sueltas(filas: QuerySet[Any]) -> Iterator[Any]:
    for tanda in _tandas(filas):
        yield from tanda


def _ficha(fila: Usuario) -> dict[str, Any]:
    return {
        "_id": fila.pk,
        "username": fila.username,
        "nombre": fila.nombre,
        "apellido": fila.apellido,
        "email": fila.email,
        "avatar_url": fila.avatar_url,
        "esExperto": fila.es_experto,
        "activo": fila.is_active,
        "fechaAlta": iso(fila.date_joined),
        "ultimoIngreso": iso(fila.last_login) if fila.last_login else None,
        "ultimaConexion": iso(fila.ultima_conexion) if fila.ultima_conexion else None,
    }


def _participaciones(fila: Usuario) -> Iterator[bytes]:
    """De las que dejó, solo que estuvo: lo que haya ahora en ellas ya no es para él."""
    suyas = Participante.objects.filter(usuario=fila.pk).select_related("usuario", "conversacion")
    for tanda in _tandas(suyas):
        activas = [p.conversacion for p in tanda if p.activo]
        for forma, suya in zip(presentar_conversaciones(activas, fila.pk), activas, strict=True):
            yield _linea("conversacion", forma, archivada=suya.archivada)
        for p in tanda:
            forma_suya = presentacion.participante(p, en_linea=False)
            yield _linea("participacion", forma_suya, conversacion=p.conversacion_id)


def _reaccion(fila: Reaccion) -> dict[str, Any]:
    forma = presentacion.reaccion(fila)
    suya = {"_id": forma.id, "tipo": forma.tipo, "fecha": forma.fecha}
    return {**suya, "mensaje": fila.mensaje_id}


def _sesion(fila: Ingreso, de: Usuario) -> dict[str, Any]:
    return {
        "_id": fila.pk,
        "via": fila.via,
        "dispositivo": fila.dispositivo,
        "direccion": fila.direccion,
        "desde": iso(fila.desde),
        "ultimaVez": iso(fila.ultima_vez),
        "expira": iso(fila.expira),
        "abierta": abierto(fila.pk, vigencia_de(de)),
    }


def _archivo(fila: Archivo) -> dict[str, Any]:
    return {
        "_id": fila.pk,
        "nombre": fila.nombre,
        "tipo": fila.tipo,
        "tamano": fila.tamano,
        "fecha": iso(fila.fecha),
        "mensaje": fila.mensaje_id,
        "estado": fila.estado,
    }


def _origen(fila: Mensaje) -> dict[str, str]:
    return {"socketId": fila.socket_id, "ipAddress": fila.ip, "userAgent": fila.agente}


def _recibo(fila: Lectura) -> dict[str, Any]:
    return {
        "conversacion": fila.participante.conversacion_id,
        "clase": fila.clase,
        "desde": fila.desde,
        "hasta": fila.hasta,
        "fecha": iso(fila.fecha),
    }
