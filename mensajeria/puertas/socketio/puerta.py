"""La puerta `/socket.io/`: cada cliente, con la misma sesión y los mismos eventos que la nativa."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings

from mensajeria.base_de_datos import error_de
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import leer_token
from mensajeria.protocolo import empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.json_estricto import codificar, lleva_nulo
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.socketio import marcos
from mensajeria.puertas.socketio.cliente import ClienteSocketIO, ConexionSocketIO
from mensajeria.sesion.puerta import Peticion
from mensajeria.sesion.sesion import Sesion


def puerta_socketio(nodo: Nodo) -> PuertaEngineIO:
    """La aplicación ASGI que se monta en ``/socket.io/``."""

    def crear(conexion: ConexionSocketIO) -> SesionSocketIO:
        return SesionSocketIO(nodo, conexion)

    def crear_cliente(sesion: SesionEngineIO) -> ClienteSocketIO:
        return ClienteSocketIO(sesion, crear)

    return PuertaEngineIO(
        crear_cliente,
        _admite,
        credenciales="*" not in settings.SOCKET_CORS_ORIGIN,
        deteniendo=lambda: nodo.deteniendo,
    )


def _admite(quien: QuienLlama) -> bool:
    return quien.admitido


class SesionSocketIO(Sesion):
    """Una sesión que puede autenticarse al conectar: `auth: {token}` en el saludo."""

    def __init__(self, nodo: Nodo, conexion: ConexionSocketIO) -> None:
        super().__init__(nodo, conexion, conexion.quien.direccion, conexion.quien.agente)
        self._conexion = conexion
        self._ingreso: asyncio.Task[None] | None = None

    def conectar(self, auth: dict[str, Any] | None) -> None:
        token = (auth or {}).get("token")
        if token is None:
            self._conexion.aceptar()
        else:
            self._ingreso = asyncio.create_task(self._ingresar(token))

    async def _ingresar(self, token: Any) -> None:
        """Si no vale, el cliente recibe `connect_error`."""
        try:
            if not isinstance(token, str):
                raise ErrorMensajeria(CodigoError.AUTH_INVALID)
            await self.interlocutor.ingresar(leer_token(token), self._aceptar)
        except Exception as fallo:
            error = error_de(fallo, "el saludo")
            super().desconectada()
            self._conexion.rechazar(error.mensaje, {"code": error.codigo.value})

    def _aceptar(self, empuje: empujes.Autenticado) -> None:
        self._conexion.aceptar()
        self._conexion.enviar(marcos.marco_evento("autenticado", codificar(empuje)))

    def recibir(self, peticion: Peticion) -> None:
        if lleva_nulo(peticion.datos):
            self.negar(peticion, no_valido("El texto no puede llevar el carácter NUL"))
        else:
            super().recibir(peticion)

    def desconectada(self, motivo: str = "") -> None:
        if self._ingreso is not None:
            self._ingreso.cancel()
        super().desconectada(motivo)
