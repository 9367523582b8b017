"""Lo que cuesta un evento para muchos, contado: enmarcados, escrituras y tareas."""

from __future__ import annotations

import asyncio
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
NODO: Any = SimpleNamespace(
    emisor=SimpleNamespace(emitir=None), barrido=SimpleNamespace(apuntar=lambda _: None)
)


def _sencilla(cable: Conexion) -> ConexionNativa:
    nada: Any = None
    return ConexionNativa(nada, cable.ws, nada)


def _de_socketio(cable: Conexion) -> ConexionSocketIO:
    nada: Any = SimpleNamespace()
    sesion = SesionEngineIO(MaquinaEngineIO("x", Transporte.WEBSOCKET, Ajustes(), 0), nada, nada)
    cliente = ClienteSocketIO(sesion, nada)
    cable.ws.cola = sesion.maquina.cola
    sesion.abrir(cliente, cable.ws)
    conexion = ConexionSocketIO(cliente, "/")
    conexion._previos = None
    return conexion


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
    tareas, sala, cables = asyncio.all_tasks(), Sala("c"), [Conexion() for _ in range(CUANTOS)]
    for n, cable in enumerate(cables):
        receptor = Interlocutor(NODO, abrir(cable), "", "")
        receptor.usuario_id = f"u{n}"
        sala.admitir(receptor)
    sobre = Sobre(evento="nuevo_mensaje", datos=b'{"a":1}', alcance=Alcance.UNIDOS)
    sala.repartir(Emision(sobre.evento, sobre.datos, sobre), sobre, sala.destinatarios)

    await asyncio.sleep(0)
    trama = de_mensaje(original(sobre.evento, sobre.datos))
    assert [cable.transporte.escrito for cable in cables] == [[trama]] * CUANTOS
    assert len({id(cable.transporte.escrito[0]) for cable in cables}) == 1
    assert hechos == ["nuevo_mensaje"]
    assert asyncio.all_tasks() == tareas


@pytest.mark.parametrize("abrir", [_sencilla, _de_socketio])
async def test_a_quien_no_lee_le_queda_en_la_cola_y_en_orden(abrir: Any) -> None:
    cable = Conexion()
    receptor = Interlocutor(NODO, abrir(cable), "", "")
    cable.transporte.admite = 0
    for n in range(3):
        receptor.entregar(Emision(f"e{n}", b"{}"))
        cable.ws.vaciar()
    assert len(cable.transporte.escrito) == 1 and len(cable.ws.cola.tomar_todo()) == 2
