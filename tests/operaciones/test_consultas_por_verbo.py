"""Cada verbo tiene acotadas sus consultas, y no crecen con lo que haya en la conversación."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes.almacen.postgresql import Tuberia
from mensajeria.protocolo import cargas

pytestmark = pytest.mark.bd

# Por verbo: la carga (con `{m}` el mensaje de ana) y cuántas sentencias como mucho, contando
# las que abren y confirman, y la novedad de lo que se numera.
VERBOS_PROBADOS: dict[type, tuple[dict[str, Any], int]] = {
    cargas.EnviarMensaje: (
        {"conversacion_id": "conv", "contenido": cargas.ContenidoEnviado(texto="x")},
        8,
    ),
    cargas.EditarMensaje: ({"mensaje_id": "{m}", "texto": "x"}, 11),
    cargas.EliminarMensaje: ({"mensaje_id": "{m}"}, 10),
    cargas.OcultarMensaje: ({"mensaje_id": "{m}", "razon": "r"}, 9),
    cargas.RestaurarMensaje: ({"mensaje_id": "{m}", "razon": "r"}, 12),
    cargas.AgregarReaccion: ({"mensaje_id": "{m}", "tipo": "like"}, 10),
    cargas.QuitarReaccion: ({"mensaje_id": "{m}"}, 7),
    cargas.FijarMensaje: ({"mensaje_id": "{m}"}, 9),
    cargas.DesfijarMensaje: ({"mensaje_id": "{m}"}, 8),
    cargas.MarcarLeido: ({"conversacion_id": "conv"}, 8),
    cargas.MarcarEntregado: ({"conversacion_id": "conv", "hasta_secuencia": 9}, 8),
    cargas.CrearConversacion: (
        {"participantes": [cargas.ParticipanteNuevo(usuario_id="carla")]},
        10,
    ),
    cargas.ActualizarConversacion: ({"conversacion_id": "conv", "activa": True}, 7),
    cargas.AgregarParticipante: ({"conversacion_id": "conv", "usuario_id": "carla"}, 11),
    cargas.CambiarParticipante: (
        {"conversacion_id": "conv", "usuario_id": "beto", "rol": "experto"},
        9,
    ),
    cargas.RemoverParticipante: ({"conversacion_id": "conv", "usuario_id": "beto"}, 11),
    cargas.OlvidarParticipante: ({"conversacion_id": "conv", "usuario_id": "beto"}, 11),
    cargas.CambiarPreferencias: ({"conversacion_id": "conv", "anclada": True}, 5),
    cargas.DesactivarUsuario: ({"usuario_id": "beto", "razon": "r"}, 6),
    cargas.ReactivarUsuario: ({"usuario_id": "beto", "razon": "r"}, 6),
}


def test_ningun_verbo_queda_sin_su_tope() -> None:
    assert VERBOS.keys() == VERBOS_PROBADOS.keys()


def _poblar(cuantos: int) -> None:
    """Más gente y más mensajes: nada de eso debe costar consultas."""
    fila = Conversacion.objects.get(pk="conv")
    for i in range(cuantos):
        usuario = Usuario.objects.create(username=f"u{i}", id=f"u{i}")
        Participante.objects.create(conversacion=fila, usuario=usuario)
    Mensaje.objects.bulk_create(
        Mensaje(
            conversacion=fila,
            remitente_id="ana",
            texto="x",
            secuencia=fila.ultima_secuencia + i,
            secuencia_cambio=fila.ultimo_cambio + i,
            numero_de_remitente=fila.ultima_secuencia + i,
            fijado=True,
            fecha_fijado=fila.fecha_creacion,
        )
        for i in range(1, cuantos + 1)
    )
    Conversacion.objects.update(
        ultima_secuencia=fila.ultima_secuencia + cuantos, ultimo_cambio=fila.ultimo_cambio + cuantos
    )
    Participante.objects.filter(usuario="ana").update(enviados=fila.ultima_secuencia + cuantos)


@pytest.mark.parametrize("clase", VERBOS_PROBADOS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("cuantos", [0, 20])
def test_las_consultas_de_cada_verbo(
    clase: type, cuantos: int, decir: Any, pedir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    datos, tope = VERBOS_PROBADOS[clase]
    id_ = decir("ana").mensaje_id
    if clase is cargas.RestaurarMensaje:
        pedir("ana", cargas.OcultarMensaje(mensaje_id=id_, razon="r"), personal=True)
    if clase is cargas.ReactivarUsuario:
        Usuario.objects.filter(pk="beto").update(is_active=False)
    if clase is cargas.DesfijarMensaje:
        pedir("ana", cargas.FijarMensaje(mensaje_id=id_))
    _poblar(cuantos)
    carga = clase(**{k: id_ if v == "{m}" else v for k, v in datos.items()})
    personal = clase in (
        cargas.OcultarMensaje,
        cargas.RestaurarMensaje,
        cargas.OlvidarParticipante,
        cargas.DesactivarUsuario,
        cargas.ReactivarUsuario,
    )
    quien = "beto" if clase in (cargas.MarcarLeido, cargas.MarcarEntregado) else "ana"
    viajes: list[int] = []
    de_verdad = Tuberia.viaje

    def viaje(tuberia: Tuberia, sentencias: Any, *mas: Any) -> Any:
        viajes.append(len(sentencias))
        return de_verdad(tuberia, sentencias, *mas)

    monkeypatch.setattr(Tuberia, "viaje", viaje)
    with CaptureQueriesContext(connection) as consultas:
        pedir(quien, carga, personal=personal)
    if connection.vendor == "postgresql":
        assert len(viajes) == 2
        assert sum(viajes) == len(consultas), "algo fue por otro camino"
        tope += 1  # cómo se buscan
    # El llano pregunta por separado lo que los otros leen de una vez.
    if connection.vendor == "mongodb":
        tope += 6
    assert 0 < len(consultas) <= tope, [q["sql"][:80] for q in consultas.captured_queries]
