"""La carpeta de esta máquina donde se guardan los archivos, si no es en otra parte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import FileSystemStorage

# Lo que no se llena: suele ser el disco de la base, y sin sitio no se guardaría ni un mensaje. En
# uno pequeño, esa parte.
RESERVA = 500 * 1024**2
PARTE_DE_RESERVA = 0.05


class Carpeta(FileSystemStorage):
    """La de Django; y lo guardado está en el disco, y no solo de camino, cuando lo dice."""

    def _save(self, name: str, content: Any) -> str:
        guardado: str = super()._save(name, content)  # type: ignore[misc]
        ruta = Path(self.path(guardado))
        # Su carpeta puede ser nueva: quien dice que existe es la de encima.
        for cual in (ruta, ruta.parent, ruta.parent.parent):
            descriptor = os.open(cual, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return guardado

    def leer(self, name: str, desde: int, largo: int) -> IO[bytes]:
        """Abierto en `desde`, para leer ese `largo`; FileNotFoundError si no está."""
        abierto: IO[bytes] = self.open(name)
        abierto.seek(desde)
        return abierto

    def queda_sitio(self) -> bool:
        """Si cabe otro sin dejar a su disco sin la reserva."""
        ruta = Path(self.location)
        # La carpeta se hace con el primero.
        disco = shutil.disk_usage(next(r for r in (ruta, *ruta.parents) if r.exists()))
        return disco.free > min(RESERVA, disco.total * PARTE_DE_RESERVA)
