"""Una persona dentro de una conversación: su rol, sus permisos y hasta dónde ha leído."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.conversacion import Conversacion

# Hasta cuándo está silenciada la que lo está sin plazo: una fecha que las tres bases guardan.
SIEMPRE = datetime(9000, 1, 1, tzinfo=UTC)


class Participante(Identificado):
    """Los recibos son acumulativos: `*_hasta` son secuencias que nunca bajan.

    `enviados` cuenta los mensajes propios y `enviados_leidos` cuántos de ellos quedan en
    `leido_hasta` o antes; `retirados_sin_leer`, los ajenos de después eliminados u ocultos:
    con los tres, lo no leído sale sin contar filas.
    `entregado_por_todos` y `leido_por_todos` dicen hasta qué secuencia los demás han recibido y
    leído: de ahí sale el estado de los mensajes de esta persona.
    `silenciada_hasta` (`SIEMPRE`, si no se dijo hasta cuándo), `anclada` y `archivada` son cómo
    quiere ella ver la conversación: de nadie más.
    """

    class Rol(models.TextChoices):
        CLIENTE = "cliente", "Cliente"
        EXPERTO = "experto", "Experto"
        MODERADOR = "moderador", "Moderador"
        ADMIN = "admin", "Administrador"

    # Ni una ni otro tienen índice propio: los hay que empiezan por ellos.
    conversacion = models.ForeignKey(
        Conversacion,
        models.CASCADE,
        related_name="participantes",
        verbose_name="conversación",
        db_index=False,
    )
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="participaciones",
        verbose_name="usuario",
        db_index=False,
    )
    rol = models.CharField("rol", max_length=10, choices=Rol.choices, default=Rol.CLIENTE)
    fecha_ingreso = models.DateTimeField("ingreso", default=ahora, editable=False)
    activo = models.BooleanField("activo", default=True)
    puede_enviar = models.BooleanField("puede enviar", default=True)
    puede_eliminar = models.BooleanField("puede eliminar", default=False)
    puede_moderar = models.BooleanField("puede moderar", default=False)
    secuencia_cambio = models.PositiveBigIntegerField(default=0, editable=False)
    entregado_hasta = models.PositiveBigIntegerField(default=0, editable=False)
    leido_hasta = models.PositiveBigIntegerField(default=0, editable=False)
    enviados = models.PositiveBigIntegerField(default=0, editable=False)
    enviados_leidos = models.PositiveBigIntegerField(default=0, editable=False)
    retirados_sin_leer = models.PositiveBigIntegerField(default=0, editable=False)
    entregado_por_todos = models.PositiveBigIntegerField(default=0, editable=False)
    leido_por_todos = models.PositiveBigIntegerField(default=0, editable=False)
    silenciada_hasta = models.DateTimeField(null=True, editable=False)
    anclada = models.BooleanField(default=False, editable=False)
    archivada = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = "participante"
        verbose_name_plural = "participantes"
        constraints = [
            models.UniqueConstraint(fields=["conversacion", "usuario"], name="uq_participante")
        ]
        permissions = [
            ("moderar_participante", "Puede cambiar roles y permisos, y quitar participantes")
        ]
        indexes = [
            models.Index(fields=["usuario", "activo", "conversacion"], name="ix_part_usuario"),
            models.Index(fields=["conversacion", "secuencia_cambio"], name="ix_part_cambio"),
            # Casi nadie ancla ni archiva: sin ellos, hallarlas sería recorrer todas las suyas.
            models.Index(
                fields=["usuario"],
                name="ix_part_ancladas",
                condition=models.Q(anclada=True),
            ),
            models.Index(
                fields=["usuario"],
                name="ix_part_archivadas",
                condition=models.Q(archivada=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.usuario_id} en {self.conversacion_id}"
