"""Los archivos: subirlos, verlos y borrar lo que no se llegó a enviar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import consultas, presentacion
from mensajeria.api import esquemas
from mensajeria.api.autenticacion import AutenticacionJWT
from mensajeria.api.descripcion import describir
from mensajeria.api.firmas import AutenticacionPorFirma, firmar
from mensajeria.api.formatos import FormatoJSON
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.archivos import subida
from mensajeria.archivos.descarga import descargar
from mensajeria.models import Archivo
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido, sin_permiso
from mensajeria.protocolo.tipos import CONTENIDO, MEDIANA, PEQUENA, Carga, IdCliente
from mensajeria.protocolo.validacion import convertir


def _formulario(**mas: dict[str, Any]) -> dict[str, Any]:
    return {
        "multipart/form-data": {
            "type": "object",
            "properties": {subida.CAMPO: {"type": "string", "format": "binary"}, **mas},
            "required": [subida.CAMPO],
        }
    }


FORMULARIO = _formulario(idCliente={"type": "string", "minLength": 1, "maxLength": 64})
FORMULARIO_DE_AVATAR = _formulario()
# Con lo que se puede negar uno que se sube.
NEGATIVAS = (
    CodigoError.CONFLICT,
    CodigoError.FILE_EMPTY,
    CodigoError.FILE_TYPE_NOT_ALLOWED,
    CodigoError.FILE_DAMAGED,
    CodigoError.FILE_AMBIGUOUS,
    CodigoError.FILE_BOMB,
    CodigoError.FILE_INFECTED,
)


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
    """Los que se suben para enviarlos en un mensaje."""

    parser_classes = (MultiPartParser,)

    @describir(
        "listar_archivos",
        "Los que he subido y aún no he enviado, el último primero.",
        da=esquemas.lista(formas.ArchivoSubido),
    )
    def list(self, request: Request) -> Response:
        """Los propios que no se han enviado, el último primero: la lista entera, sin páginas."""
        filas = consultas.archivos_sin_enviar(usuario_de_peticion(request).pk)
        return Response([presentar(request, fila) for fila in filas])

    @describir(
        "subir_archivo",
        "Sube un archivo, para enviarlo después en un mensaje.",
        request=FORMULARIO,
        da=esquemas.de(formas.ArchivoSubido),
        estado=201,
        errores=NEGATIVAS,
    )
    def create(self, request: Request) -> Response:
        """Se envía después, con `archivo: {id}`; lo que nadie envía en un día se borra."""
        return Response(presentar(request, subir(request)), status=201)

    @describir(
        "ver_archivo",
        "Un archivo, con enlaces firmados que no piden más credenciales.",
        da=esquemas.de(formas.ArchivoSubido),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Con enlaces que valen un rato."""
        fila = consultas.archivo_de(usuario_de_peticion(request).pk, pk)
        return Response(presentar(request, fila))

    @describir(
        "borrar_archivo",
        "Borra uno propio que no se ha enviado.",
        errores=(CodigoError.PERMISSION_DENIED, CodigoError.CONFLICT),
    )
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
    """Los bytes de una parte de un archivo: lo subido, o una de sus miniaturas."""

    authentication_classes = (AutenticacionPorFirma, AutenticacionJWT, SessionAuthentication)
    content_negotiation_class = _LoQueHay
    renderer_classes = (FormatoJSON,)
    parte: str
    name = "Bytes de un archivo"

    def bajar(self, request: Request, pk: str) -> HttpResponseBase:
        fila = consultas.archivo_de(usuario_de_peticion(request).pk, pk)
        if fila.estado == Archivo.Estado.EN_REVISION:
            raise ErrorMensajeria(
                CodigoError.UNAVAILABLE, "El archivo aún se está revisando", reintentar_en=5.0
            )
        return descargar(request._request, fila, self.parte)


def _bajar(operacion: str, frase: str) -> Callable[[Any], Any]:
    bytes_ = {(estado, "*/*"): OpenApiTypes.BINARY for estado in (200, 206)}
    tramo = OpenApiParameter("Range", str, "header", description="Un tramo: `bytes=0-1023`")
    return describir(
        operacion, frase, parameters=[tramo], responses={**bytes_, 304: None, 416: None}
    )


class BytesDelContenido(BytesDeArchivo):
    parte = CONTENIDO

    @_bajar("bajar_archivo", "Los bytes de un archivo, enteros o un tramo.")
    def get(self, request: Request, pk: str) -> HttpResponseBase:
        return self.bajar(request, pk)


class BytesDeLaPequena(BytesDeArchivo):
    parte = PEQUENA

    @_bajar("bajar_miniatura_pequena", "Los de su miniatura de 320 píxeles, en WebP.")
    def get(self, request: Request, pk: str) -> HttpResponseBase:
        return self.bajar(request, pk)


class BytesDeLaMediana(BytesDeArchivo):
    parte = MEDIANA

    @_bajar("bajar_miniatura_mediana", "Los de su miniatura de 960 píxeles, en WebP.")
    def get(self, request: Request, pk: str) -> HttpResponseBase:
        return self.bajar(request, pk)


PARTES: dict[str, type[BytesDeArchivo]] = {
    vista.parte: vista for vista in (BytesDelContenido, BytesDeLaPequena, BytesDeLaMediana)
}
