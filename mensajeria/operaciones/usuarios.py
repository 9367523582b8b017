"""Las cuentas, como las cambia quien administra."""

from __future__ import annotations

from collections.abc import Collection

from mensajeria.base_de_datos import atomico
from mensajeria.models import Usuario
from mensajeria.operaciones.autenticacion import revocar

# Quien asciende o deja de ser del personal vuelve a entrar: sus conexiones recuerdan lo que era.
_CAMBIAN_QUIEN_ES = {"is_active", "is_staff", "is_superuser"}


def guardar(fila: Usuario, cambiados: Collection[str] | None) -> None:
    """Guarda una cuenta nueva (`None`) o solo esos campos de una que ya está."""
    with atomico():
        if cambiados is None:
            fila.save(force_insert=True)
            return
        propios = {c.name for c in fila._meta.concrete_fields}
        fila.save(update_fields=sorted(propios & set(cambiados)))
        if _CAMBIAN_QUIEN_ES & set(cambiados):
            revocar(fila.pk)
