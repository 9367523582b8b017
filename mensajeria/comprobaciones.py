"""Una configuración que no debe arrancar, dicha con su id y lo que hay que hacer."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

LARGO_DEL_SECRETO = 32


@register()
def revisar_configuracion(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Con `DEBUG` apagado: secreto propio y largo, orígenes nombrados y sin cuentas de ejemplo."""
    if settings.DEBUG:
        return []
    fallos: list[CheckMessage] = []
    secreto = settings.JWT_SECRET
    if not secreto or secreto == settings.SECRETO_DE_MUESTRA:
        fallos.append(
            Error(
                "JWT_SECRET falta o es el de muestra.",
                hint='Ponle uno propio: python -c "import secrets; print(secrets.token_hex(32))"',
                id="mensajeria.E001",
            )
        )
    elif len(secreto.encode()) < LARGO_DEL_SECRETO:
        fallos.append(
            Warning(
                f"JWT_SECRET tiene menos de {LARGO_DEL_SECRETO} bytes (RFC 7518, 3.2).",
                hint="Alárgalo y vuelve a emitir los tokens.",
                id="mensajeria.W001",
            )
        )
    if "*" in settings.SOCKET_CORS_ORIGIN:
        fallos.append(
            Error(
                "SOCKET_CORS_ORIGIN admite cualquier origen.",
                hint="Nombra los tuyos: SOCKET_CORS_ORIGIN=https://tusitio.com",
                id="mensajeria.E002",
            )
        )
    if settings.DEMO:
        fallos.append(
            Error(
                "Las cuentas de ejemplo están encendidas.",
                hint="Quita DEMO, o ponle 0.",
                id="mensajeria.E003",
            )
        )
    if "PUNTO_DE_FALLO" in os.environ:
        fallos.append(
            Error(
                "PUNTO_DE_FALLO mata al proceso a propósito: es solo para las pruebas.",
                hint="Quita esa variable del entorno.",
                id="mensajeria.E004",
            )
        )
    return fallos
