"""Una ida y vuelta por cada puerta de un servidor en marcha, como la haría un cliente."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings
from jwt.warnings import InsecureKeyLengthWarning
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from mensajeria.consola.diagnostico.hallazgos import Hallazgo, Veredicto, bien, mal, omitido

PACIENCIA = 5.0
_SIN_ASCENSO = (
    "El HTTP pasa y el WebSocket no: el proxy ha de reenviar Upgrade y Connection, con HTTP/1.1"
    " (docs/problemas.md)."
)
_TAPADA = "Algo que no es este servidor contesta ahí: mira el proxy y a dónde reenvía esa ruta."


class Inesperado(Exception):
    """Contestó otra cosa."""


def revisar(url: str, exigido: bool) -> Iterator[Hallazgo]:
    """`exigido`: alguien nombró ese servidor, y que no esté es un fallo."""
    url = url.rstrip("/")
    try:
        estado, cuerpo = _pedir(f"{url}/salud/")
    except (OSError, ValueError) as error:
        motivo = getattr(error, "reason", error)
        texto = f"nadie contesta en {url} ({motivo})"
        remedio = "Arráncalo (make run) o di dónde está: --url https://mensajes.tusitio.com"
        yield mal(texto, remedio) if exigido else omitido(f"sin comprobar: {texto}", remedio)
        return
    yield _salud(url, estado, cuerpo)
    yield _ida_y_vuelta("Socket.IO por sondeos", lambda: _sondeos(url), _TAPADA)
    yield _ida_y_vuelta("Socket.IO por WebSocket", lambda: _socketio(url), _SIN_ASCENSO)
    sencillo = _ida_y_vuelta("WebSocket sencillo", lambda: _nativo(url), _SIN_ASCENSO)
    yield sencillo
    if sencillo.estado is Veredicto.BIEN and settings.JWT_SECRET:
        yield _secreto(url)


def _pedir(url: str, cuerpo: str | None = None) -> tuple[int, str]:
    pedido = urllib.request.Request(
        url,
        data=None if cuerpo is None else cuerpo.encode(),
        headers={"Content-Type": "text/plain;charset=UTF-8"} if cuerpo else {},
    )
    try:
        with urllib.request.urlopen(pedido, timeout=PACIENCIA) as respuesta:
            return int(respuesta.status), respuesta.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def _salud(url: str, estado: int, cuerpo: str) -> Hallazgo:
    try:
        datos = json.loads(cuerpo)
        partes = f"base de datos {datos['base_de_datos']}, Redis {datos['redis']}"
    except (ValueError, KeyError, TypeError):
        return mal(f"{url}/salud/ contesta {estado} con algo que no es nuestro", _TAPADA)
    if estado != 200:
        return mal(f"{url}/salud/ dice {estado}: {partes}", "Mira arriba esa parte y server.log.")
    return bien(f"{url} está sano: {partes}")


def _ida_y_vuelta(nombre: str, probar: Callable[[], None], remedio: str) -> Hallazgo:
    inicio = time.perf_counter()
    try:
        probar()
    except InvalidStatus as error:
        return mal(f"{nombre}: contesta {error.response.status_code} al ascender", remedio)
    except (OSError, WebSocketException, Inesperado, ValueError) as error:
        return mal(f"{nombre}: {str(error) or type(error).__name__}", remedio)
    return bien(f"{nombre}: ping y pong en {(time.perf_counter() - inicio) * 1000:.0f} ms")


def _exigir(hallado: str | bytes, comienzo: str) -> str:
    texto = hallado if isinstance(hallado, str) else hallado.decode("utf-8", "replace")
    if not texto.startswith(comienzo):
        raise Inesperado(f"se esperaba «{comienzo}…» y llegó «{texto[:60]}»")
    return texto


def _sondeos(url: str) -> None:
    base = f"{url}/socket.io/?EIO=4&transport=polling"
    saludo = json.loads(_exigir(_pedir(base)[1], "0{")[1:])
    sesion = f"{base}&sid={saludo['sid']}"
    _exigir(_pedir(sesion, "40")[1], "ok")
    _exigir(_pedir(sesion)[1], "40{")
    _exigir(_pedir(sesion, '42["ping"]')[1], "ok")
    _exigir(_pedir(sesion)[1], '42["pong"')
    _pedir(sesion, "1")


def _abrir(url: str, ruta: str) -> Any:
    partes = urlsplit(url)
    esquema = "wss" if partes.scheme == "https" else "ws"
    return connect(
        f"{esquema}://{partes.netloc}{partes.path}{ruta}",
        open_timeout=PACIENCIA,
        close_timeout=1,
    )


def _socketio(url: str) -> None:
    with _abrir(url, "/socket.io/?EIO=4&transport=websocket") as ws:
        _exigir(ws.recv(PACIENCIA), "0{")
        ws.send("40")
        _exigir(ws.recv(PACIENCIA), "40{")
        ws.send('42["ping"]')
        _exigir(ws.recv(PACIENCIA), '42["pong"')


def _nativo(url: str) -> None:
    with _abrir(url, "/ws/mensajeria/") as ws:
        ws.send('{"evento": "ping", "datos": {}, "id": 1}')
        vistos = [json.loads(ws.recv(PACIENCIA)) for _ in range(2)]
    if {m.get("evento") for m in vistos} != {"pong", "respuesta"}:
        raise Inesperado(f"contestó {vistos}")


def _secreto(url: str) -> Hallazgo:
    """Un token caducado: solo lo sabe caducado quien lo firmaría igual; no hace falta nadie."""
    datos = {"userId": "nadie", "exp": time.time() - 3600}
    with warnings.catch_warnings():
        # De que sea corto ya avisa la configuración.
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        token = jwt.encode(datos, settings.JWT_SECRET, "HS256")
    try:
        with _abrir(url, "/ws/mensajeria/") as ws:
            ws.send(json.dumps({"evento": "autenticar", "datos": {"token": token}, "id": 1}))
            marcos = [json.loads(ws.recv(PACIENCIA)) for _ in range(2)]
        [error] = [m["error"] for m in marcos if m.get("evento") == "respuesta"]
    except (OSError, WebSocketException, ValueError, KeyError) as fallo:
        return mal(f"autenticar: {str(fallo) or type(fallo).__name__}", _TAPADA)
    if error["code"] == "TOKEN_EXPIRED":
        return bien("el servidor firma con el JWT_SECRET de aquí")
    return mal(
        f"el servidor no conoce los tokens firmados con el JWT_SECRET de aquí ({error['code']})",
        "Pon el mismo JWT_SECRET aquí, en todos los servidores y en quien firme los tokens, y"
        " reinícialos.",
    )
