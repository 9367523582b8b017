"""Estadísticas, búsqueda, salud y la prueba."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import paginas
from mensajeria.api.autenticacion import SiVale
from mensajeria.api.original.respuestas import DelOriginal, PaginaPorNumero, cuerpo, hecho
from mensajeria.api.pedidos import usuario_de_peticion
from mensajeria.models import Conversacion
from mensajeria.operaciones import resumen
from mensajeria.protocolo.errores import no_valido, sin_permiso
from mensajeria.protocolo.tipos import ahora

MIN_BUSQUEDA = 2
POR_PAGINA = 20
# Escribían en la base lo que pidiera cualquiera.
ACCIONES_RETIRADAS = ("crear-conversacion-test", "enviar-mensaje-test")


class CifrasDelOriginal(DelOriginal):
    def list(self, request: Request) -> Response:
        """Las de quien pide; `incluirGlobales=true`, además las de todos, si es del personal."""
        usuario = usuario_de_peticion(request)
        suyas = consultas.cifras_de(usuario.pk)
        globales = request.query_params.get("incluirGlobales") == "true" and usuario.is_staff
        ultima = suyas.ultima_actividad
        return hecho(
            estadisticasUsuario={
                "totalConversaciones": suyas.conversaciones,
                "conversacionesActivas": suyas.activas,
                "totalMensajesNoLeidos": suyas.sin_leer,
                # En milisegundos, como la daba `Math.max` de unas fechas.
                "ultimaActividad": ultima and int(ultima.timestamp() * 1000),
            },
            estadisticasGlobales=resumen.conversaciones_por_tipo() if globales else None,
        )


class BusquedaDelOriginal(DelOriginal):
    def list(self, request: Request) -> Response:
        """Lo mío que dice `q`, lo más nuevo primero."""
        buscado = request.query_params.get("q", "").strip()
        if len(buscado) < MIN_BUSQUEDA:
            raise no_valido(f"La búsqueda debe tener al menos {MIN_BUSQUEDA} caracteres", "q")
        usuario_id = usuario_de_peticion(request).pk
        limite = PaginaPorNumero.pedida(request, POR_PAGINA).limite
        filas = consultas.buscar_lo_mas_nuevo(usuario_id, buscado, limite)
        hallados = paginas.crudas_que_caben(consultas.presentar_mensajes(filas))
        return hecho(resultados=hallados, total=len(hallados), query=buscado)


class Salud(DelOriginal):
    authentication_classes = (SiVale, SessionAuthentication)
    permission_classes = (AllowAny,)

    def list(self, request: Request) -> Response:
        """Si la base responde; cuánto guarda, solo al personal: contarlo cuesta, y dice cosas."""
        Conversacion.objects.exists()
        return hecho(
            status="OK",
            timestamp=ahora(),
            estadisticas=resumen.totales_activos() if request.user.is_staff else None,
        )


class PruebaDelOriginal(DelOriginal):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def create(self, request: Request) -> Response:
        if cuerpo(request).get("accion") in ACCIONES_RETIRADAS:
            raise sin_permiso("La prueba ya no crea nada: usa las rutas, con un token")
        return hecho(
            message="Sistema de mensajería funcionando correctamente",
            acciones_disponibles=[],
        )
