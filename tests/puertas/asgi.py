"""Un servidor ASGI de mentira: peticiones y WebSockets contra una puerta, sin red."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Self
from urllib.parse import urlencode

from mensajeria.puertas.engineio.paquetes import Ajustes
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.sesion.por_confirmar import PorConfirmar
from tests.eco_socketio import EcoEngineIO

ORIGEN = "https://buena.test"
Cabeceras = dict[str, str]
Prueba = Callable[[], Coroutine[Any, Any, None]]


def con_bucle(prueba: Prueba) -> Callable[[], None]:
    def sincrona() -> None:
        asyncio.run(asyncio.wait_for(prueba(), 5))

    sincrona.__name__ = prueba.__name__
    return sincrona


def _scope(tipo: str, consulta: dict[str, str], cabeceras: Cabeceras | None) -> dict[str, Any]:
    return {
        "type": tipo,
        "path": "/socket.io/",
        "client": ("10.0.0.1", 1234),
        "query_string": urlencode({"EIO": "4"} | consulta).encode(),
        "headers": [(n.encode(), v.encode()) for n, v in (cabeceras or {}).items()],
    }


class PeticionHTTP:
    """Una petición HTTP en curso."""

    def __init__(
        self,
        puerta: PuertaEngineIO,
        metodo: str,
        sid: str | None = None,
        cuerpo: str | bytes | None = "",
        cabeceras: Cabeceras | None = None,
    ) -> None:
        consulta = {"transport": "polling"} | ({} if sid is None else {"sid": sid})
        self.entrada: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        if cuerpo is not None:
            self.trozo(cuerpo, sigue=False)
        self.salida: list[dict[str, Any]] = []
        scope = _scope("http", consulta, cabeceras) | {"method": metodo}
        self.tarea = asyncio.ensure_future(puerta(scope, self.entrada.get, self._send))

    async def _send(self, mensaje: dict[str, Any]) -> None:
        self.salida.append(mensaje)

    def trozo(self, cuerpo: str | bytes, sigue: bool = True) -> None:
        dato = cuerpo if isinstance(cuerpo, bytes) else cuerpo.encode()
        self.entrada.put_nowait({"type": "http.request", "body": dato, "more_body": sigue})

    def abandonar(self) -> None:
        self.entrada.put_nowait({"type": "http.disconnect"})

    async def respuesta(self) -> tuple[int, str]:
        await asyncio.wait_for(self.tarea, 2)
        return self.salida[0]["status"], self.salida[1]["body"].decode()

    def cabeceras(self, nombre: str) -> list[str]:
        return [v.decode() for n, v in self.salida[0]["headers"] if n.decode() == nombre]


async def get(puerta: PuertaEngineIO, sid: str | None = None) -> tuple[int, str]:
    return await PeticionHTTP(puerta, "GET", sid).respuesta()


async def post(puerta: PuertaEngineIO, sid: str, cuerpo: str | bytes) -> tuple[int, str]:
    return await PeticionHTTP(puerta, "POST", sid, cuerpo).respuesta()


async def abrir(puerta: PuertaEngineIO) -> str:
    """Abre una sesión por sondeo y devuelve su sid."""
    estado, cuerpo = await get(puerta)
    assert estado == 200
    sid: str = json.loads(cuerpo[1:])["sid"]
    return sid


async def conectar(puerta: PuertaEngineIO, connect: str = "40") -> str:
    """Abre una sesión por sondeo y conecta con Socket.IO."""
    sid = await abrir(puerta)
    assert await post(puerta, sid, connect) == (200, "ok")
    estado, cuerpo = await get(puerta, sid)
    assert estado == 200 and cuerpo.startswith("40{")
    return sid


class WebSocket:
    """Un WebSocket en curso.

    Sin ``desatascado`` el cliente no lee; con ``roto`` ya no está, y se nota al escribir.
    """

    def __init__(
        self,
        puerta: PuertaEngineIO,
        sid: str | None = None,
        cabeceras: Cabeceras | None = None,
        extensiones: dict[str, Any] | None = None,
    ) -> None:
        consulta = {"transport": "websocket"} | ({} if sid is None else {"sid": sid})
        self.entrada: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.entrada.put_nowait({"type": "websocket.connect"})
        self.salida: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.roto = False
        self.fallo: Exception = OSError()
        self.desatascado = asyncio.Event()
        self.desatascado.set()
        scope = _scope("websocket", consulta, cabeceras) | {"extensions": extensiones or {}}
        self.tarea = asyncio.ensure_future(puerta(scope, self.entrada.get, self._send))

    @classmethod
    async def abrir(cls, puerta: PuertaEngineIO, sid: str | None = None) -> Self:
        """Abre, y recoge el paquete de apertura si la sesión es nueva."""
        ws = cls(puerta, sid)
        assert (await ws.mensaje())["type"] == "websocket.accept"
        if sid is None:
            assert (await ws.trama())[0] == "0"
        return ws

    @classmethod
    async def conectar(cls, puerta: PuertaEngineIO) -> Self:
        """Abre y conecta con Socket.IO."""
        ws = await cls.abrir(puerta)
        ws.enviar("40")
        assert (await ws.trama()).startswith("40{")
        return ws

    async def _send(self, mensaje: dict[str, Any]) -> None:
        await self.desatascado.wait()
        if self.roto:
            raise self.fallo
        self.salida.put_nowait(mensaje)
        if mensaje["type"] == "websocket.close":
            self.cerrar()

    def enviar(self, dato: str | bytes) -> None:
        clave = "bytes" if isinstance(dato, bytes) else "text"
        self.entrada.put_nowait({"type": "websocket.receive", clave: dato})

    def cerrar(self) -> None:
        self.entrada.put_nowait({"type": "websocket.disconnect", "code": 1005})

    async def mensaje(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.salida.get(), 2)

    async def trama(self) -> Any:
        mensaje = await self.mensaje()
        assert mensaje["type"] == "websocket.send"
        return mensaje.get("text", mensaje.get("bytes"))

    async def codigo(self) -> int:
        """El código con que cierra el servidor, tras las tramas que quedaran."""
        while (mensaje := await self.mensaje())["type"] != "websocket.close":
            pass
        await asyncio.wait_for(self.tarea, 2)
        codigo: int = mensaje["code"]
        return codigo


class Eco(EcoEngineIO):
    """El eco, que además recuerda a quién sirvió, qué le llegó y por qué terminó."""

    def __init__(self, sesion: SesionEngineIO, vistos: list["Eco"]) -> None:
        super().__init__(sesion)
        self.sesion, self.motivos = sesion, list[str]()
        self.recibidos = list[dict[str, int]]()
        self._por_confirmar, self._devueltos = PorConfirmar(), 0
        vistos.append(self)

    def entregar(self, paquete: str | bytes) -> None:
        super().entregar(paquete)
        self._devueltos += 1
        self._por_confirmar["eco"] = self._devueltos

    def ping_enviado(self) -> None:
        self._por_confirmar.ping_enviado()

    def ping_contestado(self) -> None:
        self.recibidos.append(self._por_confirmar.ping_contestado())

    def cerrado(self, motivo: str) -> None:
        self.motivos.append(str(motivo))


class PuertaEco(PuertaEngineIO):
    def __init__(self, credenciales: bool = False, **ajustes: Any) -> None:
        self.ecos: list[Eco] = []
        super().__init__(
            lambda sesion: Eco(sesion, self.ecos),
            lambda quien: quien.origen in (None, ORIGEN),
            Ajustes(**ajustes),
            credenciales,
        )
