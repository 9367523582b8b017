"""Qué aplicación atiende cada camino y protocolo."""

from __future__ import annotations

from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from mensajeria.nodo import Nodo, nodo
from mensajeria.puertas import asgi
from mensajeria.puertas.nativa.puerta import PuertaNativa
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.socketio.puerta import puerta_socketio
from servitech import sondas

# Los sirve Django: están en `WHITENOISE_ROOT`.
_CLIENTE = r"socket\.io(?:\.min|\.esm\.min)?\.js(?:\.map)?"


async def _sin_puerta(_scope: Any, receive: Any, send: Any) -> None:
    """Un WebSocket en un camino que no es de nadie."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def _en_marcha(este: Nodo, puerta: Any) -> Any:
    """La puerta, con el nodo ya arrancado y para quien pregunta por una máquina de la casa.

    Con él nace el arriendo de este proceso, por el que los demás lo saben vivo aunque solo mueva
    tramas de sesiones ajenas.
    """

    async def aplicacion(scope: Any, receive: Any, send: Any) -> None:
        este.arrancar()
        if QuienLlama(scope).maquina_admitida:
            await puerta(scope, receive, send)
        elif scope["type"] == "http":
            await asgi.responder(send, asgi.MAQUINA_AJENA, [])
        else:
            await receive()
            await asgi.denegar(scope, receive, send, asgi.MAQUINA_AJENA)

    return aplicacion


def _con_el_nodo(este: Nodo, http: Any) -> Any:
    """Lo que alguien pide solo por HTTP cuenta en sus límites, que se igualan con el nodo."""

    async def aplicacion(scope: Any, receive: Any, send: Any) -> None:
        if any(nombre in (b"authorization", b"cookie") for nombre, _ in scope["headers"]):
            este.arrancar()
        await http(scope, receive, send)

    return aplicacion


def _sin_prefijo(prefijo: str, dentro: Any) -> Any:
    """Lo de debajo de `prefijo`, como si estuviera en la raíz; y lo que un proxy ya recortó, o se
    pregunta desde dentro, también.
    """
    crudo = prefijo.encode()

    async def aplicacion(scope: Any, receive: Any, send: Any) -> None:
        camino = scope["path"]
        if scope["type"] == "http" and camino == prefijo:
            alli = [(b"location", crudo + b"/")]
            await asgi.responder(send, asgi.Respuesta(301), alli)
            return
        if camino.startswith(f"{prefijo}/"):
            sin_el = scope.get("raw_path", b"").removeprefix(crudo)
            scope = {**scope, "path": camino.removeprefix(prefijo), "raw_path": sin_el}
        await dentro(scope, receive, send)

    return aplicacion


def construir(http: Any) -> Any:
    """La aplicación ASGI entera, con la de Django (`http`) detrás."""
    este = nodo()
    nativa, socketio = PuertaNativa(este), puerta_socketio(este)
    este.puertas = [nativa, socketio]
    # Como en Node, es suyo todo lo que empiece por su camino menos los archivos del cliente.
    ruta_socketio = re_path(rf"^socket\.io/(?!{_CLIENTE}$)", _en_marcha(este, socketio))
    ruta_nativa = re_path(r"^ws/mensajeria/?$", _en_marcha(este, nativa))
    sin_puerta = re_path(r"", _sin_puerta)  # type: ignore[arg-type]
    vivo = re_path(r"^salud/vivo/?$", sondas.vivo)  # type: ignore[arg-type]
    listo = re_path(r"^salud/listo/?$", sondas.Listo(este))  # type: ignore[arg-type]
    resto = re_path(r"", _con_el_nodo(este, http))
    todo = ProtocolTypeRouter(
        {
            "http": URLRouter([ruta_socketio, vivo, listo, resto]),
            "websocket": URLRouter([ruta_nativa, ruta_socketio, sin_puerta]),
        }
    )
    return _sin_prefijo(settings.PREFIJO, todo) if settings.PREFIJO else todo
