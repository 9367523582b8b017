"""De una petición REST a una orden, con las mismas cargas que los sockets."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from rest_framework.request import Request

from mensajeria.models import Usuario
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.tipos import Carga
from mensajeria.protocolo.validacion import convertir

C = TypeVar("C", bound=Carga)


def usuario_de_peticion(request: Request) -> Usuario:
    return cast(Usuario, request.user)


def carga_de(request: Request, tipo: type[C], **de_la_ruta: Any) -> C:
    """La carga con el cuerpo de la petición y lo que dice la ruta, que manda sobre el cuerpo."""
    datos = request.data
    if not isinstance(datos, dict):
        raise no_valido("El cuerpo es un objeto JSON")
    return convertir({**datos, **de_la_ruta}, tipo)


def pedir(request: Request, carga: Carga) -> Any:
    """Ejecuta la orden de quien firma la petición; lanza el error que la rechace."""
    actor = Actor(
        usuario_de_peticion(request).pk,
        ip=request.META.get("REMOTE_ADDR") or "",
        agente=request.META.get("HTTP_USER_AGENT") or "",
    )
    return nodo().ejecutor.ejecutar_una(Orden(actor, carga))
