"""Cada cliente de Socket.IO, con la misma sesión, operaciones y eventos que la puerta sencilla."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from django.conf import settings

from mensajeria.base_de_datos import error_de
from mensajeria.consumers.engineio_canal import InfoCliente
from mensajeria.consumers.engineio_http import Receive, Send
from mensajeria.consumers.peticion import origen_admitido
from mensajeria.consumers.socketio import Conexion, PuertaSocketIO, Respondedor
from mensajeria.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.nodo import nodo, nodo_en_marcha
from mensajeria.operaciones.autenticacion import leer_token
from mensajeria.protocolo import empujes
from mensajeria.protocolo.json_estricto import codificar, lleva_nulo
from mensajeria.sesion import Sesion
from mensajeria.transporte import socketio

registro = logging.getLogger("mensajeria.socket")


class ClienteSocketIO:
    """Un cliente conectado al espacio `/`: traduce entre su conexión y una sesión."""

    marco_evento = staticmethod(socketio.marco_evento)

    def __init__(self, conexion: Conexion) -> None:
        self._conexion = conexion
        info = conexion.info
        # Lo escrito y aún sin confirmar por un latido: (cuenta de marcos, conversación, secuencia).
        self._por_confirmar: deque[tuple[int, str, int]] = deque()
        self._sesion = Sesion(nodo_en_marcha(), self, info.direccion or "", info.agente)
        self._ingreso: asyncio.Task[None] | None = None

    # Lo que llega del cliente

    def conectar(self, auth: dict[str, Any] | None) -> None:
        token = (auth or {}).get("token")
        if token is None:
            self._conexion.aceptar()
        else:
            self._ingreso = asyncio.create_task(self._ingresar(token))

    async def _ingresar(self, token: Any) -> None:
        """`auth: {token}` en el saludo: si no vale, el cliente recibe `connect_error`."""
        try:
            if not isinstance(token, str):
                raise ErrorMensajeria(CodigoError.AUTH_INVALID)
            await self._sesion.ingresar(leer_token(token), self._aceptado)
        except Exception as error:
            self._rechazar(error_de(error, "el saludo"))

    def _rechazar(self, error: ErrorMensajeria) -> None:
        self._sesion.desconectada()
        self._conexion.rechazar(error.mensaje, {"code": error.codigo.value})

    def _aceptado(self, empuje: empujes.Autenticado) -> None:
        self._conexion.aceptar()
        self.escribir(socketio.marco_evento("autenticado", codificar(empuje)))

    def evento(self, nombre: str, argumentos: list[Any], responder: Respondedor | None) -> None:
        datos = argumentos[0] if argumentos else {}
        if lleva_nulo(datos):
            error = no_valido("El texto no puede llevar el carácter NUL")
            self._sesion.negar_marco(error, nombre, responder)
            return
        self._sesion.recibir(nombre, datos, None, responder)

    def evento_ilegible(self, nombre: str | None, responder: Respondedor | None) -> None:
        error = no_valido("El texto no es Unicode: lleva media pareja de sustitutos")
        self._sesion.negar_marco(error, nombre, responder)

    def latido(self, confirmados: int) -> None:
        """Lo que se escribió antes de un ping contestado, ha llegado."""
        recibidos: dict[str, int] = {}
        while self._por_confirmar and self._por_confirmar[0][0] <= confirmados:
            _, conversacion, secuencia = self._por_confirmar.popleft()
            recibidos[conversacion] = secuencia
        for conversacion, secuencia in recibidos.items():
            self._sesion.recibio(conversacion, secuencia)

    def desconectado(self, motivo: str) -> None:
        if self._ingreso is not None:
            self._ingreso.cancel()
        self._sesion.desconectada()

    # Lo que la sesión le pide a su puerta

    def escribir(self, marco: str) -> None:
        self._conexion.enviar_marco(marco)

    def entregado(self, conversacion: str, secuencia: int) -> None:
        self._por_confirmar.append((self._conexion.enviados, conversacion, secuencia))

    def olvidar(self) -> None:
        self._por_confirmar.clear()

    def cerrar(self) -> None:
        self._conexion.cerrar("io server disconnect")

    def pausar(self) -> None:
        self._conexion.pausar()

    def reanudar(self) -> None:
        self._conexion.reanudar()


def _admite(info: InfoCliente) -> bool:
    return origen_admitido(info.origen, info.cabecera(b"host"))


class _Puerta(PuertaSocketIO):
    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        # Con ella nace el arriendo de este proceso, por el que los demás lo saben vivo aunque
        # solo mueva tramas de sesiones ajenas.
        self.apagada = nodo_en_marcha().deteniendo
        await super().__call__(scope, receive, send)


PUERTA = _Puerta(ClienteSocketIO, _admite, credenciales="*" not in settings.SOCKET_CORS_ORIGIN)
nodo().puertas.append(PUERTA)
