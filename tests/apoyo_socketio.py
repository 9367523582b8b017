"""Lo que las pruebas hacen por una conexión de Socket.IO y el producto no.

Marcos con cualesquiera argumentos, también bytes: los pide la conformidad, y el producto los lee.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mensajeria.protocolo import json_javascript
from mensajeria.puertas.socketio import marcos
from mensajeria.puertas.socketio.cliente import AcuseSocketIO, ConexionSocketIO
from mensajeria.puertas.socketio.marcos import TipoDePaquete


def cortar(conexion: ConexionSocketIO, motivo: str = "x") -> None:
    """Cierra el transporte sin despedida: el cliente volverá a conectar."""
    assert conexion._cliente is not None
    conexion._cliente.cortar(motivo)


def acusar(conexion: ConexionSocketIO, acuse: AcuseSocketIO, *valores: Any) -> None:
    """Contesta a un acuse con cualesquiera argumentos."""
    for marco in codificar_ack(acuse.id, valores, conexion.espacio):
        conexion.enviar(marco)


def codificar_evento(
    nombre: str, argumentos: Sequence[Any], espacio: str = marcos.ESPACIO_PRINCIPAL
) -> list[str | bytes]:
    """Marcos de un evento con cualesquiera argumentos, también bytes."""
    return _codificar(TipoDePaquete.EVENT, espacio, "", [nombre, *argumentos])


def codificar_ack(
    id: int, argumentos: Sequence[Any], espacio: str = marcos.ESPACIO_PRINCIPAL
) -> list[str | bytes]:
    """Marcos de una confirmación con cualesquiera argumentos, también bytes."""
    return _codificar(TipoDePaquete.ACK, espacio, str(id), list(argumentos))


def _codificar(tipo: TipoDePaquete, espacio: str, id: str, datos: list[Any]) -> list[str | bytes]:
    adjuntos: list[bytes] = []
    texto = json_javascript.codificar(_separar(datos, adjuntos))
    if not adjuntos:
        return [f"4{tipo:d}{marcos._prefijo(espacio)}{id}{texto}"]
    if len(adjuntos) > marcos.ADJUNTOS_MAXIMOS:
        raise ValueError(f"más de {marcos.ADJUNTOS_MAXIMOS} adjuntos: ningún cliente los admite")
    binario = (
        TipoDePaquete.BINARY_EVENT if tipo is TipoDePaquete.EVENT else TipoDePaquete.BINARY_ACK
    )
    return [f"4{binario:d}{len(adjuntos)}-{marcos._prefijo(espacio)}{id}{texto}", *adjuntos]


def _separar(valor: Any, adjuntos: list[bytes]) -> Any:
    """Cambia cada bytes por su marcador y lo añade a ``adjuntos``."""
    if isinstance(valor, bytes):
        adjuntos.append(valor)
        return {"_placeholder": True, "num": len(adjuntos) - 1}
    if isinstance(valor, list | tuple):
        return [_separar(parte, adjuntos) for parte in valor]
    if isinstance(valor, dict):
        return {clave: _separar(parte, adjuntos) for clave, parte in valor.items()}
    return valor
