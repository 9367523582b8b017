"""Un servidor de verdad, en un hilo de este proceso, que cuenta lo que le cuesta cada petición."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, NamedTuple, Self

import msgspec
import pytest
import uvicorn
import uvloop
from django.db import models
from websockets.sync.client import ClientConnection, connect

import mensajeria.nodo
from mensajeria.base_de_datos import Hilo, en_hilo_de_lectura, en_hilo_de_presencia
from mensajeria.management.commands.servir import configurar
from mensajeria.nodo import Nodo
from mensajeria.ordenes import escritor
from servitech.http import PeticionesEnUnHilo
from servitech.routing import construir
from tests.servicios import PACIENCIA, firmar, puerto_libre

Datos = dict[str, Any]


class Cuenta(NamedTuple):
    """Lo hecho por una petición: idas a otro hilo, vueltas al bucle, tareas, veces que se codifica
    JSON, instancias de modelos, y funciones de Python que empiezan, en el bucle y en los hilos.
    """

    idas: int
    vueltas: int
    tareas: int
    codificadas: int
    instancias: int
    en_el_bucle: int
    en_los_hilos: int


class Contador:
    """Cuenta mientras está `abierto`; mira cada hilo que nace con él puesto."""

    def __init__(self) -> None:
        self.abierto = False
        self.bucle = 0
        self._de_modelo = models.Model.__init__.__code__
        self._sumas: Counter[str] = Counter()

    def apuntar(self, que: str) -> None:
        """Una más de esas."""
        if self.abierto:
            self._sumas[que] += 1

    def mirar(self, marco: Any, suceso: str, dato: Any) -> None:
        """La que se da a `sys.setprofile`."""
        if not self.abierto:
            return
        if suceso == "call":
            en_el_bucle = threading.get_ident() == self.bucle
            self._sumas["en_el_bucle" if en_el_bucle else "en_los_hilos"] += 1
            if marco.f_code is self._de_modelo:
                self._sumas["instancias"] += 1
        elif suceso == "c_call" and (
            dato is msgspec.json.encode
            or isinstance(getattr(dato, "__self__", None), msgspec.json.Encoder)
        ):
            self._sumas["codificadas"] += 1

    def cerrar(self) -> Cuenta:
        """Lo contado desde que se abrió."""
        self.abierto = False
        cuenta = Cuenta(*(self._sumas[campo] for campo in Cuenta._fields))
        self._sumas.clear()
        return cuenta


class Servidor:
    """El de `servir`, con su bucle en un hilo de este proceso."""

    def __init__(self, contador: Contador) -> None:
        self.puerto = puerto_libre()
        self.contador = contador
        self._nodo = mensajeria.nodo.nodo()
        ajustes = configurar()
        ajustes.app, ajustes.port = construir(PeticionesEnUnHilo()), self.puerto
        self._uvicorn = uvicorn.Server(ajustes)
        self._arrancado: Future[None] = Future()
        self._hilo = threading.Thread(target=self._correr, name="bucle")

    def __enter__(self) -> Self:
        self._hilo.start()
        self._arrancado.result(PACIENCIA)
        return self

    def __exit__(self, *_: object) -> None:
        parada = self._nodo.detener(lambda: asyncio.sleep(0))
        asyncio.run_coroutine_threadsafe(parada, self._bucle).result()
        self._uvicorn.should_exit = True
        self._hilo.join(PACIENCIA)

    def _correr(self) -> None:
        self._bucle = _bucle_que_cuenta(self.contador)
        self.contador.bucle = threading.get_ident()
        self._bucle.run_until_complete(self._servir())
        self._bucle.close()

    async def _servir(self) -> None:
        sirve = asyncio.create_task(self._uvicorn.serve())
        while not self._uvicorn.started:
            await asyncio.sleep(0.01)
        self._arrancado.set_result(None)
        await sirve

    def contar(self, hacer: Callable[[], object]) -> Cuenta:
        """Lo que cuesta `hacer`, de una vuelta del bucle a otra."""
        self._en_el_bucle(lambda: setattr(self.contador, "abierto", True))
        hacer()
        return self._en_el_bucle(self.contador.cerrar)

    def _en_el_bucle(self, hacer: Callable[[], Any]) -> Any:
        hecho: Future[Any] = Future()
        # Sin contarlo, como el de abajo.
        uvloop.Loop.call_soon_threadsafe(self._bucle, lambda: hecho.set_result(hacer()))
        return hecho.result(PACIENCIA)


def _bucle_que_cuenta(contador: Contador) -> uvloop.Loop:
    class Bucle(uvloop.Loop):
        def call_soon_threadsafe(self, *lo: Any, **mas: Any) -> Any:  # type: ignore[override]
            contador.apuntar("vueltas")
            return super().call_soon_threadsafe(*lo, **mas)

    def tarea(bucle: Any, corrutina: Any, **mas: Any) -> asyncio.Task[Any]:
        contador.apuntar("tareas")
        return asyncio.Task(corrutina, loop=bucle, **mas)

    bucle = Bucle()
    bucle.set_task_factory(tarea)
    return bucle


class Sencilla:
    """Un cliente de `/ws/mensajeria/`."""

    camino = "/ws/mensajeria/"

    def __init__(self, ws: ClientConnection, token: str) -> None:
        self._ws = ws
        self._id = 0
        self._ingresar(token)
        self.esperar("autenticado")

    @classmethod
    @contextlib.contextmanager
    def abrir(cls, puerto: int, quien: str) -> Iterator[Self]:
        """Uno ya autenticado."""
        with connect(f"ws://127.0.0.1:{puerto}{cls.camino}", compression=None) as ws:
            yield cls(ws, firmar(quien))

    def _ingresar(self, token: str) -> None:
        self._ws.send(json.dumps({"evento": "autenticar", "datos": {"token": token}}))

    def pedir(self, evento: str, datos: Datos) -> None:
        """Vuelve cuando se lo aceptan."""
        self._id += 1
        self._ws.send(json.dumps({"evento": evento, "datos": datos, "id": self._id}))
        assert self.esperar("respuesta")["ok"]

    def esperar(self, evento: str) -> Datos:
        """Lo que lleva el siguiente de esos que llegue."""
        while (marco := self._leer())[0] != evento:
            pass
        return marco[1]

    def _leer(self) -> tuple[str, Datos]:
        marco = json.loads(self._ws.recv(PACIENCIA))
        return marco["evento"], marco.get("datos", {}) | {"ok": marco.get("ok")}


class SocketIO(Sencilla):
    """Un cliente de `/socket.io/`, por WebSocket desde el principio."""

    camino = "/socket.io/?EIO=4&transport=websocket"

    def _ingresar(self, token: str) -> None:
        self._ws.send("40" + json.dumps({"token": token}))

    def pedir(self, evento: str, datos: Datos) -> None:
        self._id += 1
        self._ws.send(f"42{self._id}{json.dumps([evento, datos])}")
        assert self.esperar("respuesta")["ok"]

    def _leer(self) -> tuple[str, Datos]:
        crudo = str(self._ws.recv(PACIENCIA))
        if not crudo.startswith(("42", "43")):
            return "", {}
        partes = json.loads(crudo[crudo.index("[") :])
        return ("respuesta", partes[0]) if crudo.startswith("43") else (partes[0], partes[1])


@contextlib.contextmanager
def servir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servidor]:
    """Uno en marcha, con su nodo y sus hilos, al que se le ve todo."""
    contador = Contador()
    enviar = ThreadPoolExecutor.submit

    class Lotes(SimpleQueue):
        def put(self, *lo: Any, **mas: Any) -> None:
            contador.apuntar("idas")
            super().put(*lo, **mas)

    def ir(*lo: Any, **mas: Any) -> Any:
        contador.apuntar("idas")
        return enviar(*lo, **mas)

    monkeypatch.setattr(mensajeria.nodo, "_nodo", Nodo())
    monkeypatch.setattr(escritor, "SimpleQueue", Lotes)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", ir)
    antes = threading.getprofile()
    threading.setprofile(contador.mirar)
    try:
        with _hilos_nuevos(monkeypatch), Servidor(contador) as uno:
            yield uno
    finally:
        threading.setprofile(antes)


@contextlib.contextmanager
def _hilos_nuevos(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A los que ya estaban no se les ve."""
    nuevos = [(hilo, Hilo("nuevo", 1)) for hilo in (en_hilo_de_lectura, en_hilo_de_presencia)]
    for hilo, nuevo in nuevos:
        monkeypatch.setattr(hilo, "_ejecutor", nuevo._ejecutor)
    yield
    for _, nuevo in nuevos:
        nuevo.cerrar()
