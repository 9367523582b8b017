"""Entre un cliente y el servidor: un cable que se corta y se vuelve a unir."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.servicios import puerto_libre


class Cable:
    """Pasa bytes en los dos sentidos; cortado, no escucha nadie y lo abierto se cierra."""

    def __init__(self, detras: int) -> None:
        self._detras = detras
        self.puerto = puerto_libre()
        self._abiertos: list[socket.socket] = []
        self.unir()

    def unir(self) -> None:
        self._oye = socket.create_server(("127.0.0.1", self.puerto))
        threading.Thread(target=self._atender, args=(self._oye,), daemon=True).start()

    def cortar(self) -> None:
        for abierto in (self._oye, *self._abiertos):
            with contextlib.suppress(OSError):
                abierto.shutdown(socket.SHUT_RDWR)
            abierto.close()
        self._abiertos.clear()

    def _atender(self, oye: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                cliente, _ = oye.accept()
                servidor = socket.create_connection(("127.0.0.1", self._detras))
                self._abiertos += (cliente, servidor)
                for de, a in ((cliente, servidor), (servidor, cliente)):
                    threading.Thread(target=_pasar, args=(de, a), daemon=True).start()


def _pasar(de: socket.socket, a: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while trozo := de.recv(65_536):
            a.sendall(trozo)
    with contextlib.suppress(OSError):
        a.shutdown(socket.SHUT_WR)
