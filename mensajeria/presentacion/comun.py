"""Lo que llevan varias formas: una persona, y una fecha que puede faltar."""

from __future__ import annotations

from datetime import datetime

from mensajeria.models.datos import DatosDePersona
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import iso


def fecha(cuando: datetime | None) -> str | None:
    return iso(cuando) if cuando else None


def persona(usuario: DatosDePersona) -> formas.Persona:
    return formas.Persona(
        id=usuario.id,
        nombre=usuario.nombre or usuario.username,
        apellido=usuario.apellido,
        avatar_url=usuario.avatar_url,
    )
