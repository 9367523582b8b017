"""Lo caro cuesta lo que pesa, y lo paga quien lo pide: los demás no lo esperan."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import requests
import websockets

from tests.gente import Gente
from tests.integracion.cliente import Datos, Rechazo, como, hola
from tests.integracion.conftest import nueva_conversacion, revisar_registro
from tests.servicios import PACIENCIA, Servidor

CONEXIONES = 20
DE_CADA_UNA = 20
RESPUESTA = b'{"evento":"respuesta"'


@pytest.fixture(scope="module")
def justo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Uno en el que el ritmo se acaba pronto, por despacio que vaya la máquina."""
    limites = {"EVENTOS_POR_SEGUNDO": "30", "BUSQUEDAS_FALLIDAS_POR_MINUTO": "10"}
    with Servidor(tmp_path_factory.mktemp("justo"), **limites) as uno:
        yield uno
    revisar_registro(uno.registro)


async def _llena(servidor: Servidor, gente: Gente, cuantos: int, largo: int) -> str:
    """Una conversación de ana y beto con esos mensajes, de ese largo."""
    id_ = await asyncio.to_thread(nueva_conversacion, servidor, gente.ana, gente.beto)
    async with como(servidor, gente.ana) as ana:
        mensaje = hola(id_, "x" * largo)
        envios = [await ana.enviar("enviar_mensaje", mensaje) for _ in range(cuantos)]
        assert all([(await envio)["ok"] for envio in envios])
    return id_


class Voraz:
    """Una conexión que pide mucho de una vez y no se entretiene en leerlo."""

    def __init__(self, ws: websockets.ClientConnection) -> None:
        self._ws = ws
        self.leidas = 0
        self.negadas: list[Datos] = []

    async def pedir(self, evento: str, datos: Datos) -> None:
        for id_ in range(DE_CADA_UNA):
            await self._ws.send(json.dumps({"evento": evento, "datos": datos, "id": id_}))
        for _ in range(DE_CADA_UNA):
            while not (marco := await self._ws.recv(decode=False)).startswith(RESPUESTA):
                pass
            if len(marco) > 100_000:
                self.leidas += 1
            else:
                self.negadas.append(json.loads(marco)["error"])


@contextlib.asynccontextmanager
async def _voraces(servidor: Servidor, quien: str) -> AsyncIterator[list[Voraz]]:
    token = servidor.token(quien)
    async with contextlib.AsyncExitStack() as pila:
        voraces = []
        for _ in range(CONEXIONES):
            ws = await pila.enter_async_context(
                websockets.connect(servidor.ws, max_size=None, compression=None)
            )
            await ws.send(json.dumps({"evento": "autenticar", "datos": {"token": token}}))
            await ws.recv()
            voraces.append(Voraz(ws))
        yield voraces


def _con(servidor: Servidor, quien: str) -> dict[str, Any]:
    return {
        "headers": {"Authorization": f"Bearer {servidor.token(quien)}"},
        "timeout": PACIENCIA,
    }


DESDE_CERO: dict[str, Callable[[str], Datos]] = {
    "unirse_conversacion": lambda id_: {"conversacionId": id_, "desdeCambio": 0},
    "reanudar": lambda id_: {"cursores": {id_: 0}},
}


