"""Lo medido: lo que se guarda y cómo sale frente a cada objetivo."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from bancos.escenarios.vez import Figuras
from bancos.fila import Fila, Objetivo


@dataclass
class Resultado:
    """Las figuras de cada vez, por contendiente."""

    fila: Fila
    veces: dict[str, list[Figuras]]

    def valores(self, contendiente: str, figura: str) -> list[float]:
        return [figuras[figura] for figuras in self.veces.get(contendiente, [])]

    def mediana(self, contendiente: str, figura: str) -> float | None:
        """`None` si no se midió."""
        valores = self.valores(contendiente, figura)
        return median(valores) if valores else None


@dataclass(frozen=True)
class Juicio:
    """Un objetivo, y a cuántas veces se quedó lo medido."""

    fila: Fila
    objetivo: Objetivo
    razon: float

    @property
    def se_cumple(self) -> bool:
        if self.objetivo.al_menos:
            return self.razon >= self.objetivo.veces
        return self.razon <= self.objetivo.veces


def juicios(resultado: Resultado) -> list[Juicio]:
    """Los de los objetivos de la fila cuyas dos partes se midieron."""
    salen = []
    for o in resultado.fila.objetivos:
        de = resultado.mediana(o.de, o.figura)
        frente_a = resultado.mediana(o.frente_a, o.con_figura or o.figura)
        if de is not None and frente_a:
            salen.append(Juicio(resultado.fila, o, de / frente_a))
    return salen


def _orden(*argumentos: str) -> str:
    return subprocess.run(argumentos, check=True, capture_output=True, text=True).stdout.strip()


def _procesador() -> str:
    for linea in Path("/proc/cpuinfo").read_text().splitlines():
        if linea.startswith("model name"):
            return linea.split(":")[1].strip()
    return platform.machine()


def contexto(rapido: bool, veces: int, segundos: float) -> dict[str, Any]:
    """Cuándo, dónde y con qué se mide; se pide antes de empezar."""
    return {
        "fecha": datetime.now(UTC).isoformat(timespec="seconds"),
        "rapido": rapido,
        "veces": veces,
        "segundos": segundos,
        "procesador": _procesador(),
        "nucleos": os.cpu_count(),
        "carga_al_empezar": os.getloadavg()[0],
        "versiones": {
            "Python": platform.python_version(),
            "Node": _orden("node", "--version").removeprefix("v"),
            **{p: version(p) for p in ("Django", "channels", "uvicorn", "daphne")},
            **{p: version(p) for p in ("python-socketio", "picows")},
        },
    }


def en_json(contexto: dict[str, Any], resultados: list[Resultado]) -> str:
    filas = [{"id": r.fila.id, "titulo": r.fila.titulo, "veces": r.veces} for r in resultados]
    return json.dumps({**contexto, "filas": filas}, ensure_ascii=False, indent=1) + "\n"
