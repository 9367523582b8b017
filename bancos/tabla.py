"""Las figuras, en Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bancos.contendientes import CONTENDIENTES
from bancos.estadistica import cifras
from bancos.figuras import unidad
from bancos.medidas import Juicio, Resultado, juicios

RAPIDA = "Corrida rápida: dice si algo se rompió; sus figuras no son para citar."


def _con_rango(valores: Sequence[float]) -> str:
    if len(valores) == 1:
        return cifras(valores[0])
    return f"{cifras(median(valores))} ({cifras(min(valores))}–{cifras(max(valores))})"


def detalle(resultado: Resultado) -> str:
    """La tabla de una fila: por contendiente, la mediana y el rango de cada figura."""
    medidos = {c: veces for c, veces in resultado.veces.items() if veces}
    if not medidos:
        return ""
    figuras = [*next(iter(medidos.values()))[0]]
    lineas = [
        f"### {resultado.fila.titulo} (`{resultado.fila.id}`)\n",
        "| | " + " | ".join(unidad(f) for f in figuras) + " |",
        "|---|" + "---:|" * len(figuras),
    ]
    for c in medidos:
        celdas = [_con_rango(resultado.valores(c, f)) for f in figuras]
        lineas.append(f"| {CONTENDIENTES[c].etiqueta} | " + " | ".join(celdas) + " |")
    return "\n".join(lineas) + "\n"


def frente_a(juicio: Juicio) -> str:
    """Con qué se compara, en palabras."""
    o = juicio.objetivo
    if o.con_figura:
        return f"sí mismo, {unidad(o.con_figura)}"
    return CONTENDIENTES[o.frente_a].etiqueta


def meta(juicio: Juicio) -> str:
    veces = f"{juicio.objetivo.veces:g}".replace(".", ",")
    return f"{'≥' if juicio.objetivo.al_menos else '≤'} {veces}"


def de_objetivos(resultados: Sequence[Resultado]) -> str:
    """Una línea por objetivo: cuántas veces es lo de aquí, y cuántas debía."""
    lineas = [
        "| fila | de | figura | frente a | razón | objetivo | |",
        "|---|---|---|---|---:|---:|---|",
    ]
    for j in [j for r in resultados for j in juicios(r)]:
        o = j.objetivo
        celdas = [
            f"`{j.fila.id}`",
            CONTENDIENTES[o.de].etiqueta,
            unidad(o.figura),
            frente_a(j),
            cifras(j.razon),
            meta(j),
            "sí" if j.se_cumple else "**no**",
        ]
        lineas.append("| " + " | ".join(celdas) + " |")
    return "\n".join(lineas) + "\n"


def _cabecera(contexto: Mapping[str, Any]) -> str:
    versiones = ", ".join(f"{k} {v}" for k, v in contexto["versiones"].items())
    return (
        f"Medido el {contexto['fecha']}; {contexto['procesador']}, {contexto['nucleos']} núcleos,"
        f" carga {cifras(contexto['carga_al_empezar'])} al empezar. {versiones}."
        f" Cada contendiente, {contexto['veces']} veces por turnos de"
        f" {cifras(contexto['segundos'])} s: mediana y rango.\n"
    )


def informe(
    contexto: Mapping[str, Any],
    por_grupo: Mapping[str, Sequence[Resultado]],
    imagenes: Sequence[str],
) -> str:
    """El documento entero; `imagenes` son los nombres de las gráficas, la de objetivos primero."""
    todos = [r for resultados in por_grupo.values() for r in resultados]
    partes = ["# Resultados\n", _cabecera(contexto)]
    if contexto["rapido"]:
        partes.append(f"**{RAPIDA}**\n")
    objetivos, *de_grupo = imagenes
    partes += ["## Objetivos\n", f"![Objetivos]({objetivos})\n", de_objetivos(todos)]
    for (nombre, resultados), imagen in zip(por_grupo.items(), de_grupo, strict=True):
        partes += [f"## {nombre}\n", f"![{nombre}]({imagen})\n"]
        partes += [detalle(r) for r in resultados]
    return "\n".join(partes)
