"""Reinicios y actualizaciones por turnos, bajo tráfico: `python -m tests.turnos [VECES] [REF]`.

Dos nodos con PostgreSQL y Redis, tras el nginx de Debian con nuestro `produccion/nginx.conf`. Cada
vez se reinician los dos, uno tras otro; después, lo mismo cambiando de versión: la base es ya la de
esta, y cada nodo pasa de la que hay en REF (una etiqueta, una rama o una confirmación de git; sin
ella, la última etiqueta `v*`) a esta, y de vuelta. Entre tanto se envían 50 mensajes por segundo
por las dos puertas, se sondea y se pide por REST. Al final: nada perdido ni doblado, ningún 5xx de
nginx, y los clientes de vuelta en 3 s (p95).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import ssl
import statistics
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from tests import servicios
from tests.caos import CONV, balance_final
from tests.insistente import Insistente, Sencilla, SocketIO
from tests.nginx import Nginx, nginx
from tests.servicios import RAIZ, Servidor, nueva_base

CLIENTES = 10
POR_SEGUNDO = 50
PERSONAS = ("ana", "beto", "test_user")
SEGUNDOS_DE_DRENAJE = 3
MAX_VUELTA = 3.0


class Turnos:
    """Los nodos, los clientes y cuánto se repite."""

    def __init__(self, carpeta: Path, base: str, redis: str, **mas: str) -> None:
        self.entorno = {
            "DATABASE_URL": base,
            "REDIS_URL": redis,
            "TRAS_PROXY": "1",
            "SEGUNDOS_DE_DRENAJE": str(SEGUNDOS_DE_DRENAJE),
            "EVENTOS_POR_SEGUNDO": "10000",
            "CONEXIONES_POR_USUARIO": "1000",
            **mas,
        }
        self.nodos = [Servidor(carpeta, **self.entorno) for _ in range(2)]
        self.clientes: list[Insistente] = []
        self.parar = asyncio.Event()
        # Lo que se pidió por REST y por sondeos, y cómo acabó lo que no acabó bien.
        self.pedidas = 0
        self.fallos: list[str] = []

    def conectar(self, delante: Nginx) -> None:
        for i in range(CLIENTES):
            persona = PERSONAS[i % len(PERSONAS)]
            puerta = Sencilla() if i % 2 else SocketIO()
            token = self.nodos[0].token(persona)
            self.clientes.append(Insistente(f"{persona}{i}", token, CONV, [delante.url], puerta))

    async def por_turnos(self, raiz: Path) -> None:
        """Los dos nodos, uno tras otro, con el código de esa carpeta."""
        for nodo in self.nodos:
            nodo.raiz = raiz
            await asyncio.to_thread(_reiniciar, nodo)

    async def hablar(self, cliente: Insistente) -> None:
        for n in itertools.count():
            if self.parar.is_set():
                return
            await cliente.decir(f"{cliente.nombre} {n}")
            await asyncio.sleep(CLIENTES / POR_SEGUNDO)

    async def pedir(self, delante: Nginx) -> None:
        """Leer y escribir por REST."""
        cabeceras = {
            "Authorization": f"Bearer {self.nodos[0].token('ana')}",
            "Content-Type": "application/json",
        }
        url = f"{delante.url}/api/mensajeria/conversaciones/{CONV}/"
        async with self._navegador(delante, headers=cabeceras) as http:
            for n in itertools.count():
                if self.parar.is_set():
                    return
                await self._una(http, url)
                mensaje = {"contenido": {"texto": f"por REST {n}"}, "idCliente": f"rest-{n}"}
                await self._una(http, f"{url}mensajes/", json.dumps(mensaje), admite=201)
                await asyncio.sleep(0.1)

    async def sondear(self, delante: Nginx) -> None:
        """Una sesión por sondeos, que empieza otra vez cuando se le dice que no existe."""
        url = f"{delante.url}/socket.io/?EIO=4&transport=polling"
        async with self._navegador(delante) as http:
            while not self.parar.is_set():
                apertura = await self._una(http, url)
                if not apertura:
                    continue
                con_sid = f"{url}&sid={json.loads(apertura[1:])['sid']}"
                saludo = "40" + json.dumps({"token": self.nodos[0].token("beto")})
                if await self._una(http, con_sid, saludo, admite=400):
                    while not self.parar.is_set() and (
                        llegado := await self._una(http, con_sid, admite=400)
                    ):
                        if "2" in llegado.split("\x1e"):
                            await self._una(http, con_sid, "3", admite=400)

    def _navegador(self, delante: Nginx, **mas: Any) -> aiohttp.ClientSession:
        contexto = ssl.create_default_context(cafile=str(delante.certificado))
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=contexto), **mas)

    async def _una(
        self, http: aiohttp.ClientSession, url: str, cuerpo: str | None = None, admite: int = 200
    ) -> str:
        """El cuerpo de un 200; nada, de lo demás."""
        self.pedidas += 1
        metodo = "GET" if cuerpo is None else "POST"
        try:
            async with http.request(metodo, url, data=cuerpo) as respuesta:
                dicho = await respuesta.text()
                if respuesta.status == 200:
                    return dicho
                if respuesta.status != admite:
                    self.fallos.append(f"{respuesta.status} {metodo} {url}: {dicho[:100]}")
        except aiohttp.ClientError as error:
            self.fallos.append(f"{error!r} {metodo} {url}")
        return ""


def _reiniciar(nodo: Servidor) -> None:
    nodo.parar()
    assert nodo.proceso is not None
    if nodo.proceso.returncode:
        ultimas = nodo.registro.read_text().splitlines()[-20:]
        raise AssertionError("\n".join([f"se detuvo con {nodo.proceso.returncode}:", *ultimas]))
    nodo.arrancar()


def ultima_etiqueta() -> str:
    """La última `v*` de git, o nada si no hay ninguna."""
    orden = ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"]
    return subprocess.run(orden, cwd=RAIZ, capture_output=True, text=True).stdout.strip()


def version(ref: str, carpeta: Path) -> Path:
    """El código de esa versión, en esa carpeta."""
    hecho = subprocess.run(["git", "archive", ref], cwd=RAIZ, check=True, capture_output=True)
    with tarfile.open(fileobj=BytesIO(hecho.stdout)) as archivo:
        archivo.extractall(carpeta, filter="data")
    return carpeta


async def turnos(
    carpeta: Path, base: str, redis: str, antes: Path, vueltas: list[Path]
) -> list[str]:
    """Lo que salió mal, si algo; escribe lo que vio.

    Los dos nodos empiezan con el código de `antes`, y en cada vuelta pasan al suyo.
    """
    escenario = Turnos(carpeta, base, redis)
    with contextlib.ExitStack() as pila:
        for nodo in escenario.nodos:
            nodo.raiz = antes
            await asyncio.to_thread(pila.enter_context, nodo)
        delante = pila.enter_context(nginx(carpeta, *(nodo.puerto for nodo in escenario.nodos)))
        os.environ["SSL_CERT_FILE"] = str(delante.certificado)
        escenario.conectar(delante)
        hacen = [*map(escenario.hablar, escenario.clientes)]
        hacen += [escenario.pedir(delante), escenario.sondear(delante)]
        tareas = [asyncio.create_task(una) for una in hacen]
        for i, raiz in enumerate(vueltas, 1):
            await escenario.por_turnos(raiz)
            print(f"{i}/{len(vueltas)}", flush=True)
        escenario.parar.set()
        await asyncio.gather(*tareas)
        balance = await balance_final(escenario.nodos[0], escenario.clientes)
    volvieron = [v for cliente in escenario.clientes for v in cliente.vueltas]
    p95 = statistics.quantiles(volvieron, n=20)[-1]
    print(
        f"{balance}; {len(volvieron)} vueltas, p95 {p95:.2f} s, la peor {max(volvieron):.2f};"
        f" {escenario.pedidas} peticiones"
    )
    mal = [*escenario.fallos, *delante.estados(500)]
    mal += [] if balance.limpio() else [str(balance)]
    return mal + ([] if p95 <= MAX_VUELTA else [f"vuelven en {p95:.2f} s (p95)"])


def _correr(antes: Path, vueltas: list[Path]) -> list[str]:
    with (
        tempfile.TemporaryDirectory(prefix="servitech-turnos-") as carpeta,
        servicios.postgres() as pg,
        servicios.redis() as redis,
    ):
        return asyncio.run(turnos(Path(carpeta), nueva_base(pg), redis, antes, vueltas))


def main() -> int:
    veces = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    ref = sys.argv[2] if len(sys.argv) > 2 else ultima_etiqueta()
    print(f"Reinicio por turnos, {veces} veces")
    mal = _correr(RAIZ, [RAIZ] * veces)
    if ref:
        print(f"Actualización por turnos desde {ref}, {veces} veces")
        with tempfile.TemporaryDirectory(prefix="servitech-version-") as carpeta:
            de_antes = version(ref, Path(carpeta))
            mal += _correr(de_antes, [RAIZ, *[de_antes, RAIZ] * (veces - 1)])
    else:
        print("Sin etiqueta v* ni REF, la actualización no se prueba.")
    print(*mal[:40], sep="\n")
    return 1 if mal else 0


if __name__ == "__main__":
    sys.exit(main())
