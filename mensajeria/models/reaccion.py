"""Una reacción a un mensaje: una por persona."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.mensaje import Mensaje


class Reaccion(Identificado):
    class Tipo(models.TextChoices):
        LIKE = "like", "Me gusta"
        LOVE = "love", "Me encanta"
        LAUGH = "laugh", "Me divierte"
        SURPRISE = "surprise", "Me sorprende"
        SAD = "sad", "Me entristece"
        ANGRY = "angry", "Me enfada"
        THUMBS_DOWN = "thumbs_down", "No me gusta"

    # Sin índice propio: el de `uq_reaccion` empieza por él.
    mensaje = models.ForeignKey(Mensaje, models.CASCADE, related_name="reacciones", db_index=False)
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reacciones")
    tipo = models.CharField("tipo", max_length=20, choices=Tipo.choices)
    fecha = models.DateTimeField("fecha", default=ahora)

    class Meta:
        verbose_name = "reacción"
        verbose_name_plural = "reacciones"
        constraints = [models.UniqueConstraint(fields=["mensaje", "usuario"], name="uq_reaccion")]
