"""Dos máquinas tras nuestro nginx, con la red que se corta: `python -m tests.maquinas`.

Cada nodo corre en su espacio de nombres de red, unido por un cable a un puente donde están
PostgreSQL, Redis, nginx y los clientes (`make maquinas`, como root). Con 50 mensajes por segundo
por las dos puertas, sondeos sin afinidad y REST, se desenchufa el cable de una un rato corto y otro
más largo de lo que un cliente espera, y se mata la otra. Al final: nada acusado se perdió ni se
dobló, todo llegó en su orden, y todos tienen la lista de la base.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import requests

from tests import servicios
from tests.caos import balance_final
from tests.nginx import nginx
from tests.servicios import PACIENCIA, Servidor, nueva_base
from tests.turnos import Turnos

RED, AQUI = "10.77.0.0/24", "10.77.0.1"
PUENTE = "servitech0"
# Segundos con todo enchufado, con el cable fuera poco, y más de lo que espera nadie: a los 40 s, un
# cliente da por perdida la conexión y llama otra vez.
ENTERA, POCO, MUCHO = 8.0, 10.0, 55.0


def _ip(*orden: str) -> None:
    subprocess.run(["ip", *orden], check=True)


class Cable:
    """Una máquina unida al puente."""

    def __init__(self, numero: int) -> None:
        self.nombre = f"servitech{numero}"
        self.direccion = f"10.77.0.{10 + numero}"

    def tender(self) -> None:
        aqui, alli = self.nombre, f"{self.nombre}b"
        _ip("netns", "add", self.nombre)
        _ip("link", "add", aqui, "type", "veth", "peer", "name", alli)
        _ip("link", "set", alli, "netns", self.nombre)
        _ip("link", "set", aqui, "master", PUENTE, "up")
        _ip("-n", self.nombre, "addr", "add", f"{self.direccion}/24", "dev", alli)
        _ip("-n", self.nombre, "link", "set", alli, "up")
        _ip("-n", self.nombre, "link", "set", "lo", "up")

    def recoger(self) -> None:
        # Con él se va su extremo del cable, y con ese, el de aquí.
        _ip("netns", "del", self.nombre)

    def enchufar(self, como: str) -> None:
        _ip("link", "set", self.nombre, como)


@contextlib.contextmanager
def cables() -> Iterator[list[Cable]]:
    with contextlib.ExitStack() as pila:
        _ip("link", "add", PUENTE, "type", "bridge")
        pila.callback(_ip, "link", "del", PUENTE)
        _ip("addr", "add", f"{AQUI}/24", "dev", PUENTE)
        _ip("link", "set", PUENTE, "up")
        tendidos = [Cable(numero) for numero in (1, 2)]
        for cable in tendidos:
            cable.tender()
            pila.callback(cable.recoger)
        yield tendidos


def _en(carpeta: Path, cable: Cable, entorno: dict[str, str]) -> Servidor:
    nodo = Servidor(carpeta, **{**entorno, "HOST": cable.direccion})
    nodo.delante = ["ip", "netns", "exec", cable.nombre]
    return nodo


async def _hasta_que_lo_lleven(nodo: Servidor) -> None:
    """Vuelve cuando se le puede mandar gente otra vez."""
    async with asyncio.timeout(PACIENCIA):
        while True:
            with contextlib.suppress(requests.RequestException):
                listo = await asyncio.to_thread(requests.get, f"{nodo.url}/salud/listo", timeout=3)
                if listo.ok:
                    return
            await asyncio.sleep(0.2)


async def maquinas(carpeta: Path, base: str, redis: str, unidas: list[Cable]) -> list[str]:
    """Lo que salió mal, si algo; escribe lo que vio."""
    escenario = Turnos(carpeta, base, redis, PROXIES_DE_CONFIANZA=AQUI)
    escenario.nodos = [_en(carpeta, cable, escenario.entorno) for cable in unidas]
    with contextlib.ExitStack() as pila:
        for nodo in escenario.nodos:
            await asyncio.to_thread(pila.enter_context, nodo)
        donde = [f"{c.direccion}:{n.puerto}" for c, n in zip(unidas, escenario.nodos, strict=True)]
        delante = pila.enter_context(nginx(carpeta, *donde))
        os.environ["SSL_CERT_FILE"] = str(delante.certificado)
        escenario.conectar(delante)
        hacen = [*map(escenario.hablar, escenario.clientes)]
        hacen += [escenario.pedir(delante), escenario.sondear(delante)]
        tareas = [asyncio.create_task(una) for una in hacen]
        await asyncio.sleep(ENTERA)
        assert not escenario.fallos, escenario.fallos
        for fuera in (POCO, MUCHO):
            unidas[1].enchufar("down")
            await asyncio.sleep(fuera)
            unidas[1].enchufar("up")
            await _hasta_que_lo_lleven(escenario.nodos[1])
            print(f"Una máquina sin red {fuera:.0f} s, y de vuelta", flush=True)
            await asyncio.sleep(ENTERA)
        await asyncio.to_thread(escenario.nodos[0].parar, 9)
        await asyncio.to_thread(escenario.nodos[0].arrancar)
        print("La otra, muerta de golpe, y de vuelta", flush=True)
        await asyncio.sleep(ENTERA)
        escenario.parar.set()
        await asyncio.gather(*tareas)
        balance = await balance_final(escenario.nodos[1], escenario.clientes)
    vueltas = sum(len(c.vueltas) for c in escenario.clientes)
    print(f"{balance}; {vueltas} vueltas; {escenario.pedidas} peticiones,", end=" ")
    print(f"{len(escenario.fallos)} sin su respuesta, con la red cortada o el nodo muerto")
    return [] if balance.limpio() else [str(balance)]


def main() -> int:
    with (
        cables() as unidas,
        tempfile.TemporaryDirectory(prefix="servitech-maquinas-") as carpeta,
        servicios.postgres(red=RED) as postgres,
        servicios.redis(mas=f"--bind 127.0.0.1 {AQUI} --protected-mode no") as redis,
    ):
        base, suyo = (url.replace("127.0.0.1", AQUI) for url in (nueva_base(postgres), redis))
        mal = asyncio.run(maquinas(Path(carpeta), base, suyo, unidas))
    print(*mal or ["Todo llegó."], sep="\n")
    return 1 if mal else 0


if __name__ == "__main__":
    sys.exit(main())
