"""Lo que se envía antes de saber quién es: cabeceras y cuerpos con tope, y con plazo."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import resource
import socket
import time
from collections.abc import Iterator

import pytest
import requests

from mensajeria.puertas.entrada_http import MAX_CABECERAS, SEGUNDOS_DE_CABECERAS
from tests.integracion.conftest import revisar_registro
from tests.servicios import PACIENCIA, Servidor

pytestmark = pytest.mark.elige_base


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Uno que no se fía de ningún proxy: las conexiones de aquí se cuentan."""
    carpeta = tmp_path_factory.mktemp("entrada")
    with Servidor(carpeta, PROXIES_DE_CONFIANZA="192.0.2.1", CONEXIONES_POR_IP="20") as uno:
        yield uno
    if uno.registro.exists():
        revisar_registro(uno.registro)


def _abrir(servidor: Servidor) -> socket.socket:
    return socket.create_connection(("127.0.0.1", servidor.puerto), PACIENCIA)


def _estado(enchufe: socket.socket) -> int:
    """El de la respuesta; lo que se niega antes de saber qué se pide dice por qué."""
    respuesta = http.client.HTTPResponse(enchufe)
    respuesta.begin()
    if respuesta.status in DE_LA_ENTRADA:
        esperar = {"reintentarEn"} if respuesta.getheader("Retry-After") else set()
        assert json.loads(respuesta.read()).keys() == {"code", "message"} | esperar
        assert bool(esperar) == (respuesta.status in (429, 503))
    return respuesta.status


def _enviar(servidor: Servidor, crudo: bytes) -> int:
    with _abrir(servidor) as enchufe:
        with contextlib.suppress(ConnectionError):
            enchufe.sendall(crudo)
        return _estado(enchufe)


DE_LA_ENTRADA = {408, 429, 431, 503}
INICIO = b"GET /salud/ HTTP/1.1\r\nHost: localhost\r\n"


def test_cabeceras_sin_fin_son_431(servidor: Servidor) -> None:
    larga = b"X-Relleno: " + b"a" * MAX_CABECERAS
    muchas = b"".join(b"X-%d: a\r\n" % n for n in range(5_000))
    for cabeceras in (larga + b"\r\n\r\n", larga * 4, muchas + b"\r\n", muchas):
        assert _enviar(servidor, INICIO + cabeceras) == 431
    assert _enviar(servidor, b"GET /" + b"a" * 2 * MAX_CABECERAS) == 431
    assert _enviar(servidor, INICIO + b"X-Relleno: " + b"a" * 20_000 + b"\r\n\r\n") == 200


def test_lo_que_va_tras_el_cuerpo_o_entre_sus_trozos_tambien_tiene_tope(servidor: Servidor) -> None:
    inicio = (
        b"POST /api/token/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    sin_fin = b"a" * 1_000_000
    muchas = b"".join(b"X-%d: a\r\n" % n for n in range(100_000))
    for resto in (b"0\r\nX: " + sin_fin, b"0\r\n" + muchas, b"2;x=" + sin_fin):
        assert _enviar(servidor, inicio + b"2\r\n{}\r\n" + resto) == 431
    # Lo que se puede enviar así, sigue valiendo; y lo de detrás no cuenta como cabecera.
    cuerpo = b'{"username": "' + b"a" * 20_000 + b'"}'
    de_uno_en_uno = b"".join(b"1\r\n%c\r\n" % letra for letra in cuerpo)
    detras = b"0\r\nContent-Type: text/plain\r\n\r\n"
    assert _enviar(servidor, inicio + de_uno_en_uno + detras) == 400


def test_un_cuerpo_enorme_es_413_sin_credenciales(servidor: Servidor) -> None:
    for camino, tope in (("/api/mensajeria/conversaciones/", 1_000_000), ("/admin/", 2_700_000)):
        inicio = f"POST {camino} HTTP/1.1\r\nHost: localhost\r\n".encode()
        con_medida = b"Content-Length: %d\r\n\r\n" % (tope + 1) + b"a" * (tope + 1)
        a_trozos = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (tope + 1) + b"a" * (tope + 1)
        assert _enviar(servidor, inicio + con_medida) == 413
        assert _enviar(servidor, inicio + a_trozos + b"\r\n0\r\n\r\n") == 413


def test_a_medias_no_se_quedan_y_de_una_direccion_caben_las_que_caben(servidor: Servidor) -> None:
    with contextlib.ExitStack() as abiertas:
        medias = [abiertas.enter_context(_abrir(servidor)) for _ in range(20)]
        for enchufe in medias[10:]:
            enchufe.sendall(INICIO)
        assert _enviar(servidor, INICIO + b"\r\n") == 429
        empieza = time.monotonic()
        assert {_estado(enchufe) for enchufe in medias} == {408}
        assert time.monotonic() - empieza < SEGUNDOS_DE_CABECERAS + PACIENCIA / 2
    limite = time.monotonic() + PACIENCIA
    while _enviar(servidor, INICIO + b"\r\n") != 200:
        assert time.monotonic() < limite


def test_antes_de_quedarse_sin_descriptores_se_dice_y_se_niega(servidor: Servidor) -> None:
    assert servidor.proceso is not None
    pid = servidor.proceso.pid
    blando, duro = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    assert blando == duro
    # Cuántos, y no el mayor: lo que se abrió con muchas conexiones deja huecos al cerrarse ellas.
    abiertos = len(os.listdir(f"/proc/{pid}/fd"))
    with contextlib.ExitStack() as abiertas:
        # La cuarta parte es de la reserva: caben las de ahora y poco más.
        resource.prlimit(pid, resource.RLIMIT_NOFILE, ((abiertos + 2) * 4 // 3, duro))
        abiertas.callback(resource.prlimit, pid, resource.RLIMIT_NOFILE, (blando, duro))
        for _ in range(15):
            enchufe = abiertas.enter_context(_abrir(servidor))
            enchufe.sendall(INICIO + b"\r\n")
            respuesta = http.client.HTTPResponse(enchufe)
            respuesta.begin()
            if respuesta.status == 503:
                break
            assert respuesta.status == 200
        assert respuesta.status == 503
        assert "No caben más conexiones" in respuesta.read().decode()
        assert respuesta.headers["Retry-After"]
        assert _enviar(servidor, INICIO + b"\r\n") == 503
    assert _enviar(servidor, INICIO + b"\r\n") == 200
    assert servidor.registro.read_text().count("Los descriptores se acaban") == 1
    metricas = requests.get(f"{servidor.url}/metrics", timeout=PACIENCIA).text
    assert re.search(r"^mensajeria_descriptores [1-9]", metricas, re.MULTILINE)
    assert f"mensajeria_descriptores_maximo {float(duro)}" in metricas


def test_una_conexion_sirve_para_varias_peticiones(servidor: Servidor) -> None:
    with _abrir(servidor) as enchufe:
        for _ in range(3):
            enchufe.sendall(INICIO + b"X-Relleno: " + b"a" * 20_000 + b"\r\n\r\n")
            respuesta = http.client.HTTPResponse(enchufe)
            respuesta.begin()
            respuesta.read()
            assert respuesta.status == 200
