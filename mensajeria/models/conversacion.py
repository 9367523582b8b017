"""Una conversación y sus dos cuentas: los mensajes y los cambios."""

from __future__ import annotations

import hashlib
import secrets
import string
import time

from django.db import models

from mensajeria.models.base import Identificado, ahora, sin_controles
from mensajeria.models.campos import CampoJSON


def nuevo_codigo() -> str:
    """`CONV-<milisegundos>-<6 de A-Z0-9>`, como en la semilla."""
    letras = string.ascii_uppercase + string.digits
    cola = "".join(secrets.choice(letras) for _ in range(6))
    return f"CONV-{time.time_ns() // 1_000_000}-{cola}"


def clave_de_pareja(uno: str, otro: str) -> str:
    """La misma para las dos personas, en el orden que sea."""
    return hashlib.sha256("\x1f".join(sorted((uno, otro))).encode()).hexdigest()


class Conversacion(Identificado):
    """`ultima_secuencia` numera los mensajes y `ultimo_cambio` todo cambio: 1, 2, 3…, sin huecos.

    `secuencia_cambio` es el número del último cambio de la conversación misma.
    """

    class Tipo(models.TextChoices):
        INDIVIDUAL = "individual", "Individual"
        GRUPAL = "grupal", "Grupal"
        SOPORTE = "soporte", "Soporte"
        ASESORIA = "asesoria", "Asesoría"
        GENERAL = "general", "General"

    codigo = models.CharField("código", max_length=40, unique=True, default=nuevo_codigo)
    tipo = models.CharField("tipo", max_length=10, choices=Tipo.choices, default=Tipo.INDIVIDUAL)
    asesoria = models.CharField("asesoría", max_length=36, null=True, blank=True)
    # Solo en las individuales sin asesoría: dos personas tienen una.
    clave_pareja = models.CharField(max_length=64, null=True, unique=True, editable=False)
    nombre_personalizado = models.CharField("nombre", max_length=200, blank=True)
    descripcion = models.CharField("descripción", max_length=1000, blank=True)
    avatar = models.CharField("avatar", max_length=2048, blank=True)
    configuracion_privacidad = CampoJSON("privacidad", default=dict, blank=True)
    notificaciones_activas = models.BooleanField("notificaciones activas", default=True)
    activa = models.BooleanField("activa", default=True)
    # Lo estaba en el original: en ella se sigue leyendo y escribiendo.
    archivada = models.BooleanField("archivada", default=False, editable=False)
    fecha_creacion = models.DateTimeField("creada", default=ahora, editable=False)
    fecha_ultima_actividad = models.DateTimeField("última actividad", default=ahora, editable=False)
    ultimo_mensaje = models.DateTimeField("último mensaje", null=True, editable=False)
    ultima_secuencia = models.PositiveBigIntegerField("mensajes", default=0, editable=False)
    ultimo_cambio = models.PositiveBigIntegerField("cambios", default=0, editable=False)
    secuencia_cambio = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "conversación"
        verbose_name_plural = "conversaciones"
        indexes = [
            models.Index(fields=["-fecha_ultima_actividad", "-id"], name="ix_conv_actividad"),
            models.Index(fields=["asesoria"], name="ix_conv_asesoria"),
        ]
        permissions = [("cerrar_conversacion", "Puede cerrar y reabrir conversaciones")]

    def __str__(self) -> str:
        return sin_controles(self.nombre_personalizado) or self.codigo
