"""La carpeta de esta máquina donde se guardan los archivos, si no es en otra parte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import FileSystemStorage


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
