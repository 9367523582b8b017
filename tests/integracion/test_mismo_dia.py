"""El mismo día con guion deja lo mismo en SQLite, PostgreSQL y el sustituto de MongoDB."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from mensajeria.consola.guion_de_demo import CHARLAS
from mensajeria.protocolo.eventos import CLIENTE
from tests import servicios
from tests.api.test_rutas import RUTAS
from tests.integracion.conftest import revisar_registro
from tests.integracion.dia import Anotado, Dia
from tests.integracion.puertas import Mesa, Rest
from tests.integracion.respuestas import Comparable, Lector, diferencias
from tests.servicios import Servidor, nueva_base, nueva_sqlite

pytestmark = [pytest.mark.elige_base, pytest.mark.aparte]

# `make dia` vive el de cinco mil en las tres bases; al nombrar este archivo, uno más corto que hace
# lo mismo menos veces, y no en el sustituto de MongoDB, que tarda cuatro veces más que las otras.
DE_MAKE_DIA = os.environ.get("MENSAJES_DEL_DIA")
MENSAJES = int(DE_MAKE_DIA or 1_000)
MAX_DIFERENCIAS = 8
BASES = ("sqlite", "postgres", "mongo") if DE_MAKE_DIA else ("sqlite", "postgres")
# Cuántos, por cada cien mensajes y como poco.
RASGOS = {
    "enviado": 5,
    "entregado": 5,
    "leido": 5,
    "lectura": 20,
    "respuesta": 5,
    "archivo": 5,
    "editado": 2,
    "eliminado": 1,
    "reaccion": 2,
    "fijado": 0.5,
}
MESA = {
    "mensaje/ocultar",
    "mensaje/restaurar",
    "mensaje/eliminar",
    "mensaje/fijar",
    "mensaje/desfijar",
    "conversacion/cerrar",
    "conversacion/reabrir",
    "usuario/desactivar",
    "usuario/reactivar",
}
CODIGOS = {
    "AUTH_REQUIRED",
    "AUTH_INVALID",
    "USER_MISMATCH",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "VALIDATION_ERROR",
    "UNKNOWN_EVENT",
    "CONFLICT",
    "CONVERSATION_CLOSED",
    "EDIT_WINDOW_CLOSED",
    "PAYLOAD_TOO_LARGE",
}


@dataclass
class Vivido:
    """Lo contestado durante el día y lo leído después, ya comparable."""

    anotado: list[Anotado]
    leido: list[Anotado]
    mensajes: list[Any]
    eventos: set[str]
    rutas: set[tuple[str, str]]
    mesa: set[str]
    segundos: tuple[float, float, float]


def _molde(metodo: str, camino: str) -> tuple[str, str]:
    nombres = (
        r"(conversaciones|participantes|mensajes|notificaciones|sesiones|archivos|usuarios"
        r"|dispositivos)/[^/]+/"
    )
    return metodo.upper(), re.sub(nombres, r"\1/*/", camino)


def vivir(base: str, carpeta: Path) -> Vivido:
    """Levanta la base y el servidor, vive el día, lo lee todo y los detiene."""
    inicio = time.monotonic()
    carpeta.mkdir()
    with contextlib.ExitStack() as pila:
        if base == "mongo":
            entorno = {"MONGODB_URI": pila.enter_context(servicios.mongo())}
        elif base == "postgres":
            entorno = {"DATABASE_URL": nueva_base(pila.enter_context(servicios.postgres()))}
        else:
            entorno = {"DATABASE_URL": nueva_sqlite(carpeta)}
        servidor = Servidor(carpeta, EVENTOS_POR_SEGUNDO="100000", AVISOS="no", **entorno)
        if base == "mongo":
            servidor.orden("preparar")
        pila.enter_context(servidor)
        vivido = asyncio.run(_vivir(servidor, inicio))
    revisar_registro(servidor.registro)
    return vivido


async def _vivir(servidor: Servidor, inicio: float) -> Vivido:
    listo = time.monotonic()
    async with contextlib.AsyncExitStack() as pila:
        rest, mesa = pila.enter_context(Rest(servidor)), pila.enter_context(Mesa(servidor))
        dia = Dia(servidor, rest, mesa, MENSAJES)
        await dia.vivir(pila)
        anochecido = time.monotonic()
        lector = Lector(rest, dia)
        await asyncio.to_thread(lector.leer_todo)
    comparable = Comparable()
    return Vivido(
        anotado=comparable(dia.anotado),
        leido=comparable(lector.respuestas),
        mensajes=lector.mensajes,
        eventos=dia.eventos,
        rutas={_molde(*hecha) for hecha in rest.hechas},
        mesa=mesa.hechas,
        segundos=(listo - inicio, anochecido - listo, time.monotonic() - anochecido),
    )


@pytest.fixture(scope="module")
def dias(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Vivido]:
    """El día en cada base, a la vez."""
    carpeta = tmp_path_factory.mktemp("dia")
    with ThreadPoolExecutor(len(BASES)) as hilos:
        vividos = hilos.map(lambda b: vivir(b, carpeta / b), BASES)
        todos = dict(zip(BASES, vividos, strict=True))
    for base, dia in todos.items():
        preparar, vivir_, leer = (round(s) for s in dia.segundos)
        print(f"{base}: {preparar} s en preparar, {vivir_} s en el día, {leer} s en leerlo")
    return todos


@pytest.mark.parametrize("base", BASES[1:])
@pytest.mark.parametrize("parte", ["anotado", "leido"])
def test_las_bases_contestan_lo_mismo(dias: dict[str, Vivido], base: str, parte: str) -> None:
    una, otra = getattr(dias[BASES[0]], parte), getattr(dias[base], parte)
    halladas: list[str] = []
    for (paso, esto), (suyo, eso) in zip(una, otra, strict=False):
        halladas += [f"{paso}: {suyo}"] * (paso != suyo)
        halladas += islice(diferencias(esto, eso, paso), MAX_DIFERENCIAS)
        if len(halladas) >= MAX_DIFERENCIAS:
            break
    if len(una) != len(otra):
        halladas.append(f"{len(una)} respuestas y {len(otra)}")
    if halladas:
        pytest.fail("\n".join([f"{BASES[0]} y {base}:", *halladas]), pytrace=False)


# Los de las individuales del ejemplo, que el día pide y sigue.
DEL_EJEMPLO = sum(len(c.dichos) for c in CHARLAS if c.tipo == "individual")


def test_el_dia_fue_el_que_dice_el_guion(dias: dict[str, Vivido]) -> None:
    """Que nadie compare tres días vacíos: cada verbo, cada ruta y cada negativa, más de una vez."""
    uno = dias["sqlite"]
    cuenta = Counter(rasgo for mensaje in uno.mensajes for rasgo in _rasgos(mensaje))
    assert cuenta["mensaje"] == MENSAJES + DEL_EJEMPLO
    for rasgo, de_cada_cien in RASGOS.items():
        assert cuenta[rasgo] * 100 >= MENSAJES * de_cada_cien, (rasgo, cuenta)
    assert len(uno.anotado) > MENSAJES
    assert len(uno.leido) > 350
    assert uno.eventos >= CLIENTE.keys()
    assert uno.rutas >= {_molde(r.metodo, r.camino.format(m="m")) for r in RUTAS}
    assert uno.mesa == MESA
    codigos = Counter(codigo for _, respuesta in uno.anotado if (codigo := _codigo(respuesta)))
    assert codigos.keys() == CODIGOS


def _codigo(respuesta: Any) -> Any:
    """El del error, si lo es: por un socket o por REST."""
    if isinstance(respuesta, dict):
        return respuesta.get("error", {}).get("code")
    return respuesta[1].get("code") if respuesta[0] >= 400 else None


def _rasgos(mensaje: Any) -> list[str]:
    return [
        "mensaje",
        mensaje["estado"],
        *["editado"] * mensaje["editado"]["editado"],
        *["eliminado"] * mensaje["eliminado"]["eliminado"],
        *["respuesta"] * (mensaje["respuestaA"] is not None),
        *["archivo"] * (mensaje["contenido"]["archivo"] is not None),
        *["reaccion"] * len(mensaje["reacciones"]),
        *["fijado"] * mensaje["fijado"]["fijado"],
        *["lectura"] * len(mensaje["lecturas"]),
    ]


def test_la_comparacion_ve_cada_diferencia() -> None:
    uno = {"a": [1, {"b": None, "c": "x"}], "d": 1}
    assert list(diferencias(uno, uno)) == []
    casos: list[tuple[Any, str]] = [
        ({**uno, "d": 1.0}, ".d: 1 ≠ 1.0"),
        ({**uno, "d": True}, ".d: 1 ≠ True"),
        ({"a": uno["a"]}, ".d: solo en una"),
        ({**uno, "a": [1]}, ".a: 2 y 1 elementos"),
        ({**uno, "a": [1, {"b": "", "c": "x"}]}, ".a[1].b: None ≠ ''"),
    ]
    for otro, esperada in casos:
        assert list(diferencias(uno, otro)) == [esperada]


def test_lo_comparable_solo_pierde_identificadores_y_fechas() -> None:
    comparable = Comparable()
    uno, otro = "65f0c0ffee0123456789abcd", "65f0c0ffee0123456789abce"
    assert comparable({"_id": uno, "de": [otro, uno], uno: f"a {otro} b"}) == {
        "_id": "id-1",
        "de": ["id-2", "id-1"],
        "id-1": "a id-2 b",
    }
    assert comparable({"fecha": "2026-01-02T03:04:05.678Z"}) == {"fecha": "fecha"}
    assert comparable({"fecha": None}) == {"fecha": None}
    for mala in ("2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05Z", "2026-01-02"):
        with pytest.raises(AssertionError):
            comparable({"fecha": mala})
