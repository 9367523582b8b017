"""Anunciar: los eventos de un lote, que salen cuando todo está guardado y confirmado."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mensajeria import presentacion
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.filas import Conversacion, Mensaje
from mensajeria.models import Lectura
from mensajeria.ordenes.almacen import Ultimos
from mensajeria.ordenes.filas import Filas
from mensajeria.presentacion import Entorno, Recibos
from mensajeria.protocolo import formas
from mensajeria.protocolo.empujes import Empuje
from mensajeria.protocolo.tipos import ahora

# Los campos que solo se saben con todo guardado; `None` si entonces no hay nada que anunciar.
Completar = Callable[[Ultimos], Mapping[str, Any] | None]


@dataclass(slots=True)
class Anuncio:
    """Un evento por construir y a quién va; construido, `empuje` es lo anunciado.

    De `campos`, una fila de mensaje o de conversación sale como su forma, con todo lo del lote ya
    hecho; lo demás, tal cual.
    """

    tipo: type[Empuje]
    campos: dict[str, Any]
    alcance: Alcance
    destino: dict[str, Any]
    completar: Completar | None = None
    empuje: Empuje | None = None
    sobre: Sobre | None = None

    def construir(self, momento: str) -> None:
        self.empuje = self.tipo(timestamp=momento, **self.campos)
        self.sobre = sobre(self.empuje, self.alcance, **self.destino)


def construir(anuncios: Sequence[Anuncio], filas: Filas) -> None:
    """Todos, menos los que esperan a que esté guardado."""
    momento = ahora()
    for anuncio in anuncios:
        for campo, valor in anuncio.campos.items():
            if type(valor) is Mensaje:
                anuncio.campos[campo] = _forma_de_mensaje(filas, valor)
            elif type(valor) is Conversacion:
                anuncio.campos[campo] = _forma_de_conversacion(filas, valor)
        if anuncio.completar is None:
            anuncio.construir(momento)


def sobres(anuncios: Sequence[Anuncio], ultimos: Ultimos) -> list[Sobre]:
    """Los de todos, en su orden, con lo que se supo al guardar."""
    for anuncio in anuncios:
        if anuncio.completar is not None and (faltaban := anuncio.completar(ultimos)) is not None:
            anuncio.campos.update(faltaban)
            anuncio.construir(ahora())
    return [anuncio.sobre for anuncio in anuncios if anuncio.sobre is not None]


def _forma_de_mensaje(filas: Filas, fila: Mensaje) -> formas.Mensaje:
    """De lo que se leyó con él: su autor, sus reacciones y los recibos que lo cubren."""
    autor = filas.participantes.get((fila.conversacion_id, fila.remitente_id or ""))
    por_clase: dict[str, dict[str, Recibos]] = defaultdict(dict)
    for recibo in sorted(filas.recibos[fila.conversacion_id], key=lambda r: r.hasta):
        suyos = por_clase[recibo.clase].setdefault(recibo.usuario_id, Recibos())
        suyos.desde.append(recibo.desde)
        suyos.hasta.append(recibo.hasta)
        suyos.fechas.append(recibo.fecha)
    entorno = Entorno(
        [autor] if autor else [],
        por_clase[Lectura.Clase.ENTREGADO],
        por_clase[Lectura.Clase.LEIDO],
    )
    reacciones = sorted(filas.reacciones[fila.id].values(), key=lambda r: (r.fecha, r.id))
    return presentacion.mensaje(fila, entorno, reacciones)


def _forma_de_conversacion(filas: Filas, fila: Conversacion) -> formas.Conversacion:
    """Con sus participantes, que la orden nombró a todos, en orden de ingreso."""
    suyos = [p for (c, _), p in filas.participantes.items() if c == fila.id]
    suyos.sort(key=lambda p: (p.fecha_ingreso, p.id))
    en_linea = compartido().presencia.en_linea({p.usuario_id for p in suyos})
    return presentacion.conversacion(fila, suyos, en_linea)
