"""Una configuración que no debe arrancar, dicha con su id y lo que hay que hacer."""

from __future__ import annotations

import contextlib
import pkgutil
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from mensajeria import migrations
from mensajeria.archivos.comprobacion import revisar_deposito
from mensajeria.comprobaciones.ajustes import revisar_ajustes, revisar_configuracion
from mensajeria.comprobaciones.cuentas import revisar_cuentas
from mensajeria.comprobaciones.servicios import revisar_capa, revisar_mongo, revisar_redis
from mensajeria.fallos import errores_de_la_base


@register(Tags.security, deploy=True)
def revisar_la_base_al_desplegar(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """`check --deploy` la mira aunque no se le nombre ninguna."""
    if settings.AJUSTES_ILEGIBLES:
        return []
    return [*revisar_mongo(databases=["default"]), *revisar_cuentas(databases=["default"])]


def impedimentos() -> list[str]:
    """Por qué no se sirve así: lo que mira `servir`, para un servidor que no sea él.

    Lo primero que falle: con un ajuste malo, lo siguiente no se puede mirar.
    """
    de_fuera = (revisar_mongo, revisar_redis, revisar_capa, revisar_cuentas, revisar_deposito)
    for revisar in (revisar_ajustes, revisar_configuracion, *de_fuera):
        if graves := [c.msg for c in revisar(databases=["default"]) if c.is_serious()]:
            return graves
    with contextlib.suppress(*errores_de_la_base()):
        if falta := falta_preparar():
            return [falta]
    return []


def falta_preparar() -> str:
    """Qué hacer si a la base le falta alguna migración de las nuestras, o nada.

    No está entre las comprobaciones de Django, que `migrate` también mira. Lanza lo que falle.
    """
    nuestras = {modulo.name for modulo in pkgutil.iter_modules(migrations.__path__)}
    hechas = MigrationRecorder(connection).applied_migrations()
    faltan = nuestras - {nombre for aplicacion, nombre in hechas if aplicacion == "mensajeria"}
    if not faltan:
        return ""
    return f"La base está sin preparar (migraciones por aplicar: {len(faltan)}): manage.py preparar"
