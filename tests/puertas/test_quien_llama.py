from __future__ import annotations

from typing import Any

import pytest

from mensajeria.puertas.quien_llama import QuienLlama


def quien(consulta: str = "", **cabeceras: str) -> QuienLlama:
    scope: dict[str, Any] = {
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
    llama = quien(host="chat.test", **cabeceras)

    assert (llama.admitido, llama.es_de_casa) == (admitido, de_casa)


def test_sin_host_no_hay_origen_propio(settings: Any) -> None:
    settings.SOCKET_CORS_ORIGIN = []
    assert not quien(origin="https://").es_de_casa


def test_viaja_a_otro_proceso() -> None:
    llama = QuienLlama.importar(quien("sid=a&sid=b&x=", user_agent="Prueba", x_otra="1").exportar())

    assert (llama.direccion, llama.agente, llama.origen) == ("10.0.0.1", "Prueba", None)
    assert llama.consulta == {"sid": "b", "x": ""}
    assert (llama.cabecera(b"x-otra"), llama.cabecera(b"x-no")) == ("1", None)


def test_sin_direccion() -> None:
    assert QuienLlama({"headers": [], "query_string": b""}).direccion == ""
