"""Un trozo de lo que un mensaje dice, con lo hallado señalado."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.protocolo import formas
from mensajeria.protocolo.palabras import palabras

LARGO = 160
# De lo que se enseña, lo que va antes de lo primero hallado.
ANTES = 40
CORTADO = "…"

Palabra = tuple[str, int, int]
Tramo = tuple[int, int]


def fragmento(texto: str, nombre: str, terminos: Sequence[Termino]) -> formas.Fragmento:
    """De `texto` o, si ahí no está lo buscado, del nombre de su archivo."""
    for fuente in (texto, nombre):
        if marcas := _marcas(fuente, terminos):
            return _alrededor(fuente, marcas)
    return _alrededor(texto or nombre, [])


def _marcas(texto: str, terminos: Sequence[Termino]) -> list[Tramo]:
    """Los tramos del texto que casan, en su orden y sin pisarse."""
    dichas = list(palabras(texto))
    tramos = sorted(t for termino in terminos for t in _de(termino, dichas))
    juntos: list[Tramo] = []
    for inicio, fin in tramos:
        if juntos and inicio < juntos[-1][1]:
            juntos[-1] = (juntos[-1][0], max(fin, juntos[-1][1]))
        else:
            juntos.append((inicio, fin))
    return juntos


def _de(termino: Termino, dichas: Sequence[Palabra]) -> Iterator[Tramo]:
    if not termino.frase:
        yield from ((inicio, fin) for p, inicio, fin in dichas if termino.casa(p))
        return
    n = len(termino.frase)
    for i in range(len(dichas) - n + 1):
        if all(dichas[i + j][0] == termino.frase[j] for j in range(n)):
            yield dichas[i][1], dichas[i + n - 1][2]


def _alrededor(texto: str, marcas: Sequence[Tramo]) -> formas.Fragmento:
    primera = marcas[0][0] if marcas else 0
    desde = _al_empezar_palabra(texto, max(0, min(primera - ANTES, len(texto) - LARGO)), primera)
    hasta = _al_acabar_palabra(texto, desde, min(len(texto), desde + LARGO))
    delante = CORTADO if desde else ""
    cuerpo = texto[desde:hasta]
    visto = delante + cuerpo + (CORTADO if hasta < len(texto) else "")
    # Lo que se corta por medio se señala hasta donde se ve.
    dentro = [(a, min(b, hasta)) for a, b in marcas if a < hasta]
    corrido = len(delante) - desde
    return formas.Fragmento(
        texto=visto,
        marcas=[(_utf16(visto[: a + corrido]), _utf16(visto[: b + corrido])) for a, b in dentro],
    )


def _al_empezar_palabra(texto: str, desde: int, tope: int) -> int:
    if desde <= 0:
        return 0
    hueco = max(texto.find(" ", desde, tope), texto.find("\n", desde, tope))
    return hueco + 1 if hueco >= 0 else desde


def _al_acabar_palabra(texto: str, desde: int, hasta: int) -> int:
    if hasta >= len(texto):
        return len(texto)
    lejos = desde + 2 * ANTES
    hueco = max(texto.rfind(" ", lejos, hasta), texto.rfind("\n", lejos, hasta))
    return hueco if hueco >= 0 else hasta


def _utf16(texto: str) -> int:
    """Lo que mide en JavaScript."""
    return len(texto) + sum(c > "\uffff" for c in texto)
