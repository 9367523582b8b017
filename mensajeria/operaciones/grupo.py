"""El grupo «Moderación»: lo que puede quien modera sin ser administrador."""

from __future__ import annotations

from typing import Any

from django.apps import apps as aplicaciones
from django.contrib.auth.models import Group, Permission

from mensajeria.base_de_datos import atomico

NOMBRE = "Moderación"
PERMISOS = {
    "admin": {"view_logentry"},
    "mensajeria": {
        "view_conversacion",
        "view_mensaje",
        "view_participante",
        "view_usuario",
        "ocultar_mensaje",
        "fijar_mensaje",
        "eliminar_mensaje",
        "ver_conexion",
        "cerrar_conversacion",
        "moderar_participante",
        "desactivar_usuario",
    },
}


def moderacion() -> Group:
    """El grupo; si no está, lo crea. El que está se deja como lo tenga quien administra."""
    grupo = Group.objects.filter(name=NOMBRE).first()
    if grupo is None:
        with atomico():
            grupo = Group.objects.create(name=NOMBRE)
            grupo.permissions.set(_permisos())
    return grupo


def _permisos() -> list[Permission]:
    nombres = {nombre for suyos in PERMISOS.values() for nombre in suyos}
    filas = Permission.objects.filter(codename__in=nombres).select_related("content_type")
    return [p for p in filas if p.codename in PERMISOS.get(p.content_type.app_label, ())]


def al_migrar(apps: Any = aplicaciones, **_: Any) -> None:
    """Tras `migrate`; si se migró solo una parte y aún faltan permisos, otra vez será."""
    try:
        apps.get_model("auth", "Group")
    except LookupError:
        return
    if len(_permisos()) == sum(map(len, PERMISOS.values())):
        moderacion()
