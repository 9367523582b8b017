"""Lo que cada servidor espera oír y cómo contesta: de pedidos a bytes y de bytes a sucesos."""

from __future__ import annotations

import json
from typing import Protocol

TEXTO = "¿Me confirmas la visita de mañana a las diez? Llevo yo los repuestos."

# Lo que significa una trama para la carga.
NADA, ENTRADA, ACUSE, ENTREGA, LATIDO, FALLO, CONFIRMADO = range(7)


def _json(valor: object) -> bytes:
    return json.dumps(valor, ensure_ascii=False, separators=(",", ":")).encode()


def _mensaje(conversacion: str, n: int, quien: str) -> dict[str, object]:
    return {
        "conversacionId": conversacion,
        "contenido": {"texto": TEXTO, "tipo": "texto"},
        "idCliente": f"{quien}-{n}",
    }


class Dialecto(Protocol):
    """`latido` es lo que se contesta a un LATIDO; sin `acusa`, lo propio de vuelta es el acuse."""

    latido: bytes
    acusa: bool

    def camino(self, conversacion: str) -> str:
        """Dónde se abre el WebSocket."""

    def al_abrir(self, token: str, conversacion: str) -> bytes | None:
        """Lo que se envía en cuanto el WebSocket se abre."""

    def enviar(self, conversacion: str, n: int, quien: str) -> bytes:
        """El mensaje `n` de esa conexión, que pide acuse con ese número."""

    def leer(self, carga: bytes) -> tuple[int, int]:
        """Qué es lo que llegó y, si es un acuse, de qué número."""


class SocketIO:
    """Socket.IO v5 por WebSocket, con el token en el saludo."""

    latido = b"3"
    acusa = True

    def camino(self, conversacion: str) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def al_abrir(self, token: str, conversacion: str) -> bytes | None:
        # El producto no mira la conversación; un par sin base la necesita para unirse a ella.
        return b"40" + _json({"token": token, "conversacion": conversacion})

    def enviar(self, conversacion: str, n: int, quien: str) -> bytes:
        return b"42%d" % n + _json(["enviar_mensaje", _mensaje(conversacion, n, quien)])

    def leer(self, carga: bytes) -> tuple[int, int]:
        if carga.startswith(b'42["nuevo_mensaje"'):
            return ENTREGA, 0
        if carga.startswith(b"43"):
            corte = carga.index(b"[")
            bien = carga.startswith(b'[{"ok":true', corte)
            return (ACUSE, int(carga[2:corte])) if bien else (FALLO, 0)
        if carga.startswith(b'42["autenticado"'):
            return ENTRADA, 0
        if carga == b"2":
            return LATIDO, 0
        if carga.startswith((b'42["error"', b"44")):
            return FALLO, 0
        return (CONFIRMADO, 0) if carga.startswith(b'42["mensaje_actualizado"') else (NADA, 0)


class Nativa:
    """La puerta sencilla del producto: un objeto JSON por trama."""

    latido = b""
    acusa = True

    def camino(self, conversacion: str) -> str:
        return "/ws/mensajeria/"

    def al_abrir(self, token: str, conversacion: str) -> bytes | None:
        return _json({"evento": "autenticar", "datos": {"token": token}})

    def enviar(self, conversacion: str, n: int, quien: str) -> bytes:
        return _json(
            {"evento": "enviar_mensaje", "datos": _mensaje(conversacion, n, quien), "id": n}
        )

    def leer(self, carga: bytes) -> tuple[int, int]:
        if carga.startswith(b'{"evento":"nuevo_mensaje"'):
            return ENTREGA, 0
        if carga.startswith(b'{"evento":"respuesta","id":'):
            numero = carga[27 : carga.index(b",", 27)]
            bien = carga.startswith(b',"ok":true', 27 + len(numero))
            return (ACUSE, int(numero)) if bien else (FALLO, 0)
        if carga.startswith(b'{"evento":"autenticado"'):
            return ENTRADA, 0
        if carga.startswith(b'{"evento":"error"'):
            return FALLO, 0
        confirmado = carga.startswith(b'{"evento":"mensaje_actualizado"')
        return (CONFIRMADO, 0) if confirmado else (NADA, 0)


class Eco:
    """El chat del tutorial de Channels: una sala por camino, y lo enviado vuelve a todos."""

    latido = b""
    acusa = False

    def camino(self, conversacion: str) -> str:
        return f"/ws/chat/{conversacion}/"

    def al_abrir(self, token: str, conversacion: str) -> bytes | None:
        return None

    def enviar(self, conversacion: str, n: int, quien: str) -> bytes:
        return _json({"message": TEXTO})

    def leer(self, carga: bytes) -> tuple[int, int]:
        return ENTREGA, 0
