"""Los descriptores de archivo de este proceso: cada conexión ocupa uno, y se acaban.

Sin ninguno no se abre ni el registro ni la base: antes se avisa, y después se niega a quien llega.
"""

from __future__ import annotations

import logging
import os
import resource
import sys

from mensajeria import metricas
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.servidor")

# Los que se guardan para la base, Redis y los archivos, o la cuarta parte si hay muy pocos.
RESERVA = 64
# Desde qué parte de los que hay se avisa.
AVISO = 0.8
_ABIERTOS = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"

_escasean = Suceso(
    registro,
    "Los descriptores se acaban (%s): cerca del final, a quien llegue se le contesta 503. Sube su"
    " límite (LimitNOFILE en systemd, ulimit -Hn)",
    "Vuelve a haber descriptores de sobra",
)


def subir() -> None:
    """El límite, hasta donde deje el sistema sin ser root (setrlimit, el «duro»)."""
    blando, duro = resource.getrlimit(resource.RLIMIT_NOFILE)
    if blando == duro:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (duro, duro))
    except (OSError, ValueError) as error:
        registro.warning("El límite de descriptores se queda en %d (%s)", blando, error)


def maximo() -> int:
    blando, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if blando == resource.RLIM_INFINITY else blando


def reserva() -> int:
    return min(RESERVA, maximo() // 4)


def quedan(numero: int) -> int:
    """Cuántos por encima de ese, que se acaba de dar: siempre se da el menor que haya libre.

    Cerca del final, pues, son los que quedan; y no cuesta contarlos.
    """
    libres = maximo() - numero - 1
    if libres < reserva():
        _escasean.pasa(f"quedan {libres} de {maximo()}")
    return libres


def mirar() -> None:
    """Los cuenta para `/metrics`, y avisa si se acercan al límite. Se llama cada pocos segundos."""
    abiertos, tope = len(os.listdir(_ABIERTOS)), maximo()
    metricas.DESCRIPTORES.set(abiertos)
    metricas.DESCRIPTORES_MAXIMO.set(tope)
    if abiertos >= AVISO * tope:
        _escasean.pasa(f"{abiertos} de {tope}")
    else:
        _escasean.no_pasa()
