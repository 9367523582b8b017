"""La puerta `/socket.io/`: cada cliente, con la misma sesión y los mismos eventos que la nativa."""

from __future__ import annotations

from django.conf import settings

from mensajeria.nodo import Nodo
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.socketio.cliente import ClienteSocketIO, ConexionSocketIO
from mensajeria.puertas.socketio.sesion import SesionSocketIO


def puerta_socketio(nodo: Nodo) -> PuertaEngineIO:
    """La aplicación ASGI que se monta en `/socket.io/`."""

    def crear(conexion: ConexionSocketIO) -> SesionSocketIO:
        return SesionSocketIO(nodo, conexion)

    def crear_cliente(sesion: SesionEngineIO) -> ClienteSocketIO:
        return ClienteSocketIO(sesion, crear)

    return PuertaEngineIO(
        crear_cliente,
        _admite,
        credenciales="*" not in settings.SOCKET_CORS_ORIGIN,
        abierta=lambda: nodo.admite,
    )


def _admite(quien: QuienLlama) -> bool:
    return quien.admitido
