"""Las palabras de un texto, como se buscan: sin acentos ni mayúsculas, y por su raíz en español."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import Stemmer

# De una más larga cuenta el principio. Con lo que de cada una se recuerda, unos pocos megabytes.
MAX_PALABRA = 40
_RECORDADAS = 20_000
# Letras y números, con los acentos que vayan aparte.
_MARCAS = "\u0300-\u036f"
_PALABRA = re.compile(rf"[^\W_](?:[^\W_]|[{_MARCAS}])*")
_RAIZ = "|"
_PLURALES = tuple(f"{vocal}s" for vocal in "aeiou")


class _Hilo(threading.local):
    """Snowball no se comparte entre hilos. Sin su memoria: la de `raiz` es de todos."""

    def __init__(self) -> None:
        self.snowball: Any = Stemmer.Stemmer("spanish", 0)


_hilo = _Hilo()


@lru_cache(_RECORDADAS)
def _plegar(palabra: str) -> str:
    if not palabra.isascii():
        suelta = unicodedata.normalize("NFKD", palabra.casefold())
        palabra = "".join(c for c in suelta if c.isalnum())
    return palabra.casefold()[:MAX_PALABRA]


def plegar(palabra: str) -> str:
    """Sin acentos ni mayúsculas, y nada que no sea letra o número: «Años» es «anos»."""
    # Las que no caben no se recuerdan: serían las que más ocupan.
    return _plegar(palabra) if len(palabra) <= MAX_PALABRA else _plegar.__wrapped__(palabra)


@lru_cache(_RECORDADAS)
def raiz(plegada: str) -> str:
    """Lo que no cambia al flexionarla: «facturas» y «facturado» son «factur»."""
    # Ya sin acentos, que de «avería» no quede «ver».
    hallada: str = _hilo.snowball.stemWord(plegada)
    # Lo que Snowball no quita: el plural de las más cortas (años), y el de las que acaban en z.
    if len(hallada) > 3 and hallada.endswith(_PLURALES):
        hallada = hallada[:-1]
    return hallada[:-1] + "c" if hallada.endswith("z") else hallada


def palabras(texto: str) -> Iterator[tuple[str, int, int]]:
    """Cada una ya plegada, y dónde empieza y acaba en el texto."""
    for hallada in _PALABRA.finditer(texto):
        if plegada := plegar(hallada[0]):
            yield plegada, hallada.start(), hallada.end()


def plegadas(texto: str) -> list[str]:
    """Las de un texto, en su orden."""
    return [p for p in map(plegar, _PALABRA.findall(texto)) if p]


def buscable(texto: str, nombre: str = "") -> str:
    """Por lo que se halla un mensaje que dice `texto`, y el nombre de su archivo.

    Sus palabras en su orden, un espacio antes y después de cada una; las del nombre, tras una barra
    suelta; y las raíces que no son ya una palabra suya, con la barra delante. Nunca está vacío.
    """
    dichas, del_nombre = plegadas(texto), plegadas(nombre)
    todas = dict.fromkeys([*dichas, *del_nombre])
    raices = dict.fromkeys(_RAIZ + r for r in map(raiz, todas) if r not in todas)
    partes = [*dichas, *([_RAIZ, *del_nombre] if del_nombre else []), *raices]
    return f" {' '.join(partes)} " if partes else " "


def dichas_en(buscable: str) -> list[str]:
    """Las palabras que lo hicieron, del texto y del nombre, en su orden."""
    return [p for p in buscable.split(" ") if p and not p.startswith(_RAIZ)]
