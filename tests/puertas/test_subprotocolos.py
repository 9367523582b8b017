"""Qué subprotocolo se acepta, y cuál es un token que no se repite."""

from __future__ import annotations

import pytest

from mensajeria.puertas.subprotocolos import leer

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJhbmEifQ.c2VsbG8"
JWE = "eyJhbGciOiJkaXIifQ..aXY.Y3VlcnBv.dGFn"


@pytest.mark.parametrize(
    "ofrecidos, elegido, token",
    [
        ([], None, None),
        (["chat"], "chat", None),
        (["chat", "otro"], "chat", None),
        (["jwt", JWT], "jwt", JWT),
        (["JWT", "test_token"], "JWT", "test_token"),
        (["bearer", JWT], "bearer", JWT),
        (["servitech.v1", "jwt", JWT], "servitech.v1", JWT),
        (["chat", JWT], "chat", JWT),
        ([JWT, "chat"], "chat", JWT),
        ([JWT], None, JWT),
        ([JWE], None, JWE),
        (["jwt"], "jwt", None),
        # Nombres del registro de IANA que llevan puntos.
        (["wamp.2.json", "v12.stomp", "ocpp1.6"], "wamp.2.json", None),
        (["es.un.nombre"], "es.un.nombre", None),
        (["", "a b", "ñ", "chat"], "chat", None),
    ],
)
def test_el_primero_que_no_es_un_token(
    ofrecidos: list[str], elegido: str | None, token: str | None
) -> None:
    assert leer(ofrecidos) == (elegido, token)
