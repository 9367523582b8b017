"""Un archivo subido: lo que se sabe de él. Sus bytes están en el almacén de archivos."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mensajeria.models.base import Identificado, ahora
from mensajeria.models.conversacion import Conversacion
from mensajeria.models.mensaje import Mensaje


class Archivo(Identificado):
    """Su fila existe antes que ningún byte suyo y se borra después que el último.

    `conversacion`, si solo se puede enviar en esa, o si es su avatar. `datos`: lo que se presenta
    además (dimensiones, duración, miniaturas, borroso). `tamanos`: los bytes de cada parte
    guardada; `tamano`, los de lo que se enseña. `huella`: el SHA-256 de lo que llegó; `id_cliente`,
    por el que se reconoce que llega otra vez. `intentos`: los del antivirus que no pudo con él.
    """

    class Estado(models.TextChoices):
        SUBIENDO = "subiendo", "Subiendo"
        EN_REVISION = "en_revision", "En revisión"
        LISTO = "listo", "Listo"
        ENVIADO = "enviado", "Enviado"
        AVATAR = "avatar", "Avatar"
        SOBRA = "sobra", "Por borrar"

    # Los que quien los subió puede ver, enviar o borrar; y esos con los que aún está subiendo.
    POR_ENVIAR = (Estado.EN_REVISION, Estado.LISTO)
    SIN_ENVIAR = (Estado.SUBIENDO, *POR_ENVIAR)

    # Sin el índice de Django: empieza por él `ix_arc_usuario`.
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="archivos",
        db_index=False,
    )
    conversacion = models.ForeignKey(Conversacion, models.SET_NULL, null=True, related_name="+")
    mensaje = models.ForeignKey(Mensaje, models.SET_NULL, null=True, related_name="archivos")
    estado = models.CharField(max_length=12, choices=Estado.choices, default=Estado.SUBIENDO)
    nombre = models.CharField(max_length=200)
    tipo = models.CharField(max_length=100)
    clase = models.CharField(max_length=8)
    tamano = models.PositiveBigIntegerField()
    tamanos = models.JSONField(default=dict)
    huella = models.CharField(max_length=64)
    id_cliente = models.CharField(max_length=64, null=True)
    datos = models.JSONField(default=dict)
    intentos = models.PositiveSmallIntegerField(default=0)
    fecha = models.DateTimeField(default=ahora)

    class Meta:
        # Se ve con su mensaje.
        default_permissions = ()
        indexes = [
            models.Index(fields=["estado", "fecha"], name="ix_arc_estado"),
            # Los que alguien no ha enviado, sin recorrer los que sí; y lo que ocupan todos, sin
            # leer sus filas.
            models.Index(fields=["usuario", "estado", "tamano"], name="ix_arc_usuario"),
        ]

    def __str__(self) -> str:
        return self.nombre
