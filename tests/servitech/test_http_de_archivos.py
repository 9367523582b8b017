"""Los archivos, por HTTP: qué se lee de lo que llega, y qué de lo que sale."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from mensajeria.archivos import deposito
from mensajeria.consultas import Cupo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Usuario
from mensajeria.protocolo.errores import ErrorMensajeria
from servitech import cuentas, hilos, subidas
from servitech.memoria import Recorte
from tests.archivos.apoyo import subir
from tests.servicios import PACIENCIA
from tests.test_http import _de, _gastado, _mensajes, _un_hilo, pedir

__all__ = ["_un_hilo"]

A = "/api/mensajeria/archivos/"
MEGA = 2**20
FORMULARIO: dict[str, Any] = {"content-type": "multipart/form-data; boundary=x"}


async def _ver(id_: str, **cabeceras: str) -> tuple[int, bytes]:
    camino = f"{A}{id_}/contenido/"
    estado, _, cuerpo = await pedir(camino, "GET", b"", authorization=_de("ana"), **cabeceras)
    return estado, cuerpo


@pytest.mark.bd
async def test_un_archivo_se_lee_en_otros_hilos_y_solo_lo_que_se_pide(
    conversacion: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = (await asyncio.to_thread(subir, "ana", b"x" * 1000 + b"final")).pk
    pedidos: list[tuple[str, int, int]] = []
    de_verdad = deposito.leer

    def leer(archivo_id: str, parte: str, desde: int, largo: int) -> Any:
        pedidos.append((threading.current_thread().name[:7], desde, largo))
        return de_verdad(archivo_id, parte, desde, largo)

    monkeypatch.setattr(deposito, "leer", leer)
    assert await _ver(id_, range="bytes=-5") == (206, b"final")
    assert pedidos == [("bajadas", 1000, 5)]
    # Lo que no hace falta leer ni se abre.
    assert (await _ver(id_, range="bytes=5000-"))[0] == 416
    etag = f'"{id_}-contenido"'
    assert (await _ver(id_, **{"if-none-match": etag}))[0] == 304
    assert len(pedidos) == 1


@pytest.mark.bd
async def test_un_archivo_que_ya_no_esta_y_un_almacen_que_no_contesta(
    conversacion: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = (await asyncio.to_thread(subir, "ana", b"x" * 200_000)).pk
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "leer", _no_contesta)
        estado, cuerpo = await _ver(id_)
        assert (estado, json.loads(cuerpo)["code"]) == (503, "UNAVAILABLE")
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "leer", lambda *_: _QueSeCorta(b"x" * 100_000))
        camino = f"{A}{id_}/contenido/"
        *_, ultimo = await _mensajes(camino, authorization=_de("ana"))
        # A medias, y sin decir que acabó: se corta.
        assert ultimo["more_body"]
    for ruta in almacen.rglob(f"{id_}.*"):
        ruta.unlink()
    estado, cuerpo = await _ver(id_)
    assert (estado, json.loads(cuerpo)["code"]) == (404, "NOT_FOUND")


def _no_contesta(*_: object) -> None:
    raise TimeoutError("no contesta")


class _QueSeCorta(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if leido := super().read(size):
            return leido
        raise ConnectionResetError


async def test_de_cada_persona_bajan_unos_cuantos_y_los_demas_esperan() -> None:
    cupo = Cupo(hilos.BAJADAS.pedir, 2, 1)
    dentro: list[str] = []
    salir = asyncio.Event()

    async def bajar(quien: str) -> None:
        async with cupo.turno(quien):
            dentro.append(quien)
            await salir.wait()

    tareas = [asyncio.create_task(bajar(q)) for q in ("ana", "ana", "ana", "beto")]
    while len(dentro) < 3:
        await asyncio.sleep(0)
    assert sorted(dentro) == ["ana", "ana", "beto"]
    with pytest.raises(ErrorMensajeria, match="RATE_LIMITED"):
        await bajar("ana")
    salir.set()
    await asyncio.gather(*tareas)
    assert dentro.count("ana") == 3
    assert not cupo._pendientes


@pytest.mark.bd
async def test_una_subida_que_no_cabe_en_el_disco_es_503(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sin_sitio(*_: object) -> None:
        raise OSError(28, "No queda sitio en el disco")

    monkeypatch.setattr(tempfile, "TemporaryFile", sin_sitio)
    suyas = {"authorization": _de("ana"), **FORMULARIO}
    estado, _, cuerpo = await pedir(A, "POST", b"x" * 1000, **suyas)
    assert (estado, json.loads(cuerpo)["code"]) == (503, "UNAVAILABLE")


async def _nadie_lee() -> dict[str, Any]:
    raise AssertionError("no hay que leer el cuerpo")


@pytest.mark.bd
@pytest.mark.parametrize("de_que", ["archivos", "eventos"])
async def test_a_quien_no_le_queda_no_se_le_lee_lo_que_sube(
    de_que: str, ana: Usuario, almacen: Path, settings: Any
) -> None:
    """Y se le dice sin cerrar, que con algo suyo por leer le borraría la respuesta."""
    settings.ARCHIVOS_POR_MINUTO = 1
    suyas: dict[str, Any] = {"authorization": _de("ana"), **FORMULARIO}
    cuerpo = b'--x\r\nContent-Disposition: form-data; name="archivo"; filename="a.txt"\r\n\r\nhola'
    # Mirarlo antes no gasta.
    assert (await pedir(A, "POST", cuerpo + b"\r\n--x--\r\n", **suyas))[0] == 201
    if de_que == "eventos":
        settings.ARCHIVOS_POR_MINUTO = 2
        compartido().cubos.de("ana").cobrar(10**6)
    empieza, *_ = await _mensajes(A, "POST", recibir=_nadie_lee, **suyas)
    assert empieza["status"] == 429
    nombres = {nombre.lower() for nombre, _ in empieza["headers"]}
    assert b"retry-after" in nombres
    assert b"connection" not in nombres


async def test_averiguar_de_quien_es_una_subida_no_ocupa_los_hilos_de_todos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dentro: list[str] = []
    llego_la_otra = threading.Event()

    def reconocer(scope: Any) -> str:
        quien = scope["client"][0]
        dentro.append(quien)
        assert dentro.count("10.0.0.1") <= hilos.A_LA_VEZ_SIN_SABER
        assert quien != "10.0.0.1" or llego_la_otra.wait(PACIENCIA)
        dentro.remove(quien)
        return ""

    monkeypatch.setattr(cuentas, "reconocer", reconocer)
    with ThreadPoolExecutor(hilos.CUANTOS, thread_name_prefix="peticiones") as suyos:
        monkeypatch.setattr(hilos.PETICIONES, "ejecutor", suyos)
        suyas = [
            asyncio.create_task(pedir(A, "POST", b"x", "10.0.0.1", **FORMULARIO)) for _ in range(40)
        ]
        await asyncio.sleep(0)
        otra = await asyncio.wait_for(pedir(A, "POST", b"x", "10.0.0.2", **FORMULARIO), PACIENCIA)
        assert otra[0] == 401
        llego_la_otra.set()
        assert {estado for estado, *_ in await asyncio.gather(*suyas)} == {401}
        for _ in range(hilos.CUANTOS):
            suyos.submit(connections.close_all).result()


async def test_el_correo_que_no_cabe_no_deja_abierto_su_archivo(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CORREO_DE_RESPUESTAS, settings.CORREO_ENTRANTE_SECRETO = "r@tusitio.com", "s" * 32
    abiertos: list[Any] = []

    def abrir() -> Any:
        abiertos.append(io.BytesIO())
        return abiertos[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", abrir)
    monkeypatch.setattr(hilos, "de_correo", Cupo(hilos.SUBIDAS.pedir, 0, 0))
    secreto = "Bearer " + "s" * 32
    respuesta = await pedir("/avisos/correo/", "POST", b"From: a@b\n\nhola", authorization=secreto)
    assert respuesta[0] == 429
    assert [a.closed for a in abiertos] == [True]


class _QueCuenta(io.BytesIO):
    leido = 0

    def read(self, size: int | None = -1, /) -> bytes:
        trozo = super().read(size)
        _QueCuenta.leido += len(trozo)
        return trozo


@pytest.mark.bd
async def test_a_quien_se_va_no_se_le_lee_el_resto_y_se_cobra_lo_que_salio(
    conversacion: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = (await asyncio.to_thread(subir, "ana", b"x" * (3 * MEGA))).pk
    assert len((await _ver(id_))[1]) == 3 * MEGA
    assert _gastado("ana") == 1 + 3
    lee = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def se_va() -> dict[str, Any]:
        return next(lee, {"type": "http.disconnect"})

    abrir = deposito._almacen().leer
    with abrir(f"{id_[-2:]}/{id_}.contenido", 0, 1) as abierto:
        crudo = abierto.read()
    monkeypatch.setattr(deposito._almacen(), "leer", lambda *_: _QueCuenta(crudo))
    await _mensajes(f"{A}{id_}/contenido/", recibir=se_va, authorization=_de("ana"))
    assert 0 < _QueCuenta.leido < MEGA
    assert _gastado("ana") == 1 + 3 + 1


@pytest.mark.bd
async def test_una_subida_tiene_su_tiempo_y_lo_que_ocupo_se_devuelve(
    ana: Usuario, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    con_tiempo: list[str] = []
    monkeypatch.setattr(subidas, "dar_tiempo", lambda scope: con_tiempo.append(scope["path"]))
    recortes: list[Recorte] = []
    monkeypatch.setattr(Recorte, "pedir", lambda suyo: recortes.append(suyo))
    await pedir(A, "POST", b"x" * 1000, authorization=_de("ana"), **FORMULARIO)
    assert (con_tiempo, len(recortes)) == ([A], 1)


@pytest.mark.bd
async def test_otra_pagina_puede_bajar_a_tramos_y_saber_como_se_llama(
    conversacion: Any, almacen: Path
) -> None:
    id_ = (await asyncio.to_thread(subir, "ana", b"hola")).pk
    de_otra: dict[str, Any] = {"origin": "https://otro.example"}
    _, cabeceras, _ = await pedir(
        f"{A}{id_}/contenido/", authorization=_de("ana"), range="bytes=0-1", **de_otra
    )
    expuestas = dict(cabeceras)[b"access-control-expose-headers"].decode().lower().split(", ")
    assert {"content-range", "content-disposition", "etag", "accept-ranges"} <= {*expuestas}
    pide = "authorization, if-none-match, if-range, range"
    _, cabeceras, _ = await pedir(
        f"{A}{id_}/contenido/",
        "OPTIONS",
        **{
            "access-control-request-method": "GET",
            "access-control-request-headers": pide,
            **de_otra,
        },
    )
    admitidas = dict(cabeceras)[b"access-control-allow-headers"].decode().lower().split(", ")
    assert set(pide.split(", ")) <= {*admitidas}
