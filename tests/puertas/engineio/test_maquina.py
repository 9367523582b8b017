import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.puertas.engineio.maquina import (
    AscensoCancelado,
    CargaExcesiva,
    Cerrada,
    EstadoDeSesion,
    MaquinaEngineIO,
    PingContestado,
    PingEnviado,
    RespuestaSonda,
)
from mensajeria.puertas.engineio.paquetes import (
    Ajustes,
    ErrorPaquete,
    MensajeRecibido,
    MotivoDeCierre,
    Transporte,
)

AJUSTES = Ajustes(limite_salida=100)


def sondeo() -> MaquinaEngineIO:
    return MaquinaEngineIO("s", Transporte.SONDEO, AJUSTES, 0.0)


def websocket(ahora: float = 0.0) -> MaquinaEngineIO:
    return MaquinaEngineIO("s", Transporte.WEBSOCKET, AJUSTES, ahora)


# Entrada


def test_mensajes_de_una_carga_en_orden() -> None:
    assert sondeo().recibir_carga(b"4a\x1ebAQ==\x1e4b", 1.0) == [
        MensajeRecibido("a"),
        MensajeRecibido(b"\x01"),
        MensajeRecibido("b"),
    ]


def test_lo_que_sigue_al_cierre_no_cuenta() -> None:
    sesion = sondeo()

    assert sesion.recibir_carga(b"4a\x1e1\x1e4b", 1.0) == [
        MensajeRecibido("a"),
        Cerrada(MotivoDeCierre.TRANSPORTE),
    ]
    assert sesion.recibir_carga(b"4c", 1.0) == []


def test_trama_de_websocket() -> None:
    sesion = websocket()

    assert sesion.recibir_trama("4a", 1.0) == [MensajeRecibido("a")]
    assert sesion.recibir_trama(b"\x01", 1.0) == [MensajeRecibido(b"\x01")]
    assert sesion.recibir_trama("6", 1.0) == []
    with pytest.raises(ErrorPaquete):
        sesion.recibir_trama("abc", 1.0)


def test_el_limite_es_de_bytes() -> None:
    sesion = MaquinaEngineIO("s", Transporte.WEBSOCKET, Ajustes(carga_maxima=10), 0.0)

    assert sesion.recibir_trama("4" + "ñ" * 4, 1.0) == [MensajeRecibido("ñ" * 4)]
    for trama in ("4" + "ñ" * 5, "4" + "a" * 10, b"x" * 11):
        with pytest.raises(CargaExcesiva):
            sesion.recibir_trama(trama, 1.0)
    with pytest.raises(CargaExcesiva):
        sesion.recibir_carga(b"4" * 11, 1.0)


def test_un_solo_post_a_la_vez() -> None:
    sesion = sondeo()

    assert sesion.abrir_publicacion()
    assert not sesion.abrir_publicacion()
    sesion.cerrar_publicacion()
    assert sesion.abrir_publicacion()


# Salida


def test_carga_con_todo_lo_pendiente() -> None:
    sesion = sondeo()
    assert sesion.abrir_sondeo(1.0)
    assert sesion.tomar_carga(1.0) is None
    sesion.enviar("42[1]")
    sesion.enviar(b"\x01\x02\x03\x04")

    assert sesion.tomar_carga(1.0) == "42[1]\x1ebAQIDBA=="
    assert sesion.tomar_carga(1.0) is None


def test_tramas_de_una_en_una() -> None:
    sesion = websocket()
    assert not sesion.hay_salida
    sesion.enviar("4a")
    sesion.enviar(b"b")

    assert sesion.hay_salida
    assert [sesion.cola.tomar() for _ in range(3)] == ["4a", b"b", None]


def test_quien_no_lee_pierde_la_conexion() -> None:
    sesion = websocket()

    assert sesion.enviar("4" + "ñ" * 49) == []
    assert sesion.enviar("x") == []
    assert sesion.enviar("x") == [Cerrada(MotivoDeCierre.LENTO)]
    assert sesion.estado is EstadoDeSesion.CERRADA
    assert sesion.cola.tomar() is None
    assert sesion.enviar("x") == []


