"""Este proceso servidor entero: lo que sostiene, con un arranque y una parada en orden."""

from __future__ import annotations

from mensajeria.central.central import Central
from mensajeria.operaciones.escritor import Escritor


class Nodo:
    """Se crea dentro del bucle de eventos que lo usa."""

    def __init__(self) -> None:
        self.escritor = Escritor()
        self.central = Central()
        # Nada nuevo entra: lo que está en vuelo se confirma y se responde.
        self.deteniendo = False

    async def detener(self) -> None:
        """Suelta la presencia y deja de escuchar; lo que no esté confirmado queda sin respuesta."""
        self.deteniendo = True
        await self.central.cerrar()
        self.escritor.cerrar()


_nodo: Nodo | None = None


def nodo() -> Nodo:
    """El de este proceso; nace con la primera conexión, ya en su bucle de eventos."""
    global _nodo
    if _nodo is None:
        _nodo = Nodo()
    return _nodo


def nodo_en_marcha() -> Nodo | None:
    return _nodo
