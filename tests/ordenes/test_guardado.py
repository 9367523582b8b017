"""La unidad de trabajo: lo declarado se guarda, y nada más, en pocas consultas."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria.models import Conversacion, Mensaje, Notificacion, Reaccion, Usuario
from mensajeria.ordenes.guardado import CAMBIABLES, guardar
from mensajeria.ordenes.por_guardar import PorGuardar

pytestmark = pytest.mark.bd


@pytest.fixture
def mensajes(conversacion: Conversacion) -> list[Mensaje]:
    return Mensaje.objects.bulk_create(
        Mensaje(
            conversacion=conversacion,
            remitente_id="ana",
            texto=f"m{i}",
            metadatos={"i": i},
            secuencia=i,
            secuencia_cambio=i,
        )
        for i in range(1, 6)
    )


def test_los_campos_se_acumulan_y_solo_esos_se_guardan(mensajes: list[Mensaje]) -> None:
    pendiente = PorGuardar()
    uno = mensajes[0]
    uno.texto, uno.editado, uno.prioridad = "otro", True, "urgente"
    pendiente.cambiar(uno, ["texto"])
    pendiente.cambiar(uno, ["editado"])
    guardar(pendiente)
    fila = Mensaje.objects.get(pk=uno.pk)
    assert (fila.texto, fila.editado, fila.prioridad) == ("otro", True, "normal")


def test_lo_que_un_lote_no_cambia_no_se_guarda(mensajes: list[Mensaje]) -> None:
    pendiente = PorGuardar()
    pendiente.cambiar(mensajes[0], ["secuencia"])
    with pytest.raises(ValueError, match="secuencia"):
        guardar(pendiente)


def test_los_campos_cambiables_existen() -> None:
    for modelo, campos in CAMBIABLES.items():
        for campo in campos.split():
            modelo._meta.get_field(campo)


def test_lo_nuevo_se_guarda_como_quede(conversacion: Conversacion) -> None:
    pendiente = PorGuardar()
    fila = Notificacion(usuario_id="ana", tipo="x", titulo="antes", mensaje="x")
    pendiente.crear(fila)
    fila.titulo = "después"
    pendiente.cambiar(fila, ["titulo"])
    guardar(pendiente)
    assert Notificacion.objects.get().titulo == "después"


def test_lo_borrado_no_queda_ni_recien_creado(mensajes: list[Mensaje], carla: Usuario) -> None:
    de_antes = Reaccion.objects.create(mensaje=mensajes[0], usuario_id="ana", tipo="like")
    nueva = Reaccion(mensaje=mensajes[0], usuario_id="beto", tipo="like")
    de_nuevo = Reaccion(mensaje=mensajes[0], usuario_id="ana", tipo="sad")
    pendiente = PorGuardar()
    de_antes.tipo = "love"
    pendiente.cambiar(de_antes, ["tipo"])
    pendiente.crear(nueva)
    pendiente.borrar(nueva)
    pendiente.borrar(de_antes)
    pendiente.crear(de_nuevo)
    guardar(pendiente)
    assert list(Reaccion.objects.values_list("usuario_id", "tipo")) == [("ana", "sad")]


def test_vaciar_alcanza_a_lo_que_nadie_leyo(mensajes: list[Mensaje]) -> None:
    uno, otro = mensajes[:2]
    for mensaje in (uno, otro):
        Reaccion.objects.create(mensaje=mensaje, usuario_id="beto", tipo="like")
    pendiente = PorGuardar()
    pendiente.vaciar(Reaccion, "mensaje", uno)
    guardar(pendiente)
    assert Reaccion.objects.get().mensaje_id == otro.pk


def test_el_json_solo_se_guarda_de_las_filas_que_lo_cambian(mensajes: list[Mensaje]) -> None:
    """Y vaciar muchos de una vez es una sola consulta."""
    pendiente = PorGuardar()
    for fila in mensajes:
        fila.texto = "x"
        pendiente.cambiar(fila, ["texto"])
    for fila in mensajes[:3]:
        fila.metadatos = {}
        pendiente.cambiar(fila, ["metadatos"])
    mensajes[4].metadatos = {"sin": "declarar"}
    with CaptureQueriesContext(connection) as consultas:
        guardar(pendiente)
    # `bulk_update` y el JSON; SQLite puede abrir y cerrar además una transacción.
    assert len(consultas) <= 4
    guardados = Mensaje.objects.order_by("secuencia").values_list("metadatos", flat=True)
    assert list(guardados) == [{}, {}, {}, {"i": 4}, {"i": 5}]
