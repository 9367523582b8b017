"""`python -m bancos.carga [URL]`: cuánta gente aguanta una instalación, y qué cede primero.

Entra gente por escalones, por las dos puertas, y cada cual escribe a su ritmo en salas pequeñas. Se
para cuando un acuse tarda demasiado, alguien no entra o algo no llega. Sin más, con gente que
inventa en la base de esta instalación (la de su `.env`) y que quita al acabar; con --token o
--secreto, con cuentas que ya hay, de aquí o de fuera, todas en un grupo nuevo.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import uvloop

from bancos.carga.escalones import Prueba
from bancos.carga.gente import Persona, de_cuentas, inventada
from bancos.carga.sintomas import CAUSAS, Medida, cede
from tests.servicios import firmar


def _opciones() -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="make carga",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("url", nargs="?", help="la de la instalación; por defecto, la de aquí")
    quien = p.add_mutually_exclusive_group()
    quien.add_argument(
        "--token", action="append", metavar="T", help="de una cuenta; o @ARCHIVO, uno por línea"
    )
    quien.add_argument("--secreto", help="con el que se firman los de --cuentas (JWT_SECRET)")
    p.add_argument(
        "--cuentas", default="ana,beto,carla", help="sus identificadores (por defecto, %(default)s)"
    )
    p.add_argument("--hasta", type=int, default=1000, help="personas, como mucho (%(default)s)")
    p.add_argument("--sala", type=int, default=5, help="personas en cada una (%(default)s)")
    p.add_argument(
        "--por-minuto", type=float, default=2.0, help="mensajes de cada persona (%(default)s)"
    )
    p.add_argument("--segundos", type=float, default=15.0, help="cada escalón (%(default)s)")
    p.add_argument(
        "--acuse", type=float, default=250.0, metavar="MS", help="lo que ha de caber (%(default)s)"
    )
    p.add_argument("--metricas", default="", metavar="TOKEN", help="el METRICAS_TOKEN, si lo hay")
    return p.parse_args()


@contextlib.contextmanager
def _gente(o: argparse.Namespace) -> Iterator[list[Persona]]:
    if o.token or o.secreto:
        tokens = [t for dado in o.token or () for t in _de_archivo(dado)]
        cuentas = o.cuentas.split(",")
        yield de_cuentas(o.url, tokens or [firmar(c, secreto=o.secreto) for c in cuentas], o.hasta)
        return
    with inventada(o.hasta, o.sala) as personas:
        yield personas


def _de_archivo(dado: str) -> list[str]:
    return Path(dado[1:]).read_text().split() if dado.startswith("@") else [dado]


def _de_esta_instalacion(o: argparse.Namespace) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
    django.setup()
    from django.conf import settings

    o.url = o.url or f"http://127.0.0.1:{settings.PORT}"
    o.metricas = o.metricas or settings.METRICAS_TOKEN


COLUMNAS = (
    ("gente", 6),
    ("msj/s", 7),
    ("entregas/s", 11),
    ("acuse p50", 10),
    ("p99", 9),
    ("CPU", 6),
    ("bucle p99", 10),
    ("lote p99", 9),
    ("probador", 9),
)


def _fila(m: Medida) -> str:
    celdas = (
        str(m.gente),
        f"{len(m.acuses) / m.segundos:.1f}",
        f"{m.entregas / m.segundos:.0f}",
        *map(_ms, (m.percentil(50), m.percentil(99))),
        "—" if m.cpu is None else f"{m.cpu:.0%}",
        *map(_ms, (m.bucle, m.lote)),
        f"{m.probador:.0%}",
    )
    return " ".join(c.rjust(ancho) for c, (_, ancho) in zip(celdas, COLUMNAS, strict=True))


def _ms(segundos: float | None) -> str:
    return "—" if segundos is None else f"{segundos * 1000:.0f} ms"


async def _probar(prueba: Prueba, tope: float) -> tuple[Medida | None, str | None]:
    """El último escalón que aguantó, y qué cedió en el siguiente."""
    aguanto: Medida | None = None
    print(" ".join(nombre.rjust(ancho) for nombre, ancho in COLUMNAS), flush=True)
    async with contextlib.aclosing(prueba.escalones()) as escalones:
        async for medida in escalones:
            print(_fila(medida), flush=True)
            if causa := cede(medida, tope):
                if medida.fallo:
                    print(f"  {medida.fallo}", flush=True)
                return aguanto, causa
            aguanto = medida
    return aguanto, None


def main() -> None:
    o = _opciones()
    # Cada persona es un descriptor.
    maximo = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (maximo, maximo))
    if not (o.token or o.secreto):
        _de_esta_instalacion(o)
    elif not o.url:
        sys.exit("Falta la URL de la instalación")
    o.url = o.url.rstrip("/")
    try:
        with (
            _gente(o) as personas,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as bucle,
        ):
            prueba = Prueba(o.url, personas, o.por_minuto, o.segundos, o.metricas)
            aguanto, causa = bucle.run(_probar(prueba, o.acuse / 1000))
    except OSError as error:
        sys.exit(str(error))
    if causa is None:
        print(f"\nAguanta {o.hasta} personas, y no cedió nada: prueba con más (--hasta).")
        return
    son = 0 if aguanto is None else aguanto.gente
    print(f"\nAguanta {son} personas. Cede primero {CAUSAS[causa]}.")
    print(f"Qué mirar y qué hacer: docs/carga.md, «{causa}».")


if __name__ == "__main__":
    main()
