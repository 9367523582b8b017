"""Lo enviado a un cliente que aún no se sabe si le llegó."""

from __future__ import annotations

from collections.abc import Collection


class PorConfirmar:
    """Hasta qué secuencia se envió de cada conversación; lo confirma un ping contestado.

    Las puertas conservan el orden: quien contesta a un ping tiene ya lo enviado antes.
    """

    __slots__ = ("_antes_del_ping", "_despues")

    def __init__(self) -> None:
        self._antes_del_ping: dict[str, int] | None = None
        self._despues: dict[str, int] | None = None

    def anotar(self, conversacion: str, secuencia: int) -> bool:
        """`True` si a todo lo anterior ya lo siguió un ping."""
        if self._despues is None:
            self._despues = {conversacion: secuencia}
            return True
        self._despues[conversacion] = secuencia
        return False

    @property
    def sin_ping(self) -> Collection[str]:
        """Las conversaciones de lo enviado tras el último ping."""
        return () if self._despues is None else self._despues.keys()

    def ping_enviado(self) -> None:
        if self._despues is not None:
            self._antes_del_ping = (self._antes_del_ping or {}) | self._despues
            self._despues = None

    def ping_contestado(self) -> dict[str, int]:
        """Lo que se acaba de saber recibido; no se dice dos veces."""
        recibido, self._antes_del_ping = self._antes_del_ping, None
        return recibido or {}

    def olvidar(self) -> None:
        """Lo enviado hasta ahora era para otro usuario."""
        self._antes_del_ping = self._despues = None
