"""Los archivos: subirlos, verlos y borrar lo que no se llegó a enviar."""

from __future__ import annotations

from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import consultas, presentacion
from mensajeria.api import esquemas
from mensajeria.api.autenticacion import AutenticacionJWT
from mensajeria.api.firmas import PARAMETRO, AutenticacionPorFirma, firmar
from mensajeria.api.formatos import FormatoJSON
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.archivos import subida
from mensajeria.archivos.descarga import descargar
from mensajeria.models import Archivo
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido, sin_permiso
from mensajeria.protocolo.tipos import CONTENIDO, Carga, IdCliente
from mensajeria.protocolo.validacion import convertir

ID = OpenApiParameter("id", str, OpenApiParameter.PATH)
FORMULARIO = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            subida.CAMPO: {"type": "string", "format": "binary"},
            "idCliente": {"type": "string", "minLength": 1, "maxLength": 64},
        },
        "required": [subida.CAMPO],
    }
}


class _Subida(Carga):
    """Lo que acompaña a un archivo en su formulario."""

    id_cliente: IdCliente | None = None


def subir(request: Request, conversacion_id: str | None = None) -> Archivo:
    """El archivo de su formulario, guardado; con conversación, para enviarlo solo en ella.

    Si ya lo subió o lo envió con ese `idCliente`, aquel: es un reintento.
    """
    usuario_id = usuario_de_peticion(request).pk
    id_cliente = convertir(request.POST.dict(), _Subida).id_cliente
    if id_cliente is None:
        _exigir_que_pueda(usuario_id, conversacion_id)
        return subida.subir(usuario_id, conversacion_id, *llegado(request))
    nombre, crudo = llegado(request)
    huella = subida.huella_de(crudo)
    ya = consultas.archivo_repetido(usuario_id, conversacion_id, id_cliente, huella)
    if ya is not None:
        return ya
    _exigir_que_pueda(usuario_id, conversacion_id)
    return subida.subir(usuario_id, conversacion_id, nombre, crudo, id_cliente)


def _exigir_que_pueda(usuario_id: str, conversacion_id: str | None) -> None:
    if conversacion_id is not None:
        consultas.exigir_que_pueda_enviar(usuario_id, conversacion_id)


def llegado(request: Request) -> tuple[str, bytes]:
    """El nombre y los bytes del que trae su formulario."""
    # De los que vienen con un mismo nombre, `values` da solo el último.
    llegados = [cast("UploadedFile[bytes]", f) for _, suyos in request.FILES.lists() for f in suyos]
    if len(llegados) != 1:
        raise no_valido(f"El formulario lleva un archivo, en «{subida.CAMPO}»", subida.CAMPO)
    [llegado] = llegados
    llegado.seek(0)
    return llegado.name or "", llegado.read()


def presentar(request: Request, fila: Archivo) -> formas.ArchivoSubido:
    """Con enlaces para quien firma la petición."""
    firma = firmar(request, fila.pk)
    return presentacion.archivo_subido(fila, firma.texto, firma.expira)


class Archivos(ConIds):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="listar_archivos",
        parameters=[OpenApiParameter("id", exclude=True)],
        responses={200: {"type": "array", "items": esquemas.de(formas.ArchivoSubido)}},
    )
    def list(self, request: Request) -> Response:
        """Los propios que no se han enviado, el último primero: la lista entera, sin páginas."""
        filas = consultas.archivos_sin_enviar(usuario_de_peticion(request).pk)
        return Response([presentar(request, fila) for fila in filas])

    @extend_schema(
        operation_id="subir_archivo",
        parameters=[OpenApiParameter("id", exclude=True)],
        request=FORMULARIO,
        responses={201: esquemas.de(formas.ArchivoSubido)},
    )
    def create(self, request: Request) -> Response:
        """Se envía después, con `archivo: {id}`; lo que nadie envía en un día se borra."""
        return Response(presentar(request, subir(request)), status=201)

    @extend_schema(
        operation_id="ver_archivo",
        parameters=[ID],
        responses=esquemas.de(formas.ArchivoSubido),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Con enlaces que valen un rato."""
        fila = consultas.archivo_de(usuario_de_peticion(request).pk, pk)
        return Response(presentar(request, fila))

    @extend_schema(operation_id="borrar_archivo", parameters=[ID], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Uno propio que no se ha enviado."""
        usuario_id = usuario_de_peticion(request).pk
        fila = consultas.archivo_de(usuario_id, pk)
        if fila.usuario_id != usuario_id:
            raise sin_permiso()
        if not subida.borrar_sin_enviar(fila):
            raise ErrorMensajeria(CodigoError.CONFLICT, "Ya se envió: elimina su mensaje")
        return Response(status=204)


class _LoQueHay(BaseContentNegotiation):
    """Lo que se pide con `Accept` no se mira: una imagen pide imágenes, y un error es JSON."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class BytesDeArchivo(APIView):
    """Los bytes de un archivo, o los de una de sus miniaturas."""

    authentication_classes = (AutenticacionPorFirma, AutenticacionJWT, SessionAuthentication)
    content_negotiation_class = _LoQueHay
    renderer_classes = (FormatoJSON,)
    parte = CONTENIDO

    @extend_schema(
        parameters=[ID, OpenApiParameter(PARAMETRO, str), OpenApiParameter("Range", str, "header")],
        responses={(200, "*/*"): OpenApiTypes.BINARY, (206, "*/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: str) -> HttpResponseBase:
        fila = consultas.archivo_de(usuario_de_peticion(request).pk, pk)
        if fila.estado == Archivo.Estado.EN_REVISION:
            raise ErrorMensajeria(
                CodigoError.UNAVAILABLE, "El archivo aún se está revisando", reintentar_en=5.0
            )
        return descargar(request._request, fila, self.parte)
