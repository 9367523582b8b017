"""Ejecutar órdenes: autorizar, escribir y anunciar, en una transacción por lote."""

from __future__ import annotations

import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from mensajeria.base_de_datos import atomico, es_caida, es_cerrojo_ajeno, es_conflicto
from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.errores import CodigoError, ErrorMensajeria
from mensajeria.operaciones import (
    conversaciones,
    historia,
    mensajes,
    moderacion,
    participantes,
    reacciones,
    recibos,
    retencion,
)
from mensajeria.operaciones.lote import Anuncio, Lote
from mensajeria.operaciones.orden import Orden, Resultado
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import Carga
from mensajeria.puntos_de_fallo import Punto, pasar

registro = logging.getLogger("mensajeria.operaciones")

SEGUNDOS_DE_INTENTOS = 5.0
# Una fila repetida se ve al segundo intento; si no, no es que otro se adelantara.
MAX_REPETIDAS = 8
MAX_ESPERA = 0.1


class Verbo(NamedTuple):
    """`aplicar` decide una orden en memoria; `todos` pide cargar a todos los participantes de su
    conversación; `preparar` carga de una vez lo demás que necesiten las órdenes de este verbo.
    """

    aplicar: Callable[[Lote, Orden], Any]
    todos: bool = False
    preparar: Callable[[Lote, Sequence[Orden]], None] | None = None


VERBOS: dict[type[Carga], Verbo] = {
    cargas.EnviarMensaje: Verbo(mensajes.enviar),
    cargas.EditarMensaje: Verbo(mensajes.editar),
    cargas.EliminarMensaje: Verbo(mensajes.eliminar),
    cargas.AgregarReaccion: Verbo(reacciones.agregar, preparar=reacciones.preparar),
    cargas.QuitarReaccion: Verbo(reacciones.quitar, preparar=reacciones.preparar),
    cargas.MarcarLeido: Verbo(recibos.leer, todos=True),
    cargas.MarcarEntregado: Verbo(recibos.entregar, todos=True),
    cargas.CrearConversacion: Verbo(conversaciones.crear, preparar=conversaciones.preparar),
    cargas.ActualizarConversacion: Verbo(conversaciones.actualizar, todos=True),
    cargas.AgregarParticipante: Verbo(
        participantes.agregar, todos=True, preparar=participantes.preparar
    ),
    cargas.CambiarParticipante: Verbo(participantes.cambiar, todos=True),
    cargas.RemoverParticipante: Verbo(participantes.remover, todos=True),
    cargas.OcultarMensaje: Verbo(moderacion.ocultar),
    cargas.RestaurarMensaje: Verbo(moderacion.restaurar),
    cargas.DesactivarUsuario: Verbo(moderacion.desactivar, preparar=moderacion.preparar),
    cargas.ReactivarUsuario: Verbo(moderacion.reactivar, preparar=moderacion.preparar),
    cargas.OlvidarParticipante: Verbo(participantes.olvidar, todos=True),
}


