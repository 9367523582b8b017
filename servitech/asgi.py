"""Entrada para un servidor ASGI que no sea `servir`: antes mira lo que él mira por su cuenta."""

import os
from concurrent.futures import ThreadPoolExecutor

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
django.setup(set_prefix=False)

from django.db import connections  # noqa: E402  (Django debe estar listo antes)

from mensajeria.comprobaciones import impedimentos  # noqa: E402
from mensajeria.models import tomar_espacio  # noqa: E402


def _empezar() -> None:
    try:
        if hay := impedimentos():
            raise ImproperlyConfigured("\n".join(hay))
        tomar_espacio()
    finally:
        connections.close_all()


# En su hilo: quien importa esto puede estar ya en su bucle de eventos.
with ThreadPoolExecutor(1) as _hilo:
    _hilo.submit(_empezar).result()

from servitech.aplicacion import application  # noqa: E402

__all__ = ["application"]
