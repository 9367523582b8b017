"""Los recibos: hasta dónde recibió o leyó alguien, y cuándo. Solo se añaden."""

from __future__ import annotations

from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.participante import Participante


class Lectura(Identificado):
    """Un recibo cubre las secuencias de `desde` (sin incluirla) a `hasta`, en una sola fila."""

    class Clase(models.TextChoices):
        ENTREGADO = "entregado", "Entregado"
        LEIDO = "leido", "Leído"

    # Sin índice propio: el de `uq_lectura_hasta` empieza por él.
    participante = models.ForeignKey(
        Participante, models.CASCADE, related_name="lecturas", db_index=False
    )
    clase = models.CharField("clase", max_length=10, choices=Clase.choices)
    desde = models.PositiveBigIntegerField("desde")
    hasta = models.PositiveBigIntegerField("hasta")
    fecha = models.DateTimeField("fecha", default=ahora)

    class Meta:
        verbose_name = "lectura"
        verbose_name_plural = "lecturas"
        constraints = [
            models.UniqueConstraint(
                fields=["participante", "clase", "hasta"], name="uq_lectura_hasta"
            )
        ]
