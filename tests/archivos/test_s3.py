"""El mismo almacén, en un servidor que habla S3 en esta máquina."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from mensajeria.archivos import deposito, limpieza
from mensajeria.models import Archivo
from mensajeria.protocolo.errores import ErrorMensajeria
from servitech.almacenes import de_archivos
from tests.archivos import muestras
from tests.archivos.apoyo import partes, subir
from tests.servicios import puerto_libre

boto3 = pytest.importorskip("boto3")
moto = pytest.importorskip("moto.server")

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "ana")]
_cubos = itertools.count(1)


@pytest.fixture(scope="module")
def servidor_de_s3() -> Iterator[str]:
    puerto = puerto_libre()
    servidor = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=puerto, verbose=False)
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
    with deposito.abrir(fila.pk, "contenido") as abierto:
        assert abierto.size == fila.tamano
        abierto.seek(8)
        assert abierto.read(8) == b"\0\0\0\rIHDR"
    assert set(deposito.guardados()) == {fila.pk}
    Archivo.objects.update(estado=Archivo.Estado.SOBRA)
    assert limpieza.limpiar() == 1
    assert _guardado(cubo) == set()
    with pytest.raises(FileNotFoundError):
        deposito.abrir(fila.pk, "contenido")


def test_sin_cubo_no_deja_nada_y_se_dice(cubo: Any) -> None:
    cubo.delete()
    with pytest.raises(ErrorMensajeria) as error:
        subir("ana")
    assert error.value.codigo == "UNAVAILABLE"
    # La fila se queda hasta que se pueda borrar lo que dejara.
    assert not Archivo.objects.exclude(estado=Archivo.Estado.SUBIENDO).exists()
