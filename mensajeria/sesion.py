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
from typing import Any, NamedTuple, Protocol

import msgspec
from django.conf import settings

from mensajeria import aforo, metricas, presencia
from mensajeria.base_de_datos import es_caida, leer
from mensajeria.central.central import Central
from mensajeria.central.sala import Emision, Enmarcar
from mensajeria.consultas import Puesta
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, sin_permiso
from mensajeria.limites import Cubo, cubo_de
from mensajeria.operaciones import conexiones
from mensajeria.operaciones.autenticacion import Credencial, leer_token, usuario_de
from mensajeria.operaciones.ejecucion import VERBOS
from mensajeria.operaciones.orden import Actor, Orden, Resultado
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import Carga, Forma, iso
from mensajeria.protocolo.validacion import convertir, evento_de_cliente

registro = logging.getLogger("mensajeria.socket")

# Peticiones sin terminar con las que se deja de leer a una conexión.
MAX_PENDIENTES = 64
SEGUNDOS_ESCRIBIENDO = 6.0
MAX_NOMBRE_DE_EVENTO = 64
_UN_DIA = 86_400.0

Id = int | str
Responder = Callable[[bytes], None]


class Puerta(Protocol):
    """Lo que una puerta pone: su marco de evento, y cómo escribir, cerrar y frenar sin esperar.

    `entregado` dice que lo último escrito lleva hasta esa secuencia de esa conversación: si un
    latido posterior se contesta, la puerta llama a `Sesion.recibio`.

    `marco_evento` es la misma función en todas las conexiones de una puerta: así un evento se
    enmarca una vez por proceso.
    """

    @property
    def marco_evento(self) -> Enmarcar: ...
    def escribir(self, marco: str) -> None: ...
    def entregado(self, conversacion: str, secuencia: int) -> None: ...
    def cerrar(self) -> None: ...
    def pausar(self) -> None: ...
    def reanudar(self) -> None: ...


class _Pedida(NamedTuple):
    """`responder` escribe el acuse `{"ok": …}`, si la petición lo espera."""

    evento: str
    datos: Any
    id: Id | None
    responder: Responder | None


