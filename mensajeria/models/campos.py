"""Los campos que las tres bases no guardan igual por sí solas."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models

from mensajeria.protocolo.palabras import buscable


class CampoJSON(models.TextField):  # type: ignore[type-arg]
    """Un valor JSON cualquiera, guardado como texto.

    `models.JSONField` en MongoDB guarda BSON: `{"$ref": …, "$id": …}` vuelve como DBRef y ya no se
    puede leer. Como texto no hay nada de eso, y se conserva el orden de las claves. No se consulta
    por dentro, ni entra en `bulk_update` (que en MongoDB se salta la conversión).
    """

    description = "JSON como texto"
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, valor: str | None, _expresion: Any, _conexion: Any) -> Any:
        return None if valor is None else json.loads(valor)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return json.dumps(value, allow_nan=False, separators=(",", ":"))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValidationError("No es JSON válido.", code="invalid") from error

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, form_class=forms.JSONField, **kwargs)


LARGO_PLEGADO = 254


def plegado(texto: str) -> str:
    """Con lo que se compara un nombre de usuario o un correo: sin mayúsculas ni espacios de
    alrededor, y en NFKC."""
    return unicodedata.normalize("NFKC", texto).strip().casefold()[:LARGO_PLEGADO]


class CampoPlegado(models.CharField):  # type: ignore[type-arg]
    """Otro campo del modelo, `plegado`: por él se busca, igual y con índice en las tres bases."""

    description = "texto plegado"

    def __init__(self, *args: Any, de: str = "", **opciones: Any) -> None:
        self.de = de
        propias = {"max_length": LARGO_PLEGADO, "editable": False, "default": ""}
        super().__init__(*args, **{**propias, **opciones})

    def deconstruct(self) -> Any:
        nombre, camino, argumentos, opciones = super().deconstruct()
        return nombre, camino, argumentos, {**opciones, "de": self.de}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        valor = plegado(getattr(model_instance, self.de))
        setattr(model_instance, self.attname, valor)
        return valor


class CampoBuscable(models.TextField):  # type: ignore[type-arg]
    """Por lo que se halla un mensaje (`protocolo.palabras`); vacío, si está retirado.

    Nulo es de antes de que se buscara, y aún no se ha rellenado.
    """

    description = "texto por el que se busca"

    def __init__(self, *args: Any, **opciones: Any) -> None:
        super().__init__(*args, **{"null": True, "editable": False, **opciones})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        valor = buscable_de(model_instance)
        setattr(model_instance, self.attname, valor)
        return valor


def buscable_de(mensaje: Any) -> str:
    """Lo que se guarda en él, de un mensaje o de su fila."""
    if mensaje.eliminado or mensaje.oculto:
        return ""
    return buscable(mensaje.texto, (mensaje.archivo or {}).get("nombre") or "")


class CampoDePosicion(models.BigAutoField):  # type: ignore[type-arg]
    """Una clave numérica, mayor en cada fila nueva, que da la base.

    MongoDB no las tiene: allí sale de una cuenta que se lleva fuera de la transacción, como una
    secuencia de PostgreSQL. Dentro, dos lotes a la vez chocarían siempre.
    """

    description = "posición"

    def get_internal_type(self) -> str:
        return "BigIntegerField" if settings.MONGODB_URI else super().get_internal_type()

    def get_pk_value_on_save(self, instance: models.Model) -> Any:
        if connection.vendor != "mongodb":
            return super().get_pk_value_on_save(instance)
        mongo: Any = connection
        cuenta = mongo.database["mensajeria_posicion"].find_one_and_update(
            {"_id": instance._meta.db_table},
            {"$inc": {"ultima": 1}},
            upsert=True,
            return_document=True,
        )
        return cuenta["ultima"]
