"""La puerta `/ws/mensajeria/`: mueve marcos entre ASGI y una sesión, y nada más."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer
from django.conf import settings

from mensajeria.base_de_datos import error_de, leer
from mensajeria.consumers import engineio_ws, peticion
from mensajeria.consumers.engineio_http import DETENIENDOSE
from mensajeria.consumers.escritura import Escritura
from mensajeria.consumers.protocolo_ws import EXTENSION, Control
from mensajeria.entre_procesos import aforo
from mensajeria.errores import CodigoError, ErrorMensajeria
from mensajeria.nodo import nodo, nodo_en_marcha
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.protocolo import empujes
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.sesion import Id, Sesion, forma_de_error
from mensajeria.transporte import nativo

registro = logging.getLogger("mensajeria.socket")

NORMAL = 1000
DEMASIADO_GRANDE = 1009
REINICIO = 1012
INTENTAR_LUEGO = 1013
SEGUNDOS_PARA_CERRAR = 5.0

Recibir = Callable[[], Awaitable[dict[str, Any]]]
Enviar = Callable[[dict[str, Any]], Awaitable[None]]


class _Puerta:
    marco_evento = staticmethod(nativo.marco_evento)

    def __init__(self, escritura: Escritura) -> None:
        self._escritura = escritura
        self.sitio = asyncio.Event()
        self.sitio.set()
        # Hasta qué secuencia se escribió de cada conversación: ya, y al enviar el último ping.
        self._escrito: dict[str, int] = {}
        self._al_latir: dict[str, int] = {}

    def seguir_latidos(self, control: Control, sesion: Sesion) -> None:
        """Lo escrito antes de un ping contestado ha llegado."""

        def latir() -> None:
            self._al_latir, self._escrito = {**self._al_latir, **self._escrito}, {}

        def contestar() -> None:
            llegado, self._al_latir = self._al_latir, {}
            for conversacion, secuencia in llegado.items():
                sesion.recibio(conversacion, secuencia)

        control.al_latir, control.al_contestar = latir, contestar

    def escribir(self, marco: str) -> None:
        self._escritura.escribir(marco)

    def entregado(self, conversacion: str, secuencia: int) -> None:
        self._escrito[conversacion] = secuencia

    def olvidar(self) -> None:
        self._escrito, self._al_latir = {}, {}

    def responder(self, id_: Id, cuerpo: bytes) -> None:
        self._escritura.escribir(nativo.marco_respuesta(id_, cuerpo))

    def cerrar(self) -> None:
        self._escritura.cerrar(NORMAL)

    def pausar(self) -> None:
        self.sitio.clear()

    def reanudar(self) -> None:
        self.sitio.set()


class ConsumidorNativo(AsyncConsumer):
    """Un consumidor de Channels con su propio bucle.

    El de `AsyncConsumer` salta a un hilo por cada evento (`aclose_old_connections`) y abre una cola
    en la capa por cada conexión; aquí la capa la escucha la central, una vez por proceso.
    """

    abiertas: ClassVar[set[ConsumidorNativo]] = set()

    async def __call__(self, scope: dict[str, Any], receive: Recibir, send: Enviar) -> None:
        await receive()
        if not peticion.origen_admitido(
            peticion.cabecera(scope, b"origin"), peticion.cabecera(scope, b"host")
        ):
            await send({"type": "websocket.close", "code": 1008})
            return
        if nodo_en_marcha().deteniendo:
            await engineio_ws.denegar(scope, receive, send, DETENIENDOSE)
            return
        await send({"type": "websocket.accept"})
        self._escritura = Escritura(send)
        direccion = peticion.direccion(scope)
        sitio = aforo.de_direccion(direccion)
        if not await aforo.entrar(sitio, settings.CONEXIONES_POR_IP):
            await self._sin_sitio()
            return
        self.abiertas.add(self)
        agente = peticion.cabecera(scope, b"user-agent")
        self._puerta = _Puerta(self._escritura)
        sesion = Sesion(nodo_en_marcha(), self._puerta, direccion, agente)
        # Con daphne no hay: cuenta el `marcar_entregado` del cliente, y nadie corta de golpe.
        control: Control | None = scope.get("extensions", {}).get(EXTENSION)
        if control is not None:
            self._escritura.abortar = control.abortar
            self._puerta.seguir_latidos(control, sesion)
        try:
            await self._atender(scope, receive, sesion)
        finally:
            self.abiertas.discard(self)
            aforo.salir(sitio)
            sesion.desconectada()

    async def _sin_sitio(self) -> None:
        error = ErrorMensajeria(
            CodigoError.RATE_LIMITED, "Demasiadas conexiones desde tu red", reintentar_en=60.0
        )
        self._escritura.escribir(nativo.marco_evento("error", codificar(forma_de_error(error))))
        self._escritura.cerrar(INTENTAR_LUEGO)
        await self._escritura.vaciar()

    async def _atender(self, scope: dict[str, Any], receive: Recibir, sesion: Sesion) -> None:
        escribe = asyncio.create_task(self._escritura.vaciar())
        lee = asyncio.create_task(self._leer(scope, receive, sesion))
        try:
            await asyncio.wait({escribe, lee}, return_when=asyncio.FIRST_COMPLETED)
            if lee.done() and lee.result():
                await asyncio.wait({escribe}, timeout=SEGUNDOS_PARA_CERRAR)
        finally:
            for tarea in (escribe, lee):
                tarea.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await tarea

    async def _leer(self, scope: dict[str, Any], receive: Recibir, sesion: Sesion) -> bool:
        """`True` si hay que cerrar la conexión; `False` si ya se fue."""
        await self._ingresar_con_cookie(scope, sesion)
        while True:
            mensaje = await receive()
            if mensaje["type"] == "websocket.disconnect":
                return False
            crudo = mensaje.get("text")
            if crudo is None:
                crudo = mensaje.get("bytes") or b""
            if len(crudo) > MAX_MARCO:
                self._escritura.cerrar(DEMASIADO_GRANDE)
                return True
            try:
                pedida = nativo.leer_peticion(crudo)
            except ErrorMensajeria as error:
                sesion.negar_marco(error)
                continue
            id_ = pedida.id
            responder = None if id_ is None else partial(self._puerta.responder, id_)
            sesion.recibir(pedida.evento, pedida.datos, id_, responder)
            await self._puerta.sitio.wait()

    async def _ingresar_con_cookie(self, scope: dict[str, Any], sesion: Sesion) -> None:
        clave = peticion.clave_de_sesion(scope)
        if clave is None:
            return

        def responder(empuje: empujes.Autenticado) -> None:
            self._escritura.escribir(nativo.marco_evento("autenticado", codificar(empuje)))

        try:
            usuario = await leer(peticion.usuario_de_la_sesion, clave)
            if usuario is not None:
                credencial = Credencial(usuario.pk, time.time(), None, clave)
                await sesion.ingresar(credencial, responder)
        except Exception as error:
            sesion.negar_marco(error_de(error, "el ingreso con cookie"))

    @classmethod
    async def despedir(cls) -> None:
        """El servidor se detiene: 1012 para que cada cliente vuelva a conectar."""
        for abierta in list(cls.abiertas):
            abierta._escritura.cerrar(REINICIO)


nodo().puertas.append(ConsumidorNativo)
