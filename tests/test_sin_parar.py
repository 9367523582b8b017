"""Las migraciones desde la 1.0 solo añaden y no paran a nadie: la de antes sigue sirviendo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Value
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

from mensajeria.sin_parar import AgregarIndice

# La última de la 1.0; las de antes se dieron con todo parado.
ULTIMA_CON_TODO_PARADO = "0016_palabras_una_vez"
NO_TOCAN_LA_BASE = (migrations.AlterModelOptions, migrations.AlterModelManagers)


def pegas(migracion: migrations.Migration, antes: ProjectState) -> list[str]:
    """Por qué no se puede dar con la versión anterior en marcha, si por algo."""
    estado = antes.clone()
    nuevos: set[str] = set()
    halladas: list[str] = []
    for operacion in migracion.operations:
        despues = estado.clone()
        operacion.state_forwards("mensajeria", despues)
        if isinstance(operacion, migrations.CreateModel):
            nuevos.add(operacion.name_lower)
        elif getattr(operacion, "model_name_lower", "") not in nuevos:
            halladas += _de_una(operacion, migracion.atomic, estado, despues)
        estado = despues
    return halladas


def _de_una(
    operacion: Any, en_transaccion: bool, antes: ProjectState, despues: ProjectState
) -> Iterator[str]:
    if isinstance(operacion, NO_TOCAN_LA_BASE):
        return
    if isinstance(operacion, AgregarIndice | migrations.RunPython | migrations.RunSQL):
        if en_transaccion:
            yield f"{operacion.describe()}: retendría hasta el final lo que toque (atomic = False)"
    elif isinstance(operacion, migrations.AddField):
        yield from _de_un_campo(operacion)
    elif isinstance(operacion, migrations.AlterField):
        if _cambia_la_columna(operacion, antes, despues):
            yield f"{operacion.describe()}: cambia una columna que la versión anterior usa"
    elif isinstance(operacion, migrations.AddIndex):
        yield f"{operacion.describe()}: para a quien escribe (AgregarIndice)"
    else:
        yield f"{operacion.describe()}: no es añadir"


def _de_un_campo(operacion: migrations.AddField) -> Iterator[str]:
    campo = operacion.field
    defecto = getattr(campo, "db_default", NOT_PROVIDED)
    if not campo.null and defecto is NOT_PROVIDED:
        yield f"{operacion.describe()}: la versión anterior no lo escribe (db_default, o null)"
    if hasattr(defecto, "resolve_expression") and not isinstance(defecto, Value):
        yield f"{operacion.describe()}: un db_default que se calcula reescribe la tabla"
    if campo.unique or getattr(campo, "db_index", False):
        yield f"{operacion.describe()}: su índice para a quien escribe (AgregarIndice)"


def _cambia_la_columna(
    operacion: migrations.AlterField, antes: ProjectState, despues: ProjectState
) -> bool:
    viejo, nuevo = (
        estado.apps.get_model("mensajeria", operacion.model_name)._meta.get_field(operacion.name)
        for estado in (antes, despues)
    )
    return connection.schema_editor(atomic=False)._field_should_be_altered(viejo, nuevo)  # type: ignore[attr-defined]


def _nuestras() -> Iterator[tuple[str, migrations.Migration, ProjectState]]:
    """Las que ha de mirar, cada una con el estado que halla."""
    cargador = MigrationLoader(connection)
    [ultima] = cargador.graph.leaf_nodes("mensajeria")
    for clave in cargador.graph.forwards_plan(ultima):
        if clave[0] == "mensajeria" and clave[1] > ULTIMA_CON_TODO_PARADO:
            yield clave[1], cargador.graph.nodes[clave], cargador.project_state(clave, False)


@pytest.mark.bd
def test_ninguna_para_a_nadie() -> None:
    halladas = {nombre: pegas(una, antes) for nombre, una, antes in _nuestras()}
    assert not {nombre: suyas for nombre, suyas in halladas.items() if suyas}


@pytest.fixture
def estado() -> ProjectState:
    return MigrationLoader(connection).project_state()


def _migracion(*operaciones: Any, atomic: bool = True) -> migrations.Migration:
    una = migrations.Migration("de_prueba", "mensajeria")
    vars(una).update(operations=list(operaciones), atomic=atomic)
    return una


def _campo(campo: models.Field) -> migrations.AddField:
    return migrations.AddField("mensaje", "nuevo", campo)


_INDICE = models.Index(fields=["tipo"], name="ix_de_prueba")
_NADA = migrations.RunPython(migrations.RunPython.noop)


@pytest.mark.bd
@pytest.mark.parametrize(
    ("operacion", "por_que"),
    [
        (_campo(models.BooleanField(default=False)), "no lo escribe"),
        (_campo(models.DateTimeField(db_default=Now())), "reescribe"),
        (_campo(models.CharField(null=True, max_length=9, db_index=True)), "su índice"),
        (migrations.AddIndex("mensaje", _INDICE), "AgregarIndice"),
        (AgregarIndice("mensaje", _INDICE), "atomic"),
        (_NADA, "atomic"),
        (migrations.AlterField("mensaje", "tipo", models.CharField(max_length=9)), "columna"),
        (migrations.RemoveField("mensaje", "texto"), "no es añadir"),
        (migrations.RenameField("mensaje", "texto", "cuerpo"), "no es añadir"),
        (migrations.DeleteModel("lectura"), "no es añadir"),
    ],
    ids=lambda algo: algo if isinstance(algo, str) else type(algo).__name__,
)
def test_lo_que_para_se_dice(estado: ProjectState, operacion: Any, por_que: str) -> None:
    [pega] = pegas(_migracion(operacion), estado)
    assert por_que in pega


@pytest.mark.bd
def test_lo_que_solo_anade_vale(estado: ProjectState) -> None:
    nuevo = migrations.CreateModel("De_prueba", [("id", models.AutoField(primary_key=True))])
    en_el_nuevo = migrations.AddIndex("de_prueba", models.Index(fields=["id"], name="ix_nuevo"))
    campos = (_campo(models.BooleanField(db_default=False)), _campo(models.TextField(null=True)))
    assert not pegas(_migracion(nuevo, en_el_nuevo), estado)
    assert not pegas(_migracion(campos[0]), estado)
    assert not pegas(_migracion(campos[1]), estado)
    assert not pegas(_migracion(_NADA, AgregarIndice("mensaje", _INDICE), atomic=False), estado)


@pytest.mark.bd
def test_un_indice_a_medias_se_hace_de_nuevo(estado: ProjectState) -> None:
    """Hacerlo, repetirlo y deshacerlo, en las tres bases; en PostgreSQL, además, tras un corte."""
    operacion = AgregarIndice("mensaje", _INDICE)
    despues = estado.clone()
    operacion.state_forwards("mensajeria", despues)

    def hacer() -> None:
        with connection.schema_editor(atomic=False) as editor:
            operacion.database_forwards("mensajeria", editor, estado, despues)

    def hay() -> bool:
        with connection.cursor() as cursor:
            puestas = connection.introspection.get_constraints(cursor, "mensajeria_mensaje")
        return "ix_de_prueba" in puestas

    hacer()
    assert hay()
    if connection.vendor == "postgresql":
        hacer()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_de_prueba'::regclass"
            )
        hacer()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_de_prueba'::regclass"
            )
            assert cursor.fetchone() == (True,)
    with connection.schema_editor(atomic=False) as editor:
        operacion.database_backwards("mensajeria", editor, despues, estado)
    assert not hay()
