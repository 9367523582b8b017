"""Todos vuelven a la vez: `python -m tests.vuelta [CUANTOS]` (`make vuelta`).

Dos procesos, PostgreSQL, Redis y los clientes, en los mismos núcleos. Ya dentro todos, el servidor
se para sin drenaje y vuelve; cada cliente lo intenta como el de Socket.IO (al segundo, y el doble
cada vez hasta cinco, con la mitad al azar). Se cuenta desde que se escucha otra vez hasta que está
dentro el último, y lo que tarda cada saludo, que el servidor corta a los 45 s. Después se vacía
Redis, y se cuenta hasta que sabe otra vez quiénes están, y lo que se retrasa el bucle mientras.
"""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import sys
import tempfile
import time
from pathlib import Path

import redis as cliente_redis
import requests
import uvloop

from bancos.carga.conexion import Conexion, Sitio, abrir
from bancos.carga.dialectos import SocketIO
from bancos.estadistica import percentil
from mensajeria import descriptores
from mensajeria.puertas.socketio.maquina import AjustesSocketIO
from tests import servicios
from tests.servicios import PACIENCIA, Servidor, firmar, nueva_base

CUANTOS = 10_000
# Cada cinco comparten otras tantas conversaciones. Sin las cuentas del ejemplo, con las que no se
# arranca en producción.
GRUPO = 5
EN_SEGUNDOS = 30.0
POBLAR = """
m, grupos, quienes = models, range({grupos}), range({personas})
m.Conversacion.objects.all().delete()
m.Usuario.objects.all().delete()
m.Usuario.objects.bulk_create(m.Usuario(pk=f"v{{g}}-{{n}}", username=f"v{{g}}-{{n}}")
    for g in grupos for n in quienes)
m.Conversacion.objects.bulk_create(m.Conversacion(pk=f"vc{{g}}-{{n}}", codigo=f"VC-{{g}}-{{n}}",
    tipo="grupal") for g in grupos for n in quienes)
m.Participante.objects.bulk_create((m.Participante(conversacion_id=f"vc{{g}}-{{n}}",
    usuario_id=f"v{{g}}-{{u}}") for g in grupos for n in quienes for u in quienes), 5_000)
"""


class Vuelta:
    """Los clientes de un servidor, que vuelven solos mientras dure."""

    def __init__(self, servidor: Servidor, cuantos: int) -> None:
        self._sitio = Sitio(servidor.puerto)
        secreto = servidor.entorno["JWT_SECRET"]
        self._tokens = [
            firmar(f"v{n // GRUPO}-{n % GRUPO}", secreto=secreto) for n in range(cuantos)
        ]
        self.dentro: dict[int, float] = {}
        self.saludos: list[float] = []
        # Los que empezaron y no acabaron, y lo que dijo el servidor.
        self.negados: list[str] = []
        self._turnos = asyncio.Semaphore(200)

    def conectar(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._cliente(n)) for n in range(len(self._tokens))]

    async def _cliente(self, n: int) -> None:
        async with self._turnos:
            conexion = await self._entrar(n)
        while True:
            await conexion.cerrada
            self.dentro.pop(n, None)
            espera = 1.0
            while True:
                await asyncio.sleep(espera * random.uniform(0.5, 1.5))
                espera = min(2 * espera, 5.0)
                try:
                    conexion = await self._entrar(n)
                    break
                except ConnectionRefusedError:
                    pass
                except (OSError, TimeoutError) as error:
                    self.negados.append(f"{type(error).__name__}: {error}")

    async def _entrar(self, n: int) -> Conexion:
        empieza = time.monotonic()
        conexion = await abrir(self._sitio, SocketIO(), self._tokens[n])
        self.dentro[n] = time.monotonic()
        self.saludos.append(self.dentro[n] - empieza)
        return conexion

    async def todos(self, limite: float) -> bool:
        fin = time.monotonic() + limite
        while len(self.dentro) < len(self._tokens) and time.monotonic() < fin:
            await asyncio.sleep(0.05)
        return len(self.dentro) == len(self._tokens)