def test_lo_leido_deja_sitio() -> None:
    sesion = websocket()

    for _ in range(10):
        assert sesion.enviar("x" * 90) == []
        assert sesion.cola.tomar() == "x" * 90

    sesion = sondeo()
    for _ in range(10):
        assert sesion.enviar("x" * 90) == []
        assert sesion.tomar_carga(0.0) == "x" * 90


def test_dos_sondeos() -> None:
    sesion = sondeo()

    assert sesion.abrir_sondeo(1.0)
    assert not sesion.abrir_sondeo(1.0)
    assert sesion.romper(MotivoDeCierre.ERROR_TRANSPORTE, 1.0) == [
        Cerrada(MotivoDeCierre.ERROR_TRANSPORTE)
    ]
    assert sesion.tomar_carga(1.0) == "1"
    assert sesion.estado is EstadoDeSesion.CERRADA


def test_un_sondeo_tras_otro() -> None:
    sesion = sondeo()

    for _ in range(3):
        assert sesion.abrir_sondeo(1.0)
        sesion.cerrar_sondeo()


# Latido


def test_ping_y_pong() -> None:
    sesion = websocket()
    assert sesion.proximo_vencimiento() == 25.0
    assert sesion.vencer(24.9) == []
    assert sesion.cola.tomar() is None
    sesion.enviar("4a")
    assert sesion.vencer(25.1) == [PingEnviado()]
    sesion.enviar("4b")

    assert [sesion.cola.tomar() for _ in range(3)] == ["4a", "2", "4b"]
    assert sesion.proximo_vencimiento() == 45.0
    assert sesion.recibir_trama("3", 26.0) == [PingContestado()]
    assert sesion.proximo_vencimiento() == 51.0


def test_los_pings_de_los_que_llegan_en_medio_segundo_salen_juntos() -> None:
    assert {websocket(t).proximo_vencimiento() for t in (7.0, 7.1, 7.49)} == {32.0}
    assert websocket(7.5).proximo_vencimiento() == 32.5


def test_un_ping_de_mas_sustituye_al_que_tocaba() -> None:
    sesion = websocket()
    sesion.enviar("4a")
    assert sesion.latir(1.0) == [PingEnviado()]
    assert sesion.latir(2.0) == []
    assert [sesion.cola.tomar() for _ in range(3)] == ["4a", "2", None]
    assert sesion.proximo_vencimiento() == 21.0
    assert sesion.recibir_trama("3", 3.0) == [PingContestado()]
    assert sesion.proximo_vencimiento() == 28.0


def test_no_hay_ping_de_mas_al_ascender_ni_al_cerrar() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)
    assert sesion.latir(1.0) == []
    sesion.cancelar_ascenso()
    sesion.cerrar("x", 2.0)
    assert sesion.latir(2.0) == []


def test_un_pong_que_nadie_pidio_no_confirma_nada() -> None:
    sesion = websocket()
    sesion.enviar("4a")

    assert sesion.recibir_trama("3", 10.0) == []
    assert sesion.proximo_vencimiento() == 35.0


def test_sin_pong_termina() -> None:
    sesion = sondeo()
    sesion.vencer(25.0)

    assert sesion.vencer(44.9) == []
    assert sesion.vencer(45.0) == [Cerrada(MotivoDeCierre.SIN_LATIDO)]
    assert sesion.estado is EstadoDeSesion.CERRADA
    assert sesion.vencer(90.0) == []
    assert sesion.proximo_vencimiento() is None


def test_un_proceso_detenido_no_pierde_a_sus_clientes() -> None:
    sesion = websocket()

    assert sesion.vencer(100.0) == [PingEnviado()]
    assert sesion.cola.tomar() == "2"
    assert sesion.proximo_vencimiento() == 110.0


def test_la_lectura_en_pausa_no_agota_el_pong() -> None:
    sesion = websocket()
    sesion.vencer(25.0)
    sesion.lectura_en_pausa = True

    assert sesion.vencer(45.0) == []
    assert sesion.proximo_vencimiento() == 65.0
    sesion.lectura_en_pausa = False
    assert sesion.vencer(65.0) == [Cerrada(MotivoDeCierre.SIN_LATIDO)]


