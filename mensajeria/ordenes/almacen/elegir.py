"""Qué almacén toca, según la conexión de este hilo."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.db import connection

from mensajeria.ordenes.almacen import orm, postgresql, sqlite
from mensajeria.ordenes.almacen.leido import Transaccion


def abrir() -> AbstractContextManager[Transaccion]:
    """Una transacción de la base configurada; lo que no se confirme se deshace al salir."""
    if connection.in_atomic_block:
        # De otro, como la que abre el admin: con ella se confirma o se deshace.
        return orm.abrir()
    match connection.vendor:
        case "postgresql":
            return postgresql.abrir()
        case "sqlite":
            return sqlite.abrir()
    return orm.abrir()
