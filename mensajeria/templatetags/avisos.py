"""Las frases de los correos, en el idioma de quien los recibe."""

from __future__ import annotations

from typing import Any

from django import template

from mensajeria.avisos import dicho

register = template.Library()


@register.simple_tag(takes_context=True)
def decir(context: dict[str, Any], frase: str, **datos: object) -> str:
    """La frase, en español, dicha en el `idioma` del contexto y con sus datos."""
    return dicho.decir(frase, context["idioma"], **datos)
