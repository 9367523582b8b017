"""Que no entre nadie con una contraseña de muestra: ni en el servicio, ni en su base."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, register
from django.db import connection
from django.db.models import Q

from mensajeria import muestras
from mensajeria.comprobaciones.catalogo import las_que_fallan
from mensajeria.fallos import errores_de_la_base

# Comprobar cada contraseña cuesta un tercio de segundo: se miran estas como mucho.
MAX_CONTRASENAS = 20
CUENTAS = "cuentas"


@register(CUENTAS)
def revisar_cuentas(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """En producción, que no entre nadie con la contraseña de ejemplo, venga de donde venga la base,
    ni se entre en ella con una de muestra, venga de donde venga la contraseña.

    Mira las cuentas del ejemplo y las del personal. Solo si se le da la base, y con ella migrada.
    """
    if settings.DEBUG or not databases:
        return []
    try:
        hallados = las_que_fallan({"E011": muestras.es_de_muestra(_clave_con_que_se_entro())})
        abiertas = _con_la_de_ejemplo()
    except errores_de_la_base():
        # Sin migrar, o sin responder: ya lo dice quien la necesita.
        return []
    if not abiertas:
        return hallados
    return [
        *hallados,
        Error(
            f"Entran con la contraseña de ejemplo («{muestras.CLAVE}»): {', '.join(abiertas)}.",
            hint="De cada una: manage.py changepassword NOMBRE, o manage.py borrar_usuario NOMBRE.",
            id="mensajeria.E010",
        ),
    ]


def _clave_con_que_se_entro() -> str:
    """La que libpq haya usado: de la dirección, de un archivo (`passfile`) o de un servicio."""
    if connection.vendor != "postgresql":
        return ""
    connection.ensure_connection()
    clave: str = connection.connection.info.password
    return clave


def _con_la_de_ejemplo() -> list[str]:
    """Sus nombres de usuario. Las del ejemplo comparten una contraseña: se comprueba una vez."""
    de_ejemplo = Q(pk__in=muestras.CUENTAS) | Q(username__in=muestras.CUENTAS)
    usuarios = get_user_model().objects.filter(is_active=True)
    del_ejemplo = usuarios.filter(de_ejemplo)
    personal = usuarios.filter(is_staff=True).order_by("-is_superuser", "pk")[:MAX_CONTRASENAS]
    nombres: dict[str, set[str]] = {}
    for grupo in (del_ejemplo, personal):
        for nombre, contrasena in grupo.values_list("username", "password"):
            nombres.setdefault(contrasena, set()).add(nombre)
    abiertas = [n for c, n in nombres.items() if check_password(muestras.CLAVE, c)]
    return sorted(set().union(*abiertas))
