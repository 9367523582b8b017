"""Un aviso para una persona, fuera de las conversaciones."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.campos import CampoJSON


class Notificacion(Identificado):
    # Sin índice propio: `ix_not_usuario` empieza por él.
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notificaciones", db_index=False
    )
    tipo = models.CharField("tipo", max_length=40)
    titulo = models.CharField("título", max_length=200)
    mensaje = models.CharField("mensaje", max_length=1000)
    icono = models.CharField("icono", max_length=200, null=True, blank=True)
    datos = CampoJSON("datos", default=dict, blank=True)
    acciones = CampoJSON("acciones", default=list, blank=True)
    leida = models.BooleanField("leída", default=False)
    fecha = models.DateTimeField("fecha", default=ahora)

    class Meta:
        verbose_name = "notificación"
        verbose_name_plural = "notificaciones"
        indexes = [
            models.Index(fields=["usuario", "-fecha", "-id"], name="ix_not_usuario"),
            # La cuenta de cada cual, y las que se repasan.
            models.Index(
                fields=["usuario", "tipo"],
                name="ix_not_sin_leer",
                condition=models.Q(leida=False),
            ),
        ]

    def __str__(self) -> str:
        return self.titulo
