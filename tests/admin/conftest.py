"""`mod` modera, `admin` administra y `sinmas` es del personal sin ningún permiso."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.models import Conversacion, Usuario
from mensajeria.operaciones.grupo import moderacion

CLAVE = "demo"


def _personal(nombre: str, **mas: Any) -> Usuario:
    return Usuario.objects.create_user(
        username=nombre, id=nombre, nombre=nombre.capitalize(), password=CLAVE, is_staff=True, **mas
    )


@pytest.fixture
def mod(base: None) -> Usuario:
    usuario = _personal("mod")
    usuario.groups.add(moderacion())
    return usuario


@pytest.fixture
def admin(base: None) -> Usuario:
    return _personal("admin", is_superuser=True)


@pytest.fixture
def sinmas(base: None) -> Usuario:
    return _personal("sinmas")


@pytest.fixture
def todos(mod: Usuario, admin: Usuario, sinmas: Usuario, conversacion: Conversacion) -> None:
    """Los personajes de todas las pruebas y los de la mesa."""
