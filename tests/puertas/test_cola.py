from __future__ import annotations

from mensajeria.puertas.cola import ColaDeSalida, _bytes_de_texto, bytes_de


def test_en_su_orden() -> None:
    cola = ColaDeSalida()
    for trama in ("a", b"b", "c"):
        cola.poner(trama)

    assert cola and [cola.tomar() for _ in range(4)] == ["a", b"b", "c", None]
    assert not cola


def test_se_cuenta_en_bytes_y_lo_tomado_deja_sitio() -> None:
    cola = ColaDeSalida(4)
    assert cola.poner("ññ")
    assert not cola.poner(b"x")
    cola.tomar()
    assert cola.poner("ñ")
    assert not cola.poner("ñ")
    assert cola.tomar_todo() == [b"x", "ñ", "ñ"]
    assert not cola and cola.poner("ññ")


def test_los_bytes_de_una_trama() -> None:
    assert [bytes_de(t) for t in ("a", "ñ", "€", "😀", "\ud800", b"\xff")] == [1, 2, 3, 4, 3, 1]


def test_la_misma_cadena_para_muchos_se_cuenta_una_vez() -> None:
    _bytes_de_texto.cache_clear()
    nativa, socketio = "ñ1" * 3, "ñ2" * 3
    for _ in range(100):
        ColaDeSalida().poner(nativa)
        ColaDeSalida().poner(socketio)

    assert _bytes_de_texto.cache_info().misses == 2
