"""La conexión de este proceso con Redis: un solo cliente y un solo juicio de si responde."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis

from mensajeria.entre_procesos import espacio, proceso
from mensajeria.entre_procesos.direccion import Reserva

T = TypeVar("T")

registro = logging.getLogger("mensajeria.redis")

_PREFIJO = "servitech"
_PACIENCIA = 0.5
# Tras un fallo, este rato no se llama: un Redis colgado no debe ocupar los hilos. Dura más que un
# latido con su espera: mientras no responda, solo lo prueba el latido, y el primero que llega acaba
# con el descanso. En un proceso que no late (nadie conectado), es cada cuánto se prueba.
DESCANSO = 5.0


def llave(*partes: str) -> str:
    """El único sitio que sabe cómo empiezan las llaves de Redis: todas, en el espacio del sistema.

    No cambian de nombre entre versiones: al renovar procesos de uno en uno, los viejos y los nuevos
    se darían por muertos y se borrarían las cuentas unos a otros.
    """
    return ":".join((espacio.dentro_de(_PREFIJO), *partes))


class Enlace:
    """`redis` se usa dentro de `llamar` o `probar`; lanzan `RedisError` si no responde."""

    def __init__(self, url: str, nombre: str = "") -> None:
        self.url = url
        self.proceso = nombre or proceso.este()
        # Sus tipos mezclan bytes y texto; con `decode_responses` todo es texto.
        self.redis: Any = redis.Redis.from_pool(
            Reserva.from_url(
                url,
                socket_timeout=_PACIENCIA,
                socket_connect_timeout=_PACIENCIA,
                decode_responses=True,
            )
        )
        # Quien lo guarda y lo ve cambiar sabe que algo suyo pudo no llegar.
        self.ultimo_fallo = 0.0
        self._callado_hasta = 0.0

    @property
    def responde(self) -> bool:
        """Falso tras un fallo, hasta que el latido lo prueba y sale bien."""
        return time.monotonic() >= self._callado_hasta

    def llamar(self, hacer: Callable[[], T]) -> T:
        """El resultado de `hacer`; en el descanso, `ConnectionError` sin esperar a nadie."""
        if not self.responde:
            raise redis.ConnectionError("Redis falló hace un momento")
        return self._atento(hacer)

    def probar(self, hacer: Callable[[], T]) -> T:
        """Llama aunque sea el descanso; si sale bien, se acabó."""
        resultado = self._atento(hacer)
        self._callado_hasta = 0.0
        return resultado

    def _atento(self, hacer: Callable[[], T]) -> T:
        try:
            return hacer()
        except redis.RedisError as error:
            ahora = time.monotonic()
            if ahora >= self._callado_hasta:
                registro.warning(
                    "Redis no responde (%s): este proceso sigue con lo suyo", type(error).__name__
                )
            self.ultimo_fallo = ahora
            self._callado_hasta = ahora + DESCANSO
            raise
