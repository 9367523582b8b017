"""Lo que una migración hace con el sistema en marcha, sin que espere quien escribe."""

from __future__ import annotations

from typing import Any

from django.db import migrations

_DE_ESE_NOMBRE = (
    "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    " WHERE relname = %s AND pg_table_is_visible(pg_class.oid)"
)


class AgregarIndice(migrations.AddIndex):
    """`AddIndex`, que en PostgreSQL lo hace con CONCURRENTLY: su migración lleva `atomic = False`.

    Se puede interrumpir y repetir: el que quedó a medias no sirve, y se hace de nuevo.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_DE_ESE_NOMBRE, [self.index.name])
            hay = cursor.fetchone()
        if hay == (True,):
            return
        modelo = to_state.apps.get_model(app_label, self.model_name)
        if hay:
            schema_editor.remove_index(modelo, self.index, concurrently=True)
        schema_editor.add_index(modelo, self.index, concurrently=True)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        modelo = from_state.apps.get_model(app_label, self.model_name)
        schema_editor.remove_index(modelo, self.index, concurrently=True)
