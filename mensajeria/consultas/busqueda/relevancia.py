"""Lo mejor primero: de lo más nuevo que casa, cuánto se parece a lo que se buscó."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from mensajeria.consultas.busqueda.consulta import Termino

# Lo demás no se puntúa: costaría lo que haya escrito.
CANDIDATOS = 300
_TAL_CUAL, _FLEXIONADA, _JUNTAS = 3.0, 2.0, 1.0


def puntos(dichas: Sequence[str], terminos: Sequence[Termino], escritas: Sequence[str]) -> int:
    """En milésimas, de un mensaje que dice esas palabras plegadas.

    Cada término suma, más si está tal cual se escribió (`escritas`), y dos que van juntos como en
    la consulta, un poco; lo que está en un texto corto vale más que en uno largo.
    """
    tal_cual = set(dichas).intersection(escritas)
    suma = sum(_de(t, dichas, tal_cual) for t in terminos)
    parejas = set(itertools.pairwise(dichas))
    suma += _JUNTAS * sum(p in parejas for p in itertools.pairwise(escritas))
    return round(1000 * suma / (1 + math.log1p(len(dichas)) / 4))


def _de(termino: Termino, dichas: Sequence[str], tal_cual: set[str]) -> float:
    if termino.frase or any(termino.casa(p) for p in tal_cual):
        return _TAL_CUAL
    return _FLEXIONADA if termino.raiz else _JUNTAS
