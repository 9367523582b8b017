"""Un mensaje: verlo, editarlo, eliminarlo, leerlo, reaccionar y fijarlo."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import esquemas
from mensajeria.api.pedidos import ConIds, carga_de, mensaje_visto, pedir, usuario_de_peticion
from mensajeria.protocolo import cargas, empujes, formas


@extend_schema(parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)])
class Mensajes(ConIds):
    @extend_schema(operation_id="ver_mensaje", responses=esquemas.de(formas.Mensaje))
    def retrieve(self, request: Request, pk: str) -> Response:
        """Con todo su historial, que en los demás sitios va resumido."""
        return Response(mensaje_visto(request, pk, entero=True))

    @extend_schema(
        operation_id="editar_mensaje",
        request=esquemas.cuerpo(cargas.EditarMensaje, "mensajeId"),
        responses=esquemas.de(formas.Mensaje),
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.EditarMensaje, mensajeId=pk))
        return Response(mensaje_visto(request, pk))

    @extend_schema(
        operation_id="eliminar_mensaje",
        request=esquemas.cuerpo(cargas.EliminarMensaje, "mensajeId"),
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.EliminarMensaje, mensajeId=pk))
        return Response(status=204)

    @extend_schema(operation_id="leer_mensaje", request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def leer(self, request: Request, pk: str) -> Response:
        """Lee la conversación hasta este mensaje, incluido."""
        fila = consultas.mensaje_de(usuario_de_peticion(request).pk, pk)
        ruta = {"conversacionId": fila.conversacion_id, "mensajeId": pk}
        pedir(request, carga_de(request, cargas.MarcarLeido, **ruta))
        return Response(status=204)

    @extend_schema(operation_id="ver_recibos", responses=esquemas.de(formas.RecibosDeMensaje))
    @action(detail=True, methods=["get"])
    def recibos(self, request: Request, pk: str) -> Response:
        """Quién lo recibió y quién lo leyó."""
        return Response(consultas.recibos_del_mensaje(usuario_de_peticion(request).pk, pk))

    @extend_schema(
        methods=["POST"],
        operation_id="agregar_reaccion",
        request=esquemas.cuerpo(cargas.AgregarReaccion, "mensajeId"),
        responses=esquemas.de(empujes.ReaccionAgregada),
    )
    @extend_schema(
        methods=["DELETE"],
        operation_id="quitar_reaccion",
        responses=esquemas.de(empujes.ReaccionQuitada),
    )
    @action(detail=True, methods=["post", "delete"])
    def reacciones(self, request: Request, pk: str) -> Response:
        tipo = cargas.AgregarReaccion if request.method == "POST" else cargas.QuitarReaccion
        return Response(pedir(request, carga_de(request, tipo, mensajeId=pk)))

    @extend_schema(
        methods=["POST"],
        operation_id="fijar_mensaje",
        request=None,
        responses=esquemas.de(empujes.MensajeFijado),
    )
    @extend_schema(
        methods=["DELETE"],
        operation_id="desfijar_mensaje",
        responses=esquemas.de(empujes.MensajeDesfijado),
    )
    @action(detail=True, methods=["post", "delete"])
    def fijado(self, request: Request, pk: str) -> Response:
        tipo = cargas.FijarMensaje if request.method == "POST" else cargas.DesfijarMensaje
        return Response(pedir(request, carga_de(request, tipo, mensajeId=pk)))
