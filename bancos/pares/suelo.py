"""El suelo de repartir en Python: picows, sin entrar, sin guardar y sin nada más que la sala."""

from __future__ import annotations

import json
import os
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

SALAS: dict[str, set[WSTransport]] = defaultdict(set)
# Lo que pesa un `nuevo_mensaje` además de su texto.
RELLENO = "x" * 800


class Oyente(WSListener):
    def __init__(self, camino: str) -> None:
        self._sala = SALAS[camino]

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._sala.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._sala.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            datos = json.loads(frame.get_payload_as_utf8_text())
            trama = json.dumps({**datos, "relleno": RELLENO}).encode()
            for uno in self._sala:
                uno.send(WSMsgType.TEXT, trama)


def _oyente(peticion: WSUpgradeRequest) -> Oyente:
    return Oyente(peticion.path.decode())


async def main() -> None:
    servidor = await ws_create_server(_oyente, "127.0.0.1", int(os.environ["PUERTO"]), backlog=2048)
    await servidor.serve_forever()


uvloop.run(main())
