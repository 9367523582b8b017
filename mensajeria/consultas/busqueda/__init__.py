"""Buscar en lo propio: qué mensajes dicen algo, y el trozo que lo dice.

Las tres bases dan lo mismo: lo que casa lo dice `buscable` (`protocolo.palabras`), y cada una llega
a ello a su modo (`sqlite`, `postgresql`, `mongo`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mensajeria.base_de_datos import instantanea
from mensajeria.consultas.busqueda.consulta import Termino, leer
from mensajeria.consultas.busqueda.donde import (
    EN_TODAS,
    Buscador,
    CursorMalo,
    Donde,
    Encontrado,
    Encontrados,
    Filtros,
    donde_busca,
)
from mensajeria.consultas.busqueda.fragmento import fragmentos
from mensajeria.consultas.busqueda.mongo import EnMongo
from mensajeria.consultas.busqueda.postgresql import EnPostgresql
from mensajeria.consultas.busqueda.relevancia import CANDIDATOS, puntos
from mensajeria.consultas.busqueda.sqlite import EnSqlite
from mensajeria.consultas.coste import leidas
from mensajeria.consultas.filas import DE_MENSAJE, FilaDeMensaje, mensajes_de_filas
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.presentar import con_lo_que_cita, presentar_mensajes
from mensajeria.metricas import SEGUNDOS_DE_BUSQUEDA
from mensajeria.models import Mensaje
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.palabras import dichas_en, plegadas

__all__ = ["Filtros", "Hallados", "buscar", "buscar_en_todas", "buscar_lo_mas_nuevo"]

# Lo que una búsqueda cuesta por sí, en filas, halle lo que halle.
FILAS_POR_BUSQUEDA = 250
# Lo que se mira, en todas, mientras falta alguno de los pedidos.
SEGUNDOS_EN_TODAS = 0.5
# De lo que vale un mensaje, por parecido que sea.
_CIFRAS = 12
_FILAS = Preparada(
    lambda ids: con_lo_que_cita(Mensaje.objects.filter(pk__de_la_lista=ids)).values_list(
        *DE_MENSAJE
    ),
    1,
)
_BUSCABLES = Preparada(
    lambda ids: Mensaje.objects.filter(pk__de_la_lista=ids).values_list("pk", "buscable"), 1
)
_BUSCADORES: dict[str, Buscador] = {
    "sqlite": EnSqlite(),
    "postgresql": EnPostgresql(),
    "mongodb": EnMongo(),
}


@dataclass(frozen=True, slots=True)
class Hallados:
    """Lo hallado, el cursor de cada uno, y el de lo que sigue, si sigue."""

    hallados: list[formas.Hallado]
    cursores: list[str]
    sigue: str | None


def buscar(
    usuario_id: str,
    q: str,
    filtros: Filtros,
    *,
    por_relevancia: bool = False,
    cursor: str | None = None,
    cuantos: int = 50,
) -> Hallados:
    """Los mensajes de las conversaciones de esa persona que dicen `q` y cumplen los filtros.

    NOT_FOUND si la conversación no es suya; VALIDATION_ERROR si no hay qué buscar, o el cursor no
    vale; UNAVAILABLE si tarda demasiado. Todo es de un mismo instante.
    """
    terminos = leer(q)
    if q.strip() and not terminos:
        raise no_valido("Escribe alguna palabra: se busca por letras y números", "q")
    if not terminos and filtros == Filtros():
        raise no_valido("Escribe qué buscar, o elige una conversación, persona, tipo o fecha", "q")
    with instantanea():
        leidas(filas=FILAS_POR_BUSQUEDA)
        donde = donde_busca(usuario_id, filtros.conversacion)
        pedir = _Pedido(donde, terminos, filtros)
        try:
            if por_relevancia and terminos:
                return pedir.por_relevancia(plegadas(q), cursor, cuantos)
            return pedir.por_fecha(cursor, cuantos)
        except CursorMalo:
            raise no_valido("El cursor no vale: busca otra vez", "cursor") from None


def buscar_lo_mas_nuevo(usuario_id: str, q: str, cuantos: int) -> list[FilaDeMensaje]:
    """Las filas de lo más nuevo que dice `q`; ninguna, si no dice ninguna palabra."""
    if not (terminos := leer(q)):
        return []
    with instantanea():
        leidas(filas=FILAS_POR_BUSQUEDA)
        donde = donde_busca(usuario_id, None)
        return _filas(_Pedido(donde, terminos, Filtros()).hallar(None, cuantos).encontrados)


def buscar_en_todas(q: str, cuantos: int) -> tuple[list[str], bool]:
    """Los ids de lo más nuevo que dice `q` en cualquier conversación, y si puede haber más.

    Sin alcance: es de la mesa. VALIDATION_ERROR si pide demasiado; UNAVAILABLE si tarda.
    """
    if not (terminos := leer(q)):
        return [], False
    ids: list[str] = []
    ahora = time.monotonic()
    limite = ahora + SEGUNDOS_EN_TODAS
    tras: str | None = None
    with instantanea():
        while len(ids) < cuantos:
            antes = ahora
            with SEGUNDOS_DE_BUSQUEDA.time():
                dados = _buscador().hallar(EN_TODAS, terminos, Filtros(), tras, cuantos - len(ids))
            ids += [h.id for h in dados.encontrados]
            tras, ahora = dados.sigue, time.monotonic()
            # Otra costaría como esta.
            if tras is None or 2 * ahora - antes > limite:
                break
    return ids, tras is not None


def _buscador() -> Buscador:
    return _BUSCADORES[connection.vendor]


def _filas(encontrados: list[Encontrado]) -> list[FilaDeMensaje]:
    """En su orden."""
    ids = [h.id for h in encontrados]
    filas = mensajes_de_filas(_FILAS(ids))
    # Lo que se retiró sin órdenes puede seguir en el índice; de ahí no pasa.
    por_id = {f.id: f for f in filas if not f.retirado}
    return [por_id[id_] for id_ in ids if id_ in por_id]


@dataclass(frozen=True, slots=True)
class _Pedido:
    donde: Donde
    terminos: tuple[Termino, ...]
    filtros: Filtros

    def hallar(self, tras: str | None, cuantos: int) -> Encontrados:
        if not self.donde.conversaciones:
            return Encontrados([], None)
        with SEGUNDOS_DE_BUSQUEDA.time():
            return _buscador().hallar(self.donde, self.terminos, self.filtros, tras, cuantos)

    def por_fecha(self, cursor: str | None, cuantos: int) -> Hallados:
        dados = self.hallar(cursor, cuantos)
        posiciones = {h.id: h.posicion for h in dados.encontrados}
        filas = _filas(dados.encontrados)
        return self._con_fragmento(filas, [posiciones[f.id] for f in filas], dados.sigue)

    def por_relevancia(self, escritas: list[str], cursor: str | None, cuantos: int) -> Hallados:
        """Los candidatos son siempre los mismos: los que había con la primera página."""
        puesto, ancla = _leer_puesto(cursor) if cursor is not None else (None, None)
        dados = self.hallar(ancla and _buscador().incluida(ancla), CANDIDATOS)
        if not dados.encontrados:
            return Hallados([], [], None)
        ancla = ancla or dados.encontrados[0].posicion
        valen = _puntuados(dados.encontrados, self.terminos, escritas)
        orden = sorted(dados.encontrados, key=lambda h: (valen[h.id], h.posicion), reverse=True)
        quedan = [h for h in orden if puesto is None or (valen[h.id], h.posicion) < puesto]
        pagina = quedan[:cuantos]
        cursores = {h.id: f"{valen[h.id]}/{h.posicion}/{ancla}" for h in pagina}
        filas = _filas(pagina)
        sigue = cursores[pagina[-1].id] if len(quedan) > cuantos else None
        return self._con_fragmento(filas, [cursores[f.id] for f in filas], sigue)

    def _con_fragmento(
        self, filas: list[FilaDeMensaje], cursores: list[str], sigue: str | None
    ) -> Hallados:
        trozos = fragmentos([(f.texto, _nombre(f.archivo)) for f in filas], self.terminos)
        hallados = [
            formas.Hallado(mensaje=mensaje, fragmento=trozo)
            for mensaje, trozo in zip(presentar_mensajes(filas), trozos, strict=True)
        ]
        return Hallados(hallados, cursores, sigue)


def _nombre(archivo: Any) -> str:
    return (archivo or {}).get("nombre") or ""


def _leer_puesto(cursor: str) -> tuple[tuple[int, str], str]:
    partes = cursor.split("/")
    valen = partes[0].isascii() and partes[0].isdigit() and len(partes[0]) <= _CIFRAS
    if len(partes) != 3 or not valen:
        raise CursorMalo(cursor)
    return (int(partes[0]), partes[1]), partes[2]


def _puntuados(
    encontrados: list[Encontrado], terminos: tuple[Termino, ...], escritas: list[str]
) -> dict[str, int]:
    ids = [h.id for h in encontrados]
    return {pk: puntos(dichas_en(buscable), terminos, escritas) for pk, buscable in _BUSCABLES(ids)}
