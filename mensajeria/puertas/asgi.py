"""Lo que las puertas usan de ASGI: sus formas, una respuesta HTTP y un rechazo de WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mensajeria import metricas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Cabeceras = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Respuesta:
    """Una respuesta HTTP; `cerrar` si queda cuerpo sin leer y la conexión no se puede reusar.

    `reintentar_en`: en cuántos segundos, si es cosa de esperar.
    """

    estado: int
    cuerpo: str = ""
    tipo: bytes = b"text/plain; charset=UTF-8"
    cerrar: bool = False
    reintentar_en: int | None = None

    @property
    def cabeceras(self) -> Cabeceras:
        propias = [(b"content-type", self.tipo)]
        if self.cerrar:
            propias.append((b"connection", b"close"))
        if self.reintentar_en is not None:
            propias.append((b"retry-after", b"%d" % self.reintentar_en))
        return propias


def negativa(
    estado: int, codigo: CodigoError, mensaje: str, reintentar_en: int | None = None
) -> Respuesta:
    """Con el cuerpo de las de REST, a quien aún no se sabe qué quiere."""
    error = ErrorMensajeria(codigo, mensaje, reintentar_en=reintentar_en)
    cuerpo = json.dumps(error.cuerpo, ensure_ascii=False)
    return Respuesta(estado, cuerpo, b"application/json", reintentar_en=reintentar_en)


MAQUINA_AJENA = Respuesta(400, "Host no admitido")
LLENO = negativa(
    429,
    CodigoError.RATE_LIMITED,
    "Hay demasiadas conexiones desde tu dirección; cierra alguna o espera un minuto",
    60,
)
DETENIENDOSE = negativa(
    503, CodigoError.UNAVAILABLE, "El servidor se está deteniendo; vuelve a conectar", 5
)


def contar_negativa(puerta: str, que: Respuesta | int) -> None:
    """La de esa puerta: con su estado, o con el código con que se cierra."""
    codigo = que.estado if isinstance(que, Respuesta) else que
    metricas.NEGATIVAS.labels(puerta, codigo).inc()


def respuesta_http(estado: int, cabeceras: Cabeceras, cuerpo: bytes) -> bytes:
    """Una respuesta entera, tal como se escribe, a quien se despide con ella."""
    todas = [*cabeceras, (b"content-length", b"%d" % len(cuerpo)), (b"connection", b"close")]
    lineas = [
        f"HTTP/1.1 {estado} {HTTPStatus(estado).phrase}".encode(),
        *(b": ".join(cabecera) for cabecera in todas),
    ]
    return b"\r\n".join([*lineas, b"", cuerpo])


async def responder(send: Send, respuesta: Respuesta, cabeceras: Cabeceras) -> None:
    """Envía la respuesta entera."""
    cuerpo = respuesta.cuerpo.encode()
    propias = [
        (b"content-length", b"%d" % len(cuerpo)),
        (b"cache-control", b"no-store"),
    ]
    inicio = {
        "type": "http.response.start",
        "status": respuesta.estado,
        "headers": respuesta.cabeceras + propias + cabeceras,
    }
    await send(inicio)
    await send({"type": "http.response.body", "body": cuerpo})


async def denegar(scope: Scope, receive: Receive, send: Send, respuesta: Respuesta) -> None:
    """Rechaza un WebSocket; con cuerpo si el servidor sabe darlo, y si no, con su 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    inicio = {
        "type": "websocket.http.response.start",
        "status": respuesta.estado,
        "headers": respuesta.cabeceras,
    }
    await send(inicio)
    await send({"type": "websocket.http.response.body", "body": respuesta.cuerpo.encode()})
    # uvicorn 0.54 da por fallida la aplicación que vuelve antes de que se pierda la conexión:
    # avisa una vez al enviar el rechazo y otra al perderla.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await receive()
            await receive()


async def siguiente_trama(receive: Receive) -> str | bytes | None:
    """La siguiente trama de un WebSocket; `None` si el cliente se fue."""
    evento = await receive()
    if evento["type"] != "websocket.receive":
        return None
    dato: bytes | None = evento.get("bytes")
    if dato is not None:
        return dato
    texto: str = evento["text"]
    return texto


def mensaje_de_trama(trama: str | bytes) -> dict[str, Any]:
    clave = "bytes" if isinstance(trama, bytes) else "text"
    return {"type": "websocket.send", clave: trama}


async def cerrar(send: Send, codigo: int) -> None:
    """Cierra un WebSocket aceptado, si no lo cerró ya el cliente."""
    with contextlib.suppress(OSError, RuntimeError):
        await send({"type": "websocket.close", "code": codigo})
