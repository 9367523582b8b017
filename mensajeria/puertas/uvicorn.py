"""El saludo de un WebSocket (RFC 6455, 4.2), sobre la petición que uvicorn ya leyó.

Lleva de ASGI lo que va de un saludo, y al aceptarlo cede la conexión a quien la lleve sin ASGI.
"""

from __future__ import annotations

import asyncio
import binascii
import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from mensajeria.puertas.asgi import DETENIENDOSE, Cabeceras, Respuesta, Scope, respuesta_http
from mensajeria.puertas.directo import WebSocketDirecto
from mensajeria.puertas.tramas import LectorDeTramas
from mensajeria.puertas.websocket import CEDER

registro = logging.getLogger("mensajeria.puertas")

# Sin contexto entre mensajes: lo comprimido para uno vale para todos, y nadie guarda ventanas.
COMPRESION = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=12,
    client_max_window_bits=12,
)
VERSION = b"13"
ACEPTADO = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %b\r\n"
)
MAL_HECHO = Respuesta(400, "No es un saludo de WebSocket")
OTRO_METODO = Respuesta(405, "Un WebSocket se abre con GET")
OTRA_VERSION = Respuesta(426, "Solo se habla la versión 13 de WebSocket")
FALLO = Respuesta(500, "Internal Server Error")
_PERDIDO = 1006  # sin que nadie cerrara (RFC 6455, 7.4.1)


class _NoVale(Exception):
    """Por qué se rechaza un saludo, y lo que se añade a la respuesta."""

    def __init__(self, respuesta: Respuesta, *cabeceras: tuple[bytes, bytes]) -> None:
        self.respuesta, self.cabeceras = respuesta, cabeceras


