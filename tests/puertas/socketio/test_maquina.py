import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.puertas.engineio.paquetes import ErrorPaquete, MotivoDeCierre
from mensajeria.puertas.socketio.maquina import (
    AjustesSocketIO,
    ConexionPedida,
    Desconectado,
    EspacioDesconocido,
    EventoIlegible,
    EventoSocketIO,
    MaquinaSocketIO,
)
from mensajeria.puertas.socketio.marcos import SUSTITUTO_SUELTO
from mensajeria.sesion.conexion import Peticion

AJUSTES = AjustesSocketIO(espacios=frozenset({"/", "/custom"}))
ADJUNTO = '51-["a",{"_placeholder":true,"num":0}]'


def nuevo() -> MaquinaSocketIO:
    return MaquinaSocketIO(AJUSTES, 1000, 0.0)


def conectado() -> MaquinaSocketIO:
    cliente = nuevo()
    assert recibir(cliente, "0") == [ConexionPedida(None)]
    assert cliente.aceptar("/", "abc") == '40{"sid":"abc"}'
    return cliente


def recibir(
    cliente: MaquinaSocketIO, *mensajes: str | bytes, ahora: float = 1.0
) -> list[EventoSocketIO]:
    eventos: list[EventoSocketIO] = []
    for paquete in cliente.decodificar(mensajes, ahora):
        if (evento := cliente.recibir(paquete, ahora)) is not None:
            eventos.append(evento)
    return eventos


def test_conectar_con_y_sin_credenciales() -> None:
    assert recibir(nuevo(), '0{"token":"x"}') == [ConexionPedida({"token": "x"})]
    assert recibir(nuevo(), "0/custom,{}") == [ConexionPedida({})]


def test_espacio_desconocido() -> None:
    cliente = nuevo()

    assert recibir(cliente, "0/otro") == [
        EspacioDesconocido('44/otro,{"message":"Invalid namespace"}')
    ]
    assert recibir(cliente, "0") == [ConexionPedida(None)]


def test_de_fabrica_solo_el_espacio_principal() -> None:
    cliente = MaquinaSocketIO(AjustesSocketIO(), 1000, 0.0)

    assert isinstance(recibir(cliente, "0/custom")[0], EspacioDesconocido)


def test_rechazar_y_volver_a_intentarlo() -> None:
    cliente = nuevo()
    recibir(cliente, "0")

    assert cliente.rechazar("/", "no", {"code": "X"}) == '44{"message":"no","data":{"code":"X"}}'
    assert cliente.rechazar("/", "no", None) is None
    assert cliente.aceptar("/", "abc") is None
    assert recibir(cliente, "0") == [ConexionPedida(None)]


def test_eventos() -> None:
    assert recibir(conectado(), '2["a",1]', '27["b"]', "2[5]", "2[1.5]") == [
        Peticion("a", [1]),
        Peticion("b", []),
        Peticion("5", []),
        Peticion("1.5", []),
    ]


def test_evento_con_adjunto() -> None:
    cliente = conectado()

    assert recibir(cliente, ADJUNTO) == []
    assert recibir(cliente, b"x") == [Peticion("a", [b"x"])]


def test_evento_ilegible() -> None:
    assert recibir(conectado(), '27["a","\\ud800"]', '2["\\ud800"]', '33["\\ud800"]') == [
        EventoIlegible(Peticion("a"), SUSTITUTO_SUELTO),
        EventoIlegible(Peticion(), SUSTITUTO_SUELTO),
    ]


@pytest.mark.parametrize("evento", ["ping", "obtener_estadisticas"])
def test_un_evento_sin_campos_se_lee_lleve_lo_que_lleve(evento: str) -> None:
    textos = [f'2["{evento}",{dato}]' for dato in ('"\\u0000"', '{"a":"\\ud800"}', '"\\u001b",5')]
    assert recibir(conectado(), *textos) == [Peticion(evento)] * 3


def test_nadie_espera_un_ack() -> None:
    assert recibir(conectado(), "35[1]", "3[1]", "3", "2") == []


@pytest.mark.parametrize("texto", ['2["a"]', "1", "31[]", "2", '2/custom,["a"]'])
def test_nada_antes_de_conectar(texto: str) -> None:
    cliente = nuevo()
    with pytest.raises(ErrorPaquete):
        recibir(cliente, texto)

    recibir(cliente, "0")
    with pytest.raises(ErrorPaquete):
        recibir(cliente, texto)


def test_conectar_dos_veces() -> None:
    cliente = nuevo()
    recibir(cliente, "0")
    with pytest.raises(ErrorPaquete):
        recibir(cliente, "0")
    with pytest.raises(ErrorPaquete):
        recibir(conectado(), "0")


def test_un_mensaje_malo_invalida_los_demas() -> None:
    cliente = conectado()

    with pytest.raises(ErrorPaquete):
        cliente.decodificar(['2["a"]', "abc"], 1.0)


def test_desconectar_un_espacio() -> None:
    cliente = conectado()
    recibir(cliente, "0/custom,")
    cliente.aceptar("/custom", "c")

    assert recibir(cliente, "1/custom,") == [Desconectado(MotivoDeCierre.CLIENTE)]
    assert cliente.proximo_vencimiento() is None
    assert recibir(cliente, "1", ahora=10.0) == [Desconectado(MotivoDeCierre.CLIENTE)]
    assert cliente.proximo_vencimiento() == 55.0
    assert recibir(cliente, "0") == [ConexionPedida(None)]


def test_quien_no_conecta_no_se_queda() -> None:
    cliente = nuevo()
    recibir(cliente, "0")

    assert cliente.proximo_vencimiento() == 45.0
    assert cliente.vencer(44.9) is None
    assert cliente.vencer(45.0) is MotivoDeCierre.SIN_CONNECT
    assert conectado().proximo_vencimiento() is None


def test_los_adjuntos_a_medias_vencen() -> None:
    cliente = conectado()
    recibir(cliente, ADJUNTO.replace("51-", "52-"), ahora=5.0)
    assert cliente.proximo_vencimiento() == 15.0
    recibir(cliente, b"x", ahora=10.0)

    assert cliente.vencer(19.9) is None
    assert cliente.vencer(20.0) is MotivoDeCierre.SIN_ADJUNTOS
    recibir(cliente, b"x", ahora=19.0)
    assert cliente.proximo_vencimiento() is None


def test_despedir() -> None:
    cliente = conectado()

    assert cliente.despedir("/", 10.0) == "41"
    assert cliente.despedir("/", 10.0) is None
    assert recibir(cliente, '2["a"]', "0", "1") == []
    assert cliente.vencer(10.4) is None
    assert cliente.vencer(10.5) is MotivoDeCierre.SERVIDOR


def test_despedir_a_quien_no_llego_a_conectar() -> None:
    cliente = nuevo()
    recibir(cliente, "0")

    assert cliente.despedir("/", 10.0) is None


@given(st.lists(st.text('0123456/,[]{}"a-', max_size=12) | st.binary(max_size=3)))
def test_nunca_falla_de_otro_modo(mensajes: list[str | bytes]) -> None:
    cliente = conectado()
    with contextlib.suppress(ErrorPaquete):
        recibir(cliente, *mensajes)
