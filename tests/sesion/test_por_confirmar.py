from __future__ import annotations

from mensajeria.sesion.por_confirmar import PorConfirmar


def test_solo_lo_enviado_antes_del_ping() -> None:
    libro = PorConfirmar()
    libro["a"] = 1
    libro["a"] = 2
    libro["b"] = 7
    libro.ping_enviado()
    libro["a"] = 3

    assert libro.ping_contestado() == {"a": 2, "b": 7}
    assert libro.ping_contestado() == {}
    libro.ping_enviado()
    assert libro.ping_contestado() == {"a": 3}


def test_se_sabe_que_falta_por_seguir_de_un_ping() -> None:
    libro = PorConfirmar()
    assert not libro
    libro["a"] = libro["b"] = 1
    assert set(libro) == {"a", "b"}
    libro.ping_enviado()
    assert not libro


def test_un_ping_sin_contestar_no_pierde_nada() -> None:
    libro = PorConfirmar()
    libro["a"] = 1
    libro.ping_enviado()
    libro["a"] = 2
    libro.ping_enviado()

    assert libro.ping_contestado() == {"a": 2}


def test_un_pong_que_nadie_pidio_no_confirma_nada() -> None:
    libro = PorConfirmar()
    libro["a"] = 1

    assert libro.ping_contestado() == {}


def test_lo_de_otro_usuario_se_olvida() -> None:
    libro = PorConfirmar()
    libro["a"] = 1
    libro.ping_enviado()
    libro["b"] = 1
    libro.olvidar()
    libro.ping_enviado()

    assert libro.ping_contestado() == {}
