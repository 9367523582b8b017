"""Qué busca una persona: de lo que escribe, los términos que un mensaje ha de llevar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.palabras import plegadas, raiz

MAX_CONSULTA = 200
MAX_TERMINOS = 16
# Cada uno es, en el índice, la lista de todo lo que empieza así.
MAX_PREFIJOS = 3
# Con menos letras, lo que empieza así es casi todo, y juntarlo cuesta.
MIN_PREFIJO = 3
_COMILLAS = str.maketrans("«»“”", '""""')
_TROZO = re.compile(r'"([^"]*)"?|([^\s"]+)')
# No dicen nada si se busca algo más; entre comillas, sí.
_DE_POCO = (
    "a al con de del e el en es la las le les lo los me mi o para por que se su sus te tu u un una"
    " unas unos y"
)
_VACIAS = frozenset(_DE_POCO.split())


@dataclass(frozen=True, slots=True)
class Termino:
    """Una palabra, por su `raiz`; lo que empieza por `prefijo`; o una `frase`, tal cual.

    Con raíz y prefijo vale cualquiera de los dos.
    """

    raiz: str = ""
    prefijo: str = ""
    frase: tuple[str, ...] = ()

    def casa(self, palabra: str) -> bool:
        """Si esa palabra plegada es lo que busca; de una frase no dice nada."""
        suya = raiz(palabra)
        if self.raiz and self.raiz in (palabra, suya):
            return True
        return bool(self.prefijo) and (
            palabra.startswith(self.prefijo) or suya.startswith(self.prefijo)
        )

    def textos(self) -> list[str]:
        """Lo que ha de llevar dentro un `buscable`: alguno de ellos."""
        if self.frase:
            return [f" {' '.join(self.frase)} "]
        enteras = [f" {self.raiz} ", f"|{self.raiz} "] if self.raiz else []
        return [*enteras, *([f" {self.prefijo}", f"|{self.prefijo}"] if self.prefijo else [])]


def leer(consulta: str) -> tuple[Termino, ...]:
    """Los términos de lo escrito, o ninguno; VALIDATION_ERROR si son demasiados."""
    if len(consulta) > MAX_CONSULTA:
        raise no_valido(f"Busca con {MAX_CONSULTA} caracteres como mucho", "q")
    terminos = list(dict.fromkeys(_terminos(consulta.translate(_COMILLAS))))
    if len(terminos) > MAX_TERMINOS:
        raise no_valido(f"Busca con {MAX_TERMINOS} palabras como mucho", "q")
    if sum(bool(t.prefijo) for t in terminos) > MAX_PREFIJOS:
        raise no_valido(f"Busca con {MAX_PREFIJOS} comienzos de palabra (*) como mucho", "q")
    con_algo = [t for t in terminos if not _vacio(t)]
    return tuple(con_algo or terminos)


def _terminos(consulta: str) -> list[Termino]:
    terminos: list[Termino] = []
    for frase, suelto in _TROZO.findall(consulta):
        dichas = plegadas(frase or suelto)
        if frase:
            terminos += [Termino(frase=tuple(dichas))] if dichas else []
        elif suelto.endswith("*") and dichas and len(dichas[-1]) >= MIN_PREFIJO:
            terminos += [*map(_palabra, dichas[:-1]), Termino(prefijo=dichas[-1])]
        else:
            terminos += map(_palabra, dichas)
    if terminos and terminos[-1].raiz and consulta[-1].isalnum():
        terminos[-1] = _a_medias(plegadas(consulta)[-1])
    return terminos


def _palabra(plegada: str) -> Termino:
    return Termino(raiz=raiz(plegada))


def _a_medias(plegada: str) -> Termino:
    prefijo = plegada if len(plegada) >= MIN_PREFIJO else ""
    return Termino(raiz=raiz(plegada), prefijo=prefijo)


_RAICES_VACIAS = frozenset(map(raiz, _VACIAS))


def _vacio(termino: Termino) -> bool:
    return termino.raiz in _RAICES_VACIAS and termino.prefijo in ("", *_VACIAS)
