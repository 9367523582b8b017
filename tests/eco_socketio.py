"""Entrada ASGI de pruebas: el eco que piden las suites de socketio/socket.io.

Monta las puertas del producto, con latidos de 300 y 200 ms, en ``/engine.io/`` (paquetes sin más) y
en ``/socket.io/`` (espacios ``/`` y ``/custom``). Nunca forma parte de las URL del producto. Es
también el ejemplo más corto de lo que va detrás de una puerta. Uso: docs/conformidad.md.
"""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.puertas.engineio.paquetes import Ajustes
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.socketio.cliente import AcuseSocketIO, ClienteSocketIO, ConexionSocketIO
from mensajeria.puertas.socketio.maquina import AjustesSocketIO
from mensajeria.sesion.conexion import Peticion
from tests.apoyo_socketio import acusar, codificar_evento

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
AJUSTES = Ajustes(intervalo_ping=0.3, plazo_pong=0.2)
AJUSTES_SOCKETIO = AjustesSocketIO(espacios=frozenset({"/", "/custom"}), plazo_connect=1.0)


class EcoSocketIO:
    """``auth`` al conectar; ``message`` vuelve como ``message-back``, y con acuse, por él."""

    def __init__(self, conexion: ConexionSocketIO) -> None:
        self._conexion = conexion

    def conectar(self, auth: dict[str, Any] | None) -> None:
        self._conexion.aceptar()
        self._emitir("auth", auth or {})

    def recibir(self, peticion: Peticion) -> None:
        if isinstance(peticion.responder, AcuseSocketIO):
            acusar(self._conexion, peticion.responder, *peticion.argumentos)
        elif peticion.evento == "message":
            self._emitir("message-back", *peticion.argumentos)

    def negar(self, peticion: Peticion, error: ErrorMensajeria) -> None:
        if peticion.responder is not None:
            peticion.responder(b'{"ok":false}')

    def ping_enviado(self) -> None: ...
    def ping_contestado(self) -> None: ...
    def desconectada(self, motivo: str = "") -> None: ...

    def _emitir(self, nombre: str, *argumentos: Any) -> None:
        for marco in codificar_evento(nombre, argumentos, self._conexion.espacio):
            self._conexion.enviar(marco)


class EcoEngineIO:
    """Devuelve cada mensaje."""

    def __init__(self, sesion: SesionEngineIO) -> None:
        self._sesion = sesion

    def interpretar(self, mensajes: list[str | bytes]) -> list[str | bytes]:
        return mensajes

    def entregar(self, paquete: str | bytes) -> None:
        self._sesion.enviar(paquete if isinstance(paquete, bytes) else "4" + paquete)

    def ping_enviado(self) -> None: ...
    def ping_contestado(self) -> None: ...
    def cerrado(self, motivo: str) -> None: ...

    def proximo_vencimiento(self) -> float | None:
        return None

    def vencer(self, ahora: float) -> str | None:
        return None


def cualquier_origen(quien: QuienLlama) -> bool:
    return True


def cliente_socketio(sesion: SesionEngineIO) -> ClienteSocketIO:
    return ClienteSocketIO(sesion, EcoSocketIO, AJUSTES_SOCKETIO)


engineio: Any = PuertaEngineIO(EcoEngineIO, cualquier_origen, AJUSTES)
socketio: Any = PuertaEngineIO(cliente_socketio, cualquier_origen, AJUSTES)
_rutas = URLRouter([re_path(r"^engine\.io/?$", engineio), re_path(r"^socket\.io/?$", socketio)])
aplicacion = ProtocolTypeRouter({"http": _rutas, "websocket": _rutas})
