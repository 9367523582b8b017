"""Vivo y listo: qué cuenta, qué no, y que preguntar mucho no cueste más."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mensajeria import VERSION, fallos, sucesos
from mensajeria.nodo import Nodo
from servitech import sondas
from servitech.sondas import Listo, vivo
from tests.test_solo_lectura import solo_lectura


@pytest.fixture(autouse=True)
def sin_sucesos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sucesos, "CALMA", 0.0)
    for suceso in (fallos._no_responde, fallos._no_escribe):
        monkeypatch.setattr(suceso, "dura", False)


async def preguntar(sonda: Any, metodo: str = "GET") -> tuple[int, dict[str, str], dict[Any, Any]]:
    salida: list[dict[str, Any]] = []

    async def enviar(mensaje: dict[str, Any]) -> None:
        salida.append(mensaje)

    await sonda({"type": "http", "method": metodo, "headers": []}, None, enviar)
    inicio, cuerpo = salida
    dicho = json.loads(cuerpo["body"]) if inicio["status"] != 405 else {}
    return inicio["status"], dicho, dict(inicio["headers"])


class NodoQueSigue(Nodo):
    """Sin bucles: solo lo que la sonda mira."""

    def arrancar(self) -> None:
        self.vigilancia: Any = type("Vigilancia", (), {"al_dia": lambda *_: True})()


def listo(monkeypatch: pytest.MonkeyPatch, partes: Any = None) -> tuple[Listo, Nodo]:
    este = NodoQueSigue()
    este.arrancar()
    sonda = Listo(este)
    monkeypatch.setattr(sonda._base, "mirar", partes or (lambda: {"base_de_datos": "bien"}))
    return sonda, este


async def test_vive_sin_mirar_nada() -> None:
    estado, cuerpo, _ = await preguntar(vivo)
    assert (estado, cuerpo) == (200, {"estado": "bien", "version": VERSION})
    estado, _, cabeceras = await preguntar(vivo, "POST")
    assert (estado, cabeceras[b"allow"]) == (405, b"GET, HEAD")


async def test_listo_si_lo_esta_cada_parte(monkeypatch: pytest.MonkeyPatch) -> None:
    sonda, este = listo(monkeypatch)
    assert (await preguntar(sonda))[0] == 200
    monkeypatch.setattr(este.vigilancia, "al_dia", lambda _: False)
    monkeypatch.setattr(este, "arrancar", lambda: None)
    estado, cuerpo, cabeceras = await preguntar(sonda)
    assert (estado, cuerpo["registro"]) == (503, "no se sigue")
    assert cabeceras[b"retry-after"] == b"2"


async def test_el_que_se_detiene_no_esta_listo(monkeypatch: pytest.MonkeyPatch) -> None:
    sonda, este = listo(monkeypatch)
    este.admite = False
    assert (await preguntar(sonda))[0] == 503


async def test_cien_a_la_vez_son_una_y_la_que_no_acaba_no_se_repite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seguir = asyncio.Event()
    veces = 0

    async def tarda(_: Any) -> dict[str, str]:
        nonlocal veces
        veces += 1
        await seguir.wait()
        return {"base_de_datos": "bien"}

    monkeypatch.setattr(sondas, "en_hilo_de_lectura", tarda)
    monkeypatch.setattr(sondas, "PLAZO", 0.01)
    monkeypatch.setattr(sondas, "SEGUNDOS_DE_VALIDEZ", 0.0)
    sonda, _ = listo(monkeypatch)
    for _ in range(3):
        estado, cuerpo, _ = await preguntar(sonda)
        assert (estado, cuerpo["base_de_datos"]) == (503, "no responde")
    monkeypatch.setattr(sondas, "PLAZO", 5.0)
    seguir.set()
    monkeypatch.setattr(sondas, "SEGUNDOS_DE_VALIDEZ", 60.0)
    respuestas = await asyncio.gather(*(preguntar(sonda) for _ in range(100)))
    assert {estado for estado, _, _ in respuestas} == {200}
    assert veces == 1


@pytest.mark.bd
def test_de_la_base_se_mira_que_lee_que_escribe_y_que_se_conoce(
    base: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    una = sondas._Base()
    bien = {"base_de_datos": "bien", "esquema": "bien"}
    assert una.mirar() == bien
    with solo_lectura():
        # Hasta la siguiente escritura no se sabe; desde que se sabe, se prueba cada vez.
        assert una.mirar() == bien
        monkeypatch.setattr(fallos, "_escrito", float("-inf"))
        assert una.mirar() == {"base_de_datos": "no deja escribir"}
        assert una.mirar() == {"base_de_datos": "no deja escribir"}
    assert una.mirar() == bien
    monkeypatch.setattr(sondas, "falta_preparar", lambda: "faltan dos")
    assert sondas._Base().mirar()["esquema"] == "sin preparar"
