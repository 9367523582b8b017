"""Anunciar: los eventos de un lote, que salen cuando todo está guardado y confirmado."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mensajeria.consultas import presentar_conversaciones, presentar_mensajes
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.models import Conversacion, Mensaje
from mensajeria.protocolo.empujes import Empuje

# Los campos que solo se saben con todo guardado; `None` si entonces no hay nada que anunciar.
Completar = Callable[[], Mapping[str, Any] | None]


@dataclass(slots=True)
class Anuncio:
    """Un evento por construir y a quién va; guardado el lote, `empuje` es lo anunciado.

    De `campos`, una fila de mensaje o de conversación sale como su forma, ya guardada; lo demás,
    tal cual.
    """

    tipo: type[Empuje]
    campos: dict[str, Any]
    alcance: Alcance
    destino: dict[str, Any]
    completar: Completar | None = None
    empuje: Empuje | None = None


def construir(anuncios: Sequence[Anuncio]) -> list[Sobre]:
    """Sus sobres, en su orden; lo que haya que presentar se lee de una vez."""
    presentados = _Presentados([v for a in anuncios for v in a.campos.values()])
    sobres = []
    for anuncio in anuncios:
        campos = {k: presentados.forma_de(v) for k, v in anuncio.campos.items()}
        if anuncio.completar is not None:
            faltaban = anuncio.completar()
            if faltaban is None:
                continue
            campos.update(faltaban)
        anuncio.empuje = anuncio.tipo(**campos)
        sobres.append(sobre(anuncio.empuje, anuncio.alcance, **anuncio.destino))
    return sobres


class _Presentados:
    def __init__(self, valores: Sequence[Any]) -> None:
        mensajes = {v.pk: v for v in valores if isinstance(v, Mensaje)}
        conversaciones = {v.pk: v for v in valores if isinstance(v, Conversacion)}
        self._formas: dict[tuple[type, str], Any] = {}
        for forma in presentar_mensajes(list(mensajes.values())):
            self._formas[Mensaje, forma.id] = forma
        if conversaciones:
            for de_una in presentar_conversaciones(list(conversaciones.values())):
                self._formas[Conversacion, de_una.id] = de_una

    def forma_de(self, valor: Any) -> Any:
        if isinstance(valor, Mensaje | Conversacion):
            return self._formas[type(valor), valor.pk]
        return valor
