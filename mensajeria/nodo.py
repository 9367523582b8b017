"""Este proceso entero: lo que sostiene, con un arranque y una parada en orden.

Cualquier hilo ejecuta y emite por él; lo demás nace con la primera conexión, en su bucle de
eventos. Una orden de consola no lo arranca nunca.
"""

from __future__ import annotations

from mensajeria.central.central import Central
from mensajeria.difusion.emisor import Emisor
from mensajeria.operaciones.ejecucion import Ejecutor
from mensajeria.operaciones.escritor import Escritor


class Nodo:
    escritor: Escritor
    central: Central

    def __init__(self) -> None:
        self.emisor = Emisor()
        self.ejecutor = Ejecutor(self.emisor)
        self.arrancado = False
        # Nada nuevo entra: lo que está en vuelo se confirma y se responde.
        self.deteniendo = False

    def arrancar(self) -> None:
        """Dentro del bucle de eventos que atiende a los clientes; repetirlo no hace nada."""
        if not self.arrancado:
            self.arrancado = True
            self.escritor = Escritor(self.ejecutor)
            self.central = Central(self.emisor.emitir)
            self.emisor.arrancar(self.central.repartir)

    async def detener(self) -> None:
        """Suelta la presencia y deja de escuchar; lo que no esté confirmado queda sin respuesta."""
        self.deteniendo = True
        await self.central.despedirse()
        await self.emisor.detener()
        self.central.cerrar()
        self.escritor.cerrar()


_nodo = Nodo()


def nodo() -> Nodo:
    """El de este proceso."""
    return _nodo


def nodo_en_marcha() -> Nodo:
    """El de este proceso, ya atendiendo; se llama desde su bucle de eventos."""
    _nodo.arrancar()
    return _nodo
