"""La mesa de los moderadores: mira por su cuenta, y lo que cambia algo va por `operaciones`."""

from django.contrib import admin

from mensajeria.admin import (  # noqa: F401  (registran sus modelos)
    avisos,
    conversaciones,
    historia,
    mensajes,
    notificaciones,
    participantes,
    usuarios,
)
from mensajeria.admin.ingreso import FormularioDeIngreso

admin.site.site_header = "Servitech · Mesa de moderación"
admin.site.site_title = "Mesa de moderación"
admin.site.index_title = "Hoy"
admin.site.login_form = FormularioDeIngreso
