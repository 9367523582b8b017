"""Los valores del original por REST, en las tres bases."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from mensajeria.models import Conversacion, Mensaje, Reaccion, Usuario
from mensajeria.protocolo import tipos
from tests.api.test_rutas import C, cliente
from tests.valores_del_original import MENSAJES, NEGADOS, REACCIONES, VACIO

pytestmark = pytest.mark.bd


def test_lo_que_se_guarda_y_lo_que_se_admite_es_lo_mismo() -> None:
    """Una sola lista de cada cosa, la digan los modelos o el protocolo."""
    for guardado, admitido in (
        (Mensaje.Tipo, (*get_args(tipos.TipoEnviable), "sistema")),
        (Mensaje.Tipo, get_args(tipos.TipoMensaje)),
        (Mensaje.Prioridad, get_args(tipos.Prioridad)),
        (Conversacion.Tipo, get_args(tipos.TipoConversacion)),
        (Reaccion.Tipo, get_args(tipos.TipoReaccion)),
    ):
        assert set(guardado.values) == set(admitido)
    pedidas = {*get_args(tipos.TipoReaccion), *tipos.REACCION_DEL_ORIGINAL}
    assert pedidas == set(get_args(tipos.TipoReaccionPedida))


def test_mensajes_y_reacciones(ana: Usuario, conversacion: Any) -> None:
    rest = cliente("ana")
    for pedido, contenido, prioridad in MENSAJES:
        respuesta = rest.post(f"{C}conv/mensajes/", pedido, format="json")
        assert respuesta.status_code == 201, (pedido, respuesta.json())
        forma = respuesta.json()
        assert (forma["contenido"], forma["prioridad"]) == ({**VACIO, **contenido}, prioridad)
    reacciones = f"/api/mensajeria/mensajes/{forma['_id']}/reacciones/"
    for pedida, queda in REACCIONES:
        suyas = rest.post(reacciones, pedida, format="json").json()["reacciones"]
        assert [r["tipo"] for r in suyas] == [queda], pedida
    for otra, quedan in (("wow", 1), ("thumbs_up", 0)):
        suyas = rest.delete(reacciones, {"tipo": otra}, format="json").json()["reacciones"]
        assert len(suyas) == quedan
    for pedido, campo in NEGADOS:
        respuesta = rest.post(f"{C}conv/mensajes/", pedido, format="json")
        assert (respuesta.status_code, respuesta.json()["campo"]) == (400, campo), pedido


def test_conversaciones(ana: Usuario, beto: Usuario) -> None:
    rest = cliente("ana")
    con_beto = {"participantes": [{"usuarioId": "beto"}]}
    for tipo in ("individual", "grupal", "soporte", "asesoria", "general"):
        respuesta = rest.post(C, {**con_beto, "tipo": tipo}, format="json")
        assert (respuesta.status_code, respuesta.json()["tipo"]) == (201, tipo)
        [hallada] = rest.get(f"{C}?tipo={tipo}").json()["results"]
        assert hallada["_id"] == respuesta.json()["_id"]
    assert rest.post(C, {**con_beto, "tipo": "tertulia"}, format="json").status_code == 400


def test_lo_del_sistema_no_lo_edita_nadie(decir: Any) -> None:
    id_ = decir("ana").mensaje_id
    Mensaje.objects.filter(pk=id_).update(tipo="sistema")
    respuesta = cliente("ana").patch(
        f"/api/mensajeria/mensajes/{id_}/", {"texto": "x"}, format="json"
    )
    assert (respuesta.status_code, respuesta.json()["code"]) == (403, "PERMISSION_DENIED")
