"""Del modelo a la forma del contrato. El único lugar: REST y los eventos lo comparten.

Un mensaje, su autor o un participante valen vengan de donde vengan: un modelo, o una fila ligera
con los mismos atributos.
"""

from mensajeria.presentacion.archivos import archivo_subido
from mensajeria.presentacion.comun import persona, persona_vista
from mensajeria.presentacion.conversaciones import (
    conversacion,
    participante,
    preferencias,
    sin_leer,
)
from mensajeria.presentacion.de_cada_cual import dispositivo, notificacion, sesion
from mensajeria.presentacion.mensajes import (
    Entorno,
    Recibos,
    estado_de,
    fijado,
    mensaje,
    reaccion,
    reacciones_de,
)

__all__ = [
    "Entorno",
    "Recibos",
    "archivo_subido",
    "conversacion",
    "dispositivo",
    "estado_de",
    "fijado",
    "mensaje",
    "notificacion",
    "participante",
    "persona",
    "persona_vista",
    "preferencias",
    "reaccion",
    "reacciones_de",
    "sesion",
    "sin_leer",
]
