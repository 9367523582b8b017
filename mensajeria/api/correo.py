"""Lo que se contesta por correo, si lo entrega por HTTP quien lo recibe."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mensajeria.avisos.respuestas import lectura
from mensajeria.avisos.respuestas.direccion import es_de_aqui
from mensajeria.avisos.respuestas.entrada import PASAJEROS, recibir
from mensajeria.nodo import nodo
from mensajeria.protocolo.errores import (
    TRADUCCIONES,
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
)

CAMINO = "/avisos/correo/"


def exigir_secreto(cabecera: str) -> None:
    """AUTH_INVALID si no es `Bearer` y el de aquí; NOT_FOUND si no lo hay."""
    if not (settings.CORREO_ENTRANTE_SECRETO and settings.CORREO_DE_RESPUESTAS):
        raise no_existe()
    if not constant_time_compare(cabecera, f"Bearer {settings.CORREO_ENTRANTE_SECRETO}"):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)


@csrf_exempt
@require_POST
def correo_entrante(request: HttpRequest) -> HttpResponse:
    """El cuerpo es el correo (RFC 5322); `para`, a quién llegó, y `de`, su remitente del sobre.

    200 si no hay que repetirlo, aunque se negara, que se le dice a quien lo envió.
    """
    try:
        exigir_secreto(request.headers.get("Authorization", ""))
        crudo = request.read()
        para = request.GET.get("para") or _a_nosotros(crudo)
    except ErrorMensajeria as error:
        return _negado(error, TRADUCCIONES[error.codigo].http)
    try:
        enviado = recibir(crudo, para, request.GET.get("de"), nodo().pedir_una, decirlo=True)
    except ErrorMensajeria as error:
        pasa = error.codigo in PASAJEROS
        return _negado(error, TRADUCCIONES[error.codigo].http if pasa else 200)
    return JsonResponse({"estado": "enviado" if enviado else "descartado"})


def _a_nosotros(crudo: bytes) -> str:
    """La única nuestra que nombran sus cabeceras."""
    nuestras = {dicha.lower() for dicha in lectura.para_quien(crudo) if es_de_aqui(dicha)}
    if len(nuestras) != 1:
        raise no_valido("No se sabe a qué dirección llegó: dila con «para»", "para")
    return nuestras.pop()


def _negado(error: ErrorMensajeria, estado: int) -> HttpResponse:
    respuesta = JsonResponse({"estado": "negado", **error.cuerpo}, status=estado)
    if error.reintentar_en is not None:
        respuesta["Retry-After"] = str(error.segundos_de_espera)
    return respuesta
