"""La dirección de un avatar: pública, inadivinable, y que vale mientras alguien lo lleve.

Está guardada en quien lo lleva, y no en su fila: al cambiarlo por otro, por una imagen de fuera o
por ninguno, la de antes deja de valer sin que nadie la retire.
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings

from mensajeria.models import Archivo

CAMINO = "/avatares/"
# Los píxeles de su lado.
LADO = 256
CLAVE = r"[0-9a-f]{24}-[0-9a-f]{32}"
_DIRECCION = re.compile(f"{CAMINO}([0-9a-f]{{24}})-[0-9a-f]{{32}}/")


def direccion_nueva(archivo_id: str) -> str:
    return f"{CAMINO}{archivo_id}-{secrets.token_hex(16)}/"


def a_la_vista(guardada: str) -> str:
    """La que se da: a una de aquí le falta el prefijo, que es de cómo se sirve, y puede cambiar."""
    de_aqui = settings.PREFIJO and guardada.startswith(CAMINO)
    return settings.PREFIJO + guardada if de_aqui else guardada


def por_guardar(dada: str) -> str:
    """Lo contrario: alguien devuelve la que se le dio."""
    de_aqui = settings.PREFIJO and dada.startswith(settings.PREFIJO + CAMINO)
    return dada.removeprefix(settings.PREFIJO) if de_aqui else dada


def archivo_de(direccion: str) -> str | None:
    """El identificador del archivo de esa dirección, si es de las de aquí."""
    hallado = _DIRECCION.fullmatch(direccion)
    return hallado[1] if hallado else None


def lo_lleva(fila: Archivo) -> str:
    """La dirección que lleva ahora aquel o aquella de quien se subió para ser avatar."""
    if fila.conversacion is not None:
        return fila.conversacion.avatar
    return fila.usuario.avatar_url if fila.usuario is not None else ""
