"""Filtros de las plantillas de la mesa."""
