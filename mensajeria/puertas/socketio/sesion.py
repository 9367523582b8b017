"""La sesión de un cliente de Socket.IO: la de todos, con lo que su saludo y su JSON piden."""

from __future__ import annotations

import asyncio
from typing import Any

from mensajeria import metricas
from mensajeria.fallos import error_de
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import leer_token, sin_esquema
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.puertas.socketio.cliente import ConexionSocketIO
from mensajeria.sesion.sesion import Sesion


class SesionSocketIO(Sesion):
    """Puede autenticarse al conectar, con `auth: {token}` en el saludo."""

    __slots__ = ("_ingreso",)

    _conexion: ConexionSocketIO

    def __init__(self, nodo: Nodo, conexion: ConexionSocketIO) -> None:
        quien = conexion.quien
        super().__init__(nodo, conexion, quien.direccion, quien.agente)
        quien.resumir()
        self._ingreso: asyncio.Task[None] | None = None

    def conectar(self, auth: dict[str, Any] | None) -> None:
        token = (auth or {}).get("token")
        # Una página que aún no tiene ninguno lo envía vacío.
        if token is None or (isinstance(token, str) and not sin_esquema(token).strip()):
            self._conexion.aceptar()
        else:
            self._ingreso = asyncio.create_task(self._ingresar_con(token))

    async def _ingresar_con(self, token: Any) -> None:
        """Si no vale, el cliente recibe `connect_error`."""
        try:
            if not isinstance(token, str):
                raise ErrorMensajeria(CodigoError.AUTH_INVALID)
            await self.ingresar(leer_token(token), antes=self._conexion.aceptar)
        except Exception as fallo:
            error = error_de(fallo, "el saludo")
            if error.codigo is CodigoError.AUTH_INVALID:
                metricas.INGRESOS_FALLIDOS.labels("token").inc()
            metricas.NEGATIVAS.labels("socketio", error.codigo).inc()
            super().desconectada()
            self._conexion.rechazar(error.mensaje, {"code": error.codigo.value})
        finally:
            self._ingreso = None

    def desconectada(self, motivo: str = "") -> None:
        if self._ingreso is not None:
            self._ingreso.cancel()
        super().desconectada(motivo)
