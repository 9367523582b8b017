"""Entrada ASGI de pruebas: el eco que piden las suites de socketio/socket.io.

Monta el transporte del producto, con latidos de 300 y 200 ms, en ``/engine.io/`` (paquetes sin
más) y en ``/socket.io/`` (espacios ``/`` y ``/custom``). Nunca forma parte de las URL del producto.
Uso: docs/conformidad.md.
"""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from mensajeria.consumers.engineio import PuertaEngineIO
from mensajeria.consumers.engineio_canal import Canal, InfoCliente
from mensajeria.consumers.socketio import Conexion, PuertaSocketIO, Respondedor
from mensajeria.transporte.engineio import Ajustes
from mensajeria.transporte.socketio import codificar_evento
from mensajeria.transporte.socketio_cliente import AjustesCliente

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
AJUSTES = Ajustes(intervalo_ping=0.3, plazo_pong=0.2)


class EcoEngineIO:
    """Devuelve cada mensaje."""

    def __init__(self, canal: Canal) -> None:
        self._canal = canal

    def interpretar(self, mensajes: list[str | bytes]) -> list[str | bytes]:
        return mensajes

    def entregar(self, paquete: str | bytes) -> None:
        self._canal.enviar(paquete if isinstance(paquete, bytes) else "4" + paquete)

    def latido(self, confirmados: int) -> None:
        pass

    def cerrado(self, motivo: str) -> None:
        pass

    def proximo_vencimiento(self) -> float | None:
        return None

    def vencer(self, ahora: float) -> str | None:
        return None


class EcoSocketIO:
    """``auth`` al conectar; ``message`` vuelve como ``message-back``, y con ack, por el ack."""

    def __init__(self, conexion: Conexion) -> None:
        self._conexion = conexion

    def conectar(self, auth: dict[str, Any] | None) -> None:
        self._conexion.aceptar()
        self._emitir("auth", auth or {})

    def evento(self, nombre: str, argumentos: list[Any], responder: Respondedor | None) -> None:
        if nombre == "message":
            self._emitir("message-back", *argumentos)
        elif nombre == "message-with-ack" and responder is not None:
            responder.con_valores(*argumentos)

    def evento_ilegible(self, nombre: str | None, responder: Respondedor | None) -> None:
        if responder is not None:
            responder.con_valores({"ok": False})

    def latido(self, confirmados: int) -> None:
        pass

    def desconectado(self, motivo: str) -> None:
        pass

    def _emitir(self, nombre: str, *argumentos: Any) -> None:
        for marco in codificar_evento(nombre, argumentos, self._conexion.espacio):
            self._conexion.enviar_marco(marco)


def cualquier_origen(info: InfoCliente) -> bool:
    return True


engineio: Any = PuertaEngineIO(EcoEngineIO, cualquier_origen, AJUSTES)
socketio: Any = PuertaSocketIO(
    EcoSocketIO,
    cualquier_origen,
    AJUSTES,
    AjustesCliente(espacios=frozenset({"/", "/custom"}), plazo_connect=1.0),
)
_rutas = URLRouter([re_path(r"^engine\.io/?$", engineio), re_path(r"^socket\.io/?$", socketio)])
aplicacion = ProtocolTypeRouter({"http": _rutas, "websocket": _rutas})
