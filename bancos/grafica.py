"""Gráficas SVG hechas a mano, que se leen en claro y en oscuro."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bancos.estadistica import cifras

ANCHO = 860
_ROTULO, _CIFRA = 290, 90
_ROTULO_LARGO = 350
_BARRAS = ANCHO - _ROTULO - _CIFRA
_ALTO = 22
_ESTILO = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.titulo { font-weight: 600 }
.menor { font-size: 12px; fill: #59636e }
.propio { fill: #0969da } .par { fill: #8c959f }
.bien { fill: #1a7f37 } .mal { fill: #cf222e }
.raya { stroke: #1f2328; stroke-width: 1.5 } .guia { stroke: #8c959f; stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .menor { fill: #9198a1 }
  .propio { fill: #4493f8 } .par { fill: #656c76 }
  .bien { fill: #3fb950 } .mal { fill: #f85149 }
  .raya { stroke: #f0f6fc } .guia { stroke: #656c76 }
}
"""


@dataclass(frozen=True)
class Barra:
    """`desde` y `hasta` son el rango de las veces; `propio`, si es del producto."""

    rotulo: str
    valor: float
    desde: float
    hasta: float
    propio: bool


@dataclass(frozen=True)
class Panel:
    titulo: str
    unidad: str
    barras: Sequence[Barra]


@dataclass(frozen=True)
class Razon:
    """Cuántas veces es lo medido, cuántas debía y si basta."""

    rotulo: str
    valor: float
    meta: float
    bien: bool


def _texto(x: float, y: float, texto: str, clase: str = "", ancla: str = "start") -> str:
    atributos = f'x="{x:.1f}" y="{y:.1f}" class="{clase}" text-anchor="{ancla}"'
    return f"<text {atributos}>{escape(texto)}</text>"


def _rectangulo(x: float, y: float, ancho: float, alto: float, clase: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(ancho, 1):.1f}" height="{alto:.1f}"'
        f' class="{clase}"/>'
    )


def _linea(x1: float, y1: float, x2: float, y2: float, clase: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{clase}"/>'


def _lienzo(titulo: str, alto: float, piezas: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ANCHO} {alto:.0f}"'
        f' width="{ANCHO}" role="img">\n<title>{escape(titulo)}</title>\n'
        f"<style>{_ESTILO}</style>\n" + "\n".join(piezas) + "\n</svg>\n"
    )


def _barra(barra: Barra, y: float, escala: float) -> list[str]:
    medio = y + _ALTO / 2 - 2
    return [
        _texto(_ROTULO - 8, y + 14, barra.rotulo, ancla="end"),
        _rectangulo(
            _ROTULO, y, barra.valor * escala, _ALTO - 4, "propio" if barra.propio else "par"
        ),
        _linea(
            _ROTULO + barra.desde * escala, medio, _ROTULO + barra.hasta * escala, medio, "raya"
        ),
        _texto(_ROTULO + barra.hasta * escala + 6, y + 14, cifras(barra.valor)),
    ]


def barras(titulo: str, paneles: Sequence[Panel]) -> str:
    """Un panel por fila, cada uno con su escala: la barra es la mediana y la raya, el rango."""
    piezas, y = [], 8.0
    for panel in paneles:
        tope = max((b.hasta for b in panel.barras), default=0) or 1
        piezas.append(_texto(8, y + 14, panel.titulo, "titulo"))
        piezas.append(_texto(ANCHO - 8, y + 14, panel.unidad, "menor", "end"))
        y += 24
        for barra in panel.barras:
            piezas += _barra(barra, y, _BARRAS / tope)
            y += _ALTO
        y += 14
    return _lienzo(titulo, y, piezas)


def razones(titulo: str, de: Sequence[Razon]) -> str:
    """Una barra por objetivo, en escala logarítmica; la raya es la meta."""
    extremos = [v for r in de for v in (r.valor, r.meta) if v > 0] or [1.0]
    menor = math.floor(math.log10(min(extremos)))
    mayor = max(math.ceil(math.log10(max(extremos))), menor + 1)

    def x(valor: float) -> float:
        lugar = (math.log10(max(valor, 10.0**menor)) - menor) / (mayor - menor)
        return _ROTULO_LARGO + lugar * (ANCHO - _ROTULO_LARGO - _CIFRA)

    fin = 30 + len(de) * _ALTO
    piezas = []
    for potencia in range(menor, mayor + 1):
        piezas.append(_linea(x(10.0**potencia), 24, x(10.0**potencia), fin, "guia"))
        piezas.append(
            _texto(
                x(10.0**potencia), 18, f"{10.0**potencia:g}×".replace(".", ","), "menor", "middle"
            )
        )
    for i, r in enumerate(de):
        y = 30.0 + i * _ALTO
        clase = "bien" if r.bien else "mal"
        piezas.append(_texto(_ROTULO_LARGO - 8, y + 14, r.rotulo, "menor", "end"))
        piezas.append(_rectangulo(x(0), y, x(r.valor) - x(0), _ALTO - 6, clase))
        piezas.append(_linea(x(r.meta), y - 2, x(r.meta), y + _ALTO - 4, "raya"))
        piezas.append(_texto(max(x(r.valor), x(r.meta)) + 6, y + 13, cifras(r.valor), "menor"))
    return _lienzo(titulo, fin + 8, piezas)
