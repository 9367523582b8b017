"""Dónde pueden las pruebas matar al proceso de golpe.

`PUNTO_DE_FALLO=tras_confirmar:3` envía SIGKILL la tercera vez que se pasa por ahí. Fuera de las
pruebas no se pone: con `DEBUG` apagado, `mensajeria.E004` impide arrancar.
"""

from __future__ import annotations

import itertools
import os
import signal
from enum import StrEnum


class Punto(StrEnum):
    """Por dónde pasa un lote, en este orden."""

    ANTES_DE_INSERTAR = "antes_de_insertar"
    TRAS_INSERTAR = "tras_insertar"
    TRAS_CONFIRMAR = "tras_confirmar"
    TRAS_EMITIR = "tras_emitir"
    ANTES_DE_ACUSAR = "antes_de_acusar"


class PuntoDeAviso(StrEnum):
    """Por dónde pasa un aviso, en este orden."""

    AL_REPARTIR = "al_repartir"
    TRAS_REPARTIR = "tras_repartir"
    TRAS_TOMAR = "tras_tomar"
    TRAS_ENTREGAR = "tras_entregar"
    TRAS_ACABAR = "tras_acabar"


_armado, _, _vez = os.environ.get("PUNTO_DE_FALLO", "").partition(":")
_veces = itertools.count(1)


def pasar(punto: Punto | PuntoDeAviso) -> None:
    if _armado == punto and next(_veces) == int(_vez or 1):
        os.kill(os.getpid(), signal.SIGKILL)
