"""El nombre de este proceso entre los demás."""

from __future__ import annotations

import os
import secrets

_nombre = secrets.token_hex(8)


def _renacer() -> None:
    global _nombre
    _nombre = secrets.token_hex(8)


# Un hijo de `servir --procesos N` no es su padre.
os.register_at_fork(after_in_child=_renacer)


def este() -> str:
    """16 dígitos hexadecimales al azar, distintos en cada proceso y en cada arranque."""
    return _nombre
