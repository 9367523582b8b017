"""A quién nombra un mensaje: lo dice el servidor, y solo entre quienes participan."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from mensajeria.protocolo import cargas

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]


def _menciones(acuse: Any) -> list[str]:
    suyas: list[str] = Mensaje.objects.get(pk=acuse.mensaje_id).menciones
    return suyas


@pytest.mark.parametrize(
    ("texto", "nombrados"),
    [
        ("@beto, ¿vienes?", ["beto"]),
        ("¿Y @Beto?", ["beto"]),
        ("@beto @ana @beto", ["beto", "ana"]),
        ("@carla no está aquí", []),
        ("escribe a ana@beto.com", []),
        ("sin nadie", []),
        ("@", []),
    ],
)
def test_se_nombra_a_quien_participa(decir: Any, texto: str, nombrados: list[str]) -> None:
    assert _menciones(decir("ana", texto)) == nombrados


def test_por_su_nombre_si_nadie_mas_lo_lleva(decir: Any, conversacion: Conversacion) -> None:
    for usuario, nombre in (("lucia1", "Lucía"), ("maria1", "María"), ("maria2", "María")):
        otra = Usuario.objects.create(id=usuario, username=usuario, nombre=nombre)
        Participante.objects.create(conversacion=conversacion, usuario=otra)
    assert _menciones(decir("ana", "@Lucía y @María, y @maria2")) == ["lucia1", "maria2"]


def test_quien_salio_no_se_nombra(decir: Any) -> None:
    Participante.objects.filter(usuario="beto").update(activo=False)
    assert _menciones(decir("ana", "@beto")) == []


def test_editar_las_cambia_y_eliminar_las_quita(decir: Any, pedir: Any) -> None:
    acuse = decir("ana", "hola")
    editado = pedir("ana", cargas.EditarMensaje(mensaje_id=acuse.mensaje_id, texto="hola @beto"))
    assert editado.mensaje.menciones == _menciones(acuse) == ["beto"]
    pedir("ana", cargas.EliminarMensaje(mensaje_id=acuse.mensaje_id))
    assert _menciones(acuse) == []
