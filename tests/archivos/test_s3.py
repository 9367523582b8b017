"""El mismo almacén, en un servidor que habla S3 en esta máquina."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from mensajeria.archivos import deposito, limpieza
from mensajeria.archivos.comprobacion import revisar_deposito
from mensajeria.models import Archivo
from mensajeria.protocolo.errores import ErrorMensajeria
from servitech.almacenes import de_archivos
from tests.api.test_rutas import cliente
from tests.archivos import muestras
from tests.archivos.apoyo import leida, partes, subir
from tests.servicios import puerto_libre

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "ana")]
_cubos = itertools.count(1)


@pytest.fixture(scope="module")
def servidor_de_s3() -> Iterator[str]:
    puerto = puerto_libre()
    servidor = ThreadedMotoServer(ip_address="127.0.0.1", port=puerto, verbose=False)
    servidor.start()
    yield f"http://127.0.0.1:{puerto}"
    servidor.stop()


@pytest.fixture
def cubo(
    servidor_de_s3: str, almacen: object, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Uno vacío, que es donde se guarda, como lo pondría quien lo use: por el entorno."""
    entorno = {
        "AWS_ACCESS_KEY_ID": "prueba",
        "AWS_SECRET_ACCESS_KEY": "prueba",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": servidor_de_s3,
    }
    for nombre, valor in entorno.items():
        monkeypatch.setenv(nombre, valor)
    nombre = f"cubo-{next(_cubos)}"
    uno = boto3.resource("s3").create_bucket(Bucket=nombre)
    en_s3 = de_archivos(f"s3://{nombre}/de/mensajes")
    settings.STORAGES = {**settings.STORAGES, "archivos": en_s3}
    return uno


def _guardado(cubo: Any) -> set[str]:
    return {o.key.removeprefix("de/mensajes/").partition("/")[2] for o in cubo.objects.all()}


def test_se_sube_se_lee_y_se_borra(cubo: Any) -> None:
    fila = subir("ana", muestras.imagen("PNG", (800, 600)))
    assert fila.estado == Archivo.Estado.LISTO
    assert _guardado(cubo) == partes(fila.pk)
    # Del servidor de S3 solo viene lo que se pide.
    with deposito.leer(fila.pk, "contenido", 8, 8) as abierto:
        assert abierto.read() == b"\0\0\0\rIHDR"
    assert len(deposito.leer_entero(fila.pk, "contenido", fila.tamano)) == fila.tamano
    [(id_, nombres)] = deposito.guardados()
    assert (id_, len(nombres)) == (fila.pk, 3)
    Archivo.objects.update(estado=Archivo.Estado.SOBRA)
    assert limpieza.limpiar() == (1, 0)
    assert _guardado(cubo) == set()
    with pytest.raises(FileNotFoundError):
        deposito.leer(fila.pk, "contenido", 0, 1)


def test_se_sirve_entero_o_un_tramo(cubo: Any) -> None:
    fila = subir("ana", muestras.imagen("PNG", (800, 600)))
    ana, camino = cliente("ana"), f"/api/mensajeria/archivos/{fila.pk}/contenido/"
    entero = leida(ana.get(camino))
    assert (entero.status_code, len(entero.leido)) == (200, fila.tamano)
    tramo = leida(ana.get(camino, HTTP_RANGE="bytes=8-15"))
    assert (tramo.status_code, tramo.leido) == (206, entero.leido[8:16])


def test_muchas_bajadas_a_la_vez_no_tiran_conexiones(
    cubo: Any, caplog: pytest.LogCaptureFixture
) -> None:
    deposito.guardar("a" * 24, "contenido", bytes(2**20))
    abiertas = [deposito.leer("a" * 24, "contenido", 0, 2**20) for _ in range(20)]
    for una in abiertas:
        assert len(una.read()) == 2**20
        una.close()
    assert "pool is full" not in caplog.text


def test_unas_claves_que_no_pueden_saber_que_algo_no_esta_se_dicen(cubo: Any) -> None:
    assert revisar_deposito(["default"]) == []
    niega = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:HeadObject",
        "Resource": f"arn:aws:s3:::{cubo.name}/*",
    }
    politica = json.dumps({"Version": "2012-10-17", "Statement": [niega]})
    cubo.Policy().put(Policy=politica)
    [dicho] = revisar_deposito(["default"])
    assert (dicho.id, "403" in dicho.msg) == ("mensajeria.W010", True)


def test_uno_grande_va_de_una_vez(cubo: Any) -> None:
    """Por partes, la que quedara a medias no saldría en ninguna lista."""
    deposito.guardar("a" * 24, "contenido", bytes(9 * 2**20))
    [objeto] = cubo.objects.all()
    assert "-" not in objeto.e_tag


def test_el_que_no_contesta_no_se_espera_sin_fin(
    cubo: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mensajeria.archivos import s3

    monkeypatch.setattr(s3, "SEGUNDOS_DE_LECTURA", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mudo:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{mudo.getsockname()[1]}")
        settings.STORAGES = {**settings.STORAGES}
        inicio = time.monotonic()
        for pedir in (
            lambda: deposito.leer("a" * 24, "contenido", 0, 1),
            lambda: deposito.guardar("a" * 24, "contenido", b"x"),
            lambda: list(deposito.guardados()),
        ):
            with pytest.raises(ErrorMensajeria) as error:
                pedir()
            assert error.value.codigo == "UNAVAILABLE"
        assert time.monotonic() - inicio < 10


def test_sin_cubo_no_deja_nada_y_se_dice(cubo: Any) -> None:
    cubo.delete()
    with pytest.raises(ErrorMensajeria) as error:
        subir("ana")
    assert error.value.codigo == "UNAVAILABLE"
    # La fila se queda hasta que se pueda borrar lo que dejara.
    assert not Archivo.objects.exclude(estado=Archivo.Estado.SUBIENDO).exists()
