"""De lo guardado aquí a como lo tendría el original, para comparar documento a documento."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Binary, ObjectId
from bson.binary import UUID_SUBTYPE

from mensajeria import consultas
from mensajeria.models import Conversacion, Mensaje, Moderacion, Notificacion, Reaccion, Usuario
from mensajeria.protocolo.tipos import iso

# Con otro nombre aquí, y el mismo sentido.
_OTRO_NOMBRE = {"wow": "surprise", "thumbs_up": "like", "error": "fallido", "enviando": "enviado"}


def hojas(valor: Any, camino: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Cada valor con su camino; lo de una lista, por su `usuario` si lo tiene, o por su sitio."""
    if isinstance(valor, Mapping):
        for campo, suyo in valor.items():
            yield from hojas(suyo, (*camino, campo))
    elif isinstance(valor, list):
        for i, suyo in enumerate(valor):
            quien = suyo.get("usuario") if isinstance(suyo, Mapping) else None
            yield from hojas(suyo, (*camino, f"#{quien or i}"))
    elif valor is not None:
        yield camino, _llano(valor)


def _llano(valor: Any) -> Any:
    if isinstance(valor, datetime):
        return iso(valor if valor.tzinfo else valor.replace(tzinfo=UTC))
    if isinstance(valor, ObjectId):
        return str(valor)
    if isinstance(valor, Binary) and valor.subtype == UUID_SUBTYPE:
        return str(valor.as_uuid())
    return _OTRO_NOMBRE.get(valor, valor) if isinstance(valor, str) else valor


def usuario(fila: Usuario) -> dict[str, Any]:
    return {
        "_id": fila.pk,
        "nombre": fila.nombre,
        "apellido": fila.apellido,
        "email": fila.email,
        "password_hash": fila.password.removeprefix("bcrypt$"),
        "avatar_url": fila.avatar_url,
        "es_experto": fila.es_experto,
        "estado": "activo" if fila.is_active else "inactivo",
        "fecha_registro": fila.date_joined,
    }


def conversacion(fila: Conversacion) -> dict[str, Any]:
    [forma] = consultas.presentar_conversaciones([fila])
    abierta = "archivada" if fila.archivada else "activa"
    return {
        "_id": forma.id,
        "codigoConversacion": forma.codigo_conversacion,
        "participantes": [
            {
                "usuario": p.usuario.id,
                "rol": p.rol,
                "fechaIngreso": p.fecha_ingreso,
                "activo": p.activo,
                "permisos": {
                    "puedeEnviar": p.permisos.puede_enviar,
                    "puedeEliminar": p.permisos.puede_eliminar,
                    "puedeModerar": p.permisos.puede_moderar,
                },
            }
            for p in forma.participantes
        ],
        "asesoria": forma.asesoria,
        "titulo": forma.configuracion.nombre_personalizado,
        "descripcion": forma.configuracion.descripcion,
        "tipo": forma.tipo,
        "estado": abierta if forma.activa else "cerrada",
        "configuracion": {"notificacionesActivas": forma.configuracion.notificaciones_activas},
        "activa": forma.activa,
        "archivada": fila.archivada,
        "fechaCreacion": forma.fecha_creacion,
        "fechaUltimaActividad": forma.fecha_ultima_actividad,
    }


def mensaje(id_: str) -> dict[str, Any]:
    fila = consultas.con_lo_que_cita(Mensaje.objects.filter(pk=id_)).get()
    [forma] = consultas.presentar_mensajes([fila], enteros=True)
    moderado = Moderacion.objects.filter(mensaje=id_).first() or Moderacion()
    archivo = forma.contenido.archivo
    return {
        "_id": forma.id,
        "conversacion": forma.conversacion,
        "remitente": forma.remitente and forma.remitente.id,
        "contenido": {
            "texto": forma.contenido.texto,
            "tipo": forma.contenido.tipo,
            "archivo": archivo
            and {
                "url": archivo.url,
                "nombre": archivo.nombre,
                "tamaño": archivo.tamano,
                "mimeType": archivo.tipo,
            },
            "metadatos": forma.contenido.metadatos,
        },
        "fechaEnvio": forma.fecha_envio,
        "fechaEntrega": forma.fecha_entrega,
        "fechaLectura": [{"usuario": x.usuario, "fecha": x.fecha_lectura} for x in forma.lecturas],
        "estado": forma.estado,
        "editado": {
            "editado": forma.editado.editado,
            "fechaEdicion": forma.editado.fecha_edicion,
            "historialEdiciones": [
                {"contenido": v.texto, "fecha": v.fecha} for v in forma.editado.historial
            ],
        },
        "respuestaA": forma.respuesta_a and forma.respuesta_a.id,
        "reacciones": [
            {"usuario": r.usuario_id, "tipo": r.tipo, "fecha": r.fecha}
            for r in Reaccion.objects.filter(mensaje=id_)
        ],
        "eliminado": {
            "eliminado": forma.eliminado.eliminado,
            "fechaEliminacion": forma.eliminado.fecha_eliminacion,
            "eliminadoPor": forma.eliminado.eliminado_por,
            "razon": forma.eliminado.razon,
        },
        "moderacion": {
            "reportado": moderado.reportado,
            "aprobado": moderado.aprobado,
            "razonReporte": moderado.razon,
            "moderadoPor": moderado.moderado_por,
        },
        "socketInfo": {
            "socketId": fila.socket_id,
            "ipAddress": fila.ip,
            "userAgent": fila.agente,
        },
        "prioridad": forma.prioridad,
    }


def notificacion(fila: Notificacion) -> dict[str, Any]:
    return {
        "_id": fila.pk,
        "usuario": fila.usuario_id,
        "titulo": fila.titulo,
        "mensaje": fila.mensaje,
        "tipo": fila.tipo,
        "icono": fila.icono,
        "canales": {"inApp": {"leido": fila.leida}},
        "acciones": [
            {"etiqueta": a["texto"], "tipo": a["tipo"], "valor": a["id"]} for a in fila.acciones
        ],
        "estado": "leida" if fila.leida else "enviada",
        "fechaCreacion": fila.fecha,
        **fila.datos,
    }
