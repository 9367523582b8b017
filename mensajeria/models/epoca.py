"""La época de la base: sus números (de cambio, de secuencia) solo se comparan dentro de una.

Tras restaurar una copia, o promover una réplica que iba por detrás, la base repite números que ya
dio a otras cosas. Empieza entonces otra época, y lo que se sabía de la anterior no vale.
"""

from __future__ import annotations

import logging
from typing import Any

from django.apps import apps as aplicaciones
from django.conf import settings
from django.db import ProgrammingError, connection, models

from mensajeria.base_de_datos import atomico
from mensajeria.entre_procesos import espacio
from mensajeria.models.base import nuevo_id
from mensajeria.models.novedad import Novedad

registro = logging.getLogger("mensajeria.base")

_UNICA = "base"
# La última que este proceso leyó.
_sabida = ""


class Epoca(models.Model):
    """Una sola fila, que se crea con la base. `identidad` dice cuál es, y no cambia nunca."""

    id = models.CharField(primary_key=True, max_length=8, db_column="_id", default=_UNICA)
    valor = models.CharField(max_length=24)
    identidad = models.CharField(max_length=24, default=nuevo_id)

    class Meta:
        # Nadie la ve ni la toca en la mesa.
        default_permissions = ()


def epoca_actual() -> str:
    """La que sabe este proceso: 24 dígitos hexadecimales. La primera vez la lee de la base.

    Puede ir medio segundo por detrás de la base, y nunca por delante: quien lea números después de
    preguntarla los tiene con esa época o con otra más nueva, que su proceso anunciará.
    """
    return _sabida or leer_epoca()


def leer_epoca() -> str:
    """La que dice la base, que desde ahora es la que sabe este proceso. Si no hay, la crea."""
    global _sabida
    valor = Epoca.objects.filter(pk=_UNICA).values_list("valor", flat=True).first()
    if valor is None:
        _exigir_migrada()
        nueva = _sabida or nuevo_id()
        valor = Epoca.objects.get_or_create(pk=_UNICA, defaults={"valor": nueva})[0].valor
    _sabida = valor
    return valor


def _exigir_migrada() -> None:
    """Como PostgreSQL sin la tabla: MongoDB la haría al escribir, y migrar la hallaría hecha."""
    if Epoca._meta.db_table not in connection.introspection.table_names():
        raise ProgrammingError("La base está sin preparar: manage.py preparar")


def cambiar_epoca(de: str) -> str:
    """Empieza otra si la base sigue en `de`; devuelve en la que queda.

    Borra el registro de novedades, que cuenta la anterior: quien lo seguía lo echa en falta, vuelve
    a empezar y ve la nueva. Deja una, para que nunca esté vacío.
    """
    if leer_epoca() != de:
        return _sabida
    with atomico():
        if Epoca.objects.filter(pk=_UNICA, valor=de).update(valor=nuevo_id()):
            registro.warning("Empieza otra época: la base volvió atrás, o se dio por restaurada")
            Novedad.objects.all().delete()
            Novedad().save(force_insert=True)
    return leer_epoca()


def tomar_espacio() -> None:
    """Pone a este proceso en el espacio de su base en Redis; sin Redis no hace nada.

    Se llama al arrancar, fuera de cualquier bucle de eventos; repetirlo no hace nada.
    """
    if settings.REDIS_URL and not espacio.tomado():
        leer_epoca()
        identidad = Epoca.objects.values_list("identidad", flat=True).get(pk=_UNICA)
        espacio.tomar(identidad, settings.JWT_SECRET)


def al_migrar(apps: Any = aplicaciones, **_: Any) -> None:
    """Tras `migrate`; a medio migrar, todavía no."""
    try:
        apps.get_model("mensajeria", "Epoca")
    except LookupError:
        return
    leer_epoca()
    if not Novedad.objects.exists():
        Novedad().save(force_insert=True)
