"""Los secretos y contraseñas que salen en un documento: los conoce cualquiera."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

# La de las cuentas de ejemplo.
CLAVE: Final = "demo"
CUENTAS: Final = ("ana", "beto", "carla", "test_user", "test_user_001", "mod", "admin")
# De quién es cada token literal del modo de ejemplo: el de la semilla, y el de la página y el guion
# del original.
TOKENS: Final = {"test_token": "test_user", "test_token_123": "test_user_001"}

# El que firma los tokens en el modo de ejemplo.
SECRETO: Final = "tu_secreto_jwt_seguro"

# De este producto y de la semilla; las claves, también de las guías de sus bases.
_SECRETOS: Final = frozenset({SECRETO, "secreto_muy_seguro_de_produccion"})
_CLAVES: Final = frozenset(
    {
        CLAVE,
        "changeme",
        "clave",
        "contrasena",
        "contraseña",
        "example",
        "mysecretpassword",
        "password",
        "postgres",
        "secret",
        "secreto",
    }
)


def es_de_muestra(secreto: str) -> bool:
    """Si firma o abre algo con lo que cualquiera puede leer; `django-insecure-` lo pone Django."""
    return secreto in _SECRETOS | _CLAVES or secreto.startswith("django-insecure-")


def clave_de(direccion: str) -> str:
    """La contraseña que lleva esa dirección, o nada."""
    cuenta = urlsplit(direccion).netloc.rpartition("@")[0]
    return unquote(cuenta.partition(":")[2])
