"""Lo que espera a que un cliente lo lea."""

from __future__ import annotations

from collections import deque
from functools import lru_cache

# Para un cliente que no lee: una carga máxima de Socket.IO, y sitio para los avisos que la
# acompañan. Más allá se le corta, y luego reanuda: la alternativa es la memoria del servidor.
MAX_PENDIENTE = 1_000_000 + 65_536


class ColaDeSalida:
    """Tramas en su orden, contadas en bytes."""

    __slots__ = ("_bytes", "_limite", "_tramas")

    def __init__(self, limite: int = MAX_PENDIENTE) -> None:
        self._limite = limite
        # Casi nunca hay: un `deque` vacío ocupa 600 bytes.
        self._tramas: deque[tuple[str | bytes, int]] | None = None
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._tramas)

    @property
    def ocupa(self) -> int:
        """Cuántos bytes, todas."""
        return self._bytes

    def poner(self, trama: str | bytes) -> bool:
        """Si cabe. La que no, queda puesta: quien la pone decide qué hacer con todo."""
        cuanto = bytes_de(trama)
        self._bytes += cuanto
        if self._tramas is None:
            self._tramas = deque()
        self._tramas.append((trama, cuanto))
        return self._bytes <= self._limite

    def tomar(self) -> str | bytes | None:
        """La siguiente, o `None`."""
        if not self._tramas:
            return None
        trama, cuanto = self._tramas.popleft()
        self._bytes -= cuanto
        if not self._tramas:
            self._tramas = None
        return trama

    def tomar_todo(self) -> list[str | bytes]:
        tramas = [trama for trama, _ in self._tramas or ()]
        self.vaciar()
        return tramas

    def vaciar(self) -> None:
        self._tramas, self._bytes = None, 0


def bytes_de(trama: str | bytes) -> int:
    """Bytes que ocupa en la red; en un texto ASCII no cuesta nada saberlo."""
    if isinstance(trama, bytes) or trama.isascii():
        return len(trama)
    return _bytes_de_texto(trama)


@lru_cache(maxsize=2)
def _bytes_de_texto(texto: str) -> int:
    """Un evento pone la misma cadena en la cola de cada receptor: se cuenta una vez por puerta."""
    return len(texto.encode("utf-8", "surrogatepass"))
