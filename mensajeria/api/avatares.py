"""Los avatares: se suben con credenciales, y los ve quien tiene su dirección."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from mensajeria import consultas
from mensajeria.api.archivos import llegado
from mensajeria.api.pedidos import pedir, usuario_de_peticion
from mensajeria.archivos import limpieza, subida
from mensajeria.archivos.avatares import CAMINO, direccion_nueva
from mensajeria.archivos.descarga import descargar
from mensajeria.operaciones import usuarios
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import CONTENIDO

_QUIZA_SE_CONFIRMO = (CodigoError.UNAVAILABLE, CodigoError.INTERNAL_ERROR)
# Lo que hay en una dirección no cambia nunca: el que la lleva cambia de dirección.
_UN_ANO = "public, max-age=31536000, immutable"


@require_safe
def avatar(request: HttpRequest, clave: str) -> HttpResponseBase:
    """El de esa clave, si alguien lo lleva: lo pide un `<img>`, que no puede poner credenciales."""
    fila = consultas.avatar_de(f"{CAMINO}{clave}/")
    if fila is None:
        return HttpResponseNotFound(headers={"Cache-Control": "no-store"})
    respuesta = descargar(request, fila, CONTENIDO)
    # Lo que no es el avatar (un tramo que no hay) no es para que lo recuerde nadie.
    dado = respuesta.status_code in (200, 206, 304)
    respuesta.headers["Cache-Control"] = _UN_ANO if dado else "no-store"
    del respuesta.headers["Vary"]
    return respuesta


def poner_el_mio(request: Request) -> None:
    """El que trae su formulario, en lugar del que llevara quien firma la petición."""
    propio = usuario_de_peticion(request)
    _, crudo = llegado(request)
    fila = subida.subir_avatar(propio.pk, None, crudo)
    usuarios.poner_avatar(propio, direccion_nueva(fila.pk))


def quitar_el_mio(request: Request) -> None:
    usuarios.poner_avatar(usuario_de_peticion(request), "")


def poner_el_de(request: Request, conversacion_id: str) -> None:
    """El que trae su formulario, a esa conversación; pide moderarla."""
    usuario_id = usuario_de_peticion(request).pk
    anterior = consultas.exigir_que_modere(usuario_id, conversacion_id)
    _, crudo = llegado(request)
    fila = subida.subir_avatar(usuario_id, conversacion_id, crudo)
    nueva = direccion_nueva(fila.pk)
    try:
        _configurar(request, conversacion_id, nueva)
    except ErrorMensajeria as error:
        # Sin saber si se confirmó puede que lo lleve ya; y si no, lo halla la limpieza.
        if error.codigo not in _QUIZA_SE_CONFIRMO:
            limpieza.retirar_avatar(nueva, conversacion=conversacion_id)
        raise
    limpieza.retirar_avatar(anterior, conversacion=conversacion_id)


def quitar_el_de(request: Request, conversacion_id: str) -> None:
    usuario_id = usuario_de_peticion(request).pk
    anterior = consultas.exigir_que_modere(usuario_id, conversacion_id)
    _configurar(request, conversacion_id, "")
    limpieza.retirar_avatar(anterior, conversacion=conversacion_id)


def _configurar(request: Request, conversacion_id: str, direccion: str) -> None:
    configuracion = cargas.ConfiguracionEnviada(avatar=direccion)
    pedir(
        request,
        cargas.ActualizarConversacion(conversacion_id=conversacion_id, configuracion=configuracion),
    )
