"""Anunciar: los eventos de un lote, que salen cuando todo está guardado y confirmado."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mensajeria import presentacion
from mensajeria.consultas import gente_entre, presentar_con_su_gente, propias_de
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.filas import ConversacionLigera, MensajeLigero
from mensajeria.models import Lectura
from mensajeria.ordenes.filas import Filas
from mensajeria.presentacion import Entorno, Recibos
from mensajeria.protocolo import formas
from mensajeria.protocolo.empujes import Empuje
from mensajeria.protocolo.tipos import ahora


@dataclass(slots=True)
class Anuncio:
    """Un evento por construir y a quién va; construido, `empuje` es lo anunciado.

    De `campos`, una fila de mensaje o de conversación sale como su forma, con todo lo del lote ya
    hecho; lo demás, tal cual. `nombrados`, de quiénes habla: van con la conversación aunque sea
    numerosa.
    """

    tipo: type[Empuje]
    campos: dict[str, Any]
    alcance: Alcance
    destino: dict[str, Any]
    nombrados: Sequence[str] = ()
    empuje: Empuje | None = None
    sobre: Sobre | None = None


def construir(anuncios: Sequence[Anuncio], filas: Filas, epoca: str) -> list[Sobre]:
    """Los sobres de todos, en su orden; los que ya estaban hechos, como estaban."""
    faltan = any(anuncio.sobre is None for anuncio in anuncios)
    momento = ahora() if faltan else ""
    return [anuncio.sobre or _hecho(anuncio, filas, momento, epoca) for anuncio in anuncios]


def _hecho(anuncio: Anuncio, filas: Filas, momento: str, epoca: str) -> Sobre:
    for campo, valor in anuncio.campos.items():
        if type(valor) is MensajeLigero:
            anuncio.campos[campo] = _forma_de_mensaje(filas, valor)
        elif type(valor) is ConversacionLigera:
            _presentar_conversacion(anuncio, campo, valor, filas)
    anuncio.empuje = anuncio.tipo(timestamp=momento, **anuncio.campos)
    if "cambio" in anuncio.destino:
        anuncio.destino["epoca"] = epoca
    anuncio.sobre = sobre(anuncio.empuje, anuncio.alcance, **anuncio.destino)
    return anuncio.sobre


def _forma_de_mensaje(filas: Filas, fila: MensajeLigero) -> formas.Mensaje:
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
    return presentacion.mensaje(fila, entorno, filas.reacciones_de(fila.id))


def _presentar_conversacion(
    anuncio: Anuncio, campo: str, fila: ConversacionLigera, filas: Filas
) -> None:
    """Con sus participantes, que la orden nombró a todos, en orden de ingreso."""
    suyos = [p for (c, _), p in filas.participantes.items() if c == fila.id]
    suyos.sort(key=lambda p: (p.fecha_ingreso, p.id))
    gente = gente_entre(suyos, anuncio.nombrados)
    [anuncio.campos[campo]] = presentar_con_su_gente([fila], {fila.id: gente})
    if gente.numerosa:
        anuncio.destino["propias"] = propias_de(suyos, salvo=anuncio.nombrados)
