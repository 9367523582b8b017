"""Mis sesiones: dónde he entrado, y cómo acabar con una o con las demás."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import presentacion
from mensajeria.api import esquemas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.operaciones import ingresos
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.protocolo import formas


class Sesiones(ConIds):
    """Las abiertas, la usada más recientemente primero; la lista entera, sin páginas."""

    @describir(
        "listar_sesiones",
        "Dónde he entrado, lo usado más recientemente primero.",
        da=esquemas.lista(formas.SesionAbierta),
    )
    def list(self, request: Request) -> Response:
        filas = ingresos.abiertos_de(usuario_de_peticion(request))
        esta = ingreso_de(request)
        return Response([presentacion.sesion(f, actual=f.pk == esta) for f in filas])

    @describir(
        "acabar_sesion",
        "Cierra una sesión mía, también si es esta.",
        request=None,
    )
    def destroy(self, request: Request, pk: str) -> Response:
        ingresos.acabar_uno(usuario_de_peticion(request).pk, pk)
        return Response(status=204)

    @describir("acabar_las_demas_sesiones", "Cierra todas las mías menos esta.", request=None)
    def acabar_las_demas(self, request: Request) -> Response:
        ingresos.acabar_los_demas(usuario_de_peticion(request).pk, ingreso_de(request))
        return Response(status=204)


def ingreso_de(request: Request) -> str | None:
    """El ingreso con que se pide: el de su token o el de su cookie; nada, si no es de ninguno."""
    if isinstance(request.auth, Credencial):
        return request.auth.ingreso
    return ingresos.el_de(request._request)
