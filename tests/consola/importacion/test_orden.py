"""`manage.py importar_mongo` contra un MongoDB (el sustituto), con procesos de verdad."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import bson
import pytest
from django.core.management import CommandError, call_command
from pymongo import MongoClient

from tests.consola.importacion.original import base_al_azar, base_variada
from tests.servicios import RAIZ, mongo


@pytest.fixture(scope="module")
def servidor_mongo() -> Iterator[str]:
    with mongo() as uri:
        yield uri


@pytest.fixture
def original(servidor_mongo: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Una base vacía del sustituto, y su dirección en `uri`."""
    nombre = re.sub(r"\W", "_", request.node.name)[:40]
    uri = servidor_mongo.replace("/servitech?", f"/{nombre}?")
    cliente: MongoClient[Any] = MongoClient(uri)
    base = cliente[nombre]
    base.uri = uri  # type: ignore[attr-defined]
    yield base
    cliente.close()


def llenar(base: Any, datos: dict[str, list[dict[str, Any]]]) -> None:
    for coleccion, docs in datos.items():
        if docs:
            base[coleccion].insert_many(docs)


def huella(base: Any) -> list[tuple[str, list[bytes]]]:
    nombres = sorted(base.list_collection_names())
    return [(n, sorted(bson.encode(d) for d in base[n].find())) for n in nombres]


class Destino:
    """Una base SQLite recién migrada, y las órdenes que la usan en su propio proceso."""

    def __init__(self, carpeta: Path) -> None:
        self.archivo = carpeta / "base.sqlite3"
        self.rechazos = carpeta / "rechazos.jsonl"
        self.entorno = {
            **{k: v for k, v in os.environ.items() if k not in {"MONGODB_URI", "REDIS_URL"}},
            "DATABASE_URL": f"sqlite:///{self.archivo}",
            "LOG_ARCHIVO": str(carpeta / "server.log"),
        }

    def lanzar(self, *argumentos: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *argumentos],
            cwd=RAIZ,
            env=self.entorno,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Quien lanza las pruebas de fondo las deja sordas a Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def orden(self, *argumentos: str, codigo: int = 0) -> str:
        proceso = self.lanzar(*argumentos)
        salida, errores = proceso.communicate(timeout=60)
        assert proceso.returncode == codigo, errores
        return salida + errores

    def importar(self, uri: str, *mas: str) -> str:
        return self.orden("importar_mongo", uri, "--rechazos", str(self.rechazos), *mas)

    def filas(self, consulta: str) -> list[Any]:
        with closing(sqlite3.connect(self.archivo)) as base:
            return base.execute(consulta).fetchall()

    def mensajes(self) -> list[Any]:
        return self.filas(
            "SELECT conversacion_id, secuencia, _id FROM mensajeria_mensaje ORDER BY 1, 2"
        )


