"""El usuario: quien habla, y también quien modera y administra."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from mensajeria.models.base import Identificado


class Usuario(Identificado, AbstractUser):
    """`version` sube con todo lo que cambia qué puede hacer o ver: sus conexiones la miran.

    Un token emitido antes de `tokens_desde` no vale.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    nombre = models.CharField("nombre", max_length=200, blank=True)
    apellido = models.CharField("apellido", max_length=200, blank=True)
    avatar_url = models.CharField("avatar", max_length=2048, blank=True)
    es_experto = models.BooleanField("es experto", default=False)
    ultima_conexion = models.DateTimeField("última conexión", null=True, blank=True, editable=False)
    tokens_desde = models.DateTimeField("tokens válidos desde", null=True, blank=True)
    version = models.PositiveBigIntegerField("versión", default=0, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["nombre"]

    class Meta:
        verbose_name = "usuario"
        verbose_name_plural = "usuarios"

    def get_full_name(self) -> str:
        return f"{self.nombre} {self.apellido}".strip() or self.username

    def get_short_name(self) -> str:
        return self.nombre or self.username
