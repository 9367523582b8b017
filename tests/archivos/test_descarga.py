"""Bajar un archivo: entero o a tramos, y sin que nada de él se ejecute."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mensajeria.archivos import deposito
from mensajeria.archivos.descarga import POLITICA
from mensajeria.models import Archivo, Participante
from tests.api.archivos import A, Lector, cliente, publicar
from tests.archivos.apoyo import guardado, subir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]


@pytest.mark.parametrize(
    ("nombre", "guardado_como", "bajado_como"),
    [
        ("../../etc/passwd", "passwd", "passwd.txt"),
        ("..\\..\\boot.ini", "boot.ini", "boot.ini.txt"),
        ("/etc/cron.d/x", "x", "x.txt"),
        (".htaccess", ".htaccess", ".htaccess.txt"),
        ("CON", "CON", "CON.txt"),
        ("a\u202egpj.exe", "agpj.exe", "agpj.exe.txt"),
        ("factura.html", "factura.html", "factura.html.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt", None),
        ("año \U0001f469\u200d\U0001f4bb.txt", None, None),
        ('co"mi"llas; filename=otro.txt', None, None),
        ("x" * 300 + ".txt", "x" * 196 + ".txt", None),
    ],
)
def test_un_nombre_solo_se_ensena(
    nombre: str, guardado_como: str | None, bajado_como: str | None, almacen: Path
) -> None:
    subido = publicar(cliente("ana"), b"hola", nombre).json()
    if guardado_como is not None:
        assert subido["nombre"] == guardado_como
    assert len(subido["nombre"]) <= 200
    respuesta = Lector().get(subido["url"])
    assert respuesta.leido == b"hola"
    disposicion = respuesta["Content-Disposition"]
    assert disposicion.startswith("attachment; filename")
    assert not re.search(r"[\r\n\0]", disposicion)
    if bajado_como is not None:
        assert disposicion == f'attachment; filename="{bajado_como}"'
    assert guardado(almacen) == {f"{subido['_id']}.contenido"}


def test_las_cabeceras_con_las_que_se_sirve(enviado: Any) -> None:
    _, id_ = enviado()
    respuesta = cliente("beto").get(f"{A}{id_}/contenido/")
    assert respuesta.status_code == 200
    assert respuesta["Content-Type"] == "image/png"
    assert respuesta["X-Content-Type-Options"] == "nosniff"
    assert respuesta["Content-Security-Policy"] == POLITICA
    assert "sandbox" in POLITICA
    assert respuesta["Content-Disposition"] == 'attachment; filename="vista.png"'
    assert respuesta["Cache-Control"] == "private, no-cache"
    assert int(respuesta["Content-Length"]) == len(respuesta.leido)
    # Una imagen pide imágenes, y no hay otra cosa que darle.
    pedida = cliente("beto").get(f"{A}{id_}/pequena/", HTTP_ACCEPT="image/avif")
    assert pedida.status_code == 200


def test_si_no_ha_cambiado_no_se_trae_y_si_no_se_puede_ver_tampoco(enviado: Any) -> None:
    _, id_ = enviado()
    beto = cliente("beto")
    etag = beto.get(f"{A}{id_}/pequena/")["ETag"]
    assert etag != beto.get(f"{A}{id_}/mediana/")["ETag"]
    for conocida in (etag, f"W/{etag}", f'"otra", {etag}'):
        repetida = beto.get(f"{A}{id_}/pequena/", HTTP_IF_NONE_MATCH=conocida)
        assert (repetida.status_code, repetida.content) == (304, b"")
        assert repetida["ETag"] == etag
    Participante.objects.filter(usuario="beto").update(activo=False)
    assert beto.get(f"{A}{id_}/pequena/", HTTP_IF_NONE_MATCH=etag).status_code == 404


@pytest.mark.parametrize(
    ("pedido", "estado", "desde", "hasta"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, 44100),
        ("bytes=-5", 206, 44095, 44100),
        ("bytes=44099-99999", 206, 44099, 44100),
        ("bytes=-999999", 206, 0, 44100),
        ("bytes=44100-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=99999999999999999999-", 416, 0, 0),
        ("bytes=0-18446744073709551615", 206, 0, 44100),
        ("bytes=44099-99999999999999999999", 206, 44099, 44100),
        ("bytes=-99999999999999999999", 206, 0, 44100),
        ("bytes=-00000000000000000000005", 206, 44095, 44100),
        ("bytes=99999999999999999998-99999999999999999999", 416, 0, 0),
        ("bytes=99999999999999999999-5", 200, 0, 44100),
        ("bytes=9-5", 200, 0, 44100),
        ("bytes=a-b", 200, 0, 44100),
        ("bytes=0-1,5-6", 200, 0, 44100),
        ("lineas=0-1", 200, 0, 44100),
        ("bytes=-", 200, 0, 44100),
    ],
)
def test_los_tramos(pedido: str, estado: int, desde: int, hasta: int) -> None:
    """Sin ellos, un audio no se puede adelantar."""
    crudo = bytes(range(256)) * 200
    crudo = crudo[:44100]
    fila = subir("ana", b"hola")
    deposito.borrar([fila.pk])
    deposito.guardar(fila.pk, "contenido", crudo)
    Archivo.objects.update(tamanos={"contenido": len(crudo)})
    respuesta = cliente("ana").get(f"{A}{fila.pk}/contenido/", HTTP_RANGE=pedido)
    assert respuesta.status_code == estado
    assert respuesta["Accept-Ranges"] == "bytes"
    if estado == 416:
        assert respuesta["Content-Range"] == "bytes */44100"
        return
    assert respuesta.leido == crudo[desde:hasta]
    assert int(respuesta["Content-Length"]) == hasta - desde
    if estado == 206:
        assert respuesta["Content-Range"] == f"bytes {desde}-{hasta - 1}/44100"


def test_si_en_el_almacen_hay_menos_de_lo_que_se_dijo_queda_dicho(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fila = subir("ana", b"hola")
    Archivo.objects.update(tamanos={"contenido": 10})
    assert cliente("ana").get(f"{A}{fila.pk}/contenido/").leido == b"hola"
    assert f"{fila.pk} (contenido) le faltan 6 bytes" in caplog.text


def test_el_tramo_de_otra_version_es_todo_y_head_no_trae_nada(enviado: Any) -> None:
    _, id_ = enviado()
    ana, camino = cliente("ana"), f"{A}{id_}/contenido/"
    entero = ana.get(camino)
    mas = {"HTTP_RANGE": "bytes=0-3"}
    assert ana.get(camino, HTTP_IF_RANGE=entero["ETag"], **mas).status_code == 206
    assert ana.get(camino, HTTP_IF_RANGE='"otra"', **mas).status_code == 200
    cabeza = ana.head(camino)
    assert cabeza["Content-Length"] == entero["Content-Length"]
    assert cabeza.leido == b""


def test_de_lo_que_no_es_una_imagen_no_hay_miniaturas() -> None:
    texto = subir("ana", b"hola", "a.txt").pk
    assert cliente("ana").get(f"{A}{texto}/pequena/").status_code == 404
