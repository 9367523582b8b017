"""Lo que se escribe en el registro."""

from __future__ import annotations

import logging


class SinTraza(logging.Filter):
    """Deja la línea y quita la traza: un Redis que se cae no es un defecto del programa."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
            record.args = ()
        record.exc_info = record.exc_text = None
        return True


class LoDeFueraSinTraza(SinTraza):
    """Una línea por lo que Django niega (`django.security.*`): es de quien llama, no nuestro.

    Va en quien escribe: el filtro de un registro no vale para los que cuelgan de él.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.name.startswith("django.security") or super().filter(record)