# Ascenso


def ascendida() -> MaquinaEngineIO:
    sesion = sondeo()
    assert sesion.iniciar_ascenso(1.0)
    assert sesion.recibir_sonda("2probe", 1.0) is RespuestaSonda.CONTESTAR
    assert sesion.recibir_sonda("5", 1.0) is RespuestaSonda.ASCENDER
    return sesion


def test_ascenso_completo() -> None:
    sesion = ascendida()

    assert sesion.transporte is Transporte.WEBSOCKET
    assert sesion.proximo_vencimiento() == 25.0
    assert not sesion.iniciar_ascenso(2.0)


def test_la_sonda_suelta_el_sondeo_abierto() -> None:
    sesion = sondeo()
    sesion.abrir_sondeo(1.0)
    sesion.iniciar_ascenso(1.0)
    assert sesion.tomar_carga(1.0) is None
    sesion.recibir_sonda("2probe", 2.0)

    assert sesion.tomar_carga(2.0) == "6"


def test_un_sondeo_durante_el_ascenso_espera_poco() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)
    sesion.recibir_sonda("2probe", 1.0)
    sesion.abrir_sondeo(2.0)

    assert sesion.tomar_carga(2.0) is None
    assert sesion.proximo_vencimiento() == pytest.approx(2.1)
    assert sesion.tomar_carga(2.2) == "6"


def test_los_mensajes_siguen_por_sondeo_hasta_el_ascenso() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)
    sesion.recibir_sonda("2probe", 1.0)
    sesion.abrir_sondeo(1.0)
    sesion.enviar("4a")

    assert sesion.tomar_carga(1.0) == "4a"


@pytest.mark.parametrize("trama", ["4hola", "2", "3probe", b"2probe", "", "6"])
def test_otra_trama_cancela_el_ascenso(trama: str | bytes) -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)

    assert sesion.recibir_sonda(trama, 1.0) is RespuestaSonda.CERRAR
    assert sesion.transporte is Transporte.SONDEO
    assert sesion.recibir_sonda("5", 1.0) is RespuestaSonda.CERRAR
    assert sesion.iniciar_ascenso(1.0)


def test_un_ascenso_a_la_vez() -> None:
    sesion = sondeo()

    assert sesion.iniciar_ascenso(1.0)
    assert not sesion.iniciar_ascenso(1.0)


def test_el_ascenso_no_adelanta_a_un_post() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)
    sesion.recibir_sonda("2probe", 1.0)
    sesion.abrir_publicacion()

    assert sesion.recibir_sonda("5", 1.0) is RespuestaSonda.CERRAR


def test_el_ascenso_vence() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)

    assert sesion.proximo_vencimiento() == 11.0
    assert sesion.vencer(11.0) == [AscensoCancelado()]
    assert sesion.estado is EstadoDeSesion.ABIERTA


def test_el_final_de_la_sesion_cancela_el_ascenso() -> None:
    sesion = sondeo()
    sesion.iniciar_ascenso(1.0)

    assert sesion.romper("x", 2.0) == [Cerrada("x"), AscensoCancelado()]


# Final


def test_el_cliente_cierra_por_post() -> None:
    sesion = sondeo()
    sesion.abrir_sondeo(1.0)

    assert sesion.recibir_carga(b"1", 1.0) == [Cerrada(MotivoDeCierre.TRANSPORTE)]
    assert sesion.tomar_carga(1.0) == "6"
    assert sesion.estado is EstadoDeSesion.CERRADA


def test_el_cliente_cierra_por_websocket() -> None:
    sesion = websocket()

    assert sesion.recibir_trama("1", 1.0) == [Cerrada(MotivoDeCierre.TRANSPORTE)]
    assert sesion.estado is EstadoDeSesion.CERRANDO


