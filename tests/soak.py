"""Un rato largo con todo fallando: `python -m tests.soak [MINUTOS]` (`make soak`).

Treinta clientes por las dos puertas, dos servidores tras un Redis y un PostgreSQL, y cada cinco
segundos un fallo al azar. Al final se cuenta lo enviado, acusado, recibido, perdido y doblado.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis
import requests

from tests import servicios
from tests.caos import CONV, balance_final
from tests.insistente import Balance, Insistente, Sencilla, SocketIO
from tests.servicios import Servidor, detener, nueva_base

CLIENTES = 30
CADA = 5.0
PERSONAS = ("ana", "beto", "test_user")


class Escenario:
    """Los servidores, Redis y los clientes, y lo que se les puede hacer."""

    def __init__(self, carpeta: Path, base: str, azar: random.Random) -> None:
        self.azar = azar
        self.puerto_redis = servicios.puerto_libre()
        self._redis = servicios.redis(self.puerto_redis)
        url = self._redis.__enter__()
        entorno = {
            "REDIS_URL": url,
            "DATABASE_URL": base,
            "EVENTOS_POR_SEGUNDO": "10000",
            "CONEXIONES_POR_USUARIO": "1000",
        }
        self.servidores = [Servidor(carpeta, **entorno) for _ in range(2)]
        self.clientes: list[Insistente] = []

    def arrancar(self) -> None:
        for servidor in self.servidores:
            servidor.arrancar()

    def conectar(self) -> None:
        urls = [s.url for s in self.servidores]
        for i in range(CLIENTES):
            persona = PERSONAS[i % len(PERSONAS)]
            puerta = Sencilla() if i % 2 else SocketIO()
            token = self.servidores[0].token(persona)
            orden = urls if i % 4 < 2 else urls[::-1]
            self.clientes.append(Insistente(f"{persona}{i}", token, CONV, orden, puerta))

    # Fallos

    def matar_servidor(self) -> None:
        self._reiniciar(signal.SIGKILL)

    def parar_servidor(self) -> None:
        self._reiniciar(signal.SIGTERM)

    def _reiniciar(self, senal: int) -> None:
        servidor = self.azar.choice(self.servidores)
        servidor.parar(senal)
        with contextlib.suppress(requests.RequestException):
            servidor.arrancar()

    def vaciar_redis(self) -> None:
        self._con_redis(lambda r: r.flushall())

    def pausar_redis(self) -> None:
        self._con_redis(lambda r: r.execute_command("CLIENT", "PAUSE", "2500"))

    def _con_redis(self, hacer: Callable[[redis.Redis], object]) -> None:
        with contextlib.suppress(redis.RedisError):
            hacer(redis.Redis(port=self.puerto_redis, socket_timeout=1))

    def matar_redis(self) -> None:
        with contextlib.suppress(Exception):
            self._redis.__exit__(None, None, None)
        time.sleep(self.azar.uniform(0, 2))
        self._redis = servicios.redis(self.puerto_redis)
        self._redis.__enter__()

    def cortar_redes(self) -> None:
        for cliente in self.azar.sample(self.clientes, len(self.clientes) // 3):
            cliente.cortar()

    def cerrar(self) -> None:
        for servidor in self.servidores:
            if servidor.proceso is not None:
                detener(servidor.proceso)
        with contextlib.suppress(Exception):
            self._redis.__exit__(None, None, None)


FALLOS: tuple[Callable[[Escenario], None], ...] = (
    Escenario.matar_servidor,
    Escenario.parar_servidor,
    Escenario.vaciar_redis,
    Escenario.pausar_redis,
    Escenario.matar_redis,
    Escenario.cortar_redes,
)


async def _hablar(cliente: Insistente, parar: asyncio.Event) -> None:
    n = 0
    while not parar.is_set():
        n += 1
        await cliente.decir(f"{cliente.nombre} {n}")
        await asyncio.sleep(random.uniform(0.2, 1.5))


async def soak(carpeta: Path, base: str, minutos: float, semilla: int) -> Balance:
    escenario = Escenario(carpeta, base, random.Random(semilla))
    try:
        await asyncio.to_thread(escenario.arrancar)
        escenario.conectar()
        parar = asyncio.Event()
        hablan = [asyncio.create_task(_hablar(c, parar)) for c in escenario.clientes]
        fin = time.monotonic() + minutos * 60
        while time.monotonic() < fin:
            await asyncio.sleep(CADA)
            fallo = escenario.azar.choice(FALLOS)
            falta = max(0, fin - time.monotonic())
            enviados = sum(len(c.enviados) for c in escenario.clientes)
            print(f"faltan {falta:4.0f} s, enviados {enviados:6d}, {fallo.__name__}", flush=True)
            if fallo is Escenario.cortar_redes:
                fallo(escenario)
            else:
                await asyncio.to_thread(fallo, escenario)
        parar.set()
        await asyncio.gather(*hablan)
        return await balance_final(escenario.servidores[0], escenario.clientes)
    finally:
        await asyncio.to_thread(escenario.cerrar)


def main() -> int:
    minutos = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    semilla = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10_000)
    print(f"{minutos:g} minutos, {CLIENTES} clientes, semilla {semilla}")
    with tempfile.TemporaryDirectory() as carpeta, servicios.postgres() as pg:
        balance = asyncio.run(soak(Path(carpeta), nueva_base(pg), minutos, semilla))
        print(balance)
        for registro in Path(carpeta).glob("server-*.log"):
            for linea in registro.read_text().splitlines():
                if "Traceback" in linea or " ERROR " in linea:
                    print(registro.name, linea)
    return 0 if balance.limpio() else 1


if __name__ == "__main__":
    sys.exit(main())
