"""Lo que viaja entre procesos: igual al llegar, y a cada lector lo suyo."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.difusion import grupos
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Alcance, Sobre, desempaquetar, empaquetar, sobre
from mensajeria.protocolo.empujes import UsuarioConectado

TRAMPA = '"mensajesNoLeidos":{}'


def test_llega_lo_que_salio() -> None:
    uno = Sobre(
        evento="nuevo_mensaje",
        datos=b'{"texto":"\xc3\xb1"}',
        alcance=Alcance.MIEMBROS,
        conversacion="c",
        cambio=7,
        secuencia=3,
        miembros={"ana": True, "beto": None},
        no_leidos={"ana": 2},
    )
    otro = Sobre(evento="resumen_actividad", datos=b"{}", alcance=Alcance.USUARIOS)
    assert desempaquetar(empaquetar([uno, otro])) == [uno, otro]


def test_un_empuje_se_codifica_con_su_nombre() -> None:
    hecho = sobre(UsuarioConectado(conversacion_id="c", usuario_id="ana"), Alcance.UNIDOS)
    assert hecho.evento == "usuario_conectado"
    datos = msgspec.json.decode(hecho.datos)
    assert (datos["conversacionId"], datos["usuarioId"]) == ("c", "ana")


def test_a_cada_conversacion_se_le_dice_con_su_id() -> None:
    """El hueco es el primero: lo que venga de un usuario va detrás."""
    empuje = UsuarioConectado(conversacion_id="", usuario_id='"conversacionId":""')
    hecho = sobre(empuje, Alcance.UNIDOS, conversaciones=["c", 'ñ"'], salvo_usuario="ana")
    for id_ in hecho.conversaciones:
        suyo = hecho.de_una(id_)
        assert (suyo.conversacion, suyo.conversaciones, suyo.salvo_usuario) == (id_, [], "ana")
        datos = msgspec.json.decode(hecho.datos) | {"conversacionId": id_}
        assert msgspec.json.decode(suyo.datos) == datos


@pytest.mark.parametrize(("lector", "suya"), [("ana", {"ana": 2}), ("carla", {"carla": 0})])
def test_cada_lector_ve_su_cuenta(lector: str, suya: dict[str, int]) -> None:
    """El hueco es el último: lo que escribió un usuario va antes, diga lo que diga."""
    datos = {"nombre": TRAMPA, "estadisticas": {"mensajesNoLeidos": {}}}
    crudo = msgspec.json.encode(datos)
    hecho = Sobre(evento="e", datos=crudo, alcance=Alcance.MIEMBROS, no_leidos={"ana": 2})
    recibido = msgspec.json.decode(hecho.datos_para(lector))
    assert recibido == {"nombre": TRAMPA, "estadisticas": {"mensajesNoLeidos": suya}}


def test_un_marco_se_hace_una_vez_por_puerta() -> None:
    hechos: list[str] = []

    def enmarcar(evento: str, datos: bytes) -> str:
        hechos.append(evento)
        return f"{evento}{datos.decode()}"

    emision = Emision("e", b"{}")
    assert emision.marcos[enmarcar] == emision.marcos[enmarcar] == "e{}"
    assert hechos == ["e"]


@given(st.text(min_size=1, max_size=60))
def test_la_capa_admite_el_grupo_de_cualquier_id(id_: str) -> None:
    for nombre in (grupos.de_conversacion(id_), grupos.de_usuario(id_)):
        assert re.fullmatch(r"[a-zA-Z0-9._-]{1,99}", nombre)
