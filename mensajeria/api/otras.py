"""El índice, las notificaciones, las estadísticas y la comprobación de la semilla."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import consultas, presentacion
from mensajeria.api import esquemas, paginas
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.models import leer_fecha
from mensajeria.operaciones import notificaciones, presencia
from mensajeria.operaciones.resumen import cifras_de_actividad, totales_por_tipo
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import ahora


class Indice(APIView):
    """Qué hay en la API: cada lista y cada página, con su dirección."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    RUTAS = {
        "conversaciones": "conversacion-list",
        "usuarios": "usuario-list",
        "archivos": "archivos",
        "notificaciones": "notificacion-list",
        "sesiones": "sesiones",
        "estadisticas": "estadisticas",
        "test": "prueba",
        "token": "token",
        "docs": "docs",
        "esquema": "esquema",
    }

    @extend_schema(
        operation_id="ver_indice",
        responses={
            200: {
                "type": "object",
                "additionalProperties": {"type": "string", "format": "uri"},
            }
        },
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                nombre: request.build_absolute_uri(reverse(ruta))
                for nombre, ruta in self.RUTAS.items()
            }
        )


class Notificaciones(ConIds):
    """Las mías, la más nueva primero."""

    @extend_schema(
        operation_id="listar_notificaciones",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limite", int)],
        responses=esquemas.pagina(formas.Notificacion),
    )
    def list(self, request: Request) -> Response:
        usuario_id = usuario_de_peticion(request).pk
        return paginas.PorFecha().respuesta(
            request,
            lambda d, p, n: consultas.listar_notificaciones(usuario_id, d, leer_fecha(p), n),
            lambda filas: map(presentacion.notificacion, filas),
        )

    @extend_schema(
        operation_id="leer_notificacion",
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
        request=None,
        responses=esquemas.de(formas.Notificacion),
    )
    @action(detail=True, methods=["post"])
    def leer(self, request: Request, pk: str) -> Response:
        fila = notificaciones.marcar_leida(usuario_de_peticion(request).pk, pk)
        return Response(presentacion.notificacion(fila))


class Cifras(APIView):
    """Las cifras de la semilla; el personal ve además los totales por tipo y el último día."""

    @extend_schema(
        operation_id="ver_estadisticas", responses=esquemas.de(empujes.EstadisticasDelSistema)
    )
    def get(self, request: Request) -> Response:
        cifras = presencia.estadisticas()
        if not usuario_de_peticion(request).is_staff:
            return Response(cifras)
        return Response(
            {
                "usuariosConectados": cifras.usuarios_conectados,
                "conversacionesActivas": cifras.conversaciones_activas,
                "totalSockets": cifras.total_sockets,
                "timestamp": cifras.timestamp,
                "totales": totales_por_tipo(),
                "ultimoDia": cifras_de_actividad(timedelta(days=1)),
            }
        )


@extend_schema(exclude=True)
class NoExiste(APIView):
    """Un camino de la API que no es de nadie: la negativa del catálogo, no una página."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise no_existe()


class Prueba(APIView):
    """La comprobación de la semilla: responde sin credenciales."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="probar",
        responses={
            200: {
                "type": "object",
                "properties": {
                    "success": {"type": "boolean"},
                    "message": {"type": "string"},
                    "timestamp": {"type": "string"},
                },
            }
        },
    )
    def get(self, request: Request) -> Response:
        return Response({"success": True, "message": "Mensajería en marcha", "timestamp": ahora()})
