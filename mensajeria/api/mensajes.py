"""Un mensaje: verlo, editarlo, eliminarlo, leerlo, reaccionar y fijarlo."""

from __future__ import annotations

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import esquemas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import ConIds, carga_de, mensaje_visto, pedir, usuario_de_peticion
from mensajeria.protocolo import cargas, empujes, formas


class Mensajes(ConIds):
    """Un mensaje, y lo que se hace con él."""

    TITULOS = {"Instance": "Mensaje"}

    @describir("ver_mensaje", "Un mensaje, con todo su historial.", da=esquemas.de(formas.Mensaje))
    def retrieve(self, request: Request, pk: str) -> Response:
        """Con todo su historial, que en los demás sitios va resumido."""
        return Response(mensaje_visto(request, pk, entero=True))

    @describir(
        "editar_mensaje",
        "Cambia el texto de un mensaje propio, en los 15 minutos siguientes.",
        request=esquemas.cuerpo(cargas.EditarMensaje, "mensajeId"),
        da=esquemas.de(formas.Mensaje),
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.EditarMensaje, mensajeId=pk))
        return Response(mensaje_visto(request, pk))

    @describir(
        "eliminar_mensaje",
        "Deja en su lugar una lápida, sin contenido ni historial.",
        request=esquemas.cuerpo(cargas.EliminarMensaje, "mensajeId"),
    )
    def destroy(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.EliminarMensaje, mensajeId=pk))
        return Response(status=204)

    @describir("leer_mensaje", "Da por leído hasta él, incluido.", request=None)
    @action(detail=True, methods=["post"])
    def leer(self, request: Request, pk: str) -> Response:
        """Lee la conversación hasta este mensaje, incluido."""
        fila = consultas.mensaje_de(usuario_de_peticion(request).pk, pk)
        ruta = {"conversacionId": fila.conversacion_id, "mensajeId": pk}
        pedir(request, carga_de(request, cargas.MarcarLeido, **ruta))
        return Response(status=204)

    @describir(
        "ver_recibos",
        "Quién recibió un mensaje y quién lo leyó.",
        da=esquemas.de(formas.RecibosDeMensaje),
    )
    @action(detail=True, methods=["get"])
    def recibos(self, request: Request, pk: str) -> Response:
        """Quién lo recibió y quién lo leyó."""
        return Response(consultas.recibos_del_mensaje(usuario_de_peticion(request).pk, pk))

    @describir(
        "agregar_reaccion",
        "Reacciona a un mensaje: una reacción por persona, la última.",
        methods=["POST"],
        request=esquemas.cuerpo(cargas.AgregarReaccion, "mensajeId"),
        da=esquemas.de(empujes.ReaccionAgregada),
    )
    @describir(
        "quitar_reaccion",
        "Quita la reacción propia.",
        methods=["DELETE"],
        da=esquemas.de(empujes.ReaccionQuitada),
    )
    @action(detail=True, methods=["post", "delete"])
    def reacciones(self, request: Request, pk: str) -> Response:
        tipo = cargas.AgregarReaccion if request.method == "POST" else cargas.QuitarReaccion
        return Response(pedir(request, carga_de(request, tipo, mensajeId=pk)))

    @describir(
        "fijar_mensaje",
        "Lo fija arriba en su conversación, para todos.",
        methods=["POST"],
        request=None,
        da=esquemas.de(empujes.MensajeFijado),
    )
    @describir(
        "desfijar_mensaje",
        "Deja de estar fijado.",
        methods=["DELETE"],
        da=esquemas.de(empujes.MensajeDesfijado),
    )
    @action(detail=True, methods=["post", "delete"])
    def fijado(self, request: Request, pk: str) -> Response:
        tipo = cargas.FijarMensaje if request.method == "POST" else cargas.DesfijarMensaje
        return Response(pedir(request, carga_de(request, tipo, mensajeId=pk)))