@pytest.mark.parametrize("evento", DESDE_CERO)
async def test_quien_lo_pide_todo_muchas_veces_no_hace_esperar_a_otro(
    justo: Servidor, gente: Gente, evento: str
) -> None:
    """20 conexiones que piden 20 veces la historia entera, a la vez: otro lee, envía y cuenta.

    Mientras lee una vez, del que pide tanto se lee poco más; antes, lo de sus veinte conexiones. Y
    no todo: lo que pesa gasta de su ritmo.
    """
    # Más de lo que cabe en una respuesta.
    grande = await _llena(justo, gente, 60, 5_000)
    otra = await asyncio.to_thread(nueva_conversacion, justo, gente.beto, gente.carla)
    async with como(justo, gente.beto) as beto, _voraces(justo, gente.ana) as voraces:
        datos = DESDE_CERO[evento](grande)
        pedidas = [asyncio.create_task(v.pedir(evento, datos)) for v in voraces]
        async with asyncio.timeout(PACIENCIA):
            while not any(v.leidas for v in voraces):
                await asyncio.sleep(0.01)
        for pedido in (
            ("unirse_conversacion", {"conversacionId": otra, "desdeCambio": 0}),
            ("enviar_mensaje", hola(otra)),
            ("obtener_estadisticas", {}),
        ):
            antes = sum(v.leidas for v in voraces)
            await beto.pedir(*pedido)
            assert sum(v.leidas for v in voraces) - antes <= CONEXIONES // 2, pedido
        await asyncio.wait_for(asyncio.gather(*pedidas), PACIENCIA)
        negadas = [negada for v in voraces for negada in v.negadas]
        assert len(negadas) > CONEXIONES * DE_CADA_UNA // 2
        assert {e["code"] for e in negadas} == {"RATE_LIMITED"}
        esperas = [e["reintentarEn"] for e in negadas]
        assert 0 < min(esperas) <= max(esperas) <= 10.1


async def test_lo_que_hace_un_cliente_honrado_cabe(servidor: Servidor, gente: Gente) -> None:
    """Leer una historia entera, abrir cien conversaciones y volver con diez pestañas."""
    grande = await _llena(servidor, gente, 300, 200)
    mensajes = f"{servidor.url}/api/mensajeria/conversaciones/{grande}/mensajes/"

    def leer_la_historia() -> int:
        leidos, siguiente = 0, f"{mensajes}?limite=100"
        with requests.Session() as sesion:
            while siguiente:
                respuesta = sesion.get(siguiente, **_con(servidor, gente.beto))
                respuesta.raise_for_status()
                leidos += len(respuesta.json()["results"])
                siguiente = respuesta.json()["next"]
        return leidos

    def abrir_cien() -> set[int]:
        with requests.Session() as sesion:
            caminos = [f"{mensajes}?limite=50"] * 100
            return {sesion.get(c, **_con(servidor, gente.beto)).status_code for c in caminos}

    assert await asyncio.to_thread(leer_la_historia) == 300
    assert await asyncio.to_thread(abrir_cien) == {200}
    async with contextlib.AsyncExitStack() as pila:
        for _ in range(10):
            pestana = await pila.enter_async_context(como(servidor, gente.beto))
            await pestana.pedir("reanudar", {"cursores": {grande: 250}})


async def test_pedir_lo_que_no_existe_se_frena_por_donde_sea(justo: Servidor, gente: Gente) -> None:
    """Lo que falla por los sockets se cuenta con lo de REST, y solo a quien lo pidió."""
    conv = await asyncio.to_thread(nueva_conversacion, justo, gente.ana, gente.beto)
    async with como(justo, gente.ana) as ana:
        for evento, datos in (
            ("unirse_conversacion", {"conversacionId": "nada"}),
            ("enviar_mensaje", hola("nada")),
            ("marcar_leido", {"conversacionId": conv, "mensajeId": "nada"}),
            ("editar_mensaje", {"mensajeId": "nada", "texto": "x"}),
        ):
            with pytest.raises(Rechazo) as rechazo:
                await ana.pedir(evento, datos)
            assert rechazo.value.code == "NOT_FOUND", evento
        await ana.pedir("reanudar", {"cursores": {f"nada{i}": 0 for i in range(200)}})
        with pytest.raises(Rechazo) as rechazo:
            await ana.pedir("unirse_conversacion", {"conversacionId": conv})
        assert rechazo.value.code == "RATE_LIMITED"
        ruta = f"{justo.url}/api/mensajeria/conversaciones/{conv}/"
        respuesta = await asyncio.to_thread(requests.get, ruta, **_con(justo, gente.ana))
        assert respuesta.status_code == 429
        respuesta = await asyncio.to_thread(requests.get, ruta, **_con(justo, gente.beto))
        assert respuesta.status_code == 200
