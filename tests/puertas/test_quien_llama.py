from __future__ import annotations

from typing import Any

import pytest

from mensajeria.puertas.quien_llama import QuienLlama


def quien(consulta: str = "", esquema: str = "ws", **cabeceras: str) -> QuienLlama:
    scope: dict[str, Any] = {
        "scheme": esquema,
        "client": ("10.0.0.1", 1),
        "query_string": consulta.encode(),
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in cabeceras.items()],
    }
    return QuienLlama(scope)


def test_resumido_queda_lo_que_dura_lo_que_la_conexion() -> None:
    uno, otro = (quien("a=1", user_agent="Prueba", origin="http://x") for _ in range(2))
    uno.resumir()
    otro.resumir()
    assert (uno.direccion, uno.agente) == ("10.0.0.1", "Prueba")
    assert uno.agente is otro.agente
    assert (uno.origen, uno.consulta) == (None, {})


@pytest.mark.parametrize(
    ("origen", "lista", "admitido", "de_casa"),
    [
        (None, [], True, False),
        ("", [], True, False),
        ("https://chat.test", [], True, True),
        ("http://chat.test", [], False, False),
        ("http://chat.test", ["http://chat.test"], True, True),
        ("https://otra.test", [], False, False),
        ("https://otra.test", ["https://otra.test"], True, True),
        ("https://otra.test", ["*"], True, False),
        ("https://chat.test.mala.com", ["https://otra.test"], False, False),
        ("null", [], False, False),
        ("http://[", [], False, False),
    ],
)
def test_el_origen(
    settings: Any, origen: str | None, lista: list[str], admitido: bool, de_casa: bool
) -> None:
    settings.SOCKET_CORS_ORIGIN = lista
    cabeceras = {} if origen is None else {"origin": origen}
    llama = quien(host="chat.test", esquema="wss", **cabeceras)

    assert (llama.admitido, llama.es_de_casa) == (admitido, de_casa)


def test_sin_host_no_hay_origen_propio(settings: Any) -> None:
    settings.SOCKET_CORS_ORIGIN = []
    assert not quien(origin="https://").es_de_casa


@pytest.mark.parametrize(
    ("tras_proxy", "dicho", "seguro"),
    [
        (True, "https", True),
        (True, "http", False),
        (True, "https, http", True),
        (True, None, False),
        (False, "https", False),
    ],
)
def test_el_esquema_es_el_que_dice_el_proxy_de_casa(
    settings: Any, tras_proxy: bool, dicho: str | None, seguro: bool
) -> None:
    settings.SOCKET_CORS_ORIGIN = []
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if tras_proxy else None
    mas = {} if dicho is None else {"x_forwarded_proto": dicho}
    assert quien(host="chat.test", origin="https://chat.test", **mas).es_de_casa is seguro
    assert quien(host="chat.test", origin="http://chat.test", **mas).es_de_casa is not seguro


@pytest.mark.parametrize(
    ("host", "vale"),
    [
        ("chat.test", True),
        ("CHAT.test:8000", True),
        ("otra.test", False),
        ("chat.test.mala.com", False),
        ("[", False),
        ("", False),
    ],
)
def test_la_maquina_es_una_de_las_de_casa(settings: Any, host: str, vale: bool) -> None:
    settings.ALLOWED_HOSTS = ["chat.test"]
    assert quien(host=host).maquina_admitida is vale
    assert QuienLlama.importar(quien(host=host).exportar()).maquina_admitida is vale


def test_viaja_a_otro_proceso() -> None:
    llama = QuienLlama.importar(quien("sid=a&sid=b&x=", user_agent="Prueba", x_otra="1").exportar())

    assert (llama.direccion, llama.agente, llama.origen) == ("10.0.0.1", "Prueba", None)
    assert llama.consulta == {"sid": "b", "x": ""}
    assert (llama.cabecera(b"x-otra"), llama.cabecera(b"x-no")) == ("1", None)


def test_sin_direccion() -> None:
    assert QuienLlama({"headers": [], "query_string": b""}).direccion == ""
