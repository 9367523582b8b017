"""Una conversación que pasa de cien participantes y vuelve, por las dos puertas y por REST."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.gente import BULTO, Gente
from tests.integracion.cliente import Cliente, Datos, como, conectar
from tests.integracion.conftest import nueva_conversacion
from tests.integracion.puertas import PorSocketIO, Rest
from tests.servicios import Servidor, firmar


class PorSocketIOQueOye(PorSocketIO):
    """Y con lo que le llega, como lo guarda `Cliente`."""

    def __init__(self, servidor: Servidor) -> None:
        super().__init__(servidor)
        self.empujes: list[tuple[str, Datos]] = []
        self._llego = asyncio.Condition()
        self._socket.on("*", self._anotar)

    async def _anotar(self, evento: str, datos: Datos) -> None:
        async with self._llego:
            self.empujes.append((evento, datos))
            self._llego.notify_all()

    pedir = Cliente.pedir
    esperar = Cliente.esperar
    recibidos = Cliente.recibidos


def van(conversacion: Datos) -> list[str]:
    return [p["usuario"]["_id"] for p in conversacion["participantes"]]


@pytest.mark.parametrize("puerta", [conectar, PorSocketIOQueOye], ids=["nativa", "socketio"])
async def test_pasa_de_cien_y_vuelve(
    servidor: Servidor, gente: Gente, puerta: Callable[[Servidor], Any]
) -> None:
    ana, beto = gente.ana, gente.beto
    conv = await asyncio.to_thread(nueva_conversacion, servidor, ana, *BULTO[:99])
    ruta = f"/api/mensajeria/conversaciones/{conv}/"

    def de_aqui(d: Datos) -> bool:
        return bool(d["conversacionId"] == conv)

    with Rest(servidor) as rest:
        async with puerta(servidor) as a:
            await a.pedir("autenticar", {"token": firmar(ana)})
            unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
            assert len(unido["conversacion"]["participantes"]) == 100
            assert "totalConectados" not in unido["conversacion"]

            await asyncio.to_thread(
                rest.pedir, ana, "POST", ruta + "participantes/", {"usuarioId": beto}
            )
            agregado = await a.esperar("participante_agregado", de_aqui)
            assert van(agregado["conversacion"]) == [ana, beto]
            assert agregado["conversacion"]["totalParticipantes"] == 101

            async with como(servidor, beto) as b:
                cuenta = await a.esperar(
                    "presencia_actualizada", lambda d: d["totalConectados"] == 2
                )
                assert cuenta["conversacionId"] == conv
                unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
                reanudado = await a.pedir("reanudar", {"cursores": {conv: 1}})
                _, visto = await asyncio.to_thread(rest.pedir, ana, "GET", ruta)
                for forma in (
                    unido["conversacion"],
                    reanudado["conversaciones"][conv]["conversacion"],
                    visto,
                ):
                    assert van(forma) == [ana]
                    assert (forma["totalParticipantes"], forma["totalConectados"]) == (101, 2)
                assert unido["participantes_conectados"] == [ana]

                await asyncio.to_thread(rest.pedir, ana, "DELETE", ruta + f"participantes/{beto}/")
                await b.esperar("participante_removido", de_aqui)
            quedan = await a.esperar(
                "conversacion_actualizada",
                lambda d: d["conversacion"]["totalParticipantes"] == 100,
            )
            assert len([p for p in quedan["conversacion"]["participantes"] if p["activo"]]) == 100
            for evento in ("usuario_conectado", "usuario_desconectado", "estado_usuario_cambiado"):
                assert a.recibidos(evento) == []
