"""Dónde se guardan los archivos que se suben: una carpeta, o un S3."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from servitech.entorno import Malo

_EJEMPLO_DE_S3 = "s3://cubo/carpeta"


def carpeta(ruta: Path) -> dict[str, Any]:
    """Una de esta máquina, que solo abre su dueño."""
    return {
        "BACKEND": "mensajeria.archivos.carpeta.Carpeta",
        "OPTIONS": {
            "location": str(ruta),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def de_archivos(valor: str) -> dict[str, Any]:
    """El de `ARCHIVOS`: una ruta absoluta, o `s3://cubo/carpeta`.

    Las claves, la región y la dirección de un S3 que no es el de Amazon, como las lee boto3:
    `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3`.
    """
    if valor.startswith("s3://"):
        return _s3(valor)
    if "://" in valor:
        raise Malo("es una carpeta, o un s3://", _EJEMPLO_DE_S3)
    ruta = Path(valor).expanduser()
    if not ruta.is_absolute():
        raise Malo("la ruta de una carpeta empieza por /", str(ruta.absolute()))
    return carpeta(ruta)


def _s3(valor: str) -> dict[str, Any]:
    partes = urlsplit(valor)
    if not partes.netloc or partes.query or "@" in partes.netloc:
        raise Malo("es el cubo y, si acaso, una carpeta suya", _EJEMPLO_DE_S3)
    if not (find_spec("storages") and find_spec("boto3")):
        raise Malo("faltan sus paquetes: pip install -r requirements-s3.txt", valor)
    return {
        "BACKEND": "mensajeria.archivos.s3.S3",
        "OPTIONS": {
            "bucket_name": partes.netloc,
            "location": partes.path.strip("/"),
            "default_acl": None,
            # El nombre lo pone el servidor, y no se repite.
            "file_overwrite": True,
        },
    }
