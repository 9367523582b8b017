import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.puertas.engineio import paquetes
from mensajeria.puertas.engineio.paquetes import (
    Ajustes,
    CierreRecibido,
    CodigoEngineIO,
    ErrorPaquete,
    Ignorado,
    MensajeRecibido,
    PongRecibido,
    Transporte,
)


@pytest.mark.parametrize(
    "dato, paquete",
    [
        ("4hola", MensajeRecibido("hola")),
        ("4", MensajeRecibido("")),
        ("4€😀", MensajeRecibido("€😀")),
        ("bAQIDBA==", MensajeRecibido(b"\x01\x02\x03\x04")),
        (b"\x01\x02", MensajeRecibido(b"\x01\x02")),
        (b"", MensajeRecibido(b"")),
        ("3", PongRecibido()),
        ("3probe", PongRecibido()),
        ("1", CierreRecibido()),
        ("0", Ignorado()),
        ("5", Ignorado()),
        ("6", Ignorado()),
    ],
)
def test_decodificar_paquete(dato: str | bytes, paquete: paquetes.PaqueteEngineIO) -> None:
    assert paquetes.decodificar_paquete(dato) == paquete


@pytest.mark.parametrize(
    "dato", ["", "abc", "9", "2", "2probe", "b!!!", "bAQ", "bAQ==AQ==", "b AQID", "bñ", "٤hola"]
)
def test_paquete_incorrecto(dato: str) -> None:
    with pytest.raises(ErrorPaquete):
        paquetes.decodificar_paquete(dato)


@pytest.mark.parametrize("cuerpo", [b"", b"\x1e", b"4a\x1e", b"4a\x1eabc\x1e4b", b"4\xff\xfe"])
def test_una_carga_mala_no_da_nada(cuerpo: bytes) -> None:
    with pytest.raises(ErrorPaquete):
        paquetes.decodificar_carga(cuerpo)


def test_carga_de_varios_paquetes() -> None:
    cuerpo = "4test1\x1e4ñ\x1ebAQIDBA==".encode()

    assert paquetes.decodificar_carga(cuerpo) == [
        MensajeRecibido("test1"),
        MensajeRecibido("ñ"),
        MensajeRecibido(b"\x01\x02\x03\x04"),
    ]


def test_mil_paquetes_enteros_y_en_orden() -> None:
    cuerpo = "\x1e".join(f"4{n}" for n in range(1000)).encode()

    assert paquetes.decodificar_carga(cuerpo) == [MensajeRecibido(str(n)) for n in range(1000)]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x1e")) | st.binary()))
def test_ida_y_vuelta(datos: list[str | bytes]) -> None:
    tramas = [d if isinstance(d, bytes) else "4" + d for d in datos]
    if tramas:
        cuerpo = paquetes.codificar_carga(tramas).encode()
        assert paquetes.decodificar_carga(cuerpo) == [MensajeRecibido(d) for d in datos]


@given(st.binary() | st.text().map(str.encode))
def test_nunca_falla_de_otro_modo(cuerpo: bytes) -> None:
    with contextlib.suppress(ErrorPaquete):
        paquetes.decodificar_carga(cuerpo)


def test_paquete_apertura() -> None:
    ajustes = Ajustes(intervalo_ping=0.3, plazo_pong=0.2)

    assert paquetes.paquete_apertura("abc", Transporte.SONDEO, ajustes) == (
        '0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,'
        '"maxPayload":1000000}'
    )
    assert '"upgrades":[]' in paquetes.paquete_apertura("abc", Transporte.WEBSOCKET, ajustes)


SESIONES = {"p": Transporte.SONDEO, "w": Transporte.WEBSOCKET}


@pytest.mark.parametrize(
    "consulta, metodo, es_websocket, codigo",
    [
        ("EIO=4&transport=polling", "GET", False, None),
        ("EIO=4&transport=websocket", "GET", True, None),
        ("EIO=4", "GET", False, 0),
        ("EIO=4&transport=abc", "GET", True, 0),
        ("EIO=4&transport=polling&sid=x", "GET", False, 1),
        ("EIO=4&transport=websocket&sid=x", "GET", True, 1),
        ("EIO=4&transport=polling", "POST", False, 2),
        ("EIO=4&transport=polling", "PUT", False, 2),
        ("transport=polling", "POST", False, 2),
        ("EIO=4&transport=websocket", "GET", False, 3),
        ("EIO=4&transport=polling", "GET", True, 3),
        ("EIO=3&transport=polling", "GET", False, 5),
        ("transport=polling", "GET", False, 5),
        ("EIO=abc&transport=websocket", "GET", True, 5),
        ("EIO=4&transport=polling&sid=", "GET", False, None),
        ("EIO=4&transport=polling&sid=p", "GET", False, None),
        ("transport=polling&sid=p", "POST", False, None),
        ("EIO=4&transport=polling&sid=p", "PUT", False, 3),
        ("EIO=4&transport=websocket&sid=p", "GET", False, 3),
        ("EIO=4&transport=polling&sid=w", "GET", False, 3),
        ("EIO=4&transport=websocket&sid=w", "GET", False, 3),
        ("EIO=4&transport=websocket&sid=p", "GET", True, None),
        ("EIO=4&transport=websocket&sid=w", "GET", True, None),
        ("EIO=4&transport=polling&sid=p", "GET", True, 3),
    ],
)
def test_validar_peticion(
    consulta: str, metodo: str, es_websocket: bool, codigo: int | None
) -> None:
    parametros = dict(par.split("=") for par in consulta.split("&"))

    resultado = paquetes.validar_peticion(parametros, metodo, es_websocket, SESIONES.get)

    assert resultado == codigo


@pytest.mark.parametrize(
    "codigo, estado, cuerpo",
    [
        (0, 400, '{"code":0,"message":"Transport unknown"}'),
        (1, 400, '{"code":1,"message":"Session ID unknown"}'),
        (2, 400, '{"code":2,"message":"Bad handshake method"}'),
        (3, 400, '{"code":3,"message":"Bad request"}'),
        (4, 403, '{"code":4,"message":"Forbidden"}'),
        (5, 400, '{"code":5,"message":"Unsupported protocol version"}'),
    ],
)
def test_cuerpo_de_cada_error(codigo: int, estado: int, cuerpo: str) -> None:
    error = CodigoEngineIO(codigo)

    assert (error.estado_http, error.cuerpo) == (estado, cuerpo)
