"""Conversaciones, sus participantes y sus mensajes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import archivos, avatares, esquemas, paginas
from mensajeria.api.archivos import FORMULARIO, FORMULARIO_DE_AVATAR, NEGATIVAS
from mensajeria.api.descripcion import describir
from mensajeria.api.historia import pagina_de_historia
from mensajeria.api.paginas import ID
from mensajeria.api.pedidos import ConIds, carga_de, enviar, pedir, usuario_de_peticion
from mensajeria.consultas.filas import FilaDeLaLista, FilaDeMensaje
from mensajeria.models import Conversacion, leer_fecha
from mensajeria.operaciones.conversaciones import Existente
from mensajeria.protocolo import cargas, empujes, formas
from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.tipos import MAX_ENUMERADOS


def _presentada(usuario_id: str, conversacion_id: str, *nombrados: str) -> formas.Conversacion:
    fila = consultas.conversacion_de(usuario_id, conversacion_id)
    return consultas.presentar_conversaciones([fila], usuario_id, *nombrados)[0]


def _participantes(request: Request, conversacion_id: str) -> Response:
    """La lista entera, en orden de ingreso, si son pocos y cabe; si no, o si se piden, páginas."""
    por_paginas = request.query_params.keys() & {"cursor", "limite"}
    if not por_paginas and consultas.cuantas_filas(conversacion_id) <= MAX_ENUMERADOS:
        todos = consultas.todos_los_de(conversacion_id)
        caben = paginas.crudas_que_caben(todos)
        if len(caben) == len(todos):
            return Response(caben)
    return paginas.PorPersona().respuesta(
        request,
        lambda d, p, n: consultas.listar_participantes(
            conversacion_id, d, p and paginas.identificador(p), n
        ),
        consultas.presentar_participantes,
    )


class Conversaciones(ConIds):
    """Mis conversaciones: primero las que anclé, y la de actividad más reciente primero."""

    TITULOS = {"List": "Conversaciones", "Instance": "Conversación"}

    @describir(
        "listar_conversaciones",
        "Mis conversaciones, las ancladas y la de actividad más reciente primero, por páginas.",
        parameters=[
            OpenApiParameter("tipo", str, enum=Conversacion.Tipo.values),
            OpenApiParameter("activa", bool),
            OpenApiParameter("noLeidos", bool, description="Solo las que tienen algo sin leer"),
            OpenApiParameter("archivadas", bool, description="Las que archivé, y no las demás"),
            *paginas.PARAMETROS,
        ],
        da=esquemas.pagina(formas.Conversacion),
    )
    def list(self, request: Request) -> Response:
        usuario_id = usuario_de_peticion(request).pk
        filtro = consultas.Filtro(
            tipo=paginas.opcion(request, "tipo", Conversacion.Tipo.values),
            activa=paginas.logico(request, "activa"),
            no_leidos=paginas.logico(request, "noLeidos") or False,
            archivadas=paginas.logico(request, "archivadas") or False,
        )

        def leer(descendente: bool, posicion: str | None, cuantas: int) -> list[FilaDeLaLista]:
            desde, entre_ancladas = paginas.PorActividad.de_donde(posicion)
            return consultas.listar_conversaciones(
                usuario_id, filtro, descendente, desde, cuantas, entre_ancladas=entre_ancladas
            )

        return paginas.PorActividad().respuesta(
            request,
            leer,
            lambda filas: consultas.presentar_conversaciones(filas, usuario_id),
        )

    @describir(
        "crear_conversacion",
        "Empieza una conversación con otras personas.",
        request=esquemas.cuerpo(cargas.CrearConversacion),
        responses=dict.fromkeys((200, 201), esquemas.de(formas.Conversacion)),
        errores=(CodigoError.NOT_FOUND,),
    )
    def create(self, request: Request) -> Response:
        """201 si es nueva; 200 con la individual que ya había entre esas dos personas."""
        resultado = pedir(request, carga_de(request, cargas.CrearConversacion))
        forma = _presentada(usuario_de_peticion(request).pk, resultado.conversacion_id)
        return Response(forma, status=200 if isinstance(resultado, Existente) else 201)

    @describir(
        "ver_conversacion",
        "Una conversación mía, con sus participantes y lo que no he leído.",
        da=esquemas.de(formas.Conversacion),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(_presentada(usuario_de_peticion(request).pk, pk))

    @describir(
        "actualizar_conversacion",
        "Cambia su nombre y lo demás de su configuración, la cierra o la vuelve a abrir.",
        request=esquemas.cuerpo(cargas.ActualizarConversacion, "conversacionId"),
        da=esquemas.de(formas.Conversacion),
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.ActualizarConversacion, conversacionId=pk))
        return Response(_presentada(usuario_de_peticion(request).pk, pk))

    @describir(
        "listar_participantes",
        "Quiénes participan: la lista entera si son pocos; si no, o si se piden, páginas.",
        methods=["GET"],
        parameters=paginas.PARAMETROS,
        da={"oneOf": [esquemas.lista(formas.Participante), esquemas.pagina(formas.Participante)]},
    )
    @describir(
        "agregar_participante",
        "Suma a una persona; pide `puedeModerar`.",
        methods=["POST"],
        request=esquemas.cuerpo(cargas.AgregarParticipante, "conversacionId"),
        da=esquemas.de(formas.Conversacion),
        estado=201,
        errores=(CodigoError.CONFLICT, CodigoError.CONVERSATION_CLOSED),
    )
    @action(detail=True, methods=["get", "post"])
    def participantes(self, request: Request, pk: str) -> Response:
        usuario_id = usuario_de_peticion(request).pk
        if request.method == "GET":
            consultas.conversacion_de(usuario_id, pk)
            return _participantes(request, pk)
        carga = carga_de(request, cargas.AgregarParticipante, conversacionId=pk)
        pedir(request, carga)
        return Response(_presentada(usuario_id, pk, carga.usuario_id), status=201)

    @describir(
        "cambiar_participante",
        "Cambia el papel o los permisos de alguien; pide `puedeModerar`.",
        methods=["PATCH"],
        request=esquemas.cuerpo(cargas.CambiarParticipante, "conversacionId", "usuarioId"),
        da=esquemas.de(formas.Conversacion),
    )
    @describir(
        "remover_participante",
        "Quita a alguien; a uno mismo, siempre, y a los demás, con `puedeModerar`.",
        methods=["DELETE"],
    )
    @action(
        detail=True,
        methods=["patch", "delete"],
        url_path=rf"participantes/(?P<usuario_id>{ID})",
    )
    def participante(self, request: Request, pk: str, usuario_id: str) -> Response:
        ruta: dict[str, Any] = {"conversacionId": pk, "usuarioId": usuario_id}
        if request.method == "DELETE":
            pedir(request, carga_de(request, cargas.RemoverParticipante, **ruta))
            return Response(status=204)
        pedir(request, carga_de(request, cargas.CambiarParticipante, **ruta))
        return Response(_presentada(usuario_de_peticion(request).pk, pk, usuario_id))

    @describir(
        "listar_mensajes",
        "La historia, lo más nuevo primero; o con `desdeCambio`, lo que cambió desde entonces.",
        methods=["GET"],
        parameters=[
            paginas.de_entero("antes", "Solo secuencias menores"),
            paginas.de_entero("despues", "Solo secuencias mayores"),
            paginas.de_entero("desdeCambio", "Lo cambiado después, por `secuenciaCambio`"),
            OpenApiParameter("epoca", str, description="En la que valen esos números"),
            *paginas.PARAMETROS,
        ],
        da=esquemas.pagina(formas.Mensaje, epoca="string", reiniciado="boolean"),
    )
    @describir(
        "enviar_mensaje",
        "Envía un mensaje; con `idCliente`, repetirlo da el primero.",
        methods=["POST"],
        request=esquemas.cuerpo(cargas.EnviarMensaje, "conversacionId"),
        da={"anyOf": [esquemas.de(formas.Mensaje), esquemas.de(empujes.MensajeEnviado)]},
        estado=201,
    )
    @action(detail=True, methods=["get", "post"])
    def mensajes(self, request: Request, pk: str) -> Response:
        if request.method == "POST":
            return self._enviar(request, pk)
        return pagina_de_historia(request, usuario_de_peticion(request).pk, pk)

    def _enviar(self, request: Request, pk: str) -> Response:
        carga = carga_de(request, cargas.EnviarMensaje, conversacionId=pk)
        return Response(enviar(request, carga), status=201)

    @describir(
        "subir_archivo_a_conversacion",
        "Sube un archivo que solo se podrá enviar en esta conversación.",
        request=FORMULARIO,
        da=esquemas.de(formas.ArchivoSubido),
        estado=201,
        errores=(*NEGATIVAS, CodigoError.CONVERSATION_CLOSED),
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def archivos(self, request: Request, pk: str) -> Response:
        """Para enviarlo solo en ella; se sabe ya si se podrá."""
        subido = archivos.subir(request, pk)
        return Response(archivos.presentar(request, subido), status=201)

    @describir(
        "poner_avatar_de_conversacion",
        "Le pone una foto, que se recorta en cuadrado; pide `puedeModerar`.",
        methods=["PUT"],
        request=FORMULARIO_DE_AVATAR,
        da=esquemas.de(formas.Conversacion),
        errores=NEGATIVAS,
    )
    @describir(
        "quitar_avatar_de_conversacion",
        "Le quita la foto; pide `puedeModerar`.",
        methods=["DELETE"],
        da=esquemas.de(formas.Conversacion),
    )
    @action(detail=True, methods=["put", "delete"], parser_classes=[MultiPartParser])
    def avatar(self, request: Request, pk: str) -> Response:
        """El que trae el formulario, cuadrado; con DELETE, ninguno."""
        hacer = avatares.poner_el_de if request.method == "PUT" else avatares.quitar_el_de
        hacer(request, pk)
        return Response(_presentada(usuario_de_peticion(request).pk, pk))

    @describir("leer_conversacion", "La da por leída hasta su último mensaje.", request=None)
    @action(detail=True, methods=["post"])
    def leer(self, request: Request, pk: str) -> Response:
        pedir(request, carga_de(request, cargas.MarcarLeido, conversacionId=pk, mensajeId=None))
        return Response(status=204)

    @describir(
        "cambiar_preferencias",
        "La silencia, la ancla o la archiva, solo para mí.",
        request=esquemas.cuerpo(cargas.CambiarPreferencias, "conversacionId"),
        da=esquemas.de(formas.Preferencias),
    )
    @action(detail=True, methods=["patch"])
    def preferencias(self, request: Request, pk: str) -> Response:
        """Las mías en ella: para los demás no cambia nada."""
        carga = carga_de(request, cargas.CambiarPreferencias, conversacionId=pk)
        return Response(pedir(request, carga).preferencias)

    @describir(
        "listar_fijados",
        "Sus mensajes fijados, el último en fijarse primero.",
        parameters=paginas.PARAMETROS,
        da=esquemas.lista(formas.Mensaje),
    )
    @action(detail=True, methods=["get"])
    def fijados(self, request: Request, pk: str) -> Response:
        """El último en fijarse primero; si no caben todos, `Link` dice dónde siguen."""
        usuario_id = usuario_de_peticion(request).pk

        def leer(descendente: bool, posicion: str | None, cuantos: int) -> list[FilaDeMensaje]:
            desde = leer_fecha(posicion)
            fijados = consultas.fijados_de(usuario_id, pk, descendente, desde)
            return consultas.filas_de(fijados[:cuantos])

        return paginas.PorFijado().respuesta(request, leer, consultas.presentar_mensajes)
