"""Las contraseñas que trae la importación: bcrypt, como las guardaba el original en Node."""

from __future__ import annotations

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher

# bcrypt no mira más allá, y la biblioteca de Python lo rechaza en vez de cortar como la de Node.
_MAX_BYTES = 72


class BcryptDelOriginal(BCryptPasswordHasher):
    """Solo para comprobarlas: al primer ingreso, Django la guarda de nuevo con la suya."""

    def encode(self, password: str, salt: str | bytes) -> str:
        sal = salt.encode("ascii") if isinstance(salt, str) else salt
        hecho = bcrypt.hashpw(password.encode()[:_MAX_BYTES], sal)
        return f"{self.algorithm}${hecho.decode('ascii')}"
