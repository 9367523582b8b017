"""JSON que envían los clientes, guardado como texto en las tres bases."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


class CampoJSON(models.TextField):  # type: ignore[type-arg]
    """Un valor JSON cualquiera.

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
