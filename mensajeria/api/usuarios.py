"""Las personas: buscarlas, verlas, y lo que cada una cambia de sí misma."""

from __future__ import annotations

from collections.abc import Iterable

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas, presentacion
from mensajeria.api import archivos, avatares, esquemas
from mensajeria.api.pedidos import ConIds, carga_de, usuario_de_peticion
from mensajeria.entre_procesos import limites
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models.datos import DatosDePersonaVista
from mensajeria.operaciones import usuarios
from mensajeria.protocolo import cargas, formas
from mensajeria.protocolo.errores import no_valido

MAX_BUSCADO = 200


def _presentadas(filas: Iterable[DatosDePersonaVista]) -> list[formas.PersonaVista]:
    vistas = list(filas)
    en_linea = compartido().presencia.en_linea({f.id for f in vistas})
    return [presentacion.persona_vista(f, en_linea=f.id in en_linea) for f in vistas]


class Usuarios(ConIds):
    @extend_schema(
        operation_id="buscar_usuarios",
        parameters=[
            OpenApiParameter("id", exclude=True),
            OpenApiParameter("q", str, description="El principio de su nombre, apellido o usuario"),
        ],
        responses={
            200: {
                "type": "object",
                "properties": {
                    "results": {"type": "array", "items": esquemas.de(formas.PersonaVista)}
                },
                "required": ["results"],
            }
        },
    )
    def list(self, request: Request) -> Response:
        """A quienes veo, 20 como mucho y sin páginas: con quienes comparto algo, primero."""
        lector = usuario_de_peticion(request)
        texto = request.query_params.get("q", "")
        if len(texto) > MAX_BUSCADO:
            raise no_valido(f"«q» tiene {MAX_BUSCADO} caracteres como mucho", "q")
        limites.gastar_busqueda_de_personas(lector.pk)
        filas = consultas.buscar_personas(lector, texto)
        return Response({"results": _presentadas(filas)})

    @extend_schema(
        operation_id="ver_usuario",
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
        responses=esquemas.de(formas.PersonaVista),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        fila = consultas.persona_vista(usuario_de_peticion(request), pk)
        return Response(_presentadas([fila])[0])

    @extend_schema(
        methods=["GET"], operation_id="ver_mi_perfil", responses=esquemas.de(formas.PersonaVista)
    )
    @extend_schema(
        methods=["PATCH"],
        operation_id="cambiar_mi_perfil",
        request=esquemas.cuerpo(cargas.CambiarPerfil),
        responses=esquemas.de(formas.PersonaVista),
    )
    @action(detail=False, methods=["get", "patch"])
    def yo(self, request: Request) -> Response:
        """Quien firma la petición; con PATCH, su nombre y su apellido."""
        propio = usuario_de_peticion(request)
        if request.method == "PATCH":
            usuarios.cambiar_perfil(propio, carga_de(request, cargas.CambiarPerfil))
        return Response(_presentadas([propio])[0])

    @extend_schema(
        methods=["PUT"],
        operation_id="poner_mi_avatar",
        request=archivos.FORMULARIO,
        responses=esquemas.de(formas.PersonaVista),
    )
    @extend_schema(
        methods=["DELETE"],
        operation_id="quitar_mi_avatar",
        responses={200: esquemas.de(formas.PersonaVista)},
    )
    @action(
        detail=False,
        methods=["put", "delete"],
        url_path="yo/avatar",
        parser_classes=[MultiPartParser],
    )
    def mi_avatar(self, request: Request) -> Response:
        """El que trae el formulario, cuadrado; con DELETE, ninguno."""
        hacer = avatares.poner_el_mio if request.method == "PUT" else avatares.quitar_el_mio
        hacer(request)
        return Response(_presentadas([usuario_de_peticion(request)])[0])
