"""El buzón de salida: lo que hay que decirle a quien no está, por dónde y desde cuándo."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.campos import CampoJSON
from mensajeria.models.conversacion import Conversacion


class Canal(models.TextChoices):
    """Por dónde sale; `revision` no sale: es volver a mirar una conversación."""

    APLICACION = "aplicacion", "En la aplicación"
    WEBPUSH = "webpush", "Web Push"
    FCM = "fcm", "Firebase"
    CORREO = "correo", "Correo"
    REVISION = "revision", "Segunda mirada"


# Las clases de aviso que no salen de lo que alguien acaba de hacer.
RECORDATORIOS = "recordatorios"
RESUMENES = "resumenes"


class Dispositivo(Identificado):
    """Adonde se le avisa a una persona fuera de la página: un navegador o un teléfono.

    `punto`: la dirección de Web Push, o el token de FCM; `huella` lo distingue, y es de quien lo
    registró el último. `idioma`: en el que se le avisa. `ingreso`: el que había al registrarlo, que
    al acabarse lo olvida. `ultima_vez`: cuándo dijo por última vez que sigue ahí.
    """

    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    canal = models.CharField(
        max_length=10, choices=[(c, c.label) for c in (Canal.WEBPUSH, Canal.FCM)]
    )
    punto = models.CharField(max_length=2048)
    huella = models.CharField(max_length=64, unique=True)
    claves = CampoJSON(default=dict)
    idioma = models.CharField(max_length=2, default="es", db_default="es")
    nombre = models.CharField(max_length=80)
    ingreso = models.CharField(max_length=36, blank=True)
    alta = models.DateTimeField(default=ahora)
    ultima_vez = models.DateTimeField(default=ahora)
    ultimo_envio = models.DateTimeField(null=True)
    ultimo_error = models.CharField("último error", max_length=300, blank=True)
    fecha_error = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "dispositivo"
        verbose_name_plural = "dispositivos"
        indexes = [
            models.Index(fields=["ingreso"], name="ix_dis_ingreso"),
            models.Index(fields=["ultima_vez"], name="ix_dis_ultima_vez"),
        ]

    def __str__(self) -> str:
        return self.nombre


class PreferenciasDeAvisos(models.Model):
    """Lo que una persona cambió de sus avisos; lo demás, como venga de fábrica."""

    usuario = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    zona = models.CharField(max_length=64, blank=True)
    canales = CampoJSON(default=dict)

    class Meta:
        # Nadie la ve ni la toca en la mesa.
        default_permissions = ()


class Aviso(models.Model):
    """Una fila por persona, conversación y sitio al que se avisa, que se reabre con lo nuevo.

    Cuarenta mensajes son un aviso que cuenta cuarenta. `desde` y `hasta` son las secuencias de lo
    que avisa, y `enviado_hasta`, hasta dónde se avisó ya. Quien lo toma lo aparta (`no_antes_de`,
    con su `arriendo`) mientras lo envía: si muere, vuelve solo.
    """

    class Estado(models.TextChoices):
        PENDIENTE = "pendiente", "Pendiente"
        HECHO = "hecho", "Hecho"
        ENTERRADO = "enterrado", "Enterrado"

    id = models.CharField(primary_key=True, max_length=36, db_column="_id", editable=False)
    # De una revisión no es nadie, y de un resumen, ninguna conversación.
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True
    )
    conversacion = models.ForeignKey(Conversacion, models.CASCADE, related_name="+", null=True)
    dispositivo = models.ForeignKey(Dispositivo, models.CASCADE, related_name="+", null=True)
    canal = models.CharField(max_length=10, choices=Canal.choices)
    clase = models.CharField(max_length=16)
    prioridad = models.CharField(max_length=8, default="normal")
    desde = models.PositiveBigIntegerField(default=0)
    hasta = models.PositiveBigIntegerField(default=0)
    enviado_hasta = models.PositiveBigIntegerField(default=0)
    datos = CampoJSON(default=dict)
    causado = models.DateTimeField("causado", default=ahora)
    no_antes_de = models.DateTimeField("no antes de", default=ahora)
    arriendo = models.CharField(max_length=36, blank=True)
    intentos = models.PositiveSmallIntegerField(default=0)
    veces = models.PositiveSmallIntegerField(default=0)
    enviado = models.DateTimeField("enviado", null=True)
    estado = models.CharField(max_length=10, choices=Estado.choices, default=Estado.PENDIENTE)
    ultimo_error = models.CharField("último error", max_length=300, blank=True)

    # Con lo que se abre otra vez, y con lo que se escribe al acabar.
    AL_REABRIR: ClassVar[tuple[str, ...]] = (
        *("clase", "prioridad", "desde", "hasta", "causado", "no_antes_de"),
        *("intentos", "veces", "estado"),
    )

    class Meta:
        verbose_name = "aviso"
        verbose_name_plural = "avisos"
        indexes = [
            models.Index(
                fields=["canal", "no_antes_de"],
                name="ix_avi_pendiente",
                condition=Q(estado="pendiente"),
            ),
            models.Index(fields=["estado", "causado"], name="ix_avi_estado"),
        ]

    def __str__(self) -> str:
        return f"{self.get_canal_display()} a {self.usuario_id or 'nadie'}"


def clave_de_aviso(*partes: str) -> str:
    """La de un aviso de esa persona, conversación y sitio: siempre la misma."""
    texto = "\0".join(partes)
    return hashlib.blake2s(texto.encode(errors="surrogatepass"), digest_size=16).hexdigest()
