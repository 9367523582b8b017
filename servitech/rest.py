"""Cómo se entra, se lee y se contesta en la API REST."""

from __future__ import annotations

from typing import Any

AJUSTES: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mensajeria.api.autenticacion.AutenticacionJWT",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["mensajeria.api.formatos.LectorJSON"],
    "DEFAULT_RENDERER_CLASSES": [
        "mensajeria.api.formatos.FormatoJSON",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "mensajeria.api.descripcion.EsquemaDeVista",
    "VIEW_NAME_FUNCTION": "mensajeria.api.descripcion.titulo",
    "EXCEPTION_HANDLER": "mensajeria.api.errores.responder_error",
}
