"""Un cliente que no se rinde: reconecta, reanuda y reintenta con el mismo `idCliente`.

Apunta todo lo que envía, lo que le acusan y lo que recibe; con eso y la base, `revisar` comprueba
los invariantes: nada acusado se pierde, nada se dobla, y todos ven el orden de la base.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import websockets

Datos = dict[str, Any]
ESPERA = 0.05


class Sencilla:
    """Los marcos de `/ws/mensajeria/`."""

    camino = "/ws/mensajeria/"

    def saludo(self, token: str) -> list[str]:
        return [json.dumps({"evento": "autenticar", "datos": {"token": token}})]

    def peticion(self, evento: str, datos: Datos, id_: int) -> str:
        return json.dumps({"evento": evento, "datos": datos, "id": id_})

    def leer(self, marco: str) -> tuple[str, Any]:
        objeto = json.loads(marco)
        if objeto["evento"] == "respuesta":
            return "", objeto
        return objeto["evento"], objeto["datos"]

    def contestar(self, marco: str) -> str | None:
        return None


class SocketIO:
    """Los de `/socket.io/` por WebSocket."""

    camino = "/socket.io/?EIO=4&transport=websocket"

    def saludo(self, token: str) -> list[str]:
        return ["40" + json.dumps({"token": token})]

    def peticion(self, evento: str, datos: Datos, id_: int) -> str:
        return f"42{id_}{json.dumps([evento, datos])}"

    def leer(self, marco: str) -> tuple[str, Any]:
        if marco.startswith("42"):
            evento, datos = json.loads(marco[2:])
            return evento, datos
        if marco.startswith("43"):
            id_, _, resto = marco[2:].partition("[")
            return "", {**json.loads("[" + resto)[0], "id": int(id_)}
        return ("error", json.loads(marco[2:])) if marco.startswith("44") else ("?", marco)

    def contestar(self, marco: str) -> str | None:
        return "3" if marco == "2" else None


class Insistente:
    """`urls` son los servidores a los que puede ir, por turnos."""

    def __init__(
        self, nombre: str, token: str, conv: str, urls: list[str], puerta: Sencilla | SocketIO
    ) -> None:
        self.nombre = nombre
        self.conv = conv
        self.enviados: dict[str, str] = {}
        self.acusados: dict[str, Datos] = {}
        self.vistos: dict[str, Datos] = {}
        self.repetidos: list[str] = []
        self.desordenados: list[tuple[int, int]] = []
        self.reconexiones = -1
        # Lo que tardó en volver a entrar cada vez que perdió la conexión, en segundos.
        self.vueltas: list[float] = []
        self._perdida: float | None = None
        self._token = token
        self._urls = itertools.cycle(urls)
        self._puerta = puerta
        self._ids = itertools.count(1)
        self._numeros = itertools.count(1)
        self._pedidos: dict[int, str] = {}
        self._cursor = 0
        self._al_dia = False
        self._ws: Any = None
        self._cambio = asyncio.Condition()
        self._tarea = asyncio.create_task(self._insistir())

    # Lo que hace la prueba

    async def decir(self, texto: str) -> str:
        """Envía un mensaje nuevo; si no hay conexión, saldrá al reconectar."""
        id_ = f"{self.nombre}-{next(self._numeros)}"
        self.enviados[id_] = texto
        await self._enviar_mensaje(id_)
        return id_

    async def pedir(self, evento: str, datos: Datos) -> None:
        """Pide sin esperar respuesta; si no hay conexión, se pierde."""
        await self._escribir(self._puerta.peticion(evento, datos, next(self._ids)))

    def cortar(self) -> None:
        """Pierde la conexión de golpe, como una red que se va."""
        if self._ws is not None:
            self._ws.transport.abort()

    async def hasta(self, cumple: Callable[[], bool], segundos: float = 30) -> None:
        async with self._cambio, asyncio.timeout(segundos):
            await self._cambio.wait_for(cumple)

    @property
    def pendientes(self) -> list[str]:
        return [i for i in self.enviados if i not in self.acusados]

    @property
    def faltan(self) -> int:
        """Cuántos quedan sin acuse."""
        return len(self.enviados) - len(self.acusados)

    async def cerrar(self) -> None:
        self._tarea.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._tarea

    # La conexión

    async def _insistir(self) -> None:
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                await self._conectado()
            self._ws, self._al_dia = None, False
            self._perdida = self._perdida or asyncio.get_running_loop().time()
            await asyncio.sleep(ESPERA)

    async def _conectado(self) -> None:
        url = next(self._urls).replace("http", "ws") + self._puerta.camino
        async with websockets.connect(
            url, max_size=None, compression=None, open_timeout=5, close_timeout=1
        ) as ws:
            self.reconexiones += 1
            self._pedidos.clear()
            for marco in self._puerta.saludo(self._token):
                await ws.send(marco)
            async for crudo in ws:
                marco = str(crudo)
                if contestacion := self._puerta.contestar(marco):
                    await ws.send(contestacion)
                    continue
                async with self._cambio:
                    await self._recibir(ws, *self._puerta.leer(marco))
                    self._cambio.notify_all()

    async def _recibir(self, ws: Any, evento: str, datos: Any) -> None:
        if evento == "autenticado":
            self._ws = ws
            if self._perdida is not None:
                self.vueltas.append(asyncio.get_running_loop().time() - self._perdida)
                self._perdida = None
            cursores = {self.conv: self._cursor}
            id_ = next(self._ids)
            await ws.send(self._puerta.peticion("reanudar", {"cursores": cursores}, id_))
            for pendiente in self.pendientes:
                await self._enviar_mensaje(pendiente)
        elif evento == "":
            self._acuse(datos)
            # Lo que ocupa mucho no viene también como evento.
            if self.conv in datos.get("datos", {}).get("conversaciones", {}):
                await self._ponerse_al_dia(ws, datos["datos"]["conversaciones"][self.conv])
        elif evento == "error":
            # No le dejaron entrar, o ponerse al día: vuelve a llamar. Por lo demás no: cada llamada
            # reenvía todo lo pendiente, y por el ritmo se le negaría otra vez.
            if datos.get("evento") in (None, "autenticar", "reanudar"):
                ws.transport.abort()
        elif isinstance(datos, dict) and datos.get("conversacionId") == self.conv:
            self._vivo(evento, datos)

    async def _ponerse_al_dia(self, ws: Any, puesta: Datos) -> None:
        for mensaje in puesta["cambios"]:
            self._ver(mensaje)
        self._cursor = max(self._cursor, puesta["ultimoCambio"])
        self._al_dia = puesta["completo"]
        if not self._al_dia:
            id_ = next(self._ids)
            cursores = {self.conv: puesta["ultimoCambio"]}
            await ws.send(self._puerta.peticion("reanudar", {"cursores": cursores}, id_))

    def _vivo(self, evento: str, datos: Datos) -> None:
        if "secuenciaCambio" not in datos or evento == "mensaje_enviado":
            return
        cambio = datos["secuenciaCambio"]
        # Antes de ponerse al día, lo vivo llegará otra vez con lo reanudado; después, una sola vez.
        if self._al_dia:
            if evento in ("nuevo_mensaje", "mensaje_eliminado") and cambio <= self._cursor:
                self.desordenados.append((self._cursor, cambio))
            self._cursor = max(self._cursor, cambio)
        if "mensaje" in datos:
            if (
                evento == "nuevo_mensaje"
                and self._al_dia
                and datos["mensaje"]["_id"] in self.vistos
            ):
                self.repetidos.append(datos["mensaje"]["_id"])
            self._ver(datos["mensaje"])
        elif evento == "mensaje_eliminado" and datos["mensajeId"] in self.vistos:
            visto = self.vistos[datos["mensajeId"]]
            vacio = {**visto["contenido"], "texto": ""}
            self.vistos[datos["mensajeId"]] = {
                **visto,
                "contenido": vacio,
                "secuenciaCambio": cambio,
            }

    def _ver(self, mensaje: Datos) -> None:
        anterior = self.vistos.get(mensaje["_id"])
        if anterior is None or mensaje["secuenciaCambio"] >= anterior["secuenciaCambio"]:
            self.vistos[mensaje["_id"]] = mensaje

    def _acuse(self, respuesta: Datos) -> None:
        id_ = self._pedidos.pop(respuesta["id"], None)
        if id_ is not None and respuesta["ok"]:
            previo = self.acusados.setdefault(id_, respuesta["datos"])
            assert previo["mensajeId"] == respuesta["datos"]["mensajeId"]

    async def _enviar_mensaje(self, id_cliente: str) -> None:
        id_ = next(self._ids)
        self._pedidos[id_] = id_cliente
        datos = {
            "conversacionId": self.conv,
            "contenido": {"texto": self.enviados[id_cliente]},
            "idCliente": id_cliente,
        }
        await self._escribir(self._puerta.peticion("enviar_mensaje", datos, id_))

    async def _escribir(self, marco: str) -> None:
        if self._ws is not None:
            with contextlib.suppress(websockets.WebSocketException):
                await self._ws.send(marco)

    # Reintentar lo que nadie acusó aunque la conexión siga (un error pasajero del servidor)

    async def reintentar(self) -> None:
        for id_ in self.pendientes:
            await self._enviar_mensaje(id_)


class Balance:
    """Lo que prometemos, contado."""

    def __init__(self, clientes: list[Insistente], base: list[Datos]) -> None:
        """`base`: los mensajes de la conversación según REST, por secuencia."""
        por_id = {m["_id"]: m for m in base}
        veces = Counter(m["idCliente"] for m in base if m["idCliente"])
        self.enviados = sum(len(c.enviados) for c in clientes)
        self.acusados = sum(len(c.acusados) for c in clientes)
        self.recibidos = sum(len(c.vistos) for c in clientes)
        self.perdidos = [
            i
            for c in clientes
            for i, a in c.acusados.items()
            if por_id.get(a["mensajeId"], {}).get("secuencia") != a["secuencia"]
        ]
        self.doblados = [i for i, n in veces.items() if n > 1]
        self.doblados += [i for c in clientes for i in c.repetidos]
        self.huecos = [m["secuencia"] for i, m in enumerate(base, start=1) if m["secuencia"] != i]
        orden = [(m["_id"], m["contenido"]["texto"]) for m in base]
        self.distintos = [c.nombre for c in clientes if _lista(c) != orden]
        self.desordenados = [d for c in clientes for d in c.desordenados]

    def limpio(self) -> bool:
        return not (
            self.perdidos or self.doblados or self.huecos or self.distintos or self.desordenados
        )

    def __str__(self) -> str:
        return (
            f"enviados {self.enviados}, acusados {self.acusados}, recibidos {self.recibidos}, "
            f"perdidos {len(self.perdidos)}, doblados {len(self.doblados)}, "
            f"fuera de orden {len(self.desordenados)}, huecos {len(self.huecos)}, "
            f"clientes distintos de la base {len(self.distintos)}"
        )


def _lista(cliente: Insistente) -> list[tuple[str, str]]:
    orden = sorted(cliente.vistos.values(), key=lambda m: m["secuencia"])
    return [(m["_id"], m["contenido"]["texto"]) for m in orden]