class ProtocoloWS(asyncio.Protocol):
    """Un saludo: desde que llega entero hasta que se acepta o se rechaza."""

    def __init__(self, http: HttpToolsProtocol) -> None:
        self._transporte = http.transport
        self._propias = http.server_state.default_headers
        self._vivas: set[Any] = http.connections
        self._tareas = http.tasks
        self._maximo = http.config.ws_max_size
        self._comprime = http.config.ws_per_message_deflate
        self._clave = ""
        self._extensiones: list[Extension] = []
        self._dice_extensiones: str | None = None
        # Lo que envía quien no espera a que se le acepte: lo leerá quien lleve la conexión.
        self._temprano = b""
        self._avisado = self._terminado = False
        # Lo que se espera a que termine, si alguien lo espera.
        self._fin: asyncio.Future[None] | None = None
        # Con qué estado y cabeceras se está rechazando.
        self._rechazo: tuple[int, Cabeceras] = (403, [])
        self._ws: WebSocketDirecto | None = None

    def saludar(self, http: HttpToolsProtocol) -> None:
        """Lo lleva a la aplicación, si es lo que dice ser."""
        self._transporte.set_protocol(self)
        self._vivas.add(self)
        try:
            scope = self._leer(http)
        except _NoVale as no:
            self._negar(no.respuesta, no.cabeceras)
            return
        tarea = http.loop.create_task(self._correr(http.app, scope))
        self._tareas.add(tarea)
        tarea.add_done_callback(self._tareas.discard)

    def _leer(self, http: HttpToolsProtocol) -> Scope:
        if http.scope["method"] != "GET":
            raise _NoVale(OTRO_METODO, (b"allow", b"GET"))
        claves, versiones, subprotocolos, extensiones = [], [], [], []
        for nombre, valor in http.headers:
            if nombre == b"sec-websocket-key":
                claves.append(valor)
            elif nombre == b"sec-websocket-version":
                versiones.append(valor)
            elif nombre == b"sec-websocket-protocol":
                subprotocolos += [n.strip() for n in valor.decode("latin-1").split(",")]
            elif nombre == b"sec-websocket-extensions":
                extensiones.append((nombre.decode(), valor.decode("latin-1")))
        try:
            [clave], [version] = claves, versiones
            if version != VERSION:
                raise _NoVale(OTRA_VERSION, (b"sec-websocket-version", VERSION))
            if len(binascii.a2b_base64(clave, strict_mode=True)) != 16:
                raise _NoVale(MAL_HECHO)
            if extensiones and self._comprime:
                acuerdo = ServerProtocol(extensions=[COMPRESION])
                que = acuerdo.process_extensions(Headers(extensiones))
                self._dice_extensiones, self._extensiones = que
            url = httptools.parse_url(http.url)
        except (ValueError, InvalidHandshake, httptools.HttpParserInvalidURLError):
            raise _NoVale(MAL_HECHO) from None
        self._clave, camino = clave.decode(), url.path or b"/"
        return {
            "type": "websocket",
            "asgi": {"version": http.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if http.scheme == "https" else "ws",
            "server": http.server,
            "client": http.client,
            "root_path": http.root_path,
            "path": http.root_path + unquote(camino),
            "raw_path": http.root_path.encode() + camino,
            "query_string": url.query or b"",
            "headers": http.headers,
            "subprotocols": subprotocolos,
            "state": http.app_state.copy(),
            "extensions": {"websocket.http.response": {}, CEDER: self._ceder},
        }

    async def _correr(self, aplicacion: Any, scope: Scope) -> None:
        try:
            await aplicacion(scope, self._recibir, self._enviar)
        except ClientDisconnected:
            pass
        except Exception:
            registro.exception("Falló la aplicación en un saludo")
        finally:
            if self._ws is not None:
                self._ws.sin_aplicacion()
            else:
                self._negar(FALLO)

    async def _recibir(self) -> Any:
        if not self._avisado:
            self._avisado = True
            return {"type": "websocket.connect"}
        if not self._terminado:
            self._fin = asyncio.get_running_loop().create_future()
            await self._fin
        return {"type": "websocket.disconnect", "code": _PERDIDO}

    async def _enviar(self, mensaje: Any) -> None:
        if self._terminado or self._transporte.is_closing():
            raise ClientDisconnected
        match mensaje["type"]:
            case "websocket.accept":
                self._aceptar(mensaje.get("subprotocol"))
            case "websocket.close":
                self._rechazar(b"")
            case "websocket.http.response.start":
                self._rechazo = mensaje["status"], mensaje["headers"]
            case "websocket.http.response.body":
                self._rechazar(mensaje["body"])
            case otro:
                raise RuntimeError(otro)

    def _aceptar(self, subprotocolo: str | None) -> None:
        """Desde ahora todo lo de esta conexión va y viene por quien la lleve.

        El 101 sale con lo primero que se le envíe en esta vuelta.
        """
        respuesta = ACEPTADO % accept_key(self._clave).encode()
        for nombre, valor in (
            (b"Protocol", subprotocolo),
            (b"Extensions", self._dice_extensiones),
        ):
            if valor is not None:
                respuesta += b"Sec-WebSocket-%b: %b\r\n" % (nombre, valor.encode("latin-1"))
        self._dejar()
        extensiones = self._extensiones
        ventana = next(
            (e.local_max_window_bits for e in extensiones if isinstance(e, PerMessageDeflate)), 0
        )
        lector = LectorDeTramas(self._maximo, extensiones or None)
        ws = WebSocketDirecto(self._transporte, lector, self._vivas, ventana, self._temprano)
        ws.escribir(respuesta + b"\r\n")
        self._transporte.set_protocol(ws)
        self._ws = ws

    def _ceder(self) -> WebSocketDirecto:
        assert self._ws is not None
        return self._ws

    def _negar(self, respuesta: Respuesta, mas: Iterable[tuple[bytes, bytes]] = ()) -> None:
        if not self._terminado:
            self._rechazo = respuesta.estado, [*respuesta.cabeceras, *mas]
            self._rechazar(respuesta.cuerpo.encode())

    def _rechazar(self, cuerpo: bytes) -> None:
        self._dejar()
        estado, cabeceras = self._rechazo
        # Entre las del servidor puede estar la de cerrar, y va una vez.
        propias = [c for c in self._propias if c[0] != b"connection"]
        self._transporte.write(respuesta_http(estado, [*propias, *cabeceras], cuerpo))
        self._transporte.close()

    def _dejar(self) -> None:
        self._terminado = True
        self._vivas.discard(self)
        if self._fin is not None and not self._fin.done():
            self._fin.set_result(None)

    # Lo que pasa con la conexión mientras tanto

    def data_received(self, data: bytes) -> None:
        self._temprano += data
        self._transporte.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._dejar()

    def shutdown(self) -> None:
        """A quien aún saluda, 503: un proxy lo intenta en otro proceso."""
        self._negar(DETENIENDOSE)
