"""python-socketio sobre uvicorn: entra con un JWT, reparte y acusa; no guarda."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from typing import Any

import jwt
import socketio
import uvicorn

sio = socketio.AsyncServer(async_mode="asgi", max_http_buffer_size=1_000_000)


def _ahora() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _presentar(quien: str, conversacion: str, texto: str, id_cliente: str) -> dict[str, Any]:
    return {
        "_id": secrets.token_hex(12),
        "conversacion": conversacion,
        "remitente": {"_id": quien, "nombre": quien, "apellido": "Del Banco", "avatar_url": ""},
        "contenido": {"texto": texto, "tipo": "texto", "archivo": None, "metadatos": {}},
        "tipo": "texto",
        "estado": "enviado",
        "prioridad": "normal",
        "respuestaA": None,
        "editado": {"editado": False, "fechaEdicion": None, "historial": [], "versiones": 0},
        "eliminado": {"eliminado": False, "fechaEliminacion": None, "eliminadoPor": None},
        "fijado": {"fijado": False, "fecha": None, "por": None},
        "lecturas": [],
        "reacciones": [],
        "fechaEnvio": _ahora(),
        "fechaEntrega": None,
        "idCliente": id_cliente,
    }


@sio.event
async def connect(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    try:
        datos = jwt.decode(auth["token"], os.environ["JWT_SECRET"], ["HS256"])
    except jwt.InvalidTokenError:
        raise socketio.exceptions.ConnectionRefusedError("AUTH_INVALID") from None
    await sio.save_session(sid, {"usuario": datos["userId"]})
    await sio.enter_room(sid, auth["conversacion"])
    await sio.emit("autenticado", {"usuarioId": datos["userId"], "success": True}, to=sid)


@sio.event
async def enviar_mensaje(sid: str, datos: dict[str, Any]) -> dict[str, Any]:
    sesion = await sio.get_session(sid)
    conversacion, id_cliente = datos["conversacionId"], datos["idCliente"]
    texto = datos["contenido"]["texto"]
    if not texto.strip() or len(texto) > 5000:
        return {"ok": False, "error": {"code": "VALIDATION_ERROR"}}
    mensaje = _presentar(sesion["usuario"], conversacion, texto, id_cliente)
    empuje = {"conversacionId": conversacion, "mensaje": mensaje, "timestamp": _ahora()}
    await sio.emit("nuevo_mensaje", empuje, room=conversacion)
    enviado = {"mensajeId": mensaje["_id"], "estado": "enviado", "idCliente": id_cliente}
    await sio.emit("mensaje_enviado", enviado, to=sid)
    return {"ok": True, "datos": enviado}


uvicorn.run(
    socketio.ASGIApp(sio),
    host="127.0.0.1",
    port=int(os.environ["PUERTO"]),
    log_level="warning",
    loop="uvloop",
    backlog=2048,
    ws_per_message_deflate=False,
)
