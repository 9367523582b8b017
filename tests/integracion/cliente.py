"""Un cliente de la puerta sencilla que guarda lo que le llega y espera lo que se le pide."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any, Self

import websockets

from tests.servicios import PACIENCIA, Servidor

Datos = dict[str, Any]


class Rechazo(Exception):
    """Una respuesta con `ok: false`."""

    def __init__(self, error: Datos) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.error = error
        self.code: str = error["code"]


class Cliente:
    def __init__(self, url: str, **opciones: Any) -> None:
        self._url = url
        self._opciones = {"max_size": None, "compression": None, **opciones}
        self._ids = itertools.count(1)
        self._respuestas: dict[Any, asyncio.Future[Datos]] = {}
        self._llego = asyncio.Condition()
        self.empujes: list[tuple[str, Datos]] = []

    async def __aenter__(self) -> Self:
        self.ws = await websockets.connect(self._url, **self._opciones)
        self._tarea = asyncio.create_task(self._leer())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ws.close()
        self._tarea.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._tarea

    async def _leer(self) -> None:
        try:
            async for crudo in self.ws:
                marco = json.loads(crudo, parse_constant=_prohibida)
                async with self._llego:
                    if marco["evento"] == "respuesta":
                        futuro = self._respuestas.pop(marco["id"], None)
                        if futuro is not None and not futuro.done():
                            futuro.set_result(marco)
                    else:
                        self.empujes.append((marco["evento"], marco["datos"]))
                    self._llego.notify_all()
        finally:
            async with self._llego:
                self._llego.notify_all()

    async def crudo(self, texto: str | bytes) -> None:
        await self.ws.send(texto)

    def espera_de(self, id_: int | str) -> asyncio.Future[Datos]:
        """La respuesta que llegará con ese `id`."""
        futuro = self._respuestas[id_] = asyncio.get_running_loop().create_future()
        return futuro

    async def enviar(self, evento: str, datos: Any = None) -> asyncio.Future[Datos]:
        """Envía con `id` sin esperar la respuesta."""
        id_ = next(self._ids)
        futuro = self.espera_de(id_)
        await self.crudo(json.dumps({"evento": evento, "datos": datos or {}, "id": id_}))
        return futuro

    async def pedir(self, evento: str, datos: Any = None) -> Datos:
        """Los `datos` de la respuesta, o lanza `Rechazo`."""
        marco = await asyncio.wait_for(await self.enviar(evento, datos), PACIENCIA)
        if not marco["ok"]:
            raise Rechazo(marco["error"])
        datos_: Datos = marco["datos"]
        return datos_

    async def esperar(self, evento: str, cumple: Callable[[Datos], bool] = lambda _: True) -> Datos:
        """El primer empuje de ese evento que cumple, haya llegado ya o no."""

        def hallado() -> Datos | None:
            return next((d for e, d in self.empujes if e == evento and cumple(d)), None)

        async with self._llego, asyncio.timeout(PACIENCIA):
            while (datos := hallado()) is None:
                await self._llego.wait()
        return datos

    def recibidos(self, evento: str) -> list[Datos]:
        return [d for e, d in self.empujes if e == evento]

    async def cierre(self) -> int:
        """Espera a que el servidor cierre, y devuelve el código."""
        async with asyncio.timeout(PACIENCIA):
            await self.ws.wait_closed()
        return self.ws.close_code or 0

    async def eco(self) -> None:
        """Vuelve cuando el servidor ha atendido todo lo anterior de esta conexión."""
        await self.pedir("obtener_estadisticas")


def _prohibida(constante: str) -> None:
    raise AssertionError(f"El servidor envió {constante}")


def conectar(servidor: Servidor, **opciones: Any) -> Cliente:
    return Cliente(servidor.ws, **opciones)


@contextlib.asynccontextmanager
async def como(servidor: Servidor, quien: str) -> Any:
    """Una conexión ya autenticada."""
    token = await asyncio.to_thread(servidor.token, quien)
    async with conectar(servidor) as cliente:
        await cliente.pedir("autenticar", {"token": token})
        yield cliente


def hola(conversacion: str, texto: str = "hola", **mas: Any) -> Datos:
    return {"conversacionId": conversacion, "contenido": {"texto": texto}, **mas}
