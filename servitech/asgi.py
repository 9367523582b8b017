"""Entrada ASGI: una sola aplicación sirve REST, admin, página y las puertas de socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
http = get_asgi_application()

from servitech.routing import construir  # noqa: E402  (Django debe estar listo antes)

application = construir(http)
