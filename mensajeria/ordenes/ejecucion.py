"""Ejecutar órdenes: autorizar, guardar y anunciar, en una transacción por lote."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Any

from django.db import IntegrityError

from mensajeria import rastro
from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.fallos import caida, es_caida, es_cerrojo_ajeno, es_conflicto, va_bien
from mensajeria.models import Conversacion, cambiar_epoca, epoca_actual
from mensajeria.ordenes import almacen, limite
from mensajeria.ordenes.almacen import Leido, Nombrado, Subida
from mensajeria.ordenes.almacen.al_vuelo import AlVuelo, sabido
from mensajeria.ordenes.anuncios import Anuncio, construir
from mensajeria.ordenes.filas import Filas
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden, Resultado
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar
from mensajeria.ordenes.recordadas import Par, Recordadas
from mensajeria.ordenes.retencion import Retencion
from mensajeria.ordenes.verbo import Verbo, Verbos
from mensajeria.ordenes.vistazo import Caso
from mensajeria.protocolo.empujes import MensajeEnviado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

registro = logging.getLogger("mensajeria.ordenes")

SEGUNDOS_DE_INTENTOS = 5.0
# Una fila repetida se ve al segundo intento; si no, no es que otro se adelantara.
MAX_REPETIDAS = 8
MAX_ESPERA = 0.1

Ordenes = Sequence[Orden[Carga]]
# De una conversación, el último cambio que se repartió aquí en esa época; 0 si no se sabe.
Repartido = Callable[[str, str], int]


# Quién leyó, qué conversación y hasta dónde; desde cualquier hilo y sin esperar.
AlLeer = Callable[[Sequence[tuple[str, str, int]]], None]


class BaseAtrasada(Exception):
    """La base da números que en esa época ya se dieron: `repartidos`, por conversación."""

    def __init__(self, epoca: str, repartidos: dict[str, int]) -> None:
        super().__init__(f"La base va por detrás en {len(repartidos)} conversaciones")
        self.epoca = epoca
        self.repartidos = repartidos


class Ejecutor:
    """`verbos` dice cómo se cumple cada orden; `emisor` lleva lo confirmado a quien le toque."""

    def __init__(self, verbos: Verbos, emisor: Emisor) -> None:
        self._verbos = verbos
        self._emisor = emisor
        self.retencion = Retencion()
        # Lo dice quien reparte en este proceso; una orden de consola no reparte nada.
        self.repartido: Repartido = lambda _epoca, _id: 0
        # Quien envía los avisos en este proceso: lo leído ya no se avisa.
        self.al_leer: AlLeer = lambda _leido: None
        # Por donde escribe el bucle sin leer antes; sin ella, siempre se lee.
        self.vuelo: AlVuelo | None = None
        self._recordadas = Recordadas()

    def ejecutar(self, ordenes: Ordenes) -> list[Resultado]:
        """Un resultado por orden, en su orden: la respuesta, `None`, o el error que la rechazó.

        Todo lo aceptado se confirma junto y se emite después. Un conflicto repite el lote entero;
        si algo inesperado lo rompe, se parte por la mitad hasta que falle sola la orden culpable.
        Lo que retiene alguien de fuera se niega sin esperarlo.
        """
        apartadas = self.retencion.apartar(self._nombradas(ordenes))
        if not apartadas:
            return self._ejecutar(ordenes)
        negadas = iter(_todas(ordenes[: len(apartadas)], CodigoError.UNAVAILABLE))
        hechas = iter(self._ejecutar([o for i, o in enumerate(ordenes) if i not in apartadas]))
        return [next(negadas if i in apartadas else hechas) for i in range(len(ordenes))]

    def _verbo(self, orden: Orden[Carga]) -> Verbo[Any]:
        return self._verbos[type(orden.carga)]

    def _nombradas(self, ordenes: Ordenes) -> list[Nombra]:
        return [self._verbo(orden).nombra(orden) for orden in ordenes]

    # Repetir o partir el lote

    def _ejecutar(self, ordenes: Ordenes) -> list[Resultado]:
        if not ordenes:
            return []
        limite = time.monotonic() + SEGUNDOS_DE_INTENTOS
        atrasada: BaseAtrasada | None = None
        for intento in count():
            try:
                if atrasada is not None:
                    _empezar_otra_epoca(atrasada)
                return self._intentar(ordenes)
            except Exception as error:
                atrasada = error if isinstance(error, BaseAtrasada) else None
                if atrasada is None and not es_conflicto(error):
                    return self._sin_el_culpable(ordenes, error)
                repetida = isinstance(error, IntegrityError) and intento >= MAX_REPETIDAS
                if repetida or time.monotonic() > limite:
                    break
                time.sleep(random.uniform(0, min(0.005 * 2**intento, MAX_ESPERA)))
        registro.error("Un lote de %d no dejó de chocar", len(ordenes))
        return self._por_mitades(ordenes, CodigoError.UNAVAILABLE)

    def _sin_el_culpable(self, ordenes: Ordenes, error: Exception) -> list[Resultado]:
        if es_cerrojo_ajeno(error):
            registro.error("Una fila está retenida desde fuera (lote de %d)", len(ordenes))
            if self.retencion.descubrir(self._nombradas(ordenes)):
                return self.ejecutar(ordenes)
            return self._por_mitades(ordenes, CodigoError.UNAVAILABLE)
        if es_caida(error):
            return [caida(error)] * len(ordenes)
        de_quien = {"conexion": ordenes[0].actor.conexion} if len(ordenes) == 1 else {}
        dicho = "Falló un lote de %d"
        registro.error(dicho, len(ordenes), exc_info=error, extra={"datos": de_quien})
        return self._por_mitades(ordenes, CodigoError.INTERNAL_ERROR)

    def _por_mitades(self, ordenes: Ordenes, codigo: CodigoError) -> list[Resultado]:
        if len(ordenes) == 1:
            return _todas(ordenes, codigo)
        mitad = len(ordenes) // 2
        return self.ejecutar(ordenes[:mitad]) + self.ejecutar(ordenes[mitad:])

    # Un intento

    def _intentar(self, ordenes: Ordenes) -> list[Resultado]:
        nombradas = self._nombradas(ordenes)
        negadas = self._contar(ordenes, nombradas)
        if len(negadas) == len(ordenes):
            return list(negadas.values())
        nombrado = Nombrado()
        for i, (orden, nombra) in enumerate(zip(ordenes, nombradas, strict=True)):
            if i not in negadas:
                nombrado.sumar(orden, nombra)
        epoca = epoca_actual()
        with almacen.abrir() as transaccion:
            lote = Lote(Filas(transaccion.leer(nombrado), nombrado), epoca)
            self._comprobar_epoca(lote)
            resultados = [
                negadas.get(i) or self._aplicar(lote, orden) for i, orden in enumerate(ordenes)
            ]
            lote.dejar_dicho()
            # Ya: si algo no se pudiera anunciar, tampoco quedaría guardado.
            construir(lote.anuncios, lote.filas, lote.epoca)
            pasar(Punto.ANTES_DE_INSERTAR)
            transaccion.confirmar(
                lote.por_guardar, partial(self._emitir, lote, emitir=self._emisor.emitir)
            )
        va_bien(escribio=bool(lote.por_guardar.clases()))
        if self.vuelo is not None:
            casos = self._de_memoria(ordenes)
            enviados = [c for c in casos if not isinstance(resultados[c.sitio], ErrorMensajeria)]
            self._recordar(lote, _pares(enviados))
        return self._acabar(ordenes, resultados)

    def _acabar(self, ordenes: Ordenes, resultados: Sequence[Any]) -> list[Resultado]:
        if rastro.encendido:
            _dejar_rastro(ordenes, resultados)
        self._devolver(ordenes, resultados)
        return [r.empuje if isinstance(r, Anuncio) else r for r in resultados]

    # Sin leer, desde el bucle

    def al_vuelo(
        self, ordenes: Ordenes, al_acabar: Callable[[list[Resultado] | None], None]
    ) -> bool:
        """Las cumple con lo que se recuerda, en un solo viaje que no se espera; si se puede.

        `al_acabar` se llama en el bucle, con lo que daría `ejecutar`, o con `None` si nada quedó
        hecho: hay que ejecutarlas. Con `False` no se llama, y hay que ejecutarlas también.
        """
        if self.vuelo is None or not self.vuelo.libre or self.retencion.hay:
            return False
        casos = self._de_memoria(ordenes)
        if len(casos) < len(ordenes):
            return False
        pares = _pares(casos)
        leido = self._recordadas.leer(pares)
        epoca = epoca_actual() if leido is not None else ""
        if leido is None or self._vistas_mas_alla(leido, epoca) or not limite.caben(casos):
            return False
        filas = zip(leido.conversaciones, leido.participantes, strict=True)
        sabidos = [sabido(conversacion, quien) for conversacion, quien in filas]
        # Lo que se decide las cambia, quede guardado o no.
        self._recordadas.olvidar(id_ for id_, _ in pares)
        lote = Lote(Filas(leido, Nombrado()), epoca)
        resultados = [self._aplicar(lote, orden) for orden in ordenes]
        if any(isinstance(r, ErrorMensajeria) for r in resultados):
            return False
        lote.dejar_dicho()
        construir(lote.anuncios, lote.filas, lote.epoca)
        pasar(Punto.ANTES_DE_INSERTAR)

        def llegar(error: Exception | None, nada_quedo: bool) -> None:
            if error is not None:
                al_acabar(None if nada_quedo else [caida(error)] * len(ordenes))
                return
            va_bien(escribio=True)
            self._recordar(lote, pares)
            self._emitir(lote, (), self._emisor.emitir_ya)
            al_acabar(self._acabar(ordenes, resultados))

        self.vuelo.escribir(sabidos, lote.por_guardar, llegar)
        return True

    def _de_memoria(self, ordenes: Ordenes) -> list[Caso]:
        """Las que se cumplen, si se recuerdan, con la fila de su conversación y la del actor."""
        casos = []
        for i, orden in enumerate(ordenes):
            verbo = self._verbos[type(orden.carga)]
            if verbo.de_memoria:
                nombra = verbo.nombra(orden)
                if not (nombra.cita or nombra.archivo or nombra.todos):
                    casos.append(Caso(i, orden, nombra))
        return casos

    def _vistas_mas_alla(self, leido: Leido, epoca: str) -> bool:
        """Si de alguna se repartió aquí algo posterior: otro proceso escribió en ella."""
        return any(self.repartido(epoca, c.id) > c.ultimo_cambio for c in leido.conversaciones)

    def _recordar(self, lote: Lote, pares: Iterable[Par]) -> None:
        """Cómo queda lo de quienes enviaron; de lo demás que el lote tocó, nada."""
        self._recordadas.olvidar(lote.filas.conversaciones)
        self._recordadas.recordar(lote.filas, pares)

    def _comprobar_epoca(self, lote: Lote) -> None:
        """Antes de dar un número: si ya se repartió aquí, sería de dos cosas a la vez."""
        repartidos = {
            id_: repartido
            for id_, fila in lote.filas.conversaciones.items()
            if (repartido := self.repartido(lote.epoca, id_)) > fila.ultimo_cambio
        }
        if repartidos:
            raise BaseAtrasada(lote.epoca, repartidos)

    def _contar(self, ordenes: Ordenes, nombradas: Sequence[Nombra]) -> dict[int, ErrorMensajeria]:
        """Por sitio, el error de lo que no cabe en el límite. Nada está bloqueado: cabe esperar."""
        casos = [
            Caso(i, orden, nombra)
            for i, (orden, nombra) in enumerate(zip(ordenes, nombradas, strict=True))
            # El que lleva un archivo ya contó al subirlo.
            if self._verbo(orden).limitado and nombra.archivo is None
        ]
        return limite.contar(casos) if casos else {}

    def _aplicar(self, lote: Lote, orden: Orden[Carga]) -> Any:
        verbo = self._verbo(orden)
        try:
            resultado = verbo.aplicar(lote, orden)
        except ErrorMensajeria as error:
            return error
        if orden.motivo:
            lote.crear(verbo.historia(lote, orden))
        return resultado

    def _emitir(
        self, lote: Lote, subidas: Sequence[Subida], emitir: Callable[[list[Sobre]], None]
    ) -> None:
        pasar(Punto.TRAS_CONFIRMAR)
        # Un fallo aquí no es del lote, que repetido se guardaría dos veces: queda en el registro.
        try:
            lote.anunciar_subidas(subidas)
            emitir(construir(lote.anuncios, lote.filas, lote.epoca))
            if lote.leyeron:
                self.al_leer(lote.leyeron)
        except Exception:
            registro.exception("Falló emitir")
        pasar(Punto.TRAS_EMITIR)

    def _devolver(self, ordenes: Ordenes, resultados: Sequence[Any]) -> None:
        """Lo contado de lo que al final no gastaba: lo rechazado y lo repetido."""
        sobran = [o for o, r in zip(ordenes, resultados, strict=True) if _no_gasta(o, r)]
        if sobran:
            # Como al emitir: ya está guardado.
            try:
                limite.devolver(sobran)
            except Exception:
                registro.exception("Falló devolver lo contado")


def _pares(casos: Iterable[Caso]) -> list[Par]:
    """De conversación y persona, sin repetir."""
    return list(dict.fromkeys((caso.nombra.conversacion or "", caso.quien) for caso in casos))


def _dejar_rastro(ordenes: Ordenes, resultados: Sequence[Any]) -> None:
    for orden, resultado in zip(ordenes, resultados, strict=True):
        empuje = resultado.empuje if isinstance(resultado, Anuncio) else resultado
        if isinstance(empuje, MensajeEnviado):
            rastro.anotar(
                "confirmado",
                mensaje=empuje.mensaje_id,
                conversacion=empuje.conversacion_id,
                cambio=empuje.secuencia_cambio,
                usuario=orden.actor.usuario_id,
                conexion=orden.actor.conexion,
            )


def _empezar_otra_epoca(visto: BaseAtrasada) -> None:
    """Salvo que, leídas ahora, no vayan por detrás: en MongoDB se pudo leer antes de un cambio."""
    filas = Conversacion.objects.filter(pk__in=visto.repartidos)
    ultimos = dict(filas.values_list("pk", "ultimo_cambio"))
    if any(ultimos.get(id_, 0) < n for id_, n in visto.repartidos.items()):
        cambiar_epoca(visto.epoca)


def _no_gasta(orden: Orden[Carga], resultado: Any) -> bool:
    return orden.contada and (orden.repetida or isinstance(resultado, ErrorMensajeria))


def _todas(ordenes: Ordenes, codigo: CodigoError) -> list[Resultado]:
    espera = 1.0 if codigo is CodigoError.UNAVAILABLE else None
    return [ErrorMensajeria(codigo, reintentar_en=espera)] * len(ordenes)