class Sesion:
    """`direccion` y `agente` se guardan con los mensajes, solo para moderadores."""

    def __init__(
        self, central: Central, puerta: Puerta, direccion: str = "", agente: str = ""
    ) -> None:
        self.id = secrets.token_urlsafe(15)
        self.credencial: Credencial | None = None
        self.usuario_id = ""
        self.personal = False
        self._central = central
        self._puerta = puerta
        self._direccion = direccion
        self._agente = agente
        self._cubo = Cubo()
        self._cola: deque[_Pedida] = deque()
        self._en_vuelo = 0
        self._tarea: asyncio.Task[None] | None = None
        self._pausada = False
        self._cerrada = False
        self._expiracion: asyncio.TimerHandle | None = None
        self._escribiendo: dict[str, asyncio.TimerHandle] = {}
        metricas.CONEXIONES.inc()
        registro.info("Socket.IO conectado %s desde %s", self.id, direccion)

    # Entrada

    def recibir(
        self, evento: str, datos: Any, id_: Id | None = None, responder: Responder | None = None
    ) -> None:
        """Una petición del cliente; no espera. Las que no pueden empezar aguardan su turno."""
        if self._cerrada:
            return
        pedida = _Pedida(evento, datos, id_, responder)
        try:
            self._cubo.gastar()
        except ErrorMensajeria as error:
            self._negar(pedida, error)
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
        """Lo que llegó no era una petición admisible."""
        self._negar(_Pedida(evento or "", None, None, responder), error)

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

    def _atender(self, pedida: _Pedida) -> None:
        try:
            evento = evento_de_cliente(pedida.evento)
            if evento.con_sesion:
                self._exigir_sesion()
            carga = convertir(pedida.datos, evento.carga)
            metricas.EVENTOS.labels(evento.nombre).inc()
            if type(carga) in VERBOS:
                self._pedir(pedida, carga)
            else:
                _MANEJADORES[evento.carga](self, pedida, carga)
        except ErrorMensajeria as error:
            self._negar(pedida, error)
        except Exception as error:
            self._negar(pedida, _inesperado(pedida.evento, error))

    def _exigir_sesion(self) -> None:
        if self.credencial is None:
            raise ErrorMensajeria(CodigoError.AUTH_REQUIRED)
        if self.credencial.expira is not None and self.credencial.expira <= time.time():
            raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED)

    # Escrituras: por el escritor del proceso, varias en vuelo

    def _pedir(self, pedida: _Pedida, carga: Carga) -> None:
        actor = Actor(self.usuario_id, self.id, self._direccion, self._agente)
        self._en_vuelo += 1
        self._central.escritor.pedir(
            Orden(actor, carga), lambda resultado: self._terminada(pedida, resultado)
        )

    def _terminada(self, pedida: _Pedida, resultado: Resultado) -> None:
        self._en_vuelo -= 1
        if isinstance(resultado, ErrorMensajeria):
            self._negar(pedida, resultado)
        elif isinstance(resultado, empujes.MensajeEnviado):
            self._contestar(pedida, resultado)
        else:
            self._responder(pedida, resultado)
        self._avanzar()

    # Lo demás: de una en una, con lo anterior terminado

    def _en_tarea(self, pedida: _Pedida, trabajo: Coroutine[Any, Any, None]) -> None:
        self._tarea = asyncio.create_task(self._trabajar(pedida, trabajo))

    async def _trabajar(self, pedida: _Pedida, trabajo: Coroutine[Any, Any, None]) -> None:
        try:
            await trabajo
        except ErrorMensajeria as error:
            self._negar(pedida, error)
        except Exception as error:
            self._negar(pedida, _inesperado(pedida.evento, error))
        finally:
            self._tarea = None
            self._avanzar()

    def _autenticar(self, pedida: _Pedida, carga: cargas.Autenticar) -> None:
        credencial = leer_token(carga.token)
        if carga.usuario_id is not None and carga.usuario_id != credencial.usuario_id:
            raise ErrorMensajeria(CodigoError.USER_MISMATCH)
        self._en_tarea(
            pedida, self.ingresar(credencial, lambda empuje: self._contestar(pedida, empuje))
        )

    async def ingresar(
        self, credencial: Credencial, responder: Callable[[empujes.Autenticado], None]
    ) -> None:
        """Autentica la conexión; si falla, la sesión queda como estaba.

        `responder` escribe `autenticado` antes que ningún otro evento del usuario.
        """
        usuario = await leer(usuario_de, credencial)
        empuje = empujes.Autenticado(usuario_id=usuario.pk, expira=_expira(credencial))
        if self.credencial is not None and self.usuario_id == usuario.pk:
            self._acreditar(credencial)
            responder(empuje)
            return
        if not await aforo.entrar(aforo.de_usuario(usuario.pk), settings.CONEXIONES_POR_USUARIO):
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED, "Demasiadas conexiones abiertas", reintentar_en=60.0
            )
        self._dejar_usuario()
        self.usuario_id, self.personal = usuario.pk, usuario.is_staff
        self._cubo = cubo_de(usuario.pk)
        self._acreditar(credencial)
        try:
            await self._central.ingresar(self, usuario.version, lambda: responder(empuje))
        except BaseException:
            self._dejar_usuario()
            raise
        if self._cerrada:
            self._dejar_usuario()
        registro.info("Socket.IO autenticado %s como %s", self.id, usuario.pk)

    def _dejar_usuario(self) -> None:
        """La conexión deja de ser de nadie."""
        if self.usuario_id:
            self._central.desconectar(self)
            aforo.salir(aforo.de_usuario(self.usuario_id))
        self.usuario_id, self.credencial, self.personal = "", None, False
        self._cubo = Cubo()

    def _acreditar(self, credencial: Credencial) -> None:
        self.credencial = credencial
        self._vigilar_expiracion()

    def _vigilar_expiracion(self) -> None:
        if self._expiracion is not None:
            self._expiracion.cancel()
        if self.credencial is None or self.credencial.expira is None:
            return
        falta = self.credencial.expira - time.time()
        if falta <= 0:
            self.negar_marco(ErrorMensajeria(CodigoError.TOKEN_EXPIRED))
            self._puerta.cerrar()
            return
        bucle = asyncio.get_running_loop()
        self._expiracion = bucle.call_later(min(falta, _UN_DIA), self._vigilar_expiracion)

    def _renovar(self, pedida: _Pedida, carga: cargas.RenovarToken) -> None:
        credencial = leer_token(carga.token)
        if credencial.usuario_id != self.usuario_id:
            raise ErrorMensajeria(CodigoError.USER_MISMATCH)

        async def renovar() -> None:
            await leer(usuario_de, credencial)
            self._acreditar(credencial)
            self._contestar(pedida, empujes.TokenRenovado(expira=_expira(credencial)))

        self._en_tarea(pedida, renovar())

    def _unirse(self, pedida: _Pedida, carga: cargas.UnirseConversacion) -> None:
        id_ = carga.conversacion_id

        async def unirse() -> None:
            conectados = set(await leer(presencia.unidos, id_)) | {self.usuario_id}

            def responder(puestas: dict[str, Puesta]) -> None:
                if id_ not in puestas:
                    raise no_existe("conversacionId")
                self._contestar(pedida, _unido(puestas[id_], sorted(conectados)))

            await self._central.unir(self, {id_: carga.desde_cambio}, responder)

        self._en_tarea(pedida, unirse())

    def _reanudar(self, pedida: _Pedida, carga: cargas.Reanudar) -> None:
        def responder(puestas: dict[str, Puesta]) -> None:
            reanudadas = {
                id_: empujes.Reanudada(
                    ultimo_cambio=p.hasta,
                    conversacion=p.conversacion,
                    cambios=p.cambios,
                    completo=p.completa,
                )
                for id_, p in puestas.items()
            }
            self._contestar(pedida, empujes.Reanudado(conversaciones=reanudadas))

        self._en_tarea(pedida, self._central.unir(self, dict(carga.cursores), responder))

    def _salir(self, pedida: _Pedida, carga: cargas.SalirConversacion) -> None:
        self._dejar_de_escribir(carga.conversacion_id)
        if not self._central.salir(self, carga.conversacion_id):
            raise no_existe("conversacionId")
        self._responder(pedida, empujes.SalidoConversacion(conversacion_id=carga.conversacion_id))

    def _escribir(self, pedida: _Pedida, carga: cargas.Escribiendo) -> None:
        id_ = carga.conversacion_id
        puede = self._central.puede_enviar(self.usuario_id, id_)
        if puede is None:
            raise no_existe("conversacionId")
        if not puede:
            raise sin_permiso("Sin permisos para enviar")
        if carga.escribiendo:
            self._sigue_escribiendo(id_)
        else:
            self._dejar_de_escribir(id_)
        self._responder(pedida, None)

    def _sigue_escribiendo(self, id_: str) -> None:
        anterior = self._escribiendo.pop(id_, None)
        if anterior is not None:
            anterior.cancel()
        else:
            conexiones.escribir(id_, self.usuario_id, True)
        bucle = asyncio.get_running_loop()
        self._escribiendo[id_] = bucle.call_later(
            SEGUNDOS_ESCRIBIENDO, self._dejar_de_escribir, id_
        )

    def _dejar_de_escribir(self, id_: str) -> None:
        aviso = self._escribiendo.pop(id_, None)
        if aviso is not None:
            aviso.cancel()
            conexiones.escribir(id_, self.usuario_id, False)

    def _estadisticas(self, pedida: _Pedida, _: cargas.ObtenerEstadisticas) -> None:
        async def contar() -> None:
            self._contestar(pedida, await leer(conexiones.estadisticas))

        self._en_tarea(pedida, contar())

    def _pong(self, pedida: _Pedida, _: cargas.Ping) -> None:
        self._contestar(pedida, empujes.Pong())

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
            self._central.escritor.pedir(orden, lambda _: None)

    def _contestar(self, pedida: _Pedida, empuje: empujes.Empuje) -> None:
        """El evento de respuesta de la semilla y, si la petición lo espera, su acuse."""
        datos = codificar(empuje)
        self._puerta.escribir(self._puerta.marco_evento(NOMBRE_DE[type(empuje)], datos))
        if pedida.responder is not None:
            pedida.responder(b'{"ok":true,"datos":%b}' % datos)

    def _responder(self, pedida: _Pedida, forma: Forma | None) -> None:
        """Solo el acuse: el evento, si lo hay, llega a todos por el reparto."""
        if pedida.responder is not None:
            datos = b"{}" if forma is None else codificar(forma)
            pedida.responder(b'{"ok":true,"datos":%b}' % datos)

    def _negar(self, pedida: _Pedida, error: ErrorMensajeria) -> None:
        """El evento `error` y, si la petición espera respuesta, su acuse negativo."""
        metricas.ERRORES.labels(error.codigo).inc()
        datos = codificar(forma_de_error(error, pedida.evento or None, pedida.id))
        self._puerta.escribir(self._puerta.marco_evento("error", datos))
        if pedida.responder is not None:
            pedida.responder(b'{"ok":false,"error":%b}' % datos)

    # Fin

    def expulsar(self) -> None:
        """Su credencial dejó de valer mientras estaba conectada."""
        self.negar_marco(ErrorMensajeria(CodigoError.AUTH_INVALID))
        self._dejar_usuario()
        self._puerta.cerrar()

    def desconectada(self) -> None:
        """La puerta perdió la conexión. Lo que estaba en vuelo se confirma igual."""
        if self._cerrada:
            return
        self._cerrada = True
        self._cola.clear()
        if self._expiracion is not None:
            self._expiracion.cancel()
        for id_ in list(self._escribiendo):
            self._dejar_de_escribir(id_)
        self._dejar_usuario()
        metricas.CONEXIONES.dec()
        registro.info("Socket.IO desconectado %s", self.id)


