from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.avisos.respuestas import direccion
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

ID = "6655aabbccddeeff00112233"
ids = st.text("0123456789abcdef", min_size=24, max_size=24)


@pytest.fixture(autouse=True)
def _con_respuestas(settings: Any) -> None:
    settings.CORREO_DE_RESPUESTAS = "responder@correo.ejemplo.com"


def codigo_de(dicha: str) -> CodigoError:
    with pytest.raises(ErrorMensajeria) as hallado:
        direccion.leer(dicha)
    return hallado.value.codigo


@given(ids)
def test_dice_de_quien_es_y_cabe_con_cualesquiera_mayusculas(id_: str) -> None:
    dicha = direccion.direccion_para(id_)
    assert len(dicha.partition("@")[0]) <= direccion.MAX_LOCAL
    assert dicha.islower() or dicha.isascii()
    assert direccion.leer(dicha) == direccion.leer(dicha.upper()) == id_


def test_la_mas_larga_que_se_admite_cabe() -> None:
    assert 24 + 1 + direccion.LARGO <= direccion.MAX_LOCAL


@given(st.data())
def test_con_una_letra_cambiada_no_es_de_nadie(data: st.DataObject) -> None:
    dicha = direccion.direccion_para(ID)
    local, _, dominio = dicha.partition("@")
    donde = data.draw(st.integers(len(local) - direccion.LARGO, len(local) - 2))
    otra = data.draw(
        st.sampled_from("abcdefghijklmnopqrstuvwxyz234567").filter(
            lambda letra: letra != local[donde]
        )
    )
    assert codigo_de(f"{local[:donde]}{otra}{local[donde + 1 :]}@{dominio}") == "NOT_FOUND"


@given(st.text(max_size=120))
def test_cualquier_otra_cosa_tampoco(dicha: str) -> None:
    assert codigo_de(dicha) == "NOT_FOUND"
    assert codigo_de(f"responder+{dicha}@correo.ejemplo.com") == "NOT_FOUND"


def test_de_otro_dominio_o_con_otra_clave_tampoco(settings: Any) -> None:
    dicha = direccion.direccion_para(ID)
    assert codigo_de(dicha.replace("correo.", "otro.")) == "NOT_FOUND"
    assert codigo_de(dicha.replace("responder", "otra")) == "NOT_FOUND"
    settings.SECRET_KEY = "otra"
    assert codigo_de(dicha) == "NOT_FOUND"


def test_caduca(monkeypatch: pytest.MonkeyPatch) -> None:
    hoy = 1_800_000_000
    monkeypatch.setattr(time, "time", lambda: hoy)
    dicha = direccion.direccion_para(ID)
    monkeypatch.setattr(time, "time", lambda: hoy + direccion.DIAS * 86_400)
    assert direccion.leer(dicha) == ID
    monkeypatch.setattr(time, "time", lambda: hoy + (direccion.DIAS + 2) * 86_400)
    assert codigo_de(dicha) == "TOKEN_EXPIRED"


def test_sin_donde_contestar_no_hay_ninguna(settings: Any) -> None:
    dicha = direccion.direccion_para(ID)
    settings.CORREO_DE_RESPUESTAS = ""
    assert direccion.direccion_para(ID) == ""
    assert codigo_de(dicha) == codigo_de("") == codigo_de(f"+{'a' * 39}@") == "NOT_FOUND"


def test_de_un_identificador_de_fuera_no_hay() -> None:
    assert direccion.direccion_para("participante-1") == ""
