"""Lo que se le dice al navegador: qué puede cargar y ejecutar cada página, y qué no guardar.

Nada escrito dentro del HTML se ejecuta en ninguna, ni siquiera lo que un mensaje lograra colar.
"""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

_COMUN = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

PAGINA = (
    # Ninguna imagen de fuera: abrir una conversación sería pedir lo que alguien escribió en ella.
    "default-src 'self'; connect-src 'self'{sockets}; img-src 'self' data:; "
    # Lo que se va a enviar se oye y se ve antes: de este equipo, y solo como audio o vídeo.
    "media-src 'self' blob:; "
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


# Nada de esto usa ninguna página.
_DE_NADIE = ", ".join(
    f"{permiso}=()"
    for permiso in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
        *("gyroscope", "magnetometer", "midi", "payment", "serial", "usb"),
    )
)
PERMISOS = f"{_DE_NADIE}, microphone=()"
# La página graba notas de voz. Hacer una foto no usa la cámara desde ella: la hace el teléfono.
PERMISOS_DE_LA_PAGINA = f"{_DE_NADIE}, microphone=(self)"


def de_peticion(request: HttpRequest) -> str:
    """La política de lo que hay en su camino."""
    camino = request.path_info
    if camino.startswith("/admin/"):
        return MESA
    return API if camino.startswith("/api/") else PAGINA.format(sockets=_sockets(request))


def permisos_de(request: HttpRequest) -> str:
    """Lo que lo de su camino puede pedir a quien lo mira."""
    return PERMISOS_DE_LA_PAGINA if request.path_info == "/" else PERMISOS


def _sockets(request: HttpRequest) -> str:
    """Los de este mismo sitio, por su nombre: para Safari no son `'self'`."""
    try:
        sitio = request.get_host()
    except DisallowedHost:
        return ""
    return f" wss://{sitio}" if request.is_secure() else f" ws://{sitio} wss://{sitio}"


class Politica(MiddlewareMixin):
    """Pone en cada respuesta lo que no traiga puesto; lo de la API no se guarda en ningún sitio."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", de_peticion(request))
        response.headers.setdefault("Permissions-Policy", permisos_de(request))
        if request.path_info.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
