"""Las personas: buscarlas, verlas, y lo que cada una cambia de sí misma."""

from __future__ import annotations

from collections.abc import Iterable

from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas, presentacion
from mensajeria.api import archivos, avatares, esquemas
from mensajeria.api.descripcion import describir
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
    """Las personas a las que veo."""

    TITULOS = {"List": "Personas", "Instance": "Persona"}

    @describir(
        "buscar_usuarios",
        "A quienes veo, o los que se llaman así: 20 como mucho, sin páginas.",
        parameters=[
            OpenApiParameter(
                "q",
                {"type": "string", "maxLength": MAX_BUSCADO},
                description="El principio de su nombre, apellido o usuario",
            )
        ],
        da={
            "type": "object",
            "properties": {"results": esquemas.lista(formas.PersonaVista)},
            "required": ["results"],
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

    @describir(
        "ver_usuario",
        "Alguien a quien veo, y si está en línea.",
        da=esquemas.de(formas.PersonaVista),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        fila = consultas.persona_vista(usuario_de_peticion(request), pk)
        return Response(_presentadas([fila])[0])

    @describir(
        "ver_mi_perfil",
        "Quien firma la petición.",
        methods=["GET"],
        da=esquemas.de(formas.PersonaVista),
    )
    @describir(
        "cambiar_mi_perfil",
        "Cambia mi nombre y mi apellido.",
        methods=["PATCH"],
        request=esquemas.cuerpo(cargas.CambiarPerfil),
        da=esquemas.de(formas.PersonaVista),
    )
    @action(detail=False, methods=["get", "patch"], name="Mi perfil")
    def yo(self, request: Request) -> Response:
        """Quien firma la petición; con PATCH, su nombre y su apellido."""
        propio = usuario_de_peticion(request)
        if request.method == "PATCH":
            usuarios.cambiar_perfil(propio, carga_de(request, cargas.CambiarPerfil))
        return Response(_presentadas([propio])[0])

    @describir(
        "poner_mi_avatar",
        "Me pone una foto, que se recorta en cuadrado.",
        methods=["PUT"],
        request=archivos.FORMULARIO_DE_AVATAR,
        da=esquemas.de(formas.PersonaVista),
        errores=archivos.NEGATIVAS,
    )
    @describir(
        "quitar_mi_avatar",
        "Me quita la foto.",
        methods=["DELETE"],
        da=esquemas.de(formas.PersonaVista),
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
