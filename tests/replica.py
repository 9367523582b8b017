"""Una réplica de PostgreSQL que iba por detrás, promovida con clientes conectados.

`make test-replica`. Lo acusado después de promoverla les llega entero a todos, aunque sus números
ya los llevara lo que se perdió; y quien vuelve con un cursor de antes lo recibe todo de nuevo.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from tests import servicios
from tests.integracion.cliente import Cliente, Datos, Rechazo, como, hola
from tests.integracion.conftest import nueva_conversacion
from tests.integracion.proxy import bombear
from tests.servicios import PACIENCIA, Servidor, nueva_base

pytestmark = pytest.mark.elige_base

COMUNES, PERDIDOS, NUEVOS = 4, 10, 40


@pytest.fixture
def redis() -> Iterator[str]:
    with servicios.redis() as url:
        yield url


class Desvio:
    """Como un nombre de servicio: lleva a una base, y después a otra."""

    def __init__(self, puerto: int) -> None:
        self.hacia = puerto
        self._abiertas: set[asyncio.StreamWriter] = set()

    async def atender(self, lee: asyncio.StreamReader, escribe: asyncio.StreamWriter) -> None:
        try:
            otro_lee, otro_escribe = await asyncio.open_connection("127.0.0.1", self.hacia)
        except OSError:
            escribe.close()
            return
        suyas = {escribe, otro_escribe}
        self._abiertas |= suyas
        await asyncio.gather(bombear(lee, otro_escribe), bombear(otro_lee, escribe))
        self._abiertas -= suyas

    def cambiar(self, puerto: int) -> None:
        self.hacia = puerto
        for escribe in self._abiertas:
            escribe.transport.abort()


@contextlib.asynccontextmanager
async def desvio(puerto: int) -> AsyncIterator[tuple[int, Desvio]]:
    uno = Desvio(puerto)
    servidor = await asyncio.start_server(uno.atender, "127.0.0.1", 0)
    try:
        yield servidor.sockets[0].getsockname()[1], uno
    finally:
        servidor.close()


def _en(url: str, *sentencias: str) -> list[tuple[object, ...]]:
    """Lo que contesta la última."""
    with psycopg.connect(url, autocommit=True) as base:
        for sentencia in sentencias:
            cursor = base.execute(sentencia)
        return cursor.fetchall()


def _esperar_mensajes(url: str, cuantos: int) -> None:
    limite = time.monotonic() + PACIENCIA
    while _en(url, "SELECT count(*) FROM mensajeria_mensaje") != [(cuantos,)]:
        assert time.monotonic() < limite, "la réplica no alcanzó al primario"
        time.sleep(0.05)


async def _insistir(cliente: Cliente, mensaje: Datos) -> str:
    """Envía hasta que se lo acusen: mientras la base cambia, se puede negar."""
    async with asyncio.timeout(PACIENCIA):
        while True:
            try:
                return str((await cliente.pedir("enviar_mensaje", mensaje))["mensajeId"])
            except Rechazo as rechazo:
                assert rechazo.code == "UNAVAILABLE"
                await asyncio.sleep(0.1)


def _recibidos(cliente: Cliente) -> list[str]:
    return [d["mensaje"]["_id"] for d in cliente.recibidos("nuevo_mensaje")]


async def test_lo_acusado_tras_promoverla_llega_entero(tmp_path: Path, redis: str) -> None:
    with contextlib.ExitStack() as pila:
        primario = contextlib.ExitStack()
        pila.enter_context(primario)
        base = nueva_base(primario.enter_context(servicios.postgres()))
        de_replica = pila.enter_context(servicios.replica(base))
        nombre = urlsplit(base).path
        replica = urlsplit(de_replica)._replace(path=nombre).geturl()
        async with desvio(urlsplit(base).port or 0) as (puerto, hacia):
            url = f"postgres://postgres@127.0.0.1:{puerto}{nombre}"
            entorno = {"DATABASE_URL": url, "REDIS_URL": redis}
            uno = await asyncio.to_thread(_arrancar, pila, tmp_path, entorno)
            otro = await asyncio.to_thread(_arrancar, pila, tmp_path, entorno)
            async with como(uno, "ana") as ana, como(otro, "beto") as beto:
                await _probar(primario, replica, hacia, uno, otro, ana, beto)


def _arrancar(pila: contextlib.ExitStack, carpeta: Path, entorno: dict[str, str]) -> Servidor:
    return pila.enter_context(Servidor(carpeta, **entorno))


async def _probar(
    primario: contextlib.ExitStack,
    replica: str,
    hacia: Desvio,
    uno: Servidor,
    otro: Servidor,
    ana: Cliente,
    beto: Cliente,
) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
    comunes = [await _insistir(ana, hola(conv, f"común {i}")) for i in range(COMUNES)]
    await asyncio.to_thread(_esperar_mensajes, replica, COMUNES)
    _en(
        replica,
        "ALTER SYSTEM SET primary_conninfo = ''",
        "SELECT pg_reload_conf()",
        "SELECT pg_sleep(0.3)",
    )
    perdidos = [await _insistir(ana, hola(conv, f"perdido {i}")) for i in range(PERDIDOS)]
    await beto.esperar("nuevo_mensaje", lambda d: d["mensaje"]["_id"] == perdidos[-1])
    antes = await beto.pedir("reanudar", {"cursores": {conv: 0}})
    cursor = antes["conversaciones"][conv]["ultimoCambio"]

    await asyncio.to_thread(primario.close)
    assert _en(replica, "SELECT pg_promote()") == [(True,)]
    hacia.cambiar(urlsplit(replica).port or 0)
    # Todos a la vez, por los dos procesos: adelantan a lo perdido en el primer lote.
    acusados = await asyncio.gather(
        *(
            _insistir(beto if i % 2 else ana, hola(conv, f"nuevo {i}", idCliente=f"nuevo-{i}"))
            for i in range(NUEVOS)
        )
    )
    cuantos = COMUNES + PERDIDOS + NUEVOS
    for cliente in (ana, beto):
        async with asyncio.timeout(PACIENCIA):
            while len(_recibidos(cliente)) < cuantos:
                await cliente.eco()
        assert len(cliente.recibidos("epoca_cambiada")) == 1
    vistos = _recibidos(ana)
    assert vistos == _recibidos(beto)
    assert vistos[: COMUNES + PERDIDOS] == comunes + perdidos
    nuevos = vistos[COMUNES + PERDIDOS :]
    assert sorted(nuevos) == sorted(acusados)
    await _todo_de_nuevo(otro, conv, cursor, antes["epoca"], comunes + nuevos)


async def _todo_de_nuevo(
    servidor: Servidor, conv: str, cursor: int, epoca: str, hay: list[str]
) -> None:
    """Por las tres entradas, con la época de antes; y sin ella, si el cursor va por delante."""
    async with como(servidor, "beto") as otra:
        for datos in ({"epoca": epoca}, {"cursores": {conv: cursor + 1000}}):
            respuesta = await otra.pedir("reanudar", {"cursores": {conv: cursor}, **datos})
            suya = respuesta["conversaciones"][conv]
            assert [m["_id"] for m in suya["cambios"]] == hay
            assert suya["reiniciado"]
            assert respuesta["epoca"] != epoca
        unirse = {"conversacionId": conv, "desdeCambio": cursor, "epoca": epoca}
        unido = await otra.pedir("unirse_conversacion", unirse)
        assert [m["_id"] for m in unido["cambios"]] == hay
        assert unido["reiniciado"]
    pagina = await asyncio.to_thread(
        requests.get,
        f"{servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/",
        params={"desdeCambio": str(cursor), "epoca": epoca, "limite": "100"},
        headers={"Authorization": f"Bearer {servidor.token('beto')}"},
        timeout=PACIENCIA,
    )
    assert [m["_id"] for m in pagina.json()["results"]] == hay
    assert pagina.json()["reiniciado"]
