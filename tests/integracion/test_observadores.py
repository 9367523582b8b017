"""Las trazas y los defectos, recibidos por quien los escucha en esta máquina."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.integracion.cliente import Rechazo, como, hola
from tests.integracion.conftest import dos_servidores, nueva_conversacion
from tests.servicios import PACIENCIA, Servidor, nueva_sqlite

pytestmark = pytest.mark.elige_base

TEXTO = "que esto no salga de aquí"
# Los demás servidores de las pruebas no tienen `requests`, por el que salen las trazas.
CON_REQUESTS = {"PYTHONPATH": ""}
CLAVE = "una-clave-que-nadie-ve"


class Oyente:
    """Guarda el cuerpo de todo lo que se le envía."""

    def __init__(self) -> None:
        self.recibido: list[bytes] = []
        oyente = self

        class Manejador(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                cuerpo = self.rfile.read(int(self.headers["Content-Length"]))
                comprimido = self.headers.get("Content-Encoding") == "gzip"
                oyente.recibido.append(gzip.decompress(cuerpo) if comprimido else cuerpo)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manejador)
        self.puerto = self._servidor.server_address[1]

    def __enter__(self) -> Oyente:
        threading.Thread(target=self._servidor.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._servidor.shutdown()
        self._servidor.server_close()

    async def hasta(self, cumple: Callable[[], bool]) -> None:
        async with asyncio.timeout(PACIENCIA):
            while not cumple():
                await asyncio.sleep(0.05)


def _tramos(crudos: list[bytes]) -> Iterator[Any]:
    for crudo in crudos:
        for recurso in ExportTraceServiceRequest.FromString(crudo).resource_spans:
            for ambito in recurso.scope_spans:
                yield from ambito.spans


async def test_la_traza_de_un_mensaje_va_de_la_trama_a_quien_lo_recibe(
    redis: str, tmp_path: Path
) -> None:
    with Oyente() as recolector:
        entorno = {
            **CON_REQUESTS,
            "REDIS_URL": redis,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{recolector.puerto}",
        }
        base = nueva_sqlite(tmp_path)
        with dos_servidores(tmp_path, DATABASE_URL=base, **entorno) as (uno, otro):
            conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
            async with como(uno, "ana") as ana, como(otro, "beto") as beto:
                acuse = await ana.pedir("enviar_mensaje", hola(conv, TEXTO))
                await beto.esperar("nuevo_mensaje")
        # Al detenerse salen las que quedan.
        tramos = list(_tramos(recolector.recibido))
    suyos = {t.name: t for t in tramos}
    assert len(tramos) == len(suyos) + 1, "uno de cada, y entregado en los dos"
    assert suyos.keys() == {"trama", "orden", "base", "publicado", "entregado"}
    trama = suyos["trama"]
    assert {t.trace_id for t in tramos} == {trama.trace_id}
    assert {t.parent_span_id for t in tramos if t is not trama} == {trama.span_id}
    assert not trama.parent_span_id
    dice = {a.key: a.value.string_value or a.value.int_value for a in trama.attributes}
    assert (dice["mensaje"], dice["conversacion"]) == (acuse["mensajeId"], conv)
    assert dice["conexion"]
    orden, base_ = suyos["orden"], suyos["base"]
    assert trama.start_time_unix_nano <= orden.start_time_unix_nano + 1_000_000
    assert orden.end_time_unix_nano <= base_.start_time_unix_nano + 1_000_000
    for t in tramos:
        assert t.end_time_unix_nano >= t.start_time_unix_nano
    assert TEXTO.encode() not in b"".join(recolector.recibido)


def _sucesos(crudos: list[bytes]) -> list[dict[str, Any]]:
    """Los de cada sobre de Sentry: una cabecera, y por cada cosa, su cabecera y ella."""
    hallados = []
    for crudo in crudos:
        lineas = crudo.splitlines()
        for cabecera, cosa in zip(lineas[1::2], lineas[2::2], strict=False):
            if json.loads(cabecera)["type"] == "event":
                hallados.append(json.loads(cosa))
    return hallados


async def test_un_defecto_llega_con_sus_ids_y_sin_nada_de_nadie(tmp_path: Path) -> None:
    with Oyente() as sentry:
        dsn = f"http://clave@127.0.0.1:{sentry.puerto}/1"
        with Servidor(tmp_path, SENTRY_DSN=dsn, DATABASE_URL=nueva_sqlite(tmp_path)) as servidor:
            conv = await asyncio.to_thread(nueva_conversacion, servidor, "ana", "beto")
            token = servidor.token("ana")
            async with como(servidor, "ana") as ana:
                id_ = (await ana.pedir("enviar_mensaje", hola(conv, TEXTO)))["mensajeId"]
                # Una fila rota, y el error que da la nombra.
                servidor.guion(
                    f"models.Mensaje.objects.filter(pk='{id_}').update(archivo={{'{TEXTO}': 1}})"
                )
                with pytest.raises(Rechazo, match="INTERNAL_ERROR"):
                    await ana.pedir(
                        "unirse_conversacion", {"conversacionId": conv, "desdeCambio": 0}
                    )
            negada = await asyncio.to_thread(
                requests.get,
                f"{servidor.url}/api/mensajeria/mensajes/{id_}/?clave={CLAVE}",
                headers={"Authorization": f"Bearer {token}", "X-Request-ID": "la-del-proxy"},
                timeout=PACIENCIA,
            )
            assert negada.status_code == 500
            await sentry.hasta(lambda: len(_sucesos(sentry.recibido)) >= 2)
        registro = servidor.registro.read_text()
        por_socket, por_rest = _sucesos(sentry.recibido)
    # Que lo que no debía salir estaba ahí para salir.
    assert TEXTO in registro
    assert por_socket["tags"]["conexion"] and por_socket["tags"]["id"]
    assert por_rest["tags"]["peticion"] == "la-del-proxy"
    for suceso in (por_socket, por_rest):
        [error] = suceso["exception"]["values"]
        assert error["type"] == "TypeError" and error["stacktrace"]["frames"]
        assert suceso["logentry"]["message"] == "Falló %s: %s"
        assert suceso["release"]
    crudo = b"".join(sentry.recibido)
    for ajeno in (TEXTO, token, CLAVE, "Bearer"):
        assert ajeno.encode() not in crudo
        with contextlib.suppress(UnicodeError):
            assert json.dumps(ajeno)[1:-1].encode() not in crudo


async def test_sin_nadie_que_escuche_se_sirve_y_se_acaba_igual(tmp_path: Path) -> None:
    nadie = "127.0.0.1:9"
    entorno = {
        **CON_REQUESTS,
        "SENTRY_DSN": f"http://clave@{nadie}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{nadie}",
    }
    with Servidor(tmp_path, DATABASE_URL=nueva_sqlite(tmp_path), **entorno) as servidor:
        conv = await asyncio.to_thread(nueva_conversacion, servidor, "ana", "beto")
        async with como(servidor, "ana") as ana:
            await ana.pedir("enviar_mensaje", hola(conv))
        empieza = time.monotonic()
        await asyncio.to_thread(servidor.parar)
        assert servidor.proceso is not None and servidor.proceso.returncode == 0
        assert time.monotonic() - empieza < 10
