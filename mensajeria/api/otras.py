"""El índice, las notificaciones, las estadísticas y la comprobación de la semilla."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import consultas, presentacion
from mensajeria.api import esquemas, paginas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.avisos.canales import aplicacion
from mensajeria.models import leer_fecha
from mensajeria.nodo import nodo
from mensajeria.operaciones import notificaciones, presencia
from mensajeria.operaciones.resumen import cifras_de_actividad, totales_por_tipo
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import Fecha, Forma, ahora


class Indice(APIView):
    """Qué hay en la API. Para verlo todo desde el navegador, «Entrar», arriba. Un programa entra
    con POST token/ y envía después Authorization: Bearer …; vale también el token de otro sistema,
    firmado con el mismo JWT_SECRET.
    """

    name = "API de mensajería"
    # Solo para decir en su página quién ha entrado.
    authentication_classes = (SessionAuthentication,)
    permission_classes = (AllowAny,)
    RUTAS = {
        "conversaciones": "conversacion-list",
        "usuarios": "usuario-list",
        "archivos": "archivos",
        "notificaciones": "notificacion-list",
        "dispositivos": "dispositivo-list",
        "preferencias": "preferencias",
        "sesiones": "sesiones",
        "estadisticas": "estadisticas",
        "test": "prueba",
        "token": "token",
        "docs": "docs",
        "esquema": "esquema",
    }

    @describir(
        "ver_indice",
        "Qué hay en la API: cada lista y cada página, con su dirección.",
        auth=[{}],
        da={"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
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

    TITULOS = {"List": "Notificaciones"}

    @describir(
        "listar_notificaciones",
        "Mis notificaciones, la más nueva primero, por páginas.",
        parameters=paginas.PARAMETROS,
        da=esquemas.pagina(formas.Notificacion),
    )
    def list(self, request: Request) -> Response:
        usuario_id = usuario_de_peticion(request).pk
        return paginas.PorFecha().respuesta(
            request,
            lambda d, p, n: consultas.listar_notificaciones(usuario_id, d, leer_fecha(p), n),
            lambda filas: map(presentacion.notificacion, filas),
        )

    @describir(
        "leer_notificacion",
        "La da por leída.",
        request=None,
        da=esquemas.de(formas.Notificacion),
    )
    @action(detail=True, methods=["post"])
    def leer(self, request: Request, pk: str) -> Response:
        usuario_id = usuario_de_peticion(request).pk
        fila = notificaciones.marcar_leida(usuario_id, pk)
        nodo().emisor.emitir(aplicacion.avisar_de_leidas({pk: usuario_id}))
        return Response(presentacion.notificacion(fila))


class Cifras(APIView):
    """Las cifras de la semilla; el personal ve además los totales por tipo y el último día."""

    name = "Estadísticas"

    @describir(
        "ver_estadisticas",
        "Cuánta gente y cuántas conversaciones hay ahora.",
        da=esquemas.de(empujes.EstadisticasDelSistema),
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
                "ultimoDia": cifras_de_actividad(timezone.now() - timedelta(days=1)),
            }
        )


@extend_schema(exclude=True)
class NoExiste(APIView):
    """Un camino de la API que no es de nadie: la negativa del catálogo, no una página."""

    name = "No existe"
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise no_existe()


_nada = NoExiste.as_view()


@csrf_exempt
def no_existe_nada(request: HttpRequest) -> HttpResponseBase:
    """Sin ser una vista de DRF, las migas de una página no pasan por aquí."""
    return _nada(request)


class EnMarcha(Forma, kw_only=True):
    success: bool
    message: str
    timestamp: Fecha


class Prueba(APIView):
    """La comprobación de la semilla: responde sin credenciales."""

    name = "Comprobación"
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describir("probar", "Si contesta, el servicio está en marcha.", da=esquemas.de(EnMarcha))
    def get(self, request: Request) -> Response:
        return Response(EnMarcha(success=True, message="Mensajería en marcha", timestamp=ahora()))
