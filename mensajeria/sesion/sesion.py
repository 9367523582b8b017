"""La conversación de un cliente con el servidor, sea cual sea su puerta.

Recibe peticiones ya decodificadas, las carga del catálogo, las lleva a las operaciones y escribe
respuestas y eventos. Lo que una conexión pide se hace en su orden.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from django.conf import settings

from mensajeria import metricas
from mensajeria.base_de_datos import error_de, leer
from mensajeria.central.escribiendo import Teclado
from mensajeria.central.sala import Emision
from mensajeria.consultas import Vigencia
from mensajeria.entre_procesos import aforo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.cubos import Cubo
from mensajeria.errores import CodigoError, ErrorMensajeria
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import Credencial, usuario_de
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes.orden import Actor, Orden, Resultado
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import Carga, Forma, iso
from mensajeria.protocolo.validacion import convertir, evento_de_cliente
from mensajeria.sesion.manejadores import MANEJADORES
from mensajeria.sesion.puerta import Id, Pedida, Puerta, Responder

registro = logging.getLogger("mensajeria.socket")

# Peticiones sin terminar con las que se deja de leer a una conexión.
MAX_PENDIENTES = 64
MAX_NOMBRE_DE_EVENTO = 64
_UN_DIA = 86_400.0


class Sesion:
    """`direccion` y `agente` se guardan con los mensajes, solo para moderadores."""

    def __init__(self, nodo: Nodo, puerta: Puerta, direccion: str = "", agente: str = "") -> None:
        self.id = secrets.token_urlsafe(15)
        self.credencial: Credencial | None = None
        self.usuario_id = ""
        self.personal = False
        self.entrada = nodo.entrada
        self.reparto = nodo.reparto
        self._nodo = nodo
        self._puerta = puerta
        self._direccion = direccion
        self._agente = agente
        self._cubo = Cubo()
        self._cola: deque[Pedida] = deque()
        self._en_vuelo = 0
        self._tarea: asyncio.Task[None] | None = None
        self._pausada = False
        self._cerrada = False
        self._expiracion: asyncio.TimerHandle | None = None
        self.teclado = Teclado(nodo.emisor.emitir)
        metricas.CONEXIONES.inc()
        registro.info("Socket.IO conectado %s desde %s", self.id, direccion)

    # Entrada

    def recibir(
        self, evento: str, datos: Any, id_: Id | None = None, responder: Responder | None = None
    ) -> None:
        """Una petición del cliente; no espera. Las que no pueden empezar aguardan su turno."""
        if self._cerrada or self._nodo.deteniendo:
            return
        pedida = Pedida(evento, datos, id_, responder)
        try:
            self._cubo.gastar()
        except ErrorMensajeria as error:
            self.negar(pedida, error)
            return
        if evento == "ping":
            # No cambia nada y no espera a la base: así se sabe que el servidor vive.
            self._atender(pedida)
            return
        self._cola.append(pedida)
        self._avanzar()

    def negar_marco(
        self,
        error: ErrorMensajeria,
        evento: str | None = None,
        responder: Responder | None = None,
    ) -> None:
        """Lo que llegó no era una petición admisible; también gasta ritmo."""
        try:
            self._cubo.gastar()
        except ErrorMensajeria as frenado:
            error = frenado
        self.negar(Pedida(evento or "", None, None, responder), error)

    def _avisar(self, codigo: CodigoError) -> None:
        self.negar(Pedida("", None, None, None), ErrorMensajeria(codigo))

    def _avanzar(self) -> None:
        while self._cola and self._tarea is None:
            tipo = _tipo_de(self._cola[0].evento)
            if self._en_vuelo and tipo not in VERBOS:
                break
            self._atender(self._cola.popleft())
        llena = len(self._cola) + self._en_vuelo >= MAX_PENDIENTES
        if llena != self._pausada and not self._cerrada:
            self._pausada = llena
            (self._puerta.pausar if llena else self._puerta.reanudar)()

    def _atender(self, pedida: Pedida) -> None:
        try:
            evento = evento_de_cliente(pedida.evento)
            if evento.con_sesion:
                self._exigir_sesion()
            carga = convertir(pedida.datos, evento.carga)
            metricas.EVENTOS.labels(evento.nombre).inc()
            if type(carga) in VERBOS:
                self._pedir(pedida, carga)
            else:
                MANEJADORES[evento.carga](self, pedida, carga)
        except Exception as error:
            self.negar(pedida, error_de(error, pedida.evento))

    def _exigir_sesion(self) -> None:
        if self.credencial is None:
            raise ErrorMensajeria(CodigoError.AUTH_REQUIRED)
        if self.credencial.expira is not None and self.credencial.expira <= time.time():
            raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED)

    # Escrituras: por el escritor del proceso, varias en vuelo

    def _pedir(self, pedida: Pedida, carga: Carga) -> None:
        actor = Actor(self.usuario_id, self.id, self._direccion, self._agente)
        self._en_vuelo += 1
        self._nodo.escritor.pedir(
            Orden(actor, carga), lambda resultado: self._terminada(pedida, resultado)
        )

    def _terminada(self, pedida: Pedida, resultado: Resultado) -> None:
        self._en_vuelo -= 1
        if isinstance(resultado, ErrorMensajeria):
            self.negar(pedida, resultado)
        elif isinstance(resultado, empujes.MensajeEnviado):
            self.contestar(pedida, resultado)
        else:
            self.responder(pedida, resultado)
        self._avanzar()

    # Lo demás: de una en una, con lo anterior terminado

    def en_tarea(self, pedida: Pedida, trabajo: Coroutine[Any, Any, None]) -> None:
        self._tarea = asyncio.create_task(self._trabajar(pedida, trabajo))

    async def _trabajar(self, pedida: Pedida, trabajo: Coroutine[Any, Any, None]) -> None:
        try:
            await trabajo
        except Exception as error:
            self.negar(pedida, error_de(error, pedida.evento))
        finally:
            self._tarea = None
            self._avanzar()

    async def ingresar(
        self, credencial: Credencial, responder: Callable[[empujes.Autenticado], None]
    ) -> None:
        """Autentica la conexión.

        Si la credencial no vale o no hay sitio, la sesión queda como estaba; si falla después, ya
        sin su usuario anterior, no es de nadie.

        `responder` escribe `autenticado` antes que ningún otro evento del usuario.
        """
        usuario = await leer(usuario_de, credencial)
        fecha = credencial.fecha_de_expiracion
        empuje = empujes.Autenticado(usuario_id=usuario.pk, expira=iso(fecha) if fecha else None)
        if self.credencial is not None and self.usuario_id == usuario.pk:
            self.acreditar(credencial)
            responder(empuje)
            return
        if not await aforo.entrar(aforo.de_usuario(usuario.pk), settings.CONEXIONES_POR_USUARIO):
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED, "Demasiadas conexiones abiertas", reintentar_en=60.0
            )
        self._dejar_usuario()
        self.usuario_id, self.personal = usuario.pk, usuario.is_staff
        self._cubo = compartido().cubos.de(usuario.pk)
        self.acreditar(credencial)
        try:
            vigencia = Vigencia(usuario.version, usuario.is_active, usuario.tokens_desde)
            await self.entrada.ingresar(self, vigencia, lambda: responder(empuje))
        except BaseException:
            self._dejar_usuario()
            raise
        registro.info("Socket.IO autenticado %s como %s", self.id, usuario.pk)

    def _dejar_usuario(self) -> None:
        """La conexión deja de ser de nadie."""
        self.teclado.calla_del_todo()
        self._puerta.olvidar()
        if self.usuario_id:
            self.entrada.desconectar(self)
            aforo.salir(aforo.de_usuario(self.usuario_id))
        self.usuario_id, self.credencial, self.personal = "", None, False
        self._cubo = Cubo()

    def acreditar(self, credencial: Credencial) -> None:
        self.credencial = credencial
        self._vigilar_expiracion()

    def _vigilar_expiracion(self) -> None:
        if self._expiracion is not None:
            self._expiracion.cancel()
        if self.credencial is None or self.credencial.expira is None:
            return
        falta = self.credencial.expira - time.time()
        if falta <= 0:
            self._avisar(CodigoError.TOKEN_EXPIRED)
            self._puerta.cerrar()
            return
        bucle = asyncio.get_running_loop()
        self._expiracion = bucle.call_later(min(falta, _UN_DIA), self._vigilar_expiracion)

    # Salida

    def entregar(self, emision: Emision) -> None:
        """Un evento para esta conexión: una escritura, con el marco hecho una vez por proceso."""
        self._puerta.escribir(emision.marco(self._puerta.marco_evento))
        sobre = emision.sobre
        if sobre is not None and emision.evento == "nuevo_mensaje":
            self._puerta.entregado(sobre.conversacion, sobre.secuencia)

    def recibio(self, conversacion: str, secuencia: int) -> None:
        """El cliente contestó a un latido posterior a ese mensaje: cuenta como recibido."""
        if self.credencial is not None and not self._cerrada:
            acuse = cargas.MarcarEntregado(conversacion_id=conversacion, hasta_secuencia=secuencia)
            orden = Orden(Actor(self.usuario_id, self.id), acuse)
            self._nodo.escritor.pedir(orden, lambda _: None)

    def contestar(self, pedida: Pedida, empuje: empujes.Empuje) -> None:
        """El evento de respuesta de la semilla y, si la petición lo espera, su acuse."""
        datos = codificar(empuje)
        self._puerta.escribir(self._puerta.marco_evento(NOMBRE_DE[type(empuje)], datos))
        if pedida.responder is not None:
            pedida.responder(b'{"ok":true,"datos":%b}' % datos)

    def responder(self, pedida: Pedida, forma: Forma | None) -> None:
        """Solo el acuse: el evento, si lo hay, llega a todos por el reparto."""
        if pedida.responder is not None:
            datos = b"{}" if forma is None else codificar(forma)
            pedida.responder(b'{"ok":true,"datos":%b}' % datos)

    def negar(self, pedida: Pedida, error: ErrorMensajeria) -> None:
        """El evento `error` y, si la petición espera respuesta, su acuse negativo."""
        metricas.ERRORES.labels(error.codigo).inc()
        datos = codificar(forma_de_error(error, pedida.evento or None, pedida.id))
        self._puerta.escribir(self._puerta.marco_evento("error", datos))
        if pedida.responder is not None:
            pedida.responder(b'{"ok":false,"error":%b}' % datos)

    # Fin

    def expulsar(self) -> None:
        """Su credencial dejó de valer mientras estaba conectada."""
        self._avisar(CodigoError.AUTH_INVALID)
        self._dejar_usuario()
        self._puerta.cerrar()

    def desconectada(self) -> None:
        """La puerta perdió la conexión. Lo que estaba en vuelo se confirma igual."""
        if self._cerrada:
            return
        self._cerrada = True
        self._cola.clear()
        if self._tarea is not None:
            self._tarea.cancel()
        if self._expiracion is not None:
            self._expiracion.cancel()
        self._dejar_usuario()
        metricas.CONEXIONES.dec()
        registro.info("Socket.IO desconectado %s", self.id)


def _tipo_de(evento: str) -> type[Carga] | None:
    try:
        return evento_de_cliente(evento).carga
    except ErrorMensajeria:
        return None


def forma_de_error(
    error: ErrorMensajeria, evento: str | None = None, id_: Id | None = None
) -> empujes.Error:
    """El evento `error` del contrato."""
    return empujes.Error(
        code=error.codigo,
        message=error.mensaje,
        evento=evento and evento[:MAX_NOMBRE_DE_EVENTO],
        id=msgspec.UNSET if id_ is None else id_,
        campo=msgspec.UNSET if error.campo is None else error.campo,
        reintentar_en=msgspec.UNSET if error.reintentar_en is None else error.reintentar_en,
    )