def _retraso(servidor: Servidor) -> float:
    """El mayor de los retrasos del bucle que se ve ahora, en segundos."""
    texto = requests.get(f"{servidor.url}/metrics", timeout=PACIENCIA).text
    vistos = re.findall(r"^mensajeria_bucle_retraso_de_proceso_segundos\S* (\S+)", texto, re.M)
    return max(map(float, vistos), default=0.0)


async def _tras_vaciar(servidor: Servidor, url: str, cuantos: int) -> bool:
    with cliente_redis.Redis.from_url(url) as r:
        await asyncio.to_thread(r.flushall)
        empieza = time.monotonic()
        peor, hay = 0.0, 0
        while hay < cuantos and time.monotonic() < empieza + 4 * EN_SEGUNDOS:
            await asyncio.sleep(0.25)
            peor = max(peor, await asyncio.to_thread(_retraso, servidor))
            hay = sum(1 for _ in r.scan_iter("servitech:*:presencia:k:u|*", count=10_000))
    tardo = time.monotonic() - empieza
    print(f"vaciado Redis: {hay} en línea a los {tardo:.1f} s; el bucle, {peor * 1e3:.0f} ms tarde")
    return hay >= cuantos


async def vuelta(servidor: Servidor, url: str, cuantos: int) -> bool:
    v = Vuelta(servidor, cuantos)
    tareas = v.conectar()
    bien = await v.todos(10 * EN_SEGUNDOS)
    print(f"dentro: {len(v.dentro)}", flush=True)
    await asyncio.to_thread(servidor.parar)
    v.saludos.clear()
    v.negados.clear()
    await asyncio.to_thread(servidor.arrancar)
    empieza = time.monotonic()
    bien &= await v.todos(3 * EN_SEGUNDOS)
    tardo = max(v.dentro.values(), default=empieza) - empieza
    mayor, limite = max(v.saludos, default=0.0), AjustesSocketIO().plazo_connect
    print(
        f"de vuelta: {len(v.dentro)} en {tardo:.1f} s; cada saludo, p50"
        f" {percentil(v.saludos, 0.5):.2f} s, p99 {percentil(v.saludos, 0.99):.2f}, el mayor"
        f" {mayor:.2f} (el límite son {limite:.0f}); negados, {len(v.negados)}"
    )
    for dicho in sorted(set(v.negados))[:5]:
        print(" ", dicho)
    bien &= tardo <= EN_SEGUNDOS and mayor < limite and not v.negados
    bien &= await _tras_vaciar(servidor, url, cuantos)
    for tarea in tareas:
        tarea.cancel()
    await asyncio.gather(*tareas, return_exceptions=True)
    return bien


def main() -> int:
    cuantos = int(sys.argv[1]) if len(sys.argv) > 1 else CUANTOS
    descriptores.subir()
    with (
        tempfile.TemporaryDirectory() as carpeta,
        servicios.postgres(al_disco=True) as pg,
        servicios.redis() as url,
    ):
        servidor = Servidor(
            Path(carpeta),
            "--procesos",
            "2",
            DATABASE_URL=nueva_base(pg),
            REDIS_URL=url,
            DEBUG="0",
            DEMO="0",
            JWT_SECRET=secrets.token_hex(32),
            SOCKET_CORS_ORIGIN="https://vuelta.example",
            SEGUNDOS_DE_DRENAJE="0",
            CONEXIONES_POR_IP=str(2 * cuantos),
        )
        servidor.guion(POBLAR.format(grupos=-(-cuantos // GRUPO), personas=GRUPO))
        with servidor:
            bien = uvloop.run(vuelta(servidor, url, cuantos))
    print("bien" if bien else "MAL")
    return 0 if bien else 1


if __name__ == "__main__":
    sys.exit(main())
