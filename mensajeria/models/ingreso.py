"""Que alguien entró en un dispositivo: en el cable, una sesión (docs/contrato.md, sección 4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora


class Ingreso(Identificado):
    """De qué dispositivo es, y por dónde van sus tokens de renovación.

    Si sigue abierto lo dice `Usuario.abiertos`, que se lee con el usuario. La fila se queda hasta
    `expira`: un token suyo no vale más, y mientras tanto no puede empezar otro con su identidad.

    `vuelta`: la del token de renovación que toca; los de antes están gastados. `rotado`: cuándo se
    gastó el último.
    """

    TOKEN = "token"
    COOKIE = "cookie"

    # Su nombre lo tiene ya la columna de los abiertos.
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    via = models.CharField(max_length=6, choices=[(TOKEN, TOKEN), (COOKIE, COOKIE)])
    dispositivo = models.CharField(max_length=80)
    direccion = models.CharField(max_length=45, blank=True)
    desde = models.DateTimeField(default=ahora)
    ultima_vez = models.DateTimeField(default=ahora)
    expira = models.DateTimeField()
    vuelta = models.PositiveIntegerField(default=0)
    rotado = models.DateTimeField(null=True)

    class Meta:
        # Nadie la ve ni la toca en la mesa.
        default_permissions = ()
        indexes = [models.Index(fields=["expira"], name="ix_ing_expira")]

    def __str__(self) -> str:
        return self.dispositivo
