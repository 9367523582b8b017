"""Lo que llevan varias formas: una persona, y una fecha que puede faltar."""

from __future__ import annotations

from datetime import datetime

from mensajeria.archivos.avatares import a_la_vista
from mensajeria.models import sin_arroba
from mensajeria.models.datos import DatosDePersona, DatosDePersonaVista
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import iso


def fecha(cuando: datetime | None) -> str | None:
    return iso(cuando) if cuando else None


def persona(usuario: DatosDePersona) -> formas.Persona:
    return formas.Persona(
        id=usuario.id,
        nombre=usuario.nombre or sin_arroba(usuario.username),
        apellido=usuario.apellido,
        avatar_url=a_la_vista(usuario.avatar_url),
    )


def persona_vista(usuario: DatosDePersonaVista, *, en_linea: bool) -> formas.PersonaVista:
    alias = sin_arroba(usuario.username)
    return formas.PersonaVista(
        id=usuario.id,
        nombre=usuario.nombre or alias,
        apellido=usuario.apellido,
        avatar_url=a_la_vista(usuario.avatar_url),
        username=alias,
        es_experto=usuario.es_experto,
        en_linea=en_linea,
        ultima_conexion=fecha(usuario.ultima_conexion),
    )
