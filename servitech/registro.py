"""Lo que se escribe en el registro, y que escribirlo no le cueste nada a quien pide."""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from typing import Any

from mensajeria import rastro

registro = logging.getLogger("mensajeria.registro")

# Tras un fallo no se prueba otra vez hasta pasado este rato.
DESCANSO = 30.0
PERMISOS = 0o640
# De quienes basta la línea: un Redis que se cae o un `Host` ajeno no son un defecto del programa.
_SIN_TRAZA = ("channels_redis.pubsub", "django.security", "redis.asyncio.cluster")
_LARGO = 300


def configuracion(archivo: str, nivel: str, formato: str, sentry: str = "") -> dict[str, Any]:
    """Lo que se registra, y dónde, como lo entiende `logging.config`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "linea": {
                "class": f"servitech.registro.{'EnJSON' if formato == 'json' else 'Linea'}",
                "format": "{asctime} {levelname:<7} {name}: {message}",
                "style": "{",
            },
        },
        "filters": {
            "sin_traza": {"()": "servitech.registro.SinTraza"},
            "sin_503": {"()": "servitech.registro.Sin503"},
        },
        "handlers": {
            "terminal": {
                "class": "logging.StreamHandler",
                "filters": ["sin_traza"],
                "formatter": "linea",
            },
            "archivo": {
                "class": "servitech.registro.ArchivoDeRegistro",
                "filename": archivo,
                "filters": ["sin_traza"],
                "formatter": "linea",
            },
            **(
                {"sentry": {"class": "servitech.incidencias.Incidencias", "dsn": sentry}}
                if sentry
                else {}
            ),
        },
        "root": {
            "handlers": ["terminal", "archivo", *(["sentry"] if sentry else [])],
            "level": nivel,
        },
        "loggers": {
            # Sin los suyos, que con DEBUG repiten cada línea, y con su traza.
            "django": {"level": "INFO"},
            "django.request": {"level": "ERROR", "filters": ["sin_503"]},
            # Cada intento de conectar: que la base no responde ya se dice, una vez.
            "psycopg.pool": {"level": "ERROR"},
            "daphne": {"level": "WARNING"},
            # Una línea por petición, con la dirección de un navegador, que es un secreto suyo.
            "httpx": {"level": "WARNING"},
            "uvicorn.access": {"level": "WARNING"},
            # Su línea por conexión lleva la consulta entera, y alguien puede poner ahí un token.
            "uvicorn.error": {"level": "WARNING"},
        },
    }


def _datos(record: logging.LogRecord) -> dict[str, Any]:
    """Lo que acompaña a la línea: lo que se anotó con ella, y la petición que se atiende."""
    suyos = {c: v for c, v in getattr(record, "datos", {}).items() if v not in ("", None)}
    peticion = rastro.peticion.get()
    return {**suyos, "peticion": peticion} if peticion else suyos


class _UnaVez(logging.Formatter):
    """Lo que va a varios sitios se escribe una vez."""

    def format(self, record: logging.LogRecord) -> str:
        por, escrita = record.__dict__.get("_escrita", (None, ""))
        if por is not self:
            escrita = self.escribir(record)
            record.__dict__["_escrita"] = self, escrita
        return str(escrita)

    def escribir(self, record: logging.LogRecord) -> str:
        return super().format(record)


class Linea(_UnaVez):
    """Una línea, con sus datos detrás."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        datos = "".join(f" {clave}={valor}" for clave, valor in _datos(record).items())
        return super().formatMessage(record) + datos


class EnJSON(_UnaVez):
    """Un objeto por línea, con sus datos dentro."""

    def escribir(self, record: logging.LogRecord) -> str:
        traza = self.formatException(record.exc_info) if record.exc_info else None
        cuando = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        dicho = {
            "fecha": cuando,
            "nivel": record.levelname,
            "registro": record.name,
            "dicho": record.getMessage(),
            "pid": record.process,
            **({"traza": traza} if traza else {}),
        }
        return json.dumps({**dicho, **_datos(record)}, ensure_ascii=False, default=str)


class SinTraza(logging.Filter):
    """Deja la línea, acotada, y quita la traza de lo que no es un defecto."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(_SIN_TRAZA) and record.exc_info:
            clase = record.exc_info[0]
            try:
                dicho = record.getMessage()
            except Exception:
                dicho = str(record.msg)
            record.msg = f"{dicho[:_LARGO]} ({clase.__name__ if clase else ''})"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


class Sin503(logging.Filter):
    """Sin la línea de Django por cada 503: por qué lo son ya está dicho, una vez por suceso."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503


class ArchivoDeRegistro(WatchedFileHandler):
    """El archivo de registro, que solo leen su dueño y su grupo.

    Si no se puede escribir en él lo dice una vez por la terminal, que recibe lo mismo, y sigue; al
    cabo de un rato prueba otra vez.
    """

    def __init__(self, filename: str) -> None:
        super().__init__(filename, encoding="utf-8", delay=True, errors="backslashreplace")
        self._callado_hasta = 0.0
        self._caido = False
        self._error: OSError | None = None

    def _open(self) -> TextIOWrapper:
        descriptor = abrir(self.baseFilename)
        with suppress(OSError):
            cerrar_a_otros(descriptor)
        return open(descriptor, "a", encoding=self.encoding, errors=self.errors)

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() < self._callado_hasta:
            return
        self._error = None
        try:
            super().emit(record)
        except OSError as error:
            self._error = error
        if self._error is not None:
            self._caer(self._error)
        elif self._caido:
            self._caido = False
            registro.warning("Se escribe otra vez en %s", self.baseFilename)

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._error = error
        else:
            super().handleError(record)

    def _caer(self, error: OSError) -> None:
        self._callado_hasta = time.monotonic() + DESCANSO
        suyo, self.stream = self.stream, None
        if suyo is not None:
            with suppress(OSError):
                suyo.close()
        if not self._caido:
            self._caido = True
            registro.warning(
                "No se puede escribir en %s (%s): el registro sigue solo por la terminal",
                self.baseFilename,
                error.strerror,
            )


def abrir(archivo: str) -> int:
    """El descriptor por el que se le añade; un tubo sin nadie al otro lado no hace esperar."""
    return os.open(archivo, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, PERMISOS)


def cerrar_a_otros(archivo: int | str | os.PathLike[str]) -> None:
    """Le quita lo que pase de 0640, si es un archivo corriente; `OSError` si no es suyo."""
    datos = os.stat(archivo)
    if stat.S_ISREG(datos.st_mode) and stat.S_IMODE(datos.st_mode) & ~PERMISOS:
        os.chmod(archivo, stat.S_IMODE(datos.st_mode) & PERMISOS)
