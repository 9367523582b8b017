"""A los demás procesos se les pregunta quién está; que no se pueda no deja sin saber de este."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.central import censo
from mensajeria.central.conectado import Hoja
from mensajeria.nodo import Nodo


def test_sin_redis_que_conteste_alguno_calla(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert censo.de_los_demas("") == ([], 1)


def test_si_su_bucle_no_da_una_vuelta_tambien_calla(monkeypatch: pytest.MonkeyPatch) -> None:
    class Parado:
        def desde_un_hilo(self, usuario: str) -> Hoja:
            raise TimeoutError

    uno: Any = Nodo()
    uno.arrancado, uno.censo = True, Parado()
    assert uno.conectados() == ([], 1)
