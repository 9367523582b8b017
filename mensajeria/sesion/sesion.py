"""La conversación de un cliente con el servidor, sea cual sea su puerta: lo que pide, en su turno.

Cada petición se vuelve la carga de su evento y va a las operaciones, o a su manejador. Lo que una
conexión pide se hace en su orden.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from mensajeria import metricas, rastro
from mensajeria.fallos import error_de
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes.orden import Orden, Resultado
from mensajeria.protocolo import empujes
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga
from mensajeria.protocolo.validacion import convertir, evento_de_cliente
from mensajeria.sesion.conexion import Conexion, Peticion
from mensajeria.sesion.interlocutor import Interlocutor
from mensajeria.sesion.manejadores import MANEJADORES

# Dicen «Socket.IO» por cualquiera de las puertas: es lo que el README manda buscar en el registro.
registro = logging.getLogger("mensajeria.socket")

# Peticiones sin terminar con las que se deja de leer a una conexión.
MAX_PENDIENTES = 64


def _nada() -> None:
    pass


class Sesion:
    """La `Aplicacion` de cada conexión, en cualquiera de las puertas."""

    __slots__ = (
        "_cerrada",
        "_cola",
        "_conexion",
        "_en_vuelo",
        "_interlocutor",
        "_nodo",
        "_pausada",
        "_tarea",
    )

    def __init__(self, nodo: Nodo, conexion: Conexion, direccion: str, agente: str) -> None:
        self._interlocutor = Interlocutor(nodo, conexion, direccion, agente)
        self._nodo = nodo
        self._conexion = conexion
        # Casi nunca espera nada: un `deque` vacío ocupa 600 bytes.
        self._cola: deque[Peticion] | None = None
        self._en_vuelo = 0
        self._tarea: asyncio.Task[None] | None = None
        self._pausada = False
        self._cerrada = False
        metricas.CONEXIONES.inc()
        registro.info("Socket.IO conectado %s desde %s", self._interlocutor.id, direccion)

    # Lo que llega de la puerta

    async def ingresar(self, credencial: Credencial, antes: Callable[[], None] = _nada) -> None:
        """Autentica a quien llega con una credencial; `ErrorMensajeria` si no vale.

        `antes` se llama cuando ya vale, justo antes de enviar `autenticado`.
        """

        def responder(empuje: empujes.Autenticado) -> None:
            antes()
            self._interlocutor.contestar(Peticion(), empuje)

        await self._interlocutor.ingresar(credencial, responder)

    def recibir(self, peticion: Peticion) -> None:
        """Una petición del cliente; no espera. Las que no pueden empezar aguardan su turno."""
        if self._cerrada or not self._nodo.atiende:
            return
        try:
            self._interlocutor.cubo.gastar()
        except ErrorMensajeria as error:
            self._interlocutor.negar(peticion, error)
            return
        if peticion.evento == "ping":
            # No cambia nada y no espera a la base: así se sabe que el servidor vive.
            self._atender(peticion)
            return
        if self._cola is None:
            self._cola = deque()
        self._cola.append(peticion)
        self._avanzar()

    def negar(self, peticion: Peticion, error: ErrorMensajeria) -> None:
        """Lo que llegó no era una petición admisible; también gasta ritmo."""
        try:
            self._interlocutor.cubo.gastar()
        except ErrorMensajeria as frenado:
            error = frenado
        self._interlocutor.negar(peticion, error)

    def ping_enviado(self) -> None:
        self._interlocutor.por_confirmar.ping_enviado()

    def ping_contestado(self) -> None:
        """Lo que se le envió antes de ese ping cuenta como recibido."""
        for conversacion, secuencia in self._interlocutor.por_confirmar.ping_contestado().items():
            self._recibio(conversacion, secuencia)

    def desconectada(self, _motivo: str = "") -> None:
        """Se perdió la conexión. Lo que estaba en vuelo se confirma igual."""
        if self._cerrada:
            return
        self._cerrada = True
        self._cola = None
        if self._tarea is not None:
            self._tarea.cancel()
        self._interlocutor.irse()
        metricas.CONEXIONES.dec()
        registro.info("Socket.IO desconectado %s", self._interlocutor.id)

    # Los turnos

    def _avanzar(self) -> None:
        while self._cola and self._tarea is None:
            tipo = _tipo_de(self._cola[0].evento)
            if self._en_vuelo and tipo not in VERBOS:
                break
            self._atender(self._cola.popleft())
        if not self._cola:
            self._cola = None
        llena = len(self._cola or ()) + self._en_vuelo >= MAX_PENDIENTES
        if llena != self._pausada and not self._cerrada:
            self._pausada = llena
            (self._conexion.pausar if llena else self._conexion.reanudar)()

    def _atender(self, peticion: Peticion) -> None:
        try:
            evento = evento_de_cliente(peticion.evento)
            if evento.con_credencial:
                self._interlocutor.exigir_credencial()
                self._interlocutor.fallidas.exigir()
            carga = convertir(peticion.datos, evento.carga)
            metricas.evento(evento.nombre).sumar()
            if type(carga) in VERBOS:
                self._pedir(peticion, carga)
            else:
                trabajo = MANEJADORES[evento.carga](self._interlocutor, peticion, carga)
                if trabajo is not None:
                    self._tarea = asyncio.create_task(self._trabajar(peticion, trabajo))
        except Exception as error:
            self._interlocutor.negar(peticion, self._error_de(error, peticion))

    def _error_de(self, error: Exception, peticion: Peticion) -> ErrorMensajeria:
        suyos = {"conexion": self._interlocutor.id, "id": peticion.id}
        return error_de(error, peticion.evento, **suyos)

    # Los verbos: por el escritor del proceso, varios en vuelo

    def _pedir(self, peticion: Peticion, carga: Carga) -> None:
        self._en_vuelo += 1
        self._nodo.escritor.pedir(
            Orden(self._interlocutor.actor, carga),
            lambda resultado: self._terminada(peticion, resultado),
        )

    def _terminada(self, peticion: Peticion, resultado: Resultado) -> None:
        self._en_vuelo -= 1
        if isinstance(resultado, ErrorMensajeria):
            self._interlocutor.negar(peticion, resultado)
        elif isinstance(resultado, empujes.MensajeEnviado):
            self._interlocutor.teclado.calla(resultado.conversacion_id)
            self._interlocutor.contestar(peticion, resultado)
            if rastro.encendido:
                rastro.anotar(
                    "contestado",
                    mensaje=resultado.mensaje_id,
                    conexion=self._interlocutor.id,
                    id=peticion.id,
                )
        else:
            self._interlocutor.responder(peticion, resultado)
        self._avanzar()

    def _recibio(self, conversacion: str, secuencia: int) -> None:
        if self._interlocutor.credencial is not None and not self._cerrada:
            self._nodo.recibidos.sumar(self._interlocutor.usuario_id, conversacion, secuencia)

    # Lo demás: de una en una, con lo anterior terminado

    async def _trabajar(self, peticion: Peticion, trabajo: Coroutine[Any, Any, None]) -> None:
        try:
            await trabajo
        except Exception as error:
            self._interlocutor.negar(peticion, self._error_de(error, peticion))
        finally:
            self._tarea = None
            self._avanzar()


def _tipo_de(evento: str) -> type[Carga] | None:
    try:
        return evento_de_cliente(evento).carga
    except ErrorMensajeria:
        return None
