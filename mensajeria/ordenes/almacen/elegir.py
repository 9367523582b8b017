"""Qué almacén toca, según la conexión de este hilo."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.db import DEFAULT_DB_ALIAS, connections

from mensajeria.ordenes.almacen import orm, postgresql, sqlite
from mensajeria.ordenes.almacen.leido import Transaccion


def abrir() -> AbstractContextManager[Transaccion]:
    """Una transacción de la base configurada; lo que no se confirme se deshace al salir."""
    conexion = connections[DEFAULT_DB_ALIAS]
    # Una ya abierta es de otro, como la del admin: con ella se confirma o se deshace.
    if not conexion.in_atomic_block:
        if conexion.vendor == "postgresql":
            return postgresql.TransaccionEnTuberia(conexion)
        if conexion.vendor == "sqlite":
            return sqlite.abrir()
    return orm.abrir()
