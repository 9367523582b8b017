"""Escribe `bancos/resultados/`: la tabla, los datos y las gráficas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bancos import grafica, tabla
from bancos.contendientes import CONTENDIENTES
from bancos.figuras import unidad
from bancos.medidas import Resultado, en_json, juicios

CARPETA = Path(__file__).parent / "resultados"


def _panel(resultado: Resultado) -> grafica.Panel:
    fila = resultado.fila
    barras = []
    for c in resultado.veces:
        valores = resultado.valores(c, fila.figura)
        contendiente = CONTENDIENTES[c]
        barras.append(
            grafica.Barra(
                contendiente.etiqueta,
                median(valores),
                min(valores),
                max(valores),
                contendiente.etiqueta.startswith("producto"),
            )
        )
    return grafica.Panel(fila.titulo, unidad(fila.figura), barras)


def _razones(resultados: Sequence[Resultado]) -> list[grafica.Razon]:
    return [
        grafica.Razon(
            f"{j.fila.id}: {j.objetivo.de} / {j.objetivo.frente_a}, {unidad(j.objetivo.figura)}",
            j.razon,
            j.objetivo.veces,
            j.se_cumple,
        )
        for r in resultados
        for j in juicios(r)
    ]


def escribir(contexto: Mapping[str, Any], por_grupo: Mapping[str, Sequence[Resultado]]) -> None:
    """Todo lo medido, sobre lo que hubiera de otra vez."""
    todos = [r for resultados in por_grupo.values() for r in resultados]
    imagenes = {"objetivos.svg": grafica.razones("Objetivos", _razones(todos))}
    for nombre, resultados in por_grupo.items():
        paneles = [_panel(r) for r in resultados]
        imagenes[f"{nombre.lower()}.svg"] = grafica.barras(nombre, paneles)
    CARPETA.mkdir(exist_ok=True)
    for nombre, svg in imagenes.items():
        (CARPETA / nombre).write_text(svg)
    (CARPETA / "datos.json").write_text(en_json(dict(contexto), todos))
    (CARPETA / "tabla.md").write_text(tabla.informe(contexto, por_grupo, [*imagenes]))
