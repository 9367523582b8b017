"""Lo que el sistema dice de un proceso y de los que nacieron de él: procesador y memoria."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# El servidor que se mide tiene un núcleo para él; la carga, las bases y Redis comparten el otro.
NUCLEO_SERVIDOR = 0
NUCLEO_CARGA = min(1, (os.cpu_count() or 1) - 1)
_PULSOS = os.sysconf("SC_CLK_TCK")


def preparar() -> None:
    """Este proceso, al núcleo de la carga; y si lo paran, detiene lo que arrancó."""
    os.sched_setaffinity(0, {NUCLEO_CARGA})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Detenido"))


@dataclass(frozen=True)
class Estado:
    """De quién es hijo un proceso, y lo que él y sus hijos ya terminados han gastado."""

    padre: int
    segundos: float


def leer_estado(texto: str, pulsos: int = _PULSOS) -> Estado:
    """El de una línea de `/proc/PID/stat`, cuyo nombre puede llevar espacios y paréntesis."""
    campos = texto.rpartition(")")[2].split()
    return Estado(padre=int(campos[1]), segundos=sum(map(int, campos[11:15])) / pulsos)


def leer_pss(texto: str) -> int:
    """Los bytes de memoria propia (lo compartido, a partes) de un `/proc/PID/smaps_rollup`."""
    for linea in texto.splitlines():
        if linea.startswith("Pss:"):
            return int(linea.split()[1]) * 1024
    raise ValueError("No hay ninguna línea «Pss:»")


def descendencia(raiz: int, padres: Mapping[int, int]) -> list[int]:
    """`raiz` y todos los que nacieron de él, según de quién es hijo cada uno."""
    hijos: dict[int, list[int]] = defaultdict(list)
    for hijo, padre in padres.items():
        hijos[padre].append(hijo)
    todos = [raiz]
    for pid in todos:
        todos += hijos[pid]
    return todos


def _estados() -> dict[int, Estado]:
    estados = {}
    for carpeta in Path("/proc").iterdir():
        if carpeta.name.isdigit():
            try:
                estados[int(carpeta.name)] = leer_estado((carpeta / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return estados


def procesos(raices: Iterable[int]) -> list[int]:
    estados = _estados()
    padres = {pid: estado.padre for pid, estado in estados.items()}
    return [pid for raiz in raices for pid in descendencia(raiz, padres) if pid in estados]


def procesador(raices: Iterable[int]) -> float:
    """Los segundos de CPU que llevan gastados esos procesos y los que nacieron de ellos."""
    estados = _estados()
    padres = {pid: estado.padre for pid, estado in estados.items()}
    familia = {pid for raiz in raices for pid in descendencia(raiz, padres)}
    return sum(estados[pid].segundos for pid in familia if pid in estados)


def memoria(raices: Iterable[int]) -> int:
    """Los bytes que ocupan esos procesos y los que nacieron de ellos."""
    return sum(leer_pss(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in procesos(raices))


@dataclass(frozen=True)
class Base:
    """Una base de PostgreSQL: su proceso padre, y el nombre que sus hijos llevan en el título."""

    postmaster: int
    nombre: str

    def procesador(self) -> float:
        """Lo gastado por quienes atienden esa base, también los que ya se fueron.

        Lo que un hijo gastó pasa al padre cuando termina, así que ni se pierde ni baja.
        """
        estados = _estados()
        suyos = (p for p, e in estados.items() if e.padre == self.postmaster)
        de_la_base = [p for p in suyos if f" {self.nombre} " in _titulo(p)]
        return sum(estados[p].segundos for p in [self.postmaster, *de_la_base])


def _titulo(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""


@dataclass
class Gasto:
    """Lo que se ha gastado desde que se creó: de reloj, y de CPU en el servidor y en su base."""

    servidor: list[int]
    base: Base | None

    def __post_init__(self) -> None:
        self._cpu, self._cpu_base = self._procesador()
        self._reloj = time.perf_counter()

    def _procesador(self) -> tuple[float, float]:
        return procesador(self.servidor), self.base.procesador() if self.base else 0.0

    def hasta_ahora(self) -> tuple[float, float, float]:
        """Segundos de reloj, de CPU del servidor y de CPU de la base."""
        reloj = time.perf_counter() - self._reloj
        cpu, cpu_base = self._procesador()
        return reloj, cpu - self._cpu, cpu_base - self._cpu_base
