"""Los defectos del programa, a un Sentry: solo si se dice cuál (`SENTRY_DSN`).

Cada suceso se hace aquí, de lo que no puede llevar nada de nadie: qué clase de error fue, por dónde
pasó y los identificadores de lo que se trataba. Ni lo que decía el error, ni los datos de la línea,
ni las variables: ahí van mensajes, tokens y contraseñas.
"""

from __future__ import annotations

import logging
import socket
import traceback
from typing import Any

from sentry_sdk import Client

from mensajeria import VERSION, rastro

# De los demás, la línea puede llevar dentro lo que alguien escribió.
_NUESTROS = ("mensajeria", "servitech", "django")
_IDS = ("peticion", "conexion", "mensaje", "conversacion", "cambio", "id", "evento")
_LARGO = 200


class Incidencias(logging.Handler):
    """Lo que se registra como error, con su traza."""

    def __init__(self, dsn: str) -> None:
        super().__init__(logging.ERROR)
        self._cliente = Client(
            dsn=dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            auto_session_tracking=False,
            send_client_reports=False,
            max_breadcrumbs=0,
            release=VERSION,
            server_name=socket.gethostname(),
        )

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "django.request" and not record.exc_info:
            # Que contestó 500, por lo que ya se dijo.
            return
        try:
            self._cliente.capture_event(suceso(record))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        self._cliente.close(timeout=2)
        super().close()


def suceso(record: logging.LogRecord) -> Any:
    """Lo que se envía de esa línea."""
    datos = {"peticion": rastro.peticion.get(), **getattr(record, "datos", {})}
    dicho: dict[str, Any] = {
        "level": "error",
        "logger": record.name,
        "timestamp": record.created,
        "tags": {c: str(datos[c])[:_LARGO] for c in _IDS if datos.get(c) not in (None, "")},
    }
    if record.name.startswith(_NUESTROS):
        # Tal como está en el programa, con los huecos sin llenar.
        dicho["logentry"] = {"message": str(record.msg)[:_LARGO]}
    if record.exc_info and record.exc_info[1]:
        dicho["exception"] = {"values": [*map(_sin_lo_que_dice, _cadena(record.exc_info[1]))]}
    return dicho


def _cadena(error: BaseException | None) -> list[BaseException]:
    """Con los que lo causaron; el primero, primero."""
    todos: list[BaseException] = []
    while error is not None and error not in todos:
        todos.insert(0, error)
        error = error.__cause__ or error.__context__
    return todos


def _sin_lo_que_dice(error: BaseException) -> dict[str, Any]:
    marcos = [
        {"filename": m.filename, "function": m.name, "lineno": m.lineno, "in_app": _es_nuestro(m)}
        for m in traceback.extract_tb(error.__traceback__)
    ]
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "stacktrace": {"frames": marcos},
    }


def _es_nuestro(marco: traceback.FrameSummary) -> bool:
    return "site-packages" not in marco.filename and "/lib/python" not in marco.filename
