"""Las figuras, en Markdown."""

from __future__ import annotations

from statistics import median

from bancos.contendientes import CONTENDIENTES
from bancos.corrida import Resultado
from bancos.estadistica import cifras
from bancos.figuras import unidad


def _con_rango(valores: list[float]) -> str:
    return f"{cifras(median(valores))} ({cifras(min(valores))}–{cifras(max(valores))})"


def detalle(resultado: Resultado) -> str:
    """La tabla de una fila: por contendiente, la mediana y el rango de cada figura."""
    if not resultado.veces:
        return ""
    figuras = [*next(iter(resultado.veces.values()))[0]]
    lineas = [
        f"### {resultado.fila.titulo}\n",
        "| | " + " | ".join(unidad(f) for f in figuras) + " |",
        "|---|" + "---:|" * len(figuras),
    ]
    for id_, veces in resultado.veces.items():
        celdas = []
        for f in figuras:
            valores = [v[f] for v in veces]
            celdas.append(
                f"{cifras(median(valores))} ({cifras(min(valores))}–{cifras(max(valores))})"
            )
        lineas.append(f"| {CONTENDIENTES[id_].etiqueta} | " + " | ".join(celdas) + " |")
    return "\n".join(lineas) + "\n"
