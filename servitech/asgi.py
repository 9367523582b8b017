"""Entrada ASGI: una sola aplicación sirve REST, admin, página y las puertas de socket."""

import os

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
django.setup(set_prefix=False)

if settings.AJUSTES_ILEGIBLES:
    raise ImproperlyConfigured("\n".join(settings.AJUSTES_ILEGIBLES))

from servitech.http import PeticionesEnUnHilo  # noqa: E402  (Django debe estar listo antes)
from servitech.routing import construir  # noqa: E402

application = construir(PeticionesEnUnHilo())
