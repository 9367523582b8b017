"""Lo que cuesta un evento para muchos, contado: enmarcados, escrituras y tareas."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from mensajeria.central.sala import Sala
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.puertas.engineio.maquina import MaquinaEngineIO
from mensajeria.puertas.engineio.paquetes import Ajustes, Transporte
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.nativa import marcos as nativos
from mensajeria.puertas.nativa.puerta import ConexionNativa
from mensajeria.puertas.socketio import marcos as de_socketio
from mensajeria.puertas.socketio.cliente import ClienteSocketIO, ConexionSocketIO
from mensajeria.puertas.tramas import de_mensaje
from mensajeria.sesion.interlocutor import Interlocutor
from tests.puertas.test_directo import Conexion

CUANTOS = 20
# De Python, para cada receptor: la de su conexión y la de su WebSocket.
LLAMADAS = 2
NODO: Any = SimpleNamespace(
    emisor=SimpleNamespace(emitir=None), barrido=SimpleNamespace(apuntar=lambda _: None)
)

SOBRE = Sobre(evento="nuevo_mensaje", datos=b'{"a":1}', alcance=Alcance.UNIDOS, conversacion="c")


def _sencilla(cable: Conexion) -> ConexionNativa:
    nada: Any = None
    return ConexionNativa(nada, cable.ws, nada)


def _de_socketio(cable: Conexion) -> ConexionSocketIO:
    nada: Any = SimpleNamespace()
    ahora = asyncio.get_running_loop().time()
    maquina = MaquinaEngineIO("x", Transporte.WEBSOCKET, Ajustes(), ahora)
    sesion = SesionEngineIO(maquina, nada, nada)
    cliente = ClienteSocketIO(sesion, nada)
    cable.ws.cola = sesion.maquina.cola
    sesion.abrir(cliente, cable.ws)
    conexion = ConexionSocketIO(cliente, "/")
    conexion._sesion = sesion
    return conexion


def _sala(abrir: Any, cuantos: int) -> tuple[Sala, list[Conexion]]:
    sala, cables = Sala("c"), [Conexion() for _ in range(cuantos)]
    for n, cable in enumerate(cables):
        receptor = Interlocutor(NODO, abrir(cable), "", "")
        receptor.usuario_id = f"u{n}"
        sala.admitir(receptor)
    return sala, cables


def _repartir(sala: Sala) -> None:
    sala.repartir(Emision(SOBRE.evento, SOBRE.datos, SOBRE), SOBRE, sala.destinatarios)


@pytest.mark.parametrize(
    ("abrir", "marcos"),
    [(_sencilla, nativos), (_de_socketio, de_socketio)],
    ids=("sencilla", "socketio"),
)
async def test_un_evento_se_enmarca_una_vez_y_es_una_escritura_a_cada_uno(
    abrir: Any, marcos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hechos: list[str] = []
    original = marcos.marco_evento

    def contado(evento: str, datos: bytes) -> str:
        hechos.append(evento)
        return str(original(evento, datos))

    monkeypatch.setattr(marcos, "marco_evento", contado)
    tareas, (sala, cables) = asyncio.all_tasks(), _sala(abrir, CUANTOS)
    _repartir(sala)

    await asyncio.sleep(0)
    trama = de_mensaje(original(SOBRE.evento, SOBRE.datos))
    assert [cable.transporte.escrito for cable in cables] == [[trama]] * CUANTOS
    assert len({id(cable.transporte.escrito[0]) for cable in cables}) == 1
    assert hechos == ["nuevo_mensaje"]
    assert asyncio.all_tasks() == tareas


@pytest.mark.parametrize("abrir", [_sencilla, _de_socketio])
async def test_cada_receptor_mas_cuesta_lo_que_costaba(abrir: Any) -> None:
    llamadas, cuentas = 0, []

    def mirar(_marco: Any, suceso: str, _dato: Any) -> None:
        nonlocal llamadas
        llamadas += suceso == "call"

    for cuantos in (CUANTOS, 2 * CUANTOS):
        sala, _ = _sala(abrir, cuantos)
        _repartir(sala)
        await asyncio.sleep(0)
        llamadas, antes = 0, sys.getprofile()
        sys.setprofile(mirar)
        _repartir(sala)
        await asyncio.sleep(0)
        sys.setprofile(antes)
        cuentas.append(llamadas)
    # La de más es la de su transporte, que aquí es de Python.
    assert cuentas[1] - cuentas[0] == CUANTOS * (LLAMADAS + 1)


@pytest.mark.parametrize("abrir", [_sencilla, _de_socketio])
async def test_a_quien_no_lee_le_queda_en_la_cola_y_en_orden(abrir: Any) -> None:
    cable = Conexion()
    receptor = Interlocutor(NODO, abrir(cable), "", "")
    cable.transporte.admite = 0
    for n in range(3):
        receptor.entregar(Emision(f"e{n}", b"{}"))
        cable.ws.vaciar()
    assert len(cable.transporte.escrito) == 1 and len(cable.ws.cola.tomar_todo()) == 2
