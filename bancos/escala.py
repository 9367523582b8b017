"""Las tablas de `docs/escala.md`: `python -m bancos.escala` las hace otra vez con lo medido.

De `bancos/resultados/datos.json` a la tabla de lo medido, y de ahí, con aritmética, a lo demás.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bancos.estadistica import cifras
from tests.servicios import RAIZ

DOCUMENTO = RAIZ / "docs" / "escala.md"
DATOS = Path(__file__).parent / "resultados" / "datos.json"
# Lo que se supone, y dice el documento: la gente de cada conversación, todos conectados, y cada
# cuántos segundos escribe uno. La memoria es la de quien está en cinco.
GENTE, CADA = 10, 600
TAMANOS = (1_000, 10_000, 100_000, 1_000_000)
# Desde cuántas hay con quien hacer lote.
EN_LOTE = 100_000


class Medidas:
    """Las medianas de `datos.json`."""

    def __init__(self, datos: Path = DATOS) -> None:
        filas = json.loads(datos.read_text())["filas"]
        self._veces = {fila["id"]: fila["veces"] for fila in filas}

    def __call__(self, fila: str, figura: str, de: str = "producto") -> float:
        return float(median(vez[figura] for vez in self._veces[fila][de]))


def _tabla(cabecera: Sequence[str], filas: Sequence[Sequence[str]]) -> str:
    lineas = [cabecera, ["---", *["---:"] * (len(cabecera) - 1)], *filas]
    return "\n".join("| " + " | ".join(linea) + " |" for linea in lineas) + "\n"


def _medido(m: Medidas) -> str:
    def us(fila: str, de: str = "producto") -> list[str]:
        return [f"{cifras(m(fila, f, de))} µs" for f in ("us", "us_base")]

    def ms(fila: str) -> list[str]:
        return [f"{cifras(m(fila, f))} ms" for f in ("ms", "ms_base")]

    def kb(fila: str) -> list[str]:
        return [f"{cifras(m(fila, 'kb'))} KB", "–"]

    quietas = [f"{cifras(m('sostener', f))} % de un núcleo" for f in ("pct", "pct_base")]
    return _tabla(
        ["qué", "servidor", "PostgreSQL"],
        [
            ["un mensaje solo, sin nadie con quien hacer lote (`sala2x1`)", *us("sala2x1")],
            ["un mensaje, con otros en vuelo, un proceso (`20x4`)", *us("20x4")],
            ["lo mismo, dos procesos (`procesos`)", *us("procesos", "producto-2")],
            ["lo mismo, cuatro procesos (`procesos`)", *us("procesos", "producto-4")],
            ["cada receptor más (`receptor`)", f"{cifras(m('receptor', 'us'))} µs", "–"],
            ["entrar, con 10 conversaciones (`conectar10`)", *ms("conectar10")],
            ["entrar, con 100 (`conectar100`)", *ms("conectar100")],
            ["10.000 conexiones quietas (`sostener`)", *quietas],
            ["memoria de una quieta, con 5 conversaciones (`memoria5`)", *kb("memoria5")],
            ["memoria de una quieta, con 100 (`memoria100`)", *kb("memoria100")],
        ],
    )


def _millares(n: int) -> str:
    return f"{n:,}".replace(",", ".")


def _por_tamanos(m: Medidas) -> str:
    filas = []
    for n in TAMANOS:
        por_segundo = n / CADA
        lote = n >= EN_LOTE
        fila, de = ("procesos", "producto-4") if lote else ("sala2x1", "producto")
        # Los de siempre son dos: quien lo manda y otro.
        us = m(fila, "us", de) + (GENTE - 2) * m("receptor", "us")
        us_base = m(fila, "us_base", de)
        quietas, quietas_base = (n / 10_000 * m("sostener", f) for f in ("pct", "pct_base"))
        filas.append(
            [
                _millares(n),
                f"{cifras(n * m('memoria5', 'kb') / 1e3)} MB",
                f"{cifras(quietas)} %",
                f"{cifras(por_segundo)}",
                f"{cifras(us)} µs",
                f"{cifras(por_segundo * us / 1e4)} %",
                f"{cifras(us_base)} µs",
                f"{cifras(por_segundo * us_base / 1e4 + quietas_base)} %",
            ]
        )
    return _tabla(
        [
            "conexiones",
            "memoria",
            "quietas, de un núcleo",
            "mensajes por segundo",
            "cada uno, al servidor",
            "todos, de un núcleo",
            "cada uno, a PostgreSQL",
            "todo PostgreSQL, de un núcleo",
        ],
        filas,
    )


def _vuelta(m: Medidas) -> str:
    filas = []
    for n in TAMANOS:
        cpu, base = (n * m("conectar10", f) / 1e3 for f in ("ms", "ms_base"))
        nucleos = [cifras(cuanto / s) for s in (30, 600) for cuanto in (cpu, base)]
        filas.append([_millares(n), f"{cifras(cpu)} s", f"{cifras(base)} s", *nucleos])
    return _tabla(
        [
            "conexiones que vuelven",
            "CPU del servidor",
            "de PostgreSQL",
            "en 30 s, núcleos",
            "y de PostgreSQL",
            "en 10 minutos, núcleos",
            "y de PostgreSQL",
        ],
        filas,
    )


def _topes(m: Medidas) -> str:
    def por_segundo(us: float) -> str:
        return f"{cifras(1e6 / us)} mensajes por segundo"

    def sala(gente: int) -> str:
        return f"{cifras(gente * m('receptor', 'us') / 1e3)} ms por mensaje"

    return _tabla(
        ["qué", "cuánto, si nada más lo ocupa"],
        [
            ["el núcleo de un proceso, con otros en vuelo (`20x4`)", por_segundo(m("20x4", "us"))],
            [
                "un núcleo de PostgreSQL, con cuatro procesos (`procesos`)",
                por_segundo(m("procesos", "us_base", "producto-4")),
            ],
            [
                "un núcleo de PostgreSQL, sin lotes (`sala2x1`)",
                por_segundo(m("sala2x1", "us_base")),
            ],
            ["repartir a 1.000 conectados de una sala (`receptor`)", sala(1_000)],
            ["y a 10.000", sala(10_000)],
        ],
    )


def puesto(documento: str, m: Medidas) -> str:
    """El documento con sus tablas al día: a cada una se la conoce por su cabecera."""
    for tabla in (_medido(m), _por_tamanos(m), _vuelta(m), _topes(m)):
        cabecera = tabla[: tabla.index("\n") + 1]
        antes, esta, despues = documento.partition(cabecera)
        assert esta, cabecera
        _, aparte, resto = despues.partition("\n\n")
        documento = antes + tabla + aparte[1:] + resto
    return documento


def escribir() -> None:
    DOCUMENTO.write_text(puesto(DOCUMENTO.read_text(), Medidas()))


if __name__ == "__main__":
    escribir()
