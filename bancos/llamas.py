"""De las pilas que da py-spy a un resumen y a una gráfica de llamas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

Muestras = dict[tuple[str, ...], int]

ANCHO, ALTO = 1400, 17
# `thread (123): nombre`; el primero no dice el suyo.
_HILO = re.compile(r"thread \(\d+\)(?:: )?(.*)")
# Lo que no llega a un píxel no se ve.
_MENOR = 1.0
_ESTILO = """
text { font: 11px system-ui, sans-serif; fill: #1f2328; pointer-events: none }
rect { stroke: #ffffff; stroke-width: .5 }
.producto { fill: #54aeff } .django { fill: #ffc680 } .otro { fill: #d0d7de }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } rect { stroke: #0d1117 }
  .producto { fill: #1158c7 } .django { fill: #9e6a03 } .otro { fill: #3d444d }
}
"""


def leer(texto: str) -> Muestras:
    """Las pilas, de fuera adentro, y cuántas muestras tiene cada una."""
    muestras: Counter[tuple[str, ...]] = Counter()
    for linea in texto.splitlines():
        pila, _, cuantas = linea.rpartition(" ")
        if pila:
            hilo, *marcos = pila.split(";")
            muestras[(_HILO.sub(r"hilo \1", hilo), *marcos)] += int(cuantas)
    return dict(muestras)


def _sin_linea(marco: str) -> str:
    """`función (archivo)`: py-spy añade la línea, que reparte una función en muchas."""
    nombre, abre, donde = marco.rpartition(" (")
    return f"{nombre} ({donde.rpartition(':')[0]})" if abre and ":" in donde else marco


def resumen(muestras: Muestras, cuantas: int = 25) -> str:
    """Las funciones que más gastan, y las del producto con lo que llaman, en tanto por ciento."""
    propias: Counter[str] = Counter()
    con_lo_suyo: Counter[str] = Counter()
    for pila, n in muestras.items():
        marcos = [_sin_linea(m) for m in pila]
        propias[marcos[-1]] += n
        con_lo_suyo.update(dict.fromkeys(marcos, n))
    total = sum(propias.values()) or 1
    lineas = []
    del_producto = Counter({m: n for m, n in con_lo_suyo.items() if _de_quien(m) == "producto"})
    for titulo, cuenta in (("Por sí mismas", propias), ("Con lo que llaman", del_producto)):
        lineas.append(f"\n{titulo}:")
        lineas += [f"  {n / total * 100:5.1f} %  {m}" for m, n in cuenta.most_common(cuantas)]
    return "\n".join(lineas)


@dataclass
class _Marco:
    nombre: str
    muestras: int = 0
    hijos: dict[str, _Marco] = field(default_factory=dict)

    def hijo(self, nombre: str) -> _Marco:
        return self.hijos.setdefault(nombre, _Marco(nombre))


def _arbol(muestras: Muestras) -> _Marco:
    raiz = _Marco("todo")
    for pila, n in muestras.items():
        raiz.muestras += n
        marco = raiz
        for nombre in map(_sin_linea, pila):
            marco = marco.hijo(nombre)
            marco.muestras += n
    return raiz


def _de_quien(nombre: str) -> str:
    if "mensajeria/" in nombre or "servitech/" in nombre:
        return "producto"
    return "django" if "django/" in nombre else "otro"


def _cajas(marco: _Marco, x: float, nivel: int, por_muestra: float) -> Iterator[tuple[int, str]]:
    ancho = marco.muestras * por_muestra
    if ancho < _MENOR:
        return
    parte = f"{marco.muestras * por_muestra / ANCHO * 100:.1f} %"
    cabe = escape(marco.nombre[: int(ancho / 6)]) if ancho > 30 else ""
    yield (
        nivel,
        f'<g><title>{escape(marco.nombre)}: {parte}</title><rect x="{x:.1f}" y="{nivel * ALTO}"'
        f' width="{ancho:.1f}" height="{ALTO - 1}" class="{_de_quien(marco.nombre)}"/>'
        f'<text x="{x + 3:.1f}" y="{nivel * ALTO + 12}">{cabe}</text></g>',
    )
    for hijo in sorted(marco.hijos.values(), key=lambda h: -h.muestras):
        yield from _cajas(hijo, x, nivel + 1, por_muestra)
        x += hijo.muestras * por_muestra


def dibujar(titulo: str, muestras: Muestras) -> str:
    """Un SVG en el que el ancho de cada función es su parte; al pasar por encima la dice."""
    raiz = _arbol(muestras)
    cajas = [*_cajas(raiz, 0, 0, ANCHO / (raiz.muestras or 1))]
    alto = (max((nivel for nivel, _ in cajas), default=0) + 1) * ALTO
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ANCHO} {alto}" width="{ANCHO}">\n'
        f"<title>{escape(titulo)}</title>\n<style>{_ESTILO}</style>\n"
        + "\n".join(caja for _, caja in cajas)
        + "\n</svg>\n"
    )
