"""Entrada ASGI: una sola aplicación sirve REST, admin, página y las puertas de socket."""

import os

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

from servitech.http import PeticionesEnUnHilo  # noqa: E402
from servitech.routing import construir  # noqa: E402

application = construir(PeticionesEnUnHilo())
