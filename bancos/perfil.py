"""`python -m bancos.perfil QUE`: en qué se va la CPU del producto con una carga.

Corre un escenario con py-spy mirando al servidor y deja en `bancos/resultados/` las pilas
(`perfil-QUE.txt`) y su gráfica de llamas (`perfil-QUE.svg`); enseña las funciones que más gastan.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvloop

from bancos import llamas
from bancos.carga.dialectos import SocketIO
from bancos.escenarios import conexiones, lecturas, mensajes, recibos
from bancos.escenarios.vez import Escenario, Vez
from bancos.informe import CARPETA
from bancos.servidores import Taller, producto
from bancos.siembra import Siembra
from bancos.sistema import Gasto, preparar
from tests.servicios import RAIZ

_SALAS = Siembra().salas("s", 20, 2).sala("g0", 101)
_GENTE = Siembra().grupos("k", 500, 2, 10)
_GRANDE = Siembra().sala("r0", 301)
_LARGA = Siembra().sala("h", 2, 10_000)

CARGAS: dict[str, tuple[Siembra, Escenario]] = {
    "enviar": (_SALAS, partial(mensajes.en_vuelo, prefijo="s", cuantas=20, mensajes=4)),
    "recibir": (_SALAS, partial(mensajes.en_vuelo, prefijo="g", personas=101, mensajes=1)),
    "unirse": (_GENTE, partial(conexiones.conectar, prefijo="k", cuantas=500)),
    "historia": (_LARGA, partial(lecturas.historia, conversacion="h", mensajes=10_000)),
    "latidos": (
        _GRANDE,
        partial(recibos.sala_grande, prefijo="r", personas=301, por_segundo=2),
    ),
}


@dataclass(frozen=True)
class VezMirada(Vez):
    """Una vez en la que py-spy mira al servidor desde que se empieza a medir."""

    pilas: Path
    _mirando: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def gasto(self) -> Gasto:
        py_spy = Path(sys.executable).with_name("py-spy")
        orden = [str(py_spy), "record", "--pid", str(self.servidor.pids[0]), "--format", "raw"]
        # Solo lo que tiene el GIL: en un contenedor no sabe qué hilo espera.
        orden += ["--gil", "--threads", "--rate", "200", "--duration", str(int(self.segundos))]
        orden += ["--output", str(self.pilas)]
        self._mirando.append(subprocess.Popen(orden, stdout=subprocess.DEVNULL))
        return super().gasto()

    def terminar(self) -> None:
        """Espera a que py-spy deje las pilas escritas."""
        for mirando in self._mirando:
            if mirando.wait(60):
                raise SystemExit("py-spy no pudo mirar al servidor (¿hace falta ser root?)")


def _opciones() -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="python -m bancos.perfil", description=__doc__)
    p.add_argument("que", choices=CARGAS)
    p.add_argument("--segundos", type=float, default=0)
    p.add_argument("--producto", type=Path, default=RAIZ, help="otra copia del producto")
    return p.parse_args()


def main() -> None:
    o = _opciones()
    preparar()
    siembra, escenario = CARGAS[o.que]
    segundos = o.segundos or (26 if o.que == "latidos" else 8)
    CARPETA.mkdir(exist_ok=True)
    pilas = CARPETA / f"perfil-{o.que}.txt"
    with (
        tempfile.TemporaryDirectory() as carpeta,
        Taller(Path(carpeta), o.producto.resolve()) as taller,
        producto(taller, siembra) as servidor,
    ):
        vez = VezMirada(servidor, SocketIO(), segundos, pilas)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as bucle:
            figuras = bucle.run(escenario(vez))
        vez.terminar()
    print({figura: round(valor, 1) for figura, valor in figuras.items()})
    muestras = llamas.leer(pilas.read_text())
    pilas.with_suffix(".svg").write_text(llamas.dibujar(f"Perfil de {o.que}", muestras))
    print(llamas.resumen(muestras))
    print(f"Las llamas: {pilas.with_suffix('.svg')}")


if __name__ == "__main__":
    main()
