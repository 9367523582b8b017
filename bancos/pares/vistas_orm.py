"""Una vista llana de Django con las mismas filas: entra con el JWT, mira el permiso y responde.

Sin middleware ni serializadores. Corre con la copia del producto que se mide en PYTHONPATH, sobre
sus modelos y su misma base.
"""

from __future__ import annotations

import os
from typing import Any

import django
import jwt
import uvicorn

os.environ["DJANGO_SETTINGS_MODULE"] = "servitech.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import Http404, HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from mensajeria.models import Conversacion, Mensaje, Participante, Usuario  # noqa: E402

LIMITE = 50


def _quien(request: HttpRequest) -> Usuario:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    datos = jwt.decode(token, settings.JWT_SECRET, ["HS256"])
    return Usuario.objects.get(pk=datos["userId"], is_active=True)


def _persona(usuario: Usuario) -> dict[str, Any]:
    return {
        "_id": usuario.pk,
        "nombre": usuario.nombre,
        "apellido": usuario.apellido,
        "avatar_url": usuario.avatar_url,
    }


def _mensaje(m: Mensaje) -> dict[str, Any]:
    return {
        "_id": m.pk,
        "conversacion": m.conversacion_id,
        "remitente": _persona(m.remitente) if m.remitente else None,
        "contenido": {
            "texto": m.texto,
            "tipo": m.tipo,
            "archivo": m.archivo,
            "metadatos": m.metadatos,
        },
        "tipo": m.tipo,
        "prioridad": m.prioridad,
        "secuencia": m.secuencia,
        "secuenciaCambio": m.secuencia_cambio,
        "editado": m.editado,
        "eliminado": m.eliminado,
        "fijado": m.fijado,
        "reacciones": [{"usuario": r.usuario_id, "tipo": r.tipo} for r in m.reacciones.all()],
        "fechaEnvio": m.fecha_envio,
        "idCliente": m.id_cliente,
    }


def mensajes(request: HttpRequest, pk: str) -> JsonResponse:
    if not Participante.objects.filter(
        conversacion=pk, usuario=_quien(request), activo=True
    ).exists():
        raise Http404
    filas = Mensaje.objects.filter(conversacion=pk).order_by("-secuencia")
    if antes := request.GET.get("antes"):
        filas = filas.filter(secuencia__lt=int(antes))
    filas = filas.select_related("remitente").prefetch_related("reacciones")[:LIMITE]
    return JsonResponse({"results": [_mensaje(m) for m in filas]})


def _participante(p: Participante) -> dict[str, Any]:
    return {
        "usuario": _persona(p.usuario),
        "rol": p.rol,
        "activo": p.activo,
        "fechaIngreso": p.fecha_ingreso,
        "entregadoHasta": p.entregado_hasta,
        "leidoHasta": p.leido_hasta,
        "permisos": {
            "puedeEnviar": p.puede_enviar,
            "puedeEliminar": p.puede_eliminar,
            "puedeModerar": p.puede_moderar,
        },
    }


def _conversacion(c: Conversacion) -> dict[str, Any]:
    return {
        "_id": c.pk,
        "codigoConversacion": c.codigo,
        "tipo": c.tipo,
        "participantes": [_participante(p) for p in c.participantes.all()],
        "configuracion": {"nombre": c.nombre_personalizado, "descripcion": c.descripcion},
        "activa": c.activa,
        "fechaCreacion": c.fecha_creacion,
        "fechaUltimaActividad": c.fecha_ultima_actividad,
        "ultimaSecuencia": c.ultima_secuencia,
        "ultimoCambio": c.ultimo_cambio,
    }


def conversaciones(request: HttpRequest) -> JsonResponse:
    filas = (
        Conversacion.objects.filter(
            participantes__usuario=_quien(request), participantes__activo=True
        )
        .order_by("-fecha_ultima_actividad", "-pk")
        .prefetch_related("participantes__usuario")[:LIMITE]
    )
    return JsonResponse({"results": [_conversacion(c) for c in filas]})


urlpatterns = [
    path("api/mensajeria/conversaciones/", conversaciones),
    path("api/mensajeria/conversaciones/<str:pk>/mensajes/", mensajes),
]

settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
uvicorn.run(
    get_asgi_application(),
    host="127.0.0.1",
    port=int(os.environ["PUERTO"]),
    log_level="warning",
    loop="uvloop",
    backlog=2048,
)