def _tipo_de(evento: str) -> type[Carga] | None:
    try:
        return evento_de_cliente(evento).carga
    except ErrorMensajeria:
        return None


def _expira(credencial: Credencial) -> str | None:
    fecha = credencial.fecha_de_expiracion
    return iso(fecha) if fecha else None


def _unido(puesta: Puesta, conectados: list[str]) -> empujes.UnidoConversacion:
    return empujes.UnidoConversacion(
        conversacion_id=puesta.conversacion.id,
        participantes_conectados=conectados,
        ultima_secuencia=puesta.ultima_secuencia,
        ultimo_cambio=puesta.hasta,
        conversacion=puesta.conversacion,
        cambios=puesta.cambios,
        completo=puesta.completa,
    )


def _inesperado(evento: str, error: Exception) -> ErrorMensajeria:
    if es_caida(error):
        return ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=1.0)
    registro.error("Socket.IO falló %s: %s", evento, type(error).__name__, exc_info=error)
    return ErrorMensajeria(CodigoError.INTERNAL_ERROR)


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


_MANEJADORES: dict[type[Carga], Callable[[Sesion, _Pedida, Any], None]] = {
    cargas.Autenticar: Sesion._autenticar,
    cargas.RenovarToken: Sesion._renovar,
    cargas.UnirseConversacion: Sesion._unirse,
    cargas.SalirConversacion: Sesion._salir,
    cargas.Escribiendo: Sesion._escribir,
    cargas.Reanudar: Sesion._reanudar,
    cargas.ObtenerEstadisticas: Sesion._estadisticas,
    cargas.Ping: Sesion._pong,
}
