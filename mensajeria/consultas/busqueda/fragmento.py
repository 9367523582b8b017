"""Un trozo de lo que un mensaje dice, con lo hallado señalado."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.protocolo import formas
from mensajeria.protocolo.palabras import palabras

LARGO = 160
# De lo que se enseña, lo que va antes de lo primero hallado.
ANTES = 40
CORTADO = "…"

Palabra = tuple[str, int, int]
Tramo = tuple[int, int]
# Si una palabra plegada es de las que se buscan sueltas.
Casa = Callable[[str], bool]
Frases = Sequence[tuple[str, ...]]


def fragmentos(
    dichos: Iterable[tuple[str, str]], terminos: Sequence[Termino]
) -> Iterator[formas.Fragmento]:
    """De cada texto o, si ahí no está lo buscado, del nombre de su archivo.

    De cada palabra se averigua una vez si casa, esté en cuantos esté.
    """
    sueltos = [t for t in terminos if not t.frase]
    frases = [t.frase for t in terminos if t.frase]
    casa = functools.cache(lambda palabra: any(t.casa(palabra) for t in sueltos))
    for texto, nombre in dichos:
        marcas_de = ((fuente, _marcas(fuente, casa, frases)) for fuente in (texto, nombre))
        fuente, marcas = next(((f, m) for f, m in marcas_de if m), (texto or nombre, []))
        yield _alrededor(fuente, marcas)


def _marcas(texto: str, casa: Casa, frases: Frases) -> list[Tramo]:
    """Los tramos del texto que casan, en su orden y sin pisarse."""
    dichas = list(palabras(texto))
    tramos = [(inicio, fin) for palabra, inicio, fin in dichas if casa(palabra)]
    if frases:
        tramos = sorted([*tramos, *_de_frases(frases, dichas)])
    juntos: list[Tramo] = []
    for inicio, fin in tramos:
        if juntos and inicio < juntos[-1][1]:
            juntos[-1] = (juntos[-1][0], max(fin, juntos[-1][1]))
        else:
            juntos.append((inicio, fin))
    return juntos


def _de_frases(frases: Frases, dichas: Sequence[Palabra]) -> Iterator[Tramo]:
    sitios: defaultdict[str, list[int]] = defaultdict(list)
    for i, (palabra, _, _) in enumerate(dichas):
        sitios[palabra].append(i)
    for frase in frases:
        for i in sitios.get(frase[0], ()):
            suyas = dichas[i : i + len(frase)]
            if tuple(p for p, _, _ in suyas) == frase:
                yield suyas[0][1], suyas[-1][2]


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
