"""Muertes de golpe en cada punto: `python -m tests.caos [VECES]` (`make caos`).

Un servidor tras otro, cada uno armado para morir en un punto distinto mientras cuatro clientes
envían por las dos puertas. Al final: nada acusado falta, nada está dos veces, y todos tienen la
lista de la base.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path

import requests

from mensajeria.ordenes.puntos_de_fallo import Punto, PuntoDeAviso
from tests import servicios
from tests.insistente import Balance, Datos, Insistente, Sencilla, SocketIO
from tests.servicios import PACIENCIA, Servidor, nueva_base, nueva_sqlite

CONV = "conv_test"
# Participa, y no se conecta.
AUSENTE = "test_user"


def historia(servidor: Servidor, conv: str = CONV, quien: str = "ana") -> list[Datos]:
    """Todos los mensajes según REST, por secuencia."""
    filas: list[Datos] = []
    url: str | None = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/?limite=100"
    while url:
        respuesta = requests.get(
            url, headers={"Authorization": f"Bearer {servidor.token(quien)}"}, timeout=10
        )
        respuesta.raise_for_status()
        filas += respuesta.json()["results"]
        url = respuesta.json()["next"]
    return sorted(filas, key=lambda m: m["secuencia"])


async def _hablar(cliente: Insistente, parar: asyncio.Event) -> None:
    n = 0
    while not parar.is_set():
        n += 1
        await cliente.decir(f"{cliente.nombre} {n}")
        await asyncio.sleep(random.uniform(0.002, 0.02))


async def _una_vida(servidor: Servidor, punto: Punto | PuntoDeAviso, vez: int) -> None:
    """Arranca armado y espera a que muera, o lo mata si no llegó a pasar por ahí."""
    servidor.entorno["PUNTO_DE_FALLO"] = f"{punto}:{vez}"
    with contextlib.suppress(RuntimeError, OSError, requests.RequestException):
        await asyncio.to_thread(servidor.arrancar)
    assert servidor.proceso is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(8):
            while servidor.proceso.poll() is None:
                await asyncio.sleep(0.01)
    if servidor.proceso.poll() is None:
        servidor.proceso.kill()
        await asyncio.to_thread(servidor.proceso.wait)


async def caos(carpeta: Path, veces: int, base: str, semilla: int) -> Balance:
    """Esas muertes, repartidas por los puntos; el balance final, ya sin fallos."""
    azar = random.Random(semilla)
    # Lo que se juntó mientras no había servidor llega de golpe: el ritmo no es lo que se prueba.
    mucho = {"EVENTOS_POR_SEGUNDO": "10000", "AVISOS_ARRIENDO": "2"}
    servidor = Servidor(carpeta, DATABASE_URL=base, **mucho)
    await asyncio.to_thread(servidor.arrancar)
    tokens = {n: await asyncio.to_thread(servidor.token, n) for n in ("ana", "beto")}
    clientes = [
        Insistente("ana0", tokens["ana"], CONV, [servidor.url], Sencilla()),
        Insistente("beto1", tokens["beto"], CONV, [servidor.url], SocketIO()),
        Insistente("ana2", tokens["ana"], CONV, [servidor.url], SocketIO()),
        Insistente("beto3", tokens["beto"], CONV, [servidor.url], Sencilla()),
    ]
    parar = asyncio.Event()
    hablan = [asyncio.create_task(_hablar(c, parar)) for c in clientes]
    servidor.parar(9)
    # De unos y de otros: quien no está en la conversación tiene avisos todo el rato.
    puntos = [punto for par in zip(Punto, PuntoDeAviso, strict=True) for punto in par]
    for i in range(veces):
        punto = puntos[i % len(puntos)]
        # De los avisos se ocupa un par de veces por segundo: más allá, no llegaría a tiempo.
        await _una_vida(servidor, punto, azar.randint(1, 30 if isinstance(punto, Punto) else 8))
        print(f"\r{i + 1}/{veces} muertes", end="", flush=True)
    del servidor.entorno["PUNTO_DE_FALLO"]
    await asyncio.to_thread(servidor.arrancar)
    parar.set()
    await asyncio.gather(*hablan)
    try:
        balance = await balance_final(servidor, clientes)
        await asyncio.to_thread(_avisado_el_ausente, servidor)
        return balance
    finally:
        servidor.parar()


def _avisado_el_ausente(servidor: Servidor) -> None:
    """Una notificación, que cuenta todo lo que no ha leído; lo que tarde en saberse."""
    cabeceras = {"Authorization": f"Bearer {servidor.token(AUSENTE)}"}

    def leer(camino: str) -> Datos:
        url = f"{servidor.url}/api/mensajeria/{camino}"
        leido: Datos = requests.get(url, headers=cabeceras, timeout=10).json()
        return leido

    limite = time.monotonic() + PACIENCIA
    while True:
        sin_leer = leer(f"conversaciones/{CONV}/")["estadisticas"]["mensajesNoLeidos"][AUSENTE]
        suyas = [n["datos"] for n in leer("notificaciones/")["results"]]
        cuentan = [d["cuantos"] for d in suyas if d.get("conversacionId") == CONV]
        if cuentan == [sin_leer]:
            return
        assert time.monotonic() < limite, f"sin leer {sin_leer}, y el aviso dice {cuentan}"
        time.sleep(0.3)


async def balance_final(
    servidor: Servidor, clientes: list[Insistente], conv: str = CONV
) -> Balance:
    """Espera a que todo lo enviado esté acusado y visto por todos, y lo cuenta."""
    await asyncio.gather(*map(_acusar_todo, clientes))
    sin_acuse = [i for c in clientes for i in c.pendientes]
    assert not sin_acuse, f"El servidor dejó de acusar: faltan {len(sin_acuse)}"
    base = await asyncio.to_thread(historia, servidor, conv)
    await asyncio.gather(*(_ver_todo(c, base) for c in clientes))
    for c in clientes:
        await c.cerrar()
    return Balance(clientes, base)


# Se espera mientras se avance: lo que está mal es pararse, no ir despacio.


async def _acusar_todo(cliente: Insistente) -> None:
    """Lo que un error pasajero dejó sin acuse se pide otra vez cuando nada más llega."""
    parado = 0
    while cliente.faltan and parado < 10:
        antes = cliente.faltan
        with contextlib.suppress(TimeoutError):
            await cliente.hasta(lambda: not cliente.faltan, segundos=5)
        if cliente.faltan == antes:
            parado += 1
            await cliente.reintentar()


async def _ver_todo(cliente: Insistente, base: list[Datos]) -> None:
    ids = {m["_id"] for m in base}
    vistos = -1
    while vistos < len(cliente.vistos) and not ids <= cliente.vistos.keys():
        vistos = len(cliente.vistos)
        with contextlib.suppress(TimeoutError):
            await cliente.hasta(lambda: ids <= cliente.vistos.keys())


def main() -> int:
    veces = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    semilla = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10_000)
    print(f"{veces} muertes, semilla {semilla}")
    with tempfile.TemporaryDirectory() as temporal, servicios.postgres() as pg:
        carpeta, mitad = Path(temporal), veces // 2
        for nombre, cuantas, base in (
            ("SQLite", veces - mitad, nueva_sqlite(carpeta)),
            ("PostgreSQL", mitad, nueva_base(pg)),
        ):
            balance = asyncio.run(caos(carpeta, cuantas, base, semilla))
            print(f"\n{nombre}: {balance}")
            if not balance.limpio():
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
