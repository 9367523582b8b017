"""El sitio que queda donde se escribe: base embebida, archivos, registro y lo temporal."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal
from servitech.registro import abrir

POCO = 1024**3
CASI_NADA = 200 * 1024**2

_REMEDIO = "Libera espacio o amplía el disco; si crece server.log, rótalo (logrotate)."


def revisar() -> Iterator[Hallazgo]:
    sitios = {
        "registro": Path(settings.LOG_ARCHIVO).parent,
        "temporales": Path(tempfile.gettempdir()),
    }
    # La de un S3 no está en esta máquina, y la que aún no existe se hace con el primero.
    carpeta_de_archivos = Path(settings.STORAGES["archivos"]["OPTIONS"]["location"])
    if carpeta_de_archivos.is_absolute() and carpeta_de_archivos.is_dir():
        sitios["archivos"] = carpeta_de_archivos
    if connection.vendor == "sqlite":
        sitios = {"base de datos": Path(connection.settings_dict["ARCHIVO"]).parent, **sitios}
    vistos: set[int] = set()
    for nombre, carpeta in sitios.items():
        try:
            dispositivo = carpeta.stat().st_dev
            libre = shutil.disk_usage(carpeta).free
        except OSError as error:
            yield mal(
                f"{nombre}: no se puede mirar {carpeta} ({error.strerror})", "Crea la carpeta."
            )
            continue
        if dispositivo not in vistos:
            vistos.add(dispositivo)
            yield juzgar(nombre, carpeta, libre)

    yield from _registro()


def _registro() -> Iterator[Hallazgo]:
    archivo = settings.LOG_ARCHIVO
    try:
        os.close(abrir(archivo))
    except OSError as error:
        yield mal(
            f"registro: no se puede escribir en {archivo} ({error.strerror})",
            "Dale permiso o cambia LOG_ARCHIVO. Mientras, el registro va solo por la terminal.",
        )


def juzgar(nombre: str, carpeta: Path, libre: int) -> Hallazgo:
    texto = f"{nombre}: {libre / 1024**3:.1f} GiB libres en {carpeta}"
    if libre < CASI_NADA:
        return mal(texto, _REMEDIO)
    return aviso(texto, _REMEDIO) if libre < POCO else bien(texto)
