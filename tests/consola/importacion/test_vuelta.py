"""Todo lo que hay en un documento del original está en lo nuestro, o en el informe."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mensajeria.consola.importacion.informe import Informe
from mensajeria.consola.importacion.recibos import LEIDO_DE_PASO
from mensajeria.models import Conversacion, Mensaje, Notificacion, Usuario
from tests.consola.importacion import todo_el_original, vuelta
from tests.consola.importacion.apoyo import importar
from tests.consola.importacion.original import Base

pytestmark = pytest.mark.bd

DEVUELVE: dict[str, Callable[[str], dict[str, Any]]] = {
    "usuarios": lambda id_: vuelta.usuario(Usuario.objects.get(pk=id_)),
    "conversaciones": lambda id_: vuelta.conversacion(Conversacion.objects.get(pk=id_)),
    "mensajes": vuelta.mensaje,
    "notificaciones": lambda id_: vuelta.notificacion(Notificacion.objects.get(pk=id_)),
}
BASES = {"grabada": todo_el_original.grabada, "entera": todo_el_original.entera}
cada_base = pytest.mark.parametrize("original", BASES.values(), ids=list(BASES))


def perdido(base: Base, informe: Informe, ruta: Path) -> Iterator[tuple[str, str, str, Any]]:
    """Lo que no está ni en lo nuestro ni en el informe."""
    apuntados = _apuntados(ruta)
    quedan = defaultdict(Counter, {c: n.copy() for c, n in informe.sin_tomar.items()})
    de_paso = informe.acuses[LEIDO_DE_PASO]
    for coleccion, docs in base.items():
        for doc in docs:
            id_ = str(doc["_id"])
            suyos = apuntados.get((coleccion, id_), set())
            if "*" in suyos:
                continue
            nuestro = dict(vuelta.hojas(DEVUELVE[coleccion](id_)))
            for camino, valor in vuelta.hojas(doc):
                if nuestro.get(camino) == valor or valor == "":
                    continue
                corto = ".".join(p for p in camino if not p.startswith("#"))
                if any(f"{corto}.".startswith(f"{campo}.") for campo in suyos):
                    continue
                # Del informe, cada cuenta vale por tantos valores, y ninguno más.
                if corto == "estado" and nuestro[camino] == "leido" and de_paso:
                    de_paso -= 1
                elif quedan[coleccion][corto]:
                    quedan[coleccion][corto] -= 1
                else:
                    yield coleccion, id_, ".".join(camino), valor


def _apuntados(ruta: Path) -> dict[tuple[str, str], set[str]]:
    """Por documento, los campos de los que el archivo habla; `*`, si está entero en él."""
    apuntados: dict[tuple[str, str], set[str]] = {}
    for linea in map(json.loads, ruta.read_text(encoding="utf-8").splitlines()):
        campo = re.sub(r"\.\d+", "", linea.get("campo", ""))
        if linea["clase"] == "rechazado":
            assert linea["valor"]["_id"] == linea["_id"]
            campo = "*"
        apuntados.setdefault((linea["coleccion"], str(linea["_id"])), set()).add(campo)
    return apuntados


@cada_base
def test_nada_se_pierde_sin_decirlo(
    base: None, tmp_path: Path, original: Callable[[], Base]
) -> None:
    ruta = tmp_path / "rechazos.jsonl"
    datos = original()
    informe = importar(datos, ruta)
    sobra = list(perdido(datos, informe, ruta))
    assert sobra == [], "\n".join(map(str, sobra))


@cada_base
def test_simular_dice_lo_mismo_y_no_escribe_nada(
    base: None, tmp_path: Path, original: Callable[[], Base]
) -> None:
    datos = original()
    simulado = importar(datos, tmp_path / "simulada.jsonl", simular=True)
    for modelo in (Usuario, Conversacion, Mensaje, Notificacion):
        assert not modelo.objects.exists()
    hecho = importar(datos, tmp_path / "hecha.jsonl")
    assert list(simulado.resumen())[:-1] == list(hecho.resumen())[:-1]
    dichos = [sorted(p.read_text().splitlines()) for p in tmp_path.glob("*.jsonl")]
    assert dichos[0] == dichos[1]


def test_lo_que_el_original_dejo_entra_entero(base: None, tmp_path: Path) -> None:
    """De la base grabada no se rechaza nada, y solo no se toma lo que aquí no existe."""
    informe = importar(todo_el_original.grabada(), tmp_path / "rechazos.jsonl")
    cuentas = {c: (x.leidos, x.nuevos, x.rechazados) for c, x in informe.cuentas.items()}
    assert cuentas == {
        "usuarios": (3, 3, 0),
        "conversaciones": (2, 2, 0),
        "mensajes": (28, 28, 0),
        "notificaciones": (0, 0, 0),
    }
    assert informe.sin_tomar["mensajes"] == {
        "__v": 28,
        "createdAt": 28,
        "updatedAt": 28,
        "fechaLectura._id": 6,
        "reacciones._id": 3,
    }
    assert informe.sin_tomar["conversaciones"]["configuracion.modoSilencioso"] == 2
    assert informe.sin_tomar["usuarios"] == {"__v": 3}
    resumen = "\n".join(informe.resumen())
    assert "Campos de mensajes que no se toman: __v (28), fechaLectura._id (6)" in resumen
    assert "Campos de mensajes que aquí se calculan: createdAt (28), updatedAt (28)" in resumen
    assert informe.acuses == {}
    calculados = "estadisticas.mensajesNoLeidos._id (5)"
    assert f"Campos de conversaciones que aquí se calculan: {calculados}" in resumen
    assert "mensajes, ajustado: respuestaA: lo que cita no está antes" in resumen


def test_cada_tipo_estado_y_prioridad_queda_como_era(base: None, tmp_path: Path) -> None:
    importar(todo_el_original.entera(), tmp_path / "rechazos.jsonl")
    mensajes = Mensaje.objects.all()
    assert {m.tipo for m in mensajes} == set(todo_el_original.TIPOS)
    assert {m.prioridad for m in mensajes} == set(todo_el_original.PRIORIDADES)
    conversaciones = Conversacion.objects.all()
    assert {c.tipo for c in conversaciones} == set(todo_el_original.TIPOS_DE_CONVERSACION)
    # Lo archivado sigue abierto: en el original se escribe en ello como en lo demás.
    assert {c.activa for c in conversaciones if c.archivada} == {True}
    assert sum(c.archivada for c in conversaciones) == 2
    assert sum(not c.activa for c in conversaciones) == 2
