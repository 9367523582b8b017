"""A dónde sale una petición de este servidor, y a dónde no."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from mensajeria import salientes
from mensajeria.salientes import (
    MAX_RESPUESTA,
    Contestacion,
    Prohibida,
    Salientes,
    SinRespuesta,
    es_publica,
)
from tests.avisos.servicio import Servicio


def enviar(url: str) -> Contestacion:
    async def una() -> Contestacion:
        salientes = Salientes()
        try:
            return await salientes.enviar(url, b"hola", {"x-de": "prueba"})
        finally:
            await salientes.cerrar()

    return asyncio.run(una())


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::", "ff02::1"),
        *("fec0::1", "::127.0.0.1", "64:ff9b:1::7f00:1", "2001:0:7f00:1::", "192.0.0.8"),
        *("::ffff:0.0.0.0", "::ffff:100.64.0.1", "::ffff:0:127.0.0.1", "198.18.0.1"),
    ],
)
def test_lo_que_no_es_de_internet(ip: str) -> None:
    assert not es_publica(ip)


@pytest.mark.parametrize("ip", ["1.1.1.1", "142.250.184.10", "2606:4700:4700::1111"])
def test_lo_que_si(ip: str) -> None:
    assert es_publica(ip)


@pytest.mark.parametrize(
    "url",
    [
        *("http://1.1.1.1/", "https://localhost/x", "https://127.0.0.1:8443/", "https://[::1]/"),
        *("ftp://1.1.1.1/", "https://ana:clave@1.1.1.1/", "https:///x", "https://1.1.1.1:puerto/"),
        "https://1.1.1.1/" + "x" * 3000,
        *("https://ñandú.invalid:443/x", "https://1.1.1.1/\x7f", "https://1.1.1.1\x00/x"),
    ],
)
def test_no_se_llama(url: str, settings: Any) -> None:
    settings.SALIENTES_ADMITIDAS = []
    with pytest.raises(Prohibida):
        enviar(url)


def test_de_un_nombre_vale_la_direccion_que_se_miro_y_no_otra(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quien contesta una dirección buena y luego la de dentro no llega dentro."""
    settings.SALIENTES_ADMITIDAS = []
    preguntas: list[str] = []

    def de_dentro(nombre: str, puerto: int, **__: Any) -> list[Any]:
        preguntas.append(nombre)
        ip = "127.0.0.1" if len(preguntas) == 1 else "1.1.1.1"
        return [(2, 1, 6, "", (ip, puerto))]

    monkeypatch.setattr(socket, "getaddrinfo", de_dentro)
    with pytest.raises(Prohibida):
        enviar("https://cambia.ejemplo.com/")
    assert preguntas == ["cambia.ejemplo.com"]


def test_los_nombres_que_tardan_no_retrasan_a_los_demas(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salientes, "SEGUNDOS", 0.5)
    de_verdad, basta = socket.getaddrinfo, threading.Event()

    def tarda(nombre: str, *args: Any, **extra: Any) -> list[Any]:
        if nombre.startswith("lento"):
            basta.wait(30)
            raise socket.gaierror
        return de_verdad(nombre, *args, **extra)

    monkeypatch.setattr(socket, "getaddrinfo", tarda)
    settings.SALIENTES_ADMITIDAS = ["127.0.0.1"]

    async def todos(url: str) -> Contestacion:
        por_aqui = Salientes()
        malos = (por_aqui.enviar(f"https://lento{n}.ejemplo.com/", b"", {}) for n in range(30))
        dichos = await asyncio.gather(*malos, return_exceptions=True)
        assert {type(d) for d in dichos} == {SinRespuesta}
        try:
            return await por_aqui.enviar(url, b"", {})
        finally:
            await por_aqui.cerrar()

    with Servicio() as servicio:
        try:
            assert asyncio.run(todos(servicio.url)).estado == 201
        finally:
            basta.set()


def test_una_admitida_se_llama_sin_seguir_redirecciones_y_con_tope(settings: Any) -> None:
    settings.SALIENTES_ADMITIDAS = ["localhost"]
    with Servicio() as servicio:
        url = servicio.url.replace("127.0.0.1", "localhost")
        servicio.contesta.append((302, {"Location": f"{servicio.url}/otro"}, b""))
        assert enviar(f"{url}/uno").estado == 302
        assert servicio.cabecera("host").startswith("localhost:")
        assert servicio.recibidas[0].cuerpo == b"hola"
        servicio.contesta.append((200, {}, b"x" * (MAX_RESPUESTA * 3)))
        assert len(enviar(f"{url}/dos").cuerpo) == MAX_RESPUESTA
        assert [p.camino for p in servicio.recibidas] == ["/uno", "/dos"]
