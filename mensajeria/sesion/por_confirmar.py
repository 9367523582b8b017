"""Lo enviado a un cliente que aún no se sabe si le llegó."""

from __future__ import annotations


class PorConfirmar(dict[str, int]):
    """Hasta qué secuencia se envió de cada conversación tras el último ping.

    Lo confirma un ping contestado: las puertas conservan el orden, y quien contesta tiene ya lo
    enviado antes.
    """

    __slots__ = ("_antes_del_ping",)

    def __init__(self) -> None:
        self._antes_del_ping: dict[str, int] | None = None

    def ping_enviado(self) -> None:
        if self:
            self._antes_del_ping = (self._antes_del_ping or {}) | self
            self.clear()

    def ping_contestado(self) -> dict[str, int]:
        """Lo que se acaba de saber recibido; no se dice dos veces."""
        recibido, self._antes_del_ping = self._antes_del_ping, None
        return recibido or {}

    def olvidar(self) -> None:
        """Lo enviado hasta ahora era para otro usuario."""
        self._antes_del_ping = None
        self.clear()
