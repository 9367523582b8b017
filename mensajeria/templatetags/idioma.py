"""Las frases de la página en el idioma en que se sirve: el diccionario es el de sus módulos."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings

register = template.Library()

_PRINCIPIO, _FINAL = "export default ", ";"


@functools.cache
def ingles() -> dict[str, str]:
    """El inglés de cada frase, de `ingles.js`: un JSON con `export default` delante."""
    modulo = Path(settings.BASE_DIR) / "static/mensajeria/pagina/ingles.js"
    crudo = modulo.read_text(encoding="utf-8").strip()
    frases: dict[str, str] = json.loads(crudo.removeprefix(_PRINCIPIO).removesuffix(_FINAL))
    return frases


@register.simple_tag(takes_context=True)
def t(context: dict[str, Any], frase: str) -> str:
    """La frase, en español, dicha en el `idioma` del contexto."""
    return ingles().get(frase, frase) if context.get("idioma") == "en" else frase
