"""Un formulario hecho a mano: lo que diga de su archivo no cuenta, y nada se escribe donde diga."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mensajeria.models import Archivo
from tests.api.test_rutas import cliente
from tests.archivos import muestras
from tests.archivos.apoyo import guardado, leida
from tests.archivos.taller.test_comprimidos import con_enlaces

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]

A = "/api/mensajeria/archivos/"
FORMULARIO = "multipart/form-data; boundary=frontera"


def publicar(crudo: bytes, *cabeceras: bytes, nombre: bytes = b'filename="a.txt"') -> Any:
    """Con esas cabeceras en la parte de su archivo."""
    dice = b'Content-Disposition: form-data; name="archivo"; ' + nombre
    cabeza = b"\r\n".join((b"--frontera", dice, *cabeceras, b"", b""))
    cuerpo = cabeza + crudo + b"\r\n--frontera--\r\n"
    return cliente("ana").post(A, cuerpo, content_type=FORMULARIO)


@pytest.mark.parametrize(
    "nombre",
    [
        b'filename="a\0b.txt"',
        b'filename="../\0/ab.txt"',
        b"filename*=UTF-8''a%00b.txt",
        b"filename*=UTF-8''..%2F..%2Fab.txt",
        b"filename*=UTF-8''..%5Cab.txt",
        b"filename*=UTF-8''a%0D%0Ab.txt",
    ],
)
def test_un_nombre_con_lo_que_no_se_escribe(nombre: bytes, almacen: Path) -> None:
    respuesta = publicar(b"hola", nombre=nombre)
    assert respuesta.status_code == 201, respuesta.content
    subido = respuesta.json()
    assert subido["nombre"] == "ab.txt"
    assert guardado(almacen) == {f"{subido['_id']}.contenido"}
    bajado = leida(cliente("ana").get(subido["url"]))
    assert bajado["Content-Disposition"] == 'attachment; filename="ab.txt"'


@pytest.mark.parametrize(
    ("dicho", "crudo", "tipo"),
    [
        (b"image/png", b"hola", "text/plain"),
        (b"text/html", b"hola", "text/plain"),
        (b"image/svg+xml", muestras.imagen("PNG"), "image/png"),
        (b"application/x-msdownload", muestras.pdf(), "application/pdf"),
        (b"no es un tipo", muestras.mp3(), "audio/mpeg"),
    ],
)
def test_el_tipo_no_es_el_que_dice(dicho: bytes, crudo: bytes, tipo: str) -> None:
    subido = publicar(crudo, b"Content-Type: " + dicho, nombre=b'filename="a.html"').json()
    assert subido["tipo"] == tipo
    assert leida(cliente("ana").get(subido["url"]))["Content-Type"] == tipo


@pytest.mark.parametrize("dicho", [b"image/png", b"text/plain", b"application/pdf"])
def test_decir_que_es_otra_cosa_no_admite_lo_que_no_se_admite(dicho: bytes) -> None:
    for crudo in (b"MZ\x90\0" + bytes(100), b"<html><script>alert(1)</script>"):
        respuesta = publicar(crudo, b"Content-Type: " + dicho, nombre=b'filename="foto.png"')
        assert respuesta.json()["code"] == "FILE_TYPE_NOT_ALLOWED"
    assert not Archivo.objects.exists()


@pytest.mark.parametrize("dicho", [b"0", b"1", b"99999999999", b"-1", b"mucho"])
def test_lo_que_ocupa_no_es_lo_que_dice_su_parte(dicho: bytes, settings: Any) -> None:
    settings.ARCHIVO_BYTES = 2**20
    subido = publicar(b"hola" * 1000, b"Content-Length: " + dicho)
    assert (subido.status_code, subido.json()["tamano"]) == (201, 4000)
    assert publicar(b"x" * (2**20 + 1), b"Content-Length: " + dicho).status_code == 413


def test_un_zip_que_se_saldria_de_su_carpeta_no_se_abre(almacen: Path) -> None:
    crudo = con_enlaces()
    subido = publicar(crudo, nombre=b'filename="a.zip"').json()
    assert guardado(almacen) == {f"{subido['_id']}.contenido"}
    assert leida(cliente("ana").get(subido["url"])).leido == crudo
    # Ni al lado, ni enlaces.
    assert not any(ruta.is_symlink() for ruta in almacen.parent.rglob("*"))
    assert not list(almacen.parent.rglob("fuera.txt"))
