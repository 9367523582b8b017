"""Las cuentas, como las cambia quien administra."""

from __future__ import annotations

from collections.abc import Collection

from mensajeria.models import Usuario

# Quien asciende o deja de ser del personal vuelve a entrar: sus conexiones recuerdan lo que era.
_CAMBIAN_QUIEN_ES = {"is_active", "is_staff", "is_superuser"}


def guardar(fila: Usuario, cambiados: Collection[str] | None) -> None:
    """Guarda una cuenta nueva (`None`) o solo esos campos de una que ya está.

    En una sola escritura: el admin de Django ya abre su transacción, que en MongoDB no lo es.
    """
    if cambiados is None:
        fila.save(force_insert=True)
        return
    propios = {c.name for c in fila._meta.concrete_fields} & set(cambiados)
    if propios & _CAMBIAN_QUIEN_ES:
        fila.guardar_y_revocar(propios)
    else:
        fila.save(update_fields=propios)
