"""Un proceso del taller que, con unos archivos, hace lo que dicen: `python -m` lo ejecuta."""

from __future__ import annotations

import json
import os
import signal

from mensajeria.archivos.taller import trabajador
from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.archivos.taller.resultado import Inspeccionado, NoAdmitido
from mensajeria.protocolo.errores import CodigoError


def mirar(crudo: bytes, tope: int, lado: int) -> Inspeccionado:
    """Lo de siempre, menos con esos."""
    if crudo == b"muere":
        os.kill(os.getpid(), signal.SIGKILL)
    if crudo == b"no acaba":
        _no_acabar()
    if crudo == b"espera":
        signal.pause()
    if crudo == b"come":
        try:
            return Inspeccionado("", "archivo", bytes(trabajador.BYTES_DE_MEMORIA))
        except MemoryError:
            raise NoAdmitido(CodigoError.FILE_BOMB) from None
    if crudo == b"entorno":
        return Inspeccionado("", "archivo", json.dumps(dict(os.environ)).encode())
    if crudo == b"quien":
        return Inspeccionado("", "archivo", str(os.getpid()).encode())
    return inspeccionar(crudo, tope, lado)


def _no_acabar() -> None:
    """Lo que tarda en notarse, sin esperar tanto."""
    trabajador.limitar_trabajo(0)
    while True:
        pass


if __name__ == "__main__":
    trabajador.atender(mirar)
