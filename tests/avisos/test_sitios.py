"""Los sitios de cada origen: los gana el que contesta, y los pierde el que no."""

from __future__ import annotations

from collections import Counter

import pytest

from mensajeria.avisos import sitios
from mensajeria.avisos.sitios import COMUNES, DE_ENTRADA, LENTO, Sitios, origen_de
from mensajeria.salientes import A_LA_VEZ

BUENO, MALO, PEOR = "https://bueno.com", "https://malo.com", "https://peor.com"


def cuantos_caben(suyos: Sitios, origen: str, van: Counter[str] | None = None) -> int:
    """Los que caben, además de los que ya van."""
    en_camino = Counter(van or {})
    caben = 0
    while caben < 2 * A_LA_VEZ and suyos.caben(origen, en_camino):
        en_camino[origen] += 1
        caben += 1
    return caben


def acaban(suyos: Sitios, origen: str, veces: int, segundos: float = 0.1) -> None:
    for _ in range(veces):
        suyos.acabo(origen, segundos)


def test_al_que_contesta_le_caben_todos() -> None:
    suyos = Sitios()
    assert cuantos_caben(suyos, BUENO) == DE_ENTRADA + COMUNES
    acaban(suyos, BUENO, A_LA_VEZ)
    assert cuantos_caben(suyos, BUENO) >= A_LA_VEZ


def test_los_que_no_contestan_comparten_unos_pocos() -> None:
    suyos = Sitios()
    for origen in (MALO, PEOR):
        acaban(suyos, origen, DE_ENTRADA, LENTO)
    assert cuantos_caben(suyos, MALO) == COMUNES
    llenos = Counter({MALO: COMUNES})
    assert cuantos_caben(suyos, PEOR, llenos) == 0
    # A los demás, ni se les nota; y a contestar una vez le vuelve uno.
    assert cuantos_caben(suyos, BUENO, llenos) == DE_ENTRADA
    acaban(suyos, PEOR, 1)
    assert cuantos_caben(suyos, PEOR, llenos) == 1


def test_uno_que_tarda_una_vez_no_los_pierde_todos() -> None:
    suyos = Sitios()
    acaban(suyos, BUENO, A_LA_VEZ)
    acaban(suyos, BUENO, 1, LENTO)
    assert cuantos_caben(suyos, BUENO) == A_LA_VEZ // 2 + COMUNES


def test_se_espera_mientras_siga_lleno() -> None:
    suyos = Sitios()
    llenos = Counter({MALO: DE_ENTRADA + COMUNES})
    suyos.esperar(MALO, "suyo")
    assert suyos.los_que_esperan(llenos) == {"suyo"}
    assert suyos.los_que_esperan(Counter()) == set()
    acaban(suyos, MALO, 1)
    assert suyos.los_que_esperan(llenos) == set()


def test_no_se_guardan_todos_los_que_alguien_se_invente(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitios, "MAX_ORIGENES", 3)
    suyos = Sitios()
    for n in range(10):
        acaban(suyos, f"https://{n}.com", 1, LENTO)
    assert len(suyos._propios) == 3


@pytest.mark.parametrize(
    ("punto", "origen"),
    [
        ("https://fcm.googleapis.com/fcm/send/x:y", "https://fcm.googleapis.com"),
        ("HTTPS://Push.Ejemplo.com:8443/x", "https://push.ejemplo.com:8443"),
        ("un-token-de-fcm:APA91b", ""),
        ("https://[roto", ""),
    ],
)
def test_de_que_origen_es(punto: str, origen: str) -> None:
    assert origen_de(punto) == origen
