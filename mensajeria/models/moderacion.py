"""Lo que la moderación del original dejó dicho de un mensaje."""

from __future__ import annotations

from django.db import models

from mensajeria.models.base import Identificado
from mensajeria.models.mensaje import Mensaje


class Moderacion(Identificado):
    """Solo lo importado la tiene, y solo si dice algo; la ve el personal, y ningún cliente.

    `moderado_por` es un identificador del original, exista o no aquí esa persona.
    """

    mensaje = models.OneToOneField(Mensaje, models.CASCADE, related_name="moderacion")
    reportado = models.BooleanField("denunciado", default=False)
    aprobado = models.BooleanField("aprobado", default=True)
    razon = models.TextField("motivo de la denuncia", blank=True)
    moderado_por = models.CharField("revisado por", max_length=36, null=True)

    class Meta:
        # Se ve con su mensaje.
        default_permissions = ()
