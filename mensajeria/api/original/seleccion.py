"""Qué peticiones son del original, que tiene caminos y métodos que también son nuestros."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed, SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.deprecation import MiddlewareMixin

from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.json_estricto import decodificar

RUTAS = "mensajeria.api.original.urls"
FORMULARIO = "multipart/form-data"

# Donde el camino y el método también son nuestros, lo que solo trae quien habla con el original: en
# él cada petición decía de quién era, y aquí eso lo dice el token. Con una basta, y las nuestras no
# piden ninguna. La barra final no las distinguiría: con ella y sin ella es la misma ruta.
SENAS: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "conversaciones"): frozenset({"usuarioId", "pagina", "estado"}),
    ("POST", "conversaciones"): frozenset({"creadorId", "titulo", "asesoriaId"}),
    ("GET", "conversacion"): frozenset({"usuarioId"}),
    ("GET", "historia"): frozenset({"usuarioId", "pagina", "desde"}),
    ("POST", "historia"): frozenset({"remitenteId", FORMULARIO}),
    ("DELETE", "mensaje"): frozenset({"usuarioId"}),
    ("POST", "reacciones"): frozenset({"usuarioId"}),
    ("GET", "buscar"): frozenset({"usuarioId"}),
    ("GET", "estadisticas"): frozenset({"usuarioId", "incluirGlobales"}),
}


class RestDelOriginal(MiddlewareMixin):
    """Lleva lo suyo a sus rutas; lo demás sigue a las nuestras. `REST_DEL_ORIGINAL` lo apaga."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.REST_DEL_ORIGINAL:
            raise MiddlewareNotUsed
        super().__init__(get_response)

    def process_request(self, request: HttpRequest) -> None:
        if es_del_original(request):
            request.urlconf = RUTAS


def es_del_original(request: HttpRequest) -> bool:
    """Si es una ruta suya y, donde también es nuestra, trae alguna seña suya que se lea."""
    try:
        ruta = resolve(f"{request.path_info.removesuffix('/')}/", RUTAS)
    except Resolver404:
        return False
    metodo = "GET" if request.method == "HEAD" else request.method or ""
    acciones: dict[str, str] = ruta.func.actions  # type: ignore[attr-defined]
    if metodo.lower() not in acciones:
        return False
    senas = SENAS.get((metodo, ruta.url_name or ""))
    try:
        return senas is None or not senas.isdisjoint(_lo_que_trae(request, metodo, senas))
    except SuspiciousOperation:
        return False


def _lo_que_trae(request: HttpRequest, metodo: str, senas: Collection[str]) -> Collection[str]:
    """Los nombres de la consulta si lee; si no, los de fuera de su cuerpo, o el tipo de este."""
    if metodo == "GET":
        return request.GET.keys()
    if request.content_type != "application/json":
        return {request.content_type or ""}
    # Casi ninguna las lleva: se sabe sin leer el JSON, que la vista leerá después.
    if not any(f'"{sena}"'.encode() in request.body for sena in senas):
        return ()
    try:
        cuerpo: Any = decodificar(request.body)
    except ErrorMensajeria:
        # Que se le niegue en su envoltorio.
        return senas
    return cuerpo.keys() if isinstance(cuerpo, dict) else ()
