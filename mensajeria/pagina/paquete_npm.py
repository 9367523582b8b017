"""El cliente de JavaScript, hecho paquete de npm sin Node: se instala de este mismo servidor."""

from __future__ import annotations

import functools
import gzip
import io
import tarfile
from pathlib import Path

from django.conf import settings

from mensajeria import VERSION

ARCHIVO = f"servitech-mensajeria-{VERSION}.tgz"
_RAIZ = Path(settings.BASE_DIR)
_DE_NPM = _RAIZ / "clientes/npm"
# La fecha que pone npm a todo: con la de cada archivo, dos máquinas darían paquetes distintos.
_FECHA = 499_162_500


@functools.cache
def paquete() -> bytes:
    """Lo mismo que lleva el de `npm pack clientes/npm`. Se hace una vez por proceso."""
    crudo = io.BytesIO()
    with tarfile.open(fileobj=crudo, mode="w") as tar:
        for nombre, archivo in sorted(_archivos().items()):
            contenido = archivo.read_bytes()
            ficha = tarfile.TarInfo(f"package/{nombre}")
            ficha.size, ficha.mtime = len(contenido), _FECHA
            tar.addfile(ficha, io.BytesIO(contenido))
    return gzip.compress(crudo.getvalue(), mtime=0)


def _archivos() -> dict[str, Path]:
    """Por su nombre en el paquete: el código que sirve la página, y sus tipos al lado."""
    return {
        "LICENSE": _RAIZ / "LICENSE",
        **{nombre: _DE_NPM / nombre for nombre in ("README.md", "package.json")},
        **{
            f"lib/{archivo.relative_to(carpeta)}": archivo
            for carpeta in (_RAIZ / "static/mensajeria", _DE_NPM / "tipos")
            for archivo in (*carpeta.glob("cliente.*"), *carpeta.glob("cliente/*"))
        },
    }