@pytest.fixture(scope="module")
def migrada(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uno = Destino(tmp_path_factory.mktemp("migrada"))
    uno.orden("migrate", "-v0")
    return uno.archivo


@pytest.fixture
def destino(tmp_path: Path, migrada: Path) -> Destino:
    uno = Destino(tmp_path)
    shutil.copy(migrada, uno.archivo)
    return uno


def test_importa_sin_tocar_la_original(original: Any, destino: Destino) -> None:
    datos = base_variada()
    # El sustituto no admite fechas imposibles.
    datos["mensajes"][9]["fechaEnvio"] = "ayer"
    llenar(original, datos)
    antes = huella(original)
    simulado = destino.importar(original.uri, "--simular")
    assert "Simulación" in simulado
    # Lo que se perdería, antes de escribir nada.
    assert "Campos de mensajes que no se toman: hilo (1), lecturas._id (2)" in simulado
    assert re.search(r"mensajes, ajustado: contenido.texto: pasa de 5000 .+ \(1\)", simulado)
    assert re.search(r"mensajes, rechazado: fechaEnvio: .+ \(1\)", simulado)
    assert destino.mensajes() == []
    salida = destino.importar(original.uri)
    assert huella(original) == antes
    assert len(destino.mensajes()) == 13
    assert re.search(r"mensajes +18 +13 +0 +\d+ +5", salida)
    assert "hilo (1)" in salida
    assert str(destino.rechazos) in salida
    assert re.search(r"mensajes +18 +0 +13", destino.importar(original.uri))
    assert len(destino.mensajes()) == 13


def test_muerta_a_medias_se_repite_y_queda_entera(original: Any, destino: Destino) -> None:
    """SIGKILL en cuanto hay alguna tanda guardada: lo que queda es coherente, y se completa."""
    datos = base_al_azar(9000, semilla=11)
    llenar(original, datos)
    proceso = destino.lanzar("importar_mongo", original.uri, "--rechazos", str(destino.rechazos))
    while not destino.filas("SELECT 1 FROM mensajeria_mensaje LIMIT 1"):
        assert proceso.poll() is None, proceso.communicate()
        time.sleep(0.01)
    proceso.send_signal(signal.SIGKILL)
    proceso.communicate()
    a_medias = destino.mensajes()
    assert 0 < len(a_medias) < 9000
    _comprobar(destino, a_medias)

    destino.importar(original.uri)
    enteros = destino.mensajes()
    assert enteros[: len(a_medias)] != []
    assert set(a_medias) <= set(enteros)
    _comprobar(destino, enteros)
    orden = sorted(datos["mensajes"], key=lambda d: (d["fechaEnvio"], d["_id"]))
    for conversacion in {c for c, _, _ in enteros}:
        suyos = [str(d["_id"]) for d in orden if str(d["conversacion"]) == conversacion]
        assert [i for c, _, i in enteros if c == conversacion] == suyos


def _comprobar(destino: Destino, mensajes: list[Any]) -> None:
    """Sin huecos, y con todas las cuentas como se cuentan de verdad."""
    cuentas = dict(destino.filas("SELECT _id, ultima_secuencia FROM mensajeria_conversacion"))
    for conversacion, ultima in cuentas.items():
        numeros = [s for c, s, _ in mensajes if c == conversacion]
        assert numeros == list(range(1, ultima + 1))
    descuadrados = destino.filas(
        "SELECT p._id FROM mensajeria_participante p WHERE p.enviados <> (SELECT count(*) FROM"
        " mensajeria_mensaje m WHERE m.conversacion_id = p.conversacion_id AND m.remitente_id ="
        " p.usuario_id) OR p.enviados_leidos <> (SELECT count(*) FROM mensajeria_mensaje m WHERE"
        " m.conversacion_id = p.conversacion_id AND m.remitente_id = p.usuario_id AND"
        " m.secuencia <= p.leido_hasta)"
    )
    assert descuadrados == []
    assert (
        destino.filas(
            "SELECT participante_id, clase, max(hasta) FROM mensajeria_lectura GROUP BY 1, 2 EXCEPT"
            " SELECT _id, 'leido', leido_hasta FROM mensajeria_participante EXCEPT"
            " SELECT _id, 'entregado', entregado_hasta FROM mensajeria_participante"
        )
        == []
    )


def test_detenida_con_ctrl_c_lo_dice(original: Any, destino: Destino) -> None:
    llenar(original, base_al_azar(9000, semilla=12))
    proceso = destino.lanzar("importar_mongo", original.uri, "--rechazos", str(destino.rechazos))
    while not destino.filas("SELECT 1 FROM mensajeria_mensaje LIMIT 1"):
        time.sleep(0.01)
    proceso.send_signal(signal.SIGINT)
    _, errores = proceso.communicate(timeout=30)
    assert proceso.returncode == 130
    assert "Repite la misma orden" in errores


@pytest.mark.parametrize(
    ("direccion", "dice"),
    [
        ("{}/?", "Ha de nombrar la base"),
        ("{}/vacia?", "¿Es esa la base?"),
        ("", "Falta la dirección"),
        ("no-es-mongo", "La dirección no vale"),
        ("mongodb://ana:secretísima@127.0.0.1:1/x?serverSelectionTimeoutMS=300", "No se puede"),
    ],
)
def test_errores_que_dicen_que_hacer(servidor_mongo: str, direccion: str, dice: str) -> None:
    servidor = servidor_mongo.split("/servitech?")[0]
    with pytest.raises(CommandError, match=re.escape(dice)) as error:
        call_command("importar_mongo", direccion.format(servidor))
    assert "secretísima" not in str(error.value)
