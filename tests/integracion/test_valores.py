"""Los valores del original por las dos puertas: lo que se pide, y lo que reciben los demás."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.gente import Gente
from tests.integracion.cliente import como
from tests.integracion.puertas import PorSocketIO
from tests.servicios import PACIENCIA, Servidor
from tests.valores_del_original import MENSAJES, NEGADOS, REACCIONES, VACIO


async def _pedir(cliente: Any, evento: str, datos: Any) -> dict[str, Any]:
    respuesta: dict[str, Any] = await asyncio.wait_for(
        await cliente.enviar(evento, datos), PACIENCIA
    )
    return respuesta


@pytest.mark.parametrize("socketio", [True, False], ids=["socketio", "nativa"])
async def test_los_valores_del_original_por_cada_puerta(
    servidor: Servidor, conv: str, gente: Gente, socketio: bool
) -> None:
    async with como(servidor, gente.ana) as nativa, como(servidor, gente.beto) as testigo:
        if not socketio:
            return await _comprobar(nativa, testigo, conv)
        async with PorSocketIO(servidor) as ana:
            await _pedir(ana, "autenticar", {"token": servidor.token(gente.ana)})
            await _comprobar(ana, testigo, conv)


async def _comprobar(quien: Any, testigo: Any, conv: str) -> None:
    uno = ""
    for pedido, contenido, prioridad in MENSAJES:
        respuesta = await _pedir(quien, "enviar_mensaje", {"conversacionId": conv, **pedido})
        assert respuesta["ok"], (pedido, respuesta)
        uno = respuesta["datos"]["mensajeId"]
        empuje = await testigo.esperar(
            "nuevo_mensaje", lambda d, uno=uno: d["mensaje"]["_id"] == uno
        )
        assert empuje["mensaje"]["contenido"] == {**VACIO, **contenido}
        assert empuje["mensaje"]["prioridad"] == prioridad
    for pedida, queda in REACCIONES:
        respuesta = await _pedir(quien, "agregar_reaccion", {"mensajeId": uno, **pedida})
        assert [r["tipo"] for r in respuesta["datos"]["reacciones"]] == [queda], pedida
    quitada = await _pedir(quien, "quitar_reaccion", {"mensajeId": uno, "tipo": "thumbs_up"})
    assert quitada["datos"]["reacciones"] == []
    for pedido, campo in NEGADOS:
        respuesta = await _pedir(quien, "enviar_mensaje", {"conversacionId": conv, **pedido})
        assert (respuesta["ok"], respuesta["error"]["campo"]) == (False, campo), pedido