def test_cerrar_entrega_antes_lo_pendiente() -> None:
    sesion = sondeo()
    sesion.enviar("41")
    assert sesion.cerrar("x", 1.0) == [Cerrada("x")]
    assert sesion.cerrar("y", 1.0) == []
    sesion.enviar("42[]")

    assert sesion.abrir_sondeo(2.0)
    assert sesion.tomar_carga(2.0) == "41\x1e1"
    assert sesion.estado is EstadoDeSesion.CERRADA


@pytest.mark.parametrize("motivo", [MotivoDeCierre.APAGADO, MotivoDeCierre.INTERNO])
def test_de_quien_ha_de_volver_no_se_despide(motivo: MotivoDeCierre) -> None:
    for pendiente in ("42[]", ""):
        sesion = sondeo()
        if pendiente:
            sesion.enviar(pendiente)
        sesion.abrir_sondeo(1.0)
        sesion.cerrar(motivo, 1.0)
        assert sesion.tomar_carga(1.0) == pendiente
        assert sesion.estado is EstadoDeSesion.CERRADA


def test_cerrar_no_espera_para_siempre() -> None:
    sesion = sondeo()
    sesion.cerrar("x", 1.0)

    assert sesion.proximo_vencimiento() == 31.0
    assert sesion.vencer(30.9) == []
    assert sesion.proximo_vencimiento() == 31.0
    assert sesion.vencer(31.0) == []
    assert sesion.estado is EstadoDeSesion.CERRADA


def test_romper_no_espera_a_otro_sondeo() -> None:
    sesion = sondeo()
    sesion.enviar("4a")

    assert sesion.romper("x", 1.0) == [Cerrada("x")]
    assert sesion.estado is EstadoDeSesion.CERRADA


def test_abortar_no_entrega_nada() -> None:
    sesion = websocket()
    sesion.enviar("4a")
    sesion.cerrar("x", 1.0)

    assert sesion.abortar("y") == []
    assert sesion.cola.tomar() is None
    assert sesion.estado is EstadoDeSesion.CERRADA


acciones = st.lists(
    st.one_of(
        st.binary(max_size=8).map(lambda b: ("recibir_carga", b)),
        st.text(max_size=8).map(lambda t: ("recibir_trama", t)),
        st.text("012345b", max_size=3).map(lambda t: ("recibir_trama", t)),
        st.sampled_from(["2probe", "5", "x"]).map(lambda t: ("recibir_sonda", t)),
        st.text("4a", max_size=60).map(lambda t: ("enviar", t)),
        st.sampled_from(["cerrar", "romper"]).map(lambda m: (m, "x")),
        st.sampled_from(
            ["vencer", "abrir_sondeo", "tomar_carga", "iniciar_ascenso"]
            + ["cerrar_sondeo", "cancelar_ascenso", "abrir_publicacion", "cerrar_publicacion"]
            + ["abortar"]
        ).map(lambda m: (m, None)),
    )
)
CON_HORA = {"recibir_carga", "recibir_trama", "recibir_sonda", "cerrar", "romper"} | {
    "vencer",
    "abrir_sondeo",
    "tomar_carga",
    "iniciar_ascenso",
}


@given(st.sampled_from(Transporte), acciones, st.floats(0, 20))
def test_termina_una_vez_y_la_salida_no_crece(
    transporte: Transporte, pasos: list[tuple[str, object]], ritmo: float
) -> None:
    sesion, cierres, ahora = MaquinaEngineIO("s", transporte, AJUSTES, 0.0), 0, 0.0
    for metodo, argumento in pasos:
        ahora += ritmo
        argumentos = [] if argumento is None else [argumento]
        argumentos += ["x"] if metodo == "abortar" else []
        argumentos += [ahora] if metodo in CON_HORA else []
        try:
            resultado = getattr(sesion, metodo)(*argumentos)
        except ErrorPaquete:
            resultado = sesion.romper("malo", ahora)
        eventos = resultado if isinstance(resultado, list) else []
        cierres += sum(isinstance(evento, Cerrada) for evento in eventos)
        assert cierres == (sesion.estado is not EstadoDeSesion.ABIERTA)
        assert sesion.cola._bytes <= AJUSTES.limite_salida + 1
