"""Lo que la primera página de la mesa pide a `operaciones`."""

from __future__ import annotations

from django import template

from mensajeria.operaciones import resumen

register = template.Library()


@register.simple_tag
def cifras_del_dia() -> resumen.CifrasDelDia:
    """Las cifras de hoy, en un número fijo de consultas."""
    return resumen.cifras_del_dia()
