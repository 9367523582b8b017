"""A quién de fuera se le cuenta cómo va: un Sentry, y quien recoja trazas de OpenTelemetry."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit

from servitech.entorno import Malo


def sentry(valor: str) -> str:
    """El DSN que da su proyecto."""
    escribe = "https://clave@sentry.tusitio.com/1"
    return _con_paquete(valor, escribe, "sentry_sdk", "requirements-sentry.txt", con_clave=True)


def trazas(valor: str) -> str:
    """Donde se escucha OTLP por HTTP."""
    escribe = "http://127.0.0.1:4318"
    return _con_paquete(valor, escribe, "opentelemetry.exporter", "requirements-otel.txt")


def _con_paquete(
    valor: str, escribe: str, modulo: str, archivo: str, *, con_clave: bool = False
) -> str:
    try:
        partes = urlsplit(valor)
        es_url = partes.scheme in ("http", "https") and bool(partes.hostname)
    except ValueError:
        es_url = False
    if not es_url or (con_clave and not (partes.username and partes.path.strip("/"))):
        raise Malo("no es su dirección", escribe)
    raiz, _, _ = modulo.partition(".")
    if not (find_spec(raiz) and find_spec(modulo)):
        raise Malo(f"faltan sus paquetes: pip install -r {archivo}", escribe)
    return valor
