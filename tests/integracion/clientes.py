"""Lo mismo que `clientes.js`, con python-socketio: el síncrono y el asíncrono.

Es un proceso aparte: la versión es la que haya en su PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from typing import Any

import socketio

PEDIDO: dict[str, Any] = json.loads(sys.argv[1])
CONVERSACION = {"conversacionId": PEDIDO["conversacionId"]}
# Lo que no es de fábrica: que volver no tarde segundos.
COMUNES = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.5}


class Visto:
    """Lo que va viendo un cliente en cada vuelta; con todo, lo dice."""

    def __init__(self, nombre: str, cliente: Any) -> None:
        self._nombre, self._cliente = nombre, cliente
        self.vuelta = 0
        self._visto: set[str] = set()

    def otra_vuelta(self) -> None:
        self.vuelta += 1
        self._visto.clear()

    def ver(self, que: str) -> None:
        self._visto.add(que)
        if len(self._visto) == 3:
            por = self._cliente.transport()
            por = por() if callable(por) else por
            linea = {"cliente": self._nombre, "vuelta": self.vuelta, "por": por}
            sys.stdout.write(json.dumps(linea) + "\n")
            sys.stdout.flush()

    @property
    def texto(self) -> str:
        return f"{self._nombre} {self.vuelta}"


def preparar(nombre: str, cliente: Any) -> None:
    visto = Visto(nombre, cliente)

    def emitir(evento: str, datos: Any = None, acuse: Any = None) -> Any:
        return cliente.emit(evento, datos, callback=acuse)

    def acusado(acuse: dict[str, Any]) -> None:
        if acuse["ok"]:
            visto.ver("acuse")

    def al_conectar() -> list[Any]:
        visto.otra_vuelta()
        usuario = {"usuarioId": PEDIDO["usuarioId"], "token": PEDIDO["token"]}
        return [("autenticar", usuario)]

    def al_unirse(_: Any) -> list[Any]:
        mensaje = {**CONVERSACION, "contenido": {"texto": visto.texto}}
        return [("ping",), ("enviar_mensaje", mensaje, acusado)]

    def al_llegar(datos: Any) -> list[Any]:
        if datos["mensaje"]["contenido"]["texto"] == visto.texto:
            visto.ver("mensaje")
        return []

    def al_pong(_: Any) -> list[Any]:
        visto.ver("pong")
        return []

    manejadores = {
        "connect": al_conectar,
        "autenticado": lambda _: [("unirse_conversacion", CONVERSACION)],
        "unido_conversacion": al_unirse,
        "nuevo_mensaje": al_llegar,
        "pong": al_pong,
    }
    es_asincrono = inspect.iscoroutinefunction(cliente.emit)
    for evento, manejador in manejadores.items():
        if es_asincrono:

            async def atender(*datos: Any, manejador: Any = manejador) -> None:
                for pedido in manejador(*datos):
                    await emitir(*pedido)

        else:

            def atender(*datos: Any, manejador: Any = manejador) -> None:  # type: ignore[misc]
                for pedido in manejador(*datos):
                    emitir(*pedido)

        cliente.on(evento, atender)


async def main() -> None:
    for nombre, (clase, transporte) in PEDIDO["clientes"].items():
        cliente = getattr(socketio, clase)(**COMUNES)
        preparar(nombre, cliente)
        transportes = [transporte] if transporte else None
        conectado = cliente.connect(PEDIDO["url"], transports=transportes)
        if conectado is not None:
            await conectado
    # Hasta que quien lo arrancó cierre su entrada.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
