"""El cliente de una sesión: quién es, qué se le entrega y cómo se le contesta."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings

from mensajeria import metricas
from mensajeria.central.conectado import Conectado
from mensajeria.central.entrada import Llegada
from mensajeria.central.escribiendo import Teclado
from mensajeria.consultas import Vigencia, cupo_de_lecturas
from mensajeria.difusion.emision import Emision
from mensajeria.entre_procesos import aforo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.cubos import Cubo, de_fallidas, peso
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import (
    Credencial,
    cuenta_de,
    usuario_de,
    vigencia_de,
)
from mensajeria.operaciones.reacciones import reacciones_admitidas
from mensajeria.ordenes.orden import Actor
from mensajeria.protocolo import empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_REPETIDO, Forma, iso
from mensajeria.sesion.conexion import Conexion, Peticion, forma_de_error
from mensajeria.sesion.por_confirmar import PorConfirmar

registro = logging.getLogger("mensajeria.socket")

T = TypeVar("T")

_UN_DIA = 86_400.0


class Interlocutor:
    """`direccion` y `agente` se guardan con los mensajes, solo para moderadores."""

    __slots__ = (
        "_agente",
        "_conexion",
        "_direccion",
        "_expiracion",
        "credencial",
        "cubo",
        "desde",
        "entregar",
        "fallidas",
        "id",
        "mira",
        "nodo",
        "por_confirmar",
        "reanudo",
        "teclado",
        "usuario_id",
    )

    def __init__(self, nodo: Nodo, conexion: Conexion, direccion: str, agente: str) -> None:
        self.id = secrets.token_urlsafe(15)
        self.desde = time.time()
        self.credencial: Credencial | None = None
        self.usuario_id = ""
        # Quien no lo dice, mira todas: de lo que le llega se encarga él.
        self.mira: str | None = ""
        self.reanudo = False
        self.por_confirmar = PorConfirmar()
        self._estrenar_ritmo()
        self.nodo = nodo
        self.teclado = Teclado(nodo.emisor.emitir)
        self._conexion = conexion
        # Un evento para esta conexión: sin nadie en medio, que con cada mensaje se llama por todos.
        self.entregar = conexion.entregar
        self._direccion = direccion
        self._agente = agente
        self._expiracion: asyncio.TimerHandle | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.usuario_id, self.id, self._direccion, self._agente)

    def conectado(self, salas: int) -> Conectado:
        puerta, transporte, por_leer = self._conexion.medida()
        return Conectado(
            conexion=self.id,
            usuario=self.usuario_id,
            puerta=puerta,
            transporte=transporte,
            direccion=self._direccion,
            desde=self.desde,
            salas=salas,
            por_leer=por_leer,
            sin_confirmar=len(self.por_confirmar),
        )

    # Quién es

    async def ingresar(
        self,
        credencial: Credencial,
        responder: Callable[[empujes.Autenticado], None],
        quien_dice: str | None = None,
    ) -> None:
        """Autentica la conexión. `quien_dice` ser, si lo dice: USER_MISMATCH si es otro.

        Si la credencial no vale o no hay sitio, la sesión queda como estaba; si falla después, ya
        sin su usuario anterior, no es de nadie.

        `responder` envía `autenticado` antes que ningún otro evento del usuario.
        """
        with self.nodo.vigilancia.atenta():
            compartido().cubos.de(cuenta_de(credencial)).exigir()
            llegada = await self.nodo.entrada.reconocer(credencial)
            if quien_dice not in (None, llegada.quien.usuario_id):
                raise ErrorMensajeria(CodigoError.USER_MISMATCH)
            await self._ingresar(credencial, llegada, responder)

    async def _ingresar(
        self,
        credencial: Credencial,
        llegada: Llegada,
        responder: Callable[[empujes.Autenticado], None],
    ) -> None:
        usuario_id = llegada.quien.usuario_id
        cubo = compartido().cubos.de(usuario_id)
        cubo.cobrar(peso(len(llegada.participaciones), 0))
        fecha = credencial.fecha_de_expiracion
        empuje = empujes.Autenticado(
            usuario_id=usuario_id,
            expira=iso(fecha) if fecha else None,
            epoca=llegada.epoca,
            reacciones=reacciones_admitidas(),
        )
        if self.credencial is not None and self.usuario_id == usuario_id:
            self._renovar(credencial, llegada.quien.vigencia)
            responder(empuje)
            return
        if not await compartido().aforo.entrar(
            aforo.de_usuario(usuario_id), settings.CONEXIONES_POR_USUARIO
        ):
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED, "Demasiadas conexiones abiertas", reintentar_en=60.0
            )
        self._dejar_usuario()
        self.usuario_id = usuario_id
        self.cubo, self.fallidas = cubo, compartido().fallidas.de(usuario_id)
        self.acreditar(credencial)
        try:
            await self.nodo.entrada.ingresar(self, llegada, lambda: responder(empuje))
        except BaseException:
            self._dejar_usuario()
            raise
        registro.info("Socket.IO autenticado %s como %s", self.id, usuario_id)

    async def renovar(self, credencial: Credencial) -> None:
        """Otra credencial suya; AUTH_INVALID si no vale, USER_MISMATCH si es de otra persona."""
        with self.nodo.vigilancia.atenta():
            usuario = await self.leer(usuario_de, credencial)
            if self.credencial is None:  # la expulsaron mientras se leía
                raise ErrorMensajeria(CodigoError.AUTH_INVALID)
            if usuario.pk != self.usuario_id:
                raise ErrorMensajeria(CodigoError.USER_MISMATCH)
            self._renovar(credencial, vigencia_de(usuario))

    def _renovar(self, credencial: Credencial, vigencia: Vigencia) -> None:
        self.acreditar(credencial)
        # Si dejó de valer tras leerla, la vigilancia ya pasó, y miró la de antes.
        self.nodo.vigilancia.conocer(self.usuario_id, vigencia)

    def acreditar(self, credencial: Credencial) -> None:
        self.credencial = credencial
        self._vigilar_expiracion()

    def exigir_credencial(self) -> None:
        """Lanza AUTH_REQUIRED o TOKEN_EXPIRED si no hay una que valga ahora."""
        if self.credencial is None:
            raise ErrorMensajeria(CodigoError.AUTH_REQUIRED)
        if self.credencial.expira is not None and self.credencial.expira <= time.time():
            raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED)

    def _vigilar_expiracion(self) -> None:
        if self._expiracion is not None:
            self._expiracion.cancel()
        if self.credencial is None or self.credencial.expira is None:
            return
        falta = self.credencial.expira - time.time()
        if falta <= 0:
            self.negar(Peticion(), ErrorMensajeria(CodigoError.TOKEN_EXPIRED))
            self._conexion.cerrar()
            return
        bucle = asyncio.get_running_loop()
        self._expiracion = bucle.call_later(min(falta, _UN_DIA), self._vigilar_expiracion)

    def expulsar(self) -> None:
        """Su credencial dejó de valer mientras estaba conectada."""
        self.negar(Peticion(), ErrorMensajeria(CodigoError.AUTH_INVALID))
        self._dejar_usuario()
        self._conexion.cerrar()

    def irse(self) -> None:
        """Se perdió la conexión."""
        if self._expiracion is not None:
            self._expiracion.cancel()
        self._dejar_usuario()

    def _dejar_usuario(self) -> None:
        """La conexión deja de ser de nadie."""
        self.teclado.calla_del_todo()
        self.por_confirmar.olvidar()
        if self.usuario_id:
            self.nodo.entrada.desconectar(self)
            compartido().aforo.salir(aforo.de_usuario(self.usuario_id))
        self.usuario_id, self.credencial = "", None
        self._estrenar_ritmo()

    def _estrenar_ritmo(self) -> None:
        """El de una conexión que aún no es de nadie."""
        self.cubo, self.fallidas = Cubo(), Cubo(ritmo=de_fallidas())

    async def leer(self, funcion: Callable[..., T], *args: Any) -> T:
        """Lo que devuelva en un hilo de lectura, en el turno de su usuario y a su cuenta."""
        return await cupo_de_lecturas.leer(self.cubo, funcion, *args)

    # Lo que se le entrega

    def enviado_hasta(self, conversacion: str, secuencia: int) -> None:
        """Se le han enviado los mensajes de esa conversación hasta esa secuencia."""
        if not self.por_confirmar:
            self.nodo.barrido.apuntar(self)
        self.por_confirmar[conversacion] = secuencia

    def pedir_latido(self) -> None:
        self._conexion.pedir_latido()

    def cambiar_de_epoca(self, aviso: Emision) -> None:
        """Se lo dice, y olvida lo enviado que falta por confirmar: sus números ya son de otros."""
        self.por_confirmar.olvidar()
        self.entregar(aviso)

    def contestar(self, peticion: Peticion, empuje: empujes.Empuje) -> None:
        """El evento de respuesta de la semilla y, si la petición lo espera, su acuse.

        Lo que ocupa mucho no va dos veces: si hay acuse, solo en él.
        """
        datos = codificar(empuje)
        if peticion.responder is None or len(datos) <= MAX_REPETIDO:
            self._conexion.enviar(self._conexion.marco_evento(NOMBRE_DE[type(empuje)], datos))
        if peticion.responder is not None:
            peticion.responder(b'{"ok":true,"datos":%b}' % datos)

    def responder(self, peticion: Peticion, forma: Forma | None) -> None:
        """Solo el acuse: el evento, si lo hay, llega a todos por el reparto."""
        if peticion.responder is not None:
            datos = b"{}" if forma is None else codificar(forma)
            peticion.responder(b'{"ok":true,"datos":%b}' % datos)

    def negar(self, peticion: Peticion, error: ErrorMensajeria) -> None:
        """El evento `error` y, si la petición espera respuesta, su acuse negativo.

        Que no exista gasta; pasado el límite, ni eso se dice.
        """
        if error.codigo is CodigoError.NOT_FOUND:
            try:
                self.fallidas.gastar()
            except ErrorMensajeria as frenado:
                error = frenado
        metricas.ERRORES.labels(error.codigo).inc()
        if error.codigo is CodigoError.AUTH_INVALID:
            metricas.INGRESOS_FALLIDOS.labels("token").inc()
        datos = codificar(forma_de_error(error, peticion.evento or None, peticion.id))
        self._conexion.enviar(self._conexion.marco_evento("error", datos))
        if peticion.responder is not None:
            peticion.responder(b'{"ok":false,"error":%b}' % datos)
