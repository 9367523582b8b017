"""Un mensaje, con su número en la conversación y el de su último cambio."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.campos import CampoBuscable, CampoJSON
from mensajeria.models.conversacion import Conversacion


class Mensaje(Identificado):
    """`numero_de_remitente` es el ordinal entre los mensajes de su autor en la conversación.

    `cambio_de_envio` es el número de cambio con que se envió; 0, si es de antes de guardarse.
    `huella` resume lo que pidió el cliente: el mismo `id_cliente` con otra es un conflicto.
    El `estado` no se guarda, salvo `fallido`: se deriva de los recibos.
    """

    class Tipo(models.TextChoices):
        TEXTO = "texto", "Texto"
        IMAGEN = "imagen", "Imagen"
        ARCHIVO = "archivo", "Archivo"
        AUDIO = "audio", "Audio"
        VIDEO = "video", "Vídeo"
        UBICACION = "ubicacion", "Ubicación"
        CONTACTO = "contacto", "Contacto"
        SISTEMA = "sistema", "Sistema"

    class Prioridad(models.TextChoices):
        BAJA = "baja", "Baja"
        NORMAL = "normal", "Normal"
        ALTA = "alta", "Alta"
        URGENTE = "urgente", "Urgente"

    # Sin el índice de Django, que en PostgreSQL son dos: los hay que empiezan por ellos.
    conversacion = models.ForeignKey(
        Conversacion,
        models.CASCADE,
        related_name="mensajes",
        verbose_name="conversación",
        db_index=False,
    )
    remitente = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="mensajes",
        verbose_name="remitente",
        db_index=False,
    )
    texto = models.TextField("texto", blank=True)
    tipo = models.CharField("tipo", max_length=10, choices=Tipo.choices, default=Tipo.TEXTO)
    archivo = models.JSONField("archivo", null=True, blank=True)
    metadatos = CampoJSON("metadatos", default=dict, blank=True)
    menciones = CampoJSON("menciones", default=list, blank=True, editable=False)
    respuesta_a = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="responde a"
    )
    prioridad = models.CharField(
        "prioridad", max_length=10, choices=Prioridad.choices, default=Prioridad.NORMAL
    )
    fallido = models.BooleanField("fallido", default=False)
    secuencia = models.PositiveBigIntegerField("secuencia", editable=False)
    secuencia_cambio = models.PositiveBigIntegerField(editable=False)
    cambio_de_envio = models.PositiveBigIntegerField(default=0, editable=False)
    numero_de_remitente = models.PositiveBigIntegerField(default=0, editable=False)
    id_cliente = models.CharField(max_length=64, null=True, editable=False)
    huella = models.CharField(max_length=32, blank=True, editable=False)
    fecha_envio = models.DateTimeField("enviado", default=ahora, editable=False)
    editado = models.BooleanField("editado", default=False, editable=False)
    fecha_edicion = models.DateTimeField("editado el", null=True, editable=False)
    historial = models.JSONField("historial", default=list, blank=True, editable=False)
    eliminado = models.BooleanField("eliminado", default=False, editable=False)
    fecha_eliminacion = models.DateTimeField("eliminado el", null=True, editable=False)
    eliminado_por = models.CharField("eliminado por", max_length=36, null=True, editable=False)
    razon_eliminacion = models.CharField(
        "motivo de eliminarlo", max_length=200, null=True, editable=False
    )
    # Un mensaje oculto sale como una lápida, pero su contenido sigue guardado.
    oculto = models.BooleanField("oculto", default=False, editable=False)
    fecha_ocultacion = models.DateTimeField("ocultado el", null=True, editable=False)
    oculto_por = models.CharField("ocultado por", max_length=36, null=True, editable=False)
    razon_ocultacion = models.CharField(
        "motivo de ocultarlo", max_length=200, null=True, editable=False
    )
    fijado = models.BooleanField("fijado", default=False, editable=False)
    fecha_fijado = models.DateTimeField("fijado el", null=True, editable=False)
    fijado_por = models.CharField("fijado por", max_length=36, null=True, editable=False)
    socket_id = models.CharField("socket", max_length=64, blank=True, editable=False)
    ip = models.CharField("dirección", max_length=45, blank=True, editable=False)
    agente = models.CharField("agente de usuario", max_length=256, blank=True, editable=False)
    buscable = CampoBuscable()

    class Meta:
        verbose_name = "mensaje"
        verbose_name_plural = "mensajes"
        constraints = [
            models.UniqueConstraint(fields=["conversacion", "secuencia"], name="uq_men_secuencia"),
            models.UniqueConstraint(fields=["remitente", "id_cliente"], name="uq_men_cliente"),
        ]
        indexes = [
            models.Index(fields=["conversacion", "secuencia_cambio"], name="ix_men_cambio"),
            models.Index(fields=["conversacion", "remitente", "secuencia"], name="ix_men_autor"),
            models.Index(fields=["-fecha_envio"], name="ix_men_fecha"),
            # Solo ocupa sitio lo que cumple: enviar no los toca.
            models.Index(
                fields=["fecha_eliminacion"],
                condition=models.Q(eliminado=True),
                name="ix_men_eliminado",
            ),
            models.Index(
                fields=["fecha_ocultacion"], condition=models.Q(oculto=True), name="ix_men_oculto"
            ),
            # Las lápidas de una conversación tras un mensaje, al leer a medias.
            models.Index(
                fields=["conversacion", "secuencia"],
                condition=models.Q(eliminado=True),
                name="ix_men_lapida",
            ),
            models.Index(
                fields=["conversacion", "secuencia"],
                condition=models.Q(oculto=True),
                name="ix_men_tapado",
            ),
            # Los fijados de una conversación, sin recorrer sus mensajes.
            models.Index(
                fields=["conversacion", "fecha_fijado"],
                condition=models.Q(fijado=True),
                name="ix_men_fijado",
            ),
        ]
        permissions = [
            ("ocultar_mensaje", "Puede ocultar y restaurar mensajes"),
            ("eliminar_mensaje", "Puede eliminar mensajes"),
            ("fijar_mensaje", "Puede fijar y desfijar mensajes"),
            ("ver_conexion", "Puede ver desde dónde se envió un mensaje"),
        ]

    @property
    def versiones(self) -> int:
        return len(self.historial)

    @property
    def retirado(self) -> bool:
        """Eliminado u oculto: para los clientes es una lápida."""
        return self.eliminado or self.oculto

    def __str__(self) -> str:
        return f"{self.conversacion_id} n.º {self.secuencia}"
