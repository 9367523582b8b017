"""Los modelos de la semilla; un módulo por nombre."""

from mensajeria.models.archivo import Archivo
from mensajeria.models.aviso import (
    RECORDATORIOS,
    RESUMENES,
    Aviso,
    Canal,
    Dispositivo,
    PreferenciasDeAvisos,
    clave_de_aviso,
)
from mensajeria.models.base import ahora, da_la_vuelta, leer_fecha, nuevo_id, sin_controles
from mensajeria.models.campos import plegado
from mensajeria.models.conversacion import Conversacion, clave_de_pareja, nuevo_codigo
from mensajeria.models.epoca import (
    Epoca,
    cambiar_epoca,
    epoca_actual,
    leer_epoca,
    tomar_espacio,
)
from mensajeria.models.ingreso import Ingreso
from mensajeria.models.lectura import Lectura
from mensajeria.models.mensaje import Mensaje
from mensajeria.models.moderacion import Moderacion
from mensajeria.models.notificacion import Notificacion
from mensajeria.models.novedad import Novedad
from mensajeria.models.palabra import PalabraDeUsuario, palabras_de, sin_arroba
from mensajeria.models.participante import SIEMPRE, Participante
from mensajeria.models.reaccion import Reaccion
from mensajeria.models.usuario import Usuario, revocacion, tocar

__all__ = [
    "RECORDATORIOS",
    "RESUMENES",
    "SIEMPRE",
    "Archivo",
    "Aviso",
    "Canal",
    "Conversacion",
    "Dispositivo",
    "Epoca",
    "Ingreso",
    "Lectura",
    "Mensaje",
    "Moderacion",
    "Notificacion",
    "Novedad",
    "PalabraDeUsuario",
    "Participante",
    "PreferenciasDeAvisos",
    "Reaccion",
    "Usuario",
    "ahora",
    "cambiar_epoca",
    "clave_de_aviso",
    "clave_de_pareja",
    "da_la_vuelta",
    "epoca_actual",
    "leer_epoca",
    "leer_fecha",
    "nuevo_codigo",
    "nuevo_id",
    "palabras_de",
    "plegado",
    "revocacion",
    "sin_arroba",
    "sin_controles",
    "tocar",
    "tomar_espacio",
]
