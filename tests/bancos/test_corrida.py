"""Filas cortas, de verdad: siembra, servidor, clientes y figuras."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from bancos import corrida
from bancos.carga.dialectos import Nativa
from bancos.contendientes import CONTENDIENTES, Contendiente
from bancos.escenarios import conexiones, lecturas, mensajes
from bancos.fila import Fila
from bancos.servidores import Taller
from bancos.siembra import Siembra

pytestmark = [pytest.mark.servidor, pytest.mark.elige_base]

SIEMBRA = Siembra().salas("s", 2, 2).grupos("k", 20, 2, 2)
ESCENARIOS = {
    "en_vuelo": partial(mensajes.en_vuelo, prefijo="s", cuantas=2, mensajes=2),
    "a_ritmo": partial(mensajes.a_ritmo, prefijo="s", por_segundo=400),
    "conectar": partial(conexiones.conectar, prefijo="k", cuantas=20),
    "ascender": partial(conexiones.conectar, prefijo="k", cuantas=20, ascenso=True),
    "lista": partial(lecturas.lista, usuario="s0-u0"),
}


@pytest.fixture(scope="module")
def figuras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """Lo que da cada escenario, todos en el mismo servidor."""
    con = ("sqlite", "sqlite-nativa")
    filas = [
        Fila(nombre, nombre, SIEMBRA, escenario, con if nombre == "en_vuelo" else con[:1])
        for nombre, escenario in ESCENARIOS.items()
    ]
    sqlite = CONTENDIENTES["sqlite"]
    nativa = Contendiente("producto, SQLite, sencillo", sqlite.arranque, Nativa())
    with pytest.MonkeyPatch.context() as parche:
        parche.setitem(CONTENDIENTES, "sqlite-nativa", nativa)
        parche.setattr(conexiones, "REPOSO", 0.1)
        with Taller(tmp_path_factory.mktemp("taller")) as taller:
            resultados = corrida.correr(filas, taller, 1, 0.3, lambda _: True)
            yield {r.fila.id: r.veces for r in resultados}


def test_enviar_da_las_mismas_figuras_por_las_dos_puertas(figuras):
    for contendiente in ("sqlite", "sqlite-nativa"):
        (una,) = figuras["en_vuelo"][contendiente]
        assert una["us"] > 0
        assert una["por_segundo"] > 0
        assert 0 < una["p50_ms"] <= una["p99_ms"]
        # La base de SQLite está en el servidor.
        assert una["us_base"] == 0


@pytest.mark.parametrize(
    ("escenario", "cpu"),
    [("a_ritmo", "us"), ("conectar", "ms"), ("ascender", "ms"), ("lista", "ms")],
)
def test_los_demas_dan_la_suya(figuras, escenario, cpu):
    (una,) = figuras[escenario]["sqlite"]
    assert una["por_segundo"] > 0
    # El sistema la cuenta a pasos de 10 ms: cada escenario da trabajo para varios.
    assert una[cpu] > 0
