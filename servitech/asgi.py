"""Entrada ASGI: una sola aplicación sirve REST, admin, página y las puertas de socket."""

import os
from concurrent.futures import ThreadPoolExecutor

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
django.setup(set_prefix=False)

from mensajeria.comprobaciones import (  # noqa: E402  (Django debe estar listo antes)
    revisar_ajustes,
    revisar_configuracion,
)

# `servir` ya lo ha mirado; otro servidor ASGI empieza por aquí.
if graves := [c.msg for c in [*revisar_ajustes(), *revisar_configuracion()] if c.is_serious()]:
    raise ImproperlyConfigured("\n".join(graves))

from mensajeria.models import tomar_espacio  # noqa: E402
from servitech.http import PeticionesEnUnHilo  # noqa: E402
from servitech.routing import construir  # noqa: E402

# En su hilo: quien importa esto puede estar ya en su bucle de eventos.
with ThreadPoolExecutor(1) as _hilo:
    _hilo.submit(tomar_espacio).result()

application = construir(PeticionesEnUnHilo())