class Ejecutor:
    """`emisor` lleva lo confirmado a quien le toque."""

    def __init__(self, emisor: Emisor) -> None:
        self._emisor = emisor

    def ejecutar(self, ordenes: Sequence[Orden]) -> list[Resultado]:
        """Un resultado por orden, en su orden: la respuesta, `None`, o el error que la rechazó.

        Todo lo aceptado se confirma junto y se emite después. Un conflicto repite el lote entero;
        si algo inesperado lo rompe, se parte por la mitad hasta que falle sola la orden culpable.
        Lo que retiene alguien de fuera se niega sin esperarlo.
        """
        apartadas = retencion.apartar(ordenes)
        if not apartadas:
            return self._ejecutar(ordenes)
        negadas = iter(_todas(ordenes[: len(apartadas)], CodigoError.UNAVAILABLE))
        hechas = iter(self._ejecutar([o for i, o in enumerate(ordenes) if i not in apartadas]))
        return [next(negadas if i in apartadas else hechas) for i in range(len(ordenes))]

    def _ejecutar(self, ordenes: Sequence[Orden]) -> list[Resultado]:
        if not ordenes:
            return []
        limite = time.monotonic() + SEGUNDOS_DE_INTENTOS
        for intento in count():
            try:
                return self._intentar(ordenes)
            except Exception as error:
                if es_conflicto(error):
                    repetida = isinstance(error, IntegrityError) and intento >= MAX_REPETIDAS
                    if repetida or time.monotonic() > limite:
                        break
                    time.sleep(random.uniform(0, min(0.005 * 2**intento, MAX_ESPERA)))
                elif es_cerrojo_ajeno(error):
                    registro.error("Una fila está retenida desde fuera (lote de %d)", len(ordenes))
                    if retencion.descubrir(ordenes):
                        return self.ejecutar(ordenes)
                    return self._por_mitades(ordenes, CodigoError.UNAVAILABLE)
                elif es_caida(error):
                    registro.error("La base de datos no responde: %s", type(error).__name__)
                    return _todas(ordenes, CodigoError.UNAVAILABLE)
                else:
                    registro.exception("Falló un lote de %d", len(ordenes))
                    return self._por_mitades(ordenes, CodigoError.INTERNAL_ERROR)
        registro.error("Un lote de %d no dejó de chocar", len(ordenes))
        return self._por_mitades(ordenes, CodigoError.UNAVAILABLE)

    def _por_mitades(self, ordenes: Sequence[Orden], codigo: CodigoError) -> list[Resultado]:
        if len(ordenes) == 1:
            return _todas(ordenes, codigo)
        mitad = len(ordenes) // 2
        return self.ejecutar(ordenes[:mitad]) + self.ejecutar(ordenes[mitad:])

    def _intentar(self, ordenes: Sequence[Orden]) -> list[Resultado]:
        with atomico():
            lote = Lote(ordenes, lambda orden: VERBOS[type(orden.carga)].todos)
            _preparar(lote, ordenes)
            resultados = [_aplicar(lote, orden) for orden in ordenes]
            pasar(Punto.ANTES_DE_INSERTAR)
            sobres = lote.guardar()
            historia.anotar(lote, ordenes, resultados)
            pasar(Punto.TRAS_INSERTAR)
            transaction.on_commit(partial(self._emitir, sobres), robust=True)
        return [r.empuje if isinstance(r, Anuncio) else r for r in resultados]

    def _emitir(self, sobres: list[Sobre]) -> None:
        pasar(Punto.TRAS_CONFIRMAR)
        self._emisor.emitir(sobres)
        pasar(Punto.TRAS_EMITIR)

    def ejecutar_una(self, orden: Orden) -> Any:
        """La respuesta a una sola orden; lanza el error que la rechazó."""
        [resultado] = self.ejecutar([orden])
        if isinstance(resultado, ErrorMensajeria):
            raise resultado
        return resultado


def _todas(ordenes: Sequence[Orden], codigo: CodigoError) -> list[Resultado]:
    espera = 1.0 if codigo is CodigoError.UNAVAILABLE else None
    return [ErrorMensajeria(codigo, reintentar_en=espera)] * len(ordenes)


def _preparar(lote: Lote, ordenes: Sequence[Orden]) -> None:
    por_preparacion: defaultdict[Any, list[Orden]] = defaultdict(list)
    for orden in ordenes:
        preparar = VERBOS[type(orden.carga)].preparar
        if preparar is not None:
            por_preparacion[preparar].append(orden)
    for preparar, suyas in por_preparacion.items():
        preparar(lote, suyas)


def _aplicar(lote: Lote, orden: Orden) -> Any:
    try:
        return VERBOS[type(orden.carga)].aplicar(lote, orden)
    except ErrorMensajeria as error:
        return error
