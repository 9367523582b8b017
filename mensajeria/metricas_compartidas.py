"""Los valores de las métricas que varios procesos suman por archivos, sin que un archivo los rompa.

prometheus_client los escribe en `PROMETHEUS_MULTIPROC_DIR`, y lanza donde se cuenta: en medio de lo
que pidió alguien. Hay que importar esto antes de hacer ninguna métrica.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Final

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

CARPETA: Final = "PROMETHEUS_MULTIPROC_DIR"
# Lo que ocupa cada archivo de los suyos.
_TAMANO: Final = 1 << 16
# Los dos últimos, de un archivo que la biblioteca cerró y no pudo abrir otra vez.
_FALLOS: Final = (OSError, TypeError, ValueError)

registro = logging.getLogger("mensajeria.metricas")
_dicho = False


class _ConSitio(MmapedDict):
    """Con su sitio del disco ya pedido: escribir en memoria lo que no cabe mata al proceso."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode and hasattr(os, "posix_fallocate"):
            with open(filename, "ab") as archivo:
                os.posix_fallocate(archivo.fileno(), 0, _TAMANO)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]


class _SinArchivo:
    def write_value(self, *_: Any) -> None:
        """No hay dónde."""


def _avisar(error: Exception) -> None:
    global _dicho
    if not _dicho:
        _dicho = True
        registro.warning(
            "No se puede escribir en %s (%s): las métricas de este proceso se quedan en él",
            os.environ.get(CARPETA),
            error,
        )


def _que_no_rompe(clase: Any) -> Any:
    class Valor(clase):  # type: ignore[misc]
        def __init__(self, *args: Any, **opciones: Any) -> None:
            self._value, self._file, self._key = 0.0, _SinArchivo(), ""
            try:
                super().__init__(*args, **opciones)
            except _FALLOS as error:
                _avisar(error)

        def inc(self, amount: float) -> None:
            try:
                super().inc(amount)
            except _FALLOS as error:
                _avisar(error)

        def set(self, value: float, timestamp: float | None = None) -> None:
            try:
                super().set(value, timestamp)
            except _FALLOS as error:
                _avisar(error)

        def get(self) -> float:
            try:
                return float(super().get())
            except _FALLOS as error:
                _avisar(error)
                return self._value

    return Valor


def compartir() -> bool:
    """Deja los valores a salvo; dice si se comparten."""
    if CARPETA not in os.environ:
        return False
    try:
        os.makedirs(os.environ[CARPETA], exist_ok=True)
    except OSError as error:
        _avisar(error)
    values.MmapedDict = _ConSitio  # type: ignore[attr-defined]
    values.ValueClass = _que_no_rompe(values.ValueClass)
    return True
