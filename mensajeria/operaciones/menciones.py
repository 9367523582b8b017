"""A quiénes nombra un texto con `@`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from mensajeria.filas import ParticipanteLigero
from mensajeria.models import plegado

# No tras una letra: en `ana@correo.com` no se nombra a nadie.
_NOMBRADO = re.compile(r"(?<![\w@.])@(\w[\w.+-]*)")
MAX_MENCIONES = 50


def puede_nombrar(texto: str | None) -> bool:
    """Si hay que mirar quiénes participan: casi ningún mensaje lo pide."""
    return texto is not None and "@" in texto


def menciones(texto: str, participantes: Iterable[ParticipanteLigero]) -> list[str]:
    """Los identificadores de los nombrados que participan, en el orden en que salen.

    Por su nombre de usuario o, si nadie más en la conversación lo lleva, por su nombre.
    """
    nombrados = [plegado(n.rstrip(".+-")) for n in _NOMBRADO.findall(texto)]
    if not nombrados:
        return []
    activos = [p for p in participantes if p.activo and p.usuario.is_active]
    nombres = Counter(plegado(p.usuario.nombre) for p in activos)
    quien = {plegado(p.usuario.nombre): p.usuario_id for p in activos}
    quien = {nombre: id_ for nombre, id_ in quien.items() if nombres[nombre] == 1}
    quien |= {plegado(p.usuario.username): p.usuario_id for p in activos}
    hallados = dict.fromkeys(quien[n] for n in nombrados if n in quien)
    return list(hallados)[:MAX_MENCIONES]
