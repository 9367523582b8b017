"""`python -m bancos.buscar [--planes] [MENSAJES]`: un millón, en SQLite y en PostgreSQL.

Cuánto tarda cada clase de búsqueda, y cuánto se alarga otra petición mientras varias personas
buscan sin parar. Con `--planes`, también qué hace cada base.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from bancos.buscar.siembra import GENTE, palabra
from tests.servicios import RAIZ, Servidor, firmar, postgres

MENSAJES = 1_000_000
PETICIONES = 400
BUSCAN = 6


@contextlib.contextmanager
def bases(carpeta: Path) -> Iterator[list[str]]:
    with postgres(al_disco=True) as url:
        yield [f"sqlite:///{carpeta}/banco.sqlite3", url]


def otra_peticion(servidor: Servidor, quien: str) -> list[float]:
    """Lo que tarda una lectura corriente, una detrás de otra."""
    tiempos = []
    with requests.Session() as sesion:
        sesion.headers["Authorization"] = f"Bearer {firmar(quien)}"
        for _ in range(PETICIONES):
            inicio = time.perf_counter()
            sesion.get(
                f"{servidor.url}/api/mensajeria/conversaciones/?limite=20"
            ).raise_for_status()
            tiempos.append(time.perf_counter() - inicio)
    return tiempos


def buscar_sin_parar(servidor: Servidor, quien: str, para: threading.Event) -> None:
    with requests.Session() as sesion:
        sesion.headers["Authorization"] = f"Bearer {firmar(quien)}"
        n = 0
        while not para.is_set():
            n += 1
            sesion.get(f"{servidor.url}/api/mensajeria/buscar/", params={"q": palabra(n % 300)})


def estorbo(url: str, carpeta: Path) -> None:
    servidor = Servidor(carpeta, DATABASE_URL=url, EVENTOS_POR_SEGUNDO="1000000", DEMO="0")
    servidor.arrancar()
    try:
        otra_peticion(servidor, "u0")
        solas = otra_peticion(servidor, "u0")
        para = threading.Event()
        quienes = ["pocas", "muchas", "calladas", *(f"u{n}" for n in range(1, GENTE))][:BUSCAN]
        hilos = [
            threading.Thread(target=buscar_sin_parar, args=(servidor, quien, para))
            for quien in quienes
        ]
        for hilo in hilos:
            hilo.start()
        mientras = otra_peticion(servidor, "u0")
        para.set()
        for hilo in hilos:
            hilo.join()
    finally:
        servidor.parar()
    for nombre, tiempos in (("a solas", solas), (f"mientras buscan {BUSCAN}", mientras)):
        t = sorted(tiempos)
        p50, p95 = statistics.median(t) * 1e3, t[int(0.95 * len(t))] * 1e3
        print(f"la lista de conversaciones, {nombre}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def main() -> None:
    opciones = [a for a in sys.argv[1:] if a.startswith("--")]
    numeros = [a for a in sys.argv[1:] if not a.startswith("--")]
    mensajes = int(numeros[0]) if numeros else MENSAJES
    with tempfile.TemporaryDirectory() as temporal, bases(Path(temporal)) as urls:
        for url in urls:
            subprocess.run(
                [sys.executable, "-m", "bancos.buscar.dentro", str(mensajes), *opciones],
                check=True,
                cwd=RAIZ,
                env={**os.environ, "DATABASE_URL": url, "LOG_ARCHIVO": f"{temporal}/banco.log"},
            )
            estorbo(url, Path(temporal))


if __name__ == "__main__":
    main()
