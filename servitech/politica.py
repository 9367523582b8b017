"""La política de contenido (CSP): qué puede cargar y ejecutar cada página en el navegador.

Nada escrito dentro del HTML se ejecuta en ninguna, ni siquiera lo que un mensaje lograra colar.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

_COMUN = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

PAGINA = (
    # Ninguna imagen de fuera: abrir una conversación sería pedir lo que alguien escribió en ella.
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "require-trusted-types-for 'script'; " + _COMUN
)
# Los iconos del admin y sus estilos son archivos suyos: no hace falta ninguna excepción.
MESA = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; " + _COMUN
)
# Swagger y la API navegable llevan estilos escritos en su HTML; guiones, no.
API = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; " + _COMUN
)


def de_camino(camino: str) -> str:
    """La política de lo que hay en ese camino."""
    if camino.startswith("/admin/"):
        return MESA
    return API if camino.startswith("/api/") else PAGINA


class Politica(MiddlewareMixin):
    """Pone la política en cada respuesta que no traiga la suya."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", de_camino(request.path_info))
        return response
