"""Mis avisos: qué quiero que se me avise, y por dónde."""

from __future__ import annotations

from typing import get_args

from django.conf import settings
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import presentacion
from mensajeria.api import esquemas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import ConIds, carga_de, usuario_de_peticion
from mensajeria.api.sesiones import ingreso_de
from mensajeria.avisos import buzon, dispositivos, preferencias
from mensajeria.avisos.canales import webpush
from mensajeria.models import Usuario
from mensajeria.nodo import nodo
from mensajeria.protocolo import formas
from mensajeria.protocolo.avisos import CambiarAvisos, RegistrarDispositivo
from mensajeria.protocolo.eventos import CLIENTE
from mensajeria.protocolo.tipos import CanalDeAvisos, ClaseDeAviso


class MisPreferencias(APIView):
    """Las de mis avisos, en todos mis dispositivos."""

    name = "Mis avisos"

    @describir(
        "ver_mis_avisos",
        "Qué se me avisa, por dónde y a qué horas.",
        da=esquemas.de(formas.MisAvisosAqui),
    )
    def get(self, request: Request) -> Response:
        usuario = usuario_de_peticion(request)
        return Response(_con_lo_de_aqui(preferencias.las_de(usuario.pk), usuario))

    @describir(
        "cambiar_mis_avisos",
        "Cambia qué se me avisa; de lo que no se dice, queda lo que haya.",
        request=esquemas.cuerpo(CambiarAvisos),
        da=esquemas.de(formas.MisAvisosAqui),
        errores=CLIENTE["cambiar_avisos"].errores,
    )
    def patch(self, request: Request) -> Response:
        usuario = usuario_de_peticion(request)
        quedan = preferencias.cambiar(usuario.pk, carga_de(request, CambiarAvisos))
        nodo().emisor.emitir(preferencias.avisar(usuario.pk, quedan))
        return Response(_con_lo_de_aqui(quedan, usuario))


def _con_lo_de_aqui(suyas: formas.MisAvisos, usuario: Usuario) -> formas.MisAvisosAqui:
    clases: list[ClaseDeAviso] = ["mensajes", "menciones", "conversaciones"]
    if settings.RECORDATORIO_HORAS:
        clases.append("recordatorios")
    if usuario.is_staff:
        clases.append("resumenes")
    return formas.MisAvisosAqui(
        zona=suyas.zona,
        canales=suyas.canales,
        en_marcha=[canal for canal in get_args(CanalDeAvisos) if buzon.sale_por(canal)],
        clases=clases,
        clave_publica=webpush.clave_publica(),
    )


class Dispositivos(ConIds):
    """Donde se me avisa: navegadores y teléfonos. La lista entera, sin páginas."""

    TITULOS = {"List": "Dispositivos", "Instance": "Dispositivo"}

    @describir(
        "listar_dispositivos",
        "Donde se me avisa, lo último que se supo primero.",
        da=esquemas.lista(formas.Dispositivo),
    )
    def list(self, request: Request) -> Response:
        filas = dispositivos.los_de(usuario_de_peticion(request))
        return Response([presentacion.dispositivo(f) for f in filas])

    @describir(
        "registrar_dispositivo",
        "Desde ahora se me avisa también en este navegador o teléfono.",
        request=esquemas.cuerpo(RegistrarDispositivo),
        da=esquemas.de(formas.Dispositivo),
        estado=201,
    )
    def create(self, request: Request) -> Response:
        carga = carga_de(request, RegistrarDispositivo)
        agente = request.META.get("HTTP_USER_AGENT") or ""
        usuario = usuario_de_peticion(request)
        fila = dispositivos.registrar(usuario, carga, agente, ingreso_de(request))
        return Response(presentacion.dispositivo(fila), status=201)

    @describir("olvidar_dispositivo", "Ya no se me avisa ahí.", request=None)
    def destroy(self, request: Request, pk: str) -> Response:
        dispositivos.olvidar(usuario_de_peticion(request), pk)
        return Response(status=204)

    @describir(
        "probar_dispositivo",
        "Envía un aviso ahora a uno mío, o a `aplicacion` o `correo`, y dice qué pasó.",
        request=None,
        da=esquemas.de(formas.PruebaDeAviso),
    )
    @action(detail=True, methods=["post"])
    def probar(self, request: Request, pk: str) -> Response:
        prueba, sobres = dispositivos.probar(usuario_de_peticion(request), pk)
        nodo().emisor.emitir(sobres)
        return Response(prueba)
