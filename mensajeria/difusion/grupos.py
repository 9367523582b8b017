"""El único lugar que escribe el nombre de un grupo de la capa de canales."""

from __future__ import annotations

import hashlib
import re

_ADMITIDO = re.compile(r"[a-zA-Z0-9._-]{1,36}")

TODOS = "todos"


def _nombre(id_: str) -> str:
    """El mismo `id_`, o su resumen si trae algo que la capa no admite (ids importados)."""
    if _ADMITIDO.fullmatch(id_):
        return id_
    return "h." + hashlib.sha256(id_.encode()).hexdigest()[:40]


def de_proceso(proceso: str) -> str:
    return f"proceso.{proceso}"


def de_conversacion(id_: str) -> str:
    return f"conversacion.{_nombre(id_)}"


def de_usuario(id_: str) -> str:
    return f"usuario.{_nombre(id_)}"
