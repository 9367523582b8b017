"""Entrar no pierde nada ni lo repite, y no deja rastro al irse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria import consultas
from mensajeria.central.entrada import Llegada, Puestas
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import no_existe
from tests.central.gente import entrar, hola, pedir

pytestmark = pytest.mark.django_db(transaction=True)


async def test_unirse_mientras_se_envia_ni_pierde_ni_repite(nodo: Nodo) -> None:
    """Uno se une una y otra vez con su cursor mientras otro no para de enviar."""
    await entrar(nodo, "ana")
    fin = asyncio.Event()

    async def enviar() -> None:
        for i in range(150):
            await pedir("ana", hola(f"{i}"))
        fin.set()

    envio = asyncio.create_task(enviar())
    beto = await entrar(nodo, "beto")
    respuestas: list[tuple[int, int, list[int]]] = []

    def anotar(puestas: Puestas) -> None:
        p = puestas["conv"]
        assert p is not None
        beto.recibidos.append(("respuesta", {}))
        respuestas.append((0, p.hasta, [m.secuencia_cambio for m in p.cambios]))

    while not fin.is_set():
        beto.recibidos.clear()
        respuestas.clear()
        await nodo.entrada.unir(beto, {"conv": 1}, anotar, consultas.poner_al_dia)
        donde = [e for e, _ in beto.recibidos].index("respuesta")
        antes = [d["secuenciaCambio"] for e, d in beto.recibidos[:donde] if "mensaje" in d]
        await asyncio.sleep(0.01)
        despues = [d["secuenciaCambio"] for e, d in beto.recibidos[donde + 1 :] if "mensaje" in d]
        _, hasta, cambios = respuestas[0]
        assert antes == []
        assert cambios == list(range(2, hasta + 1))
        assert despues == list(range(hasta + 1, hasta + 1 + len(despues)))
    await envio


async def test_quien_esta_entrando_tambien_recibe_lo_que_va_a_los_participantes(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aún no figura entre las conexiones; lo que cambia mientras escucha le espera."""
    await entrar(nodo, "ana")
    _mientras_escucha(
        nodo, monkeypatch, cargas.ActualizarConversacion(conversacion_id="conv", activa=False)
    )
    beto = await entrar(nodo, "beto")
    await beto.hasta(lambda c: ("conversacion_actualizada", 2) in c.cambios())


async def test_a_quien_sacan_mientras_entra_no_le_llega_nada(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Antes de que espere en la sala, o cuando ya espera."""
    sacar = cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto")
    ana = await entrar(nodo, "ana")
    reconocer = nodo.entrada.reconocer

    async def y_le_sacan(credencial: Credencial) -> Llegada:
        leida = await reconocer(credencial)
        monkeypatch.setattr(nodo.entrada, "reconocer", reconocer)
        await pedir("ana", sacar)
        await ana.hasta(lambda c: "participante_removido" in c.eventos())
        return leida

    monkeypatch.setattr(nodo.entrada, "reconocer", y_le_sacan)
    antes = await entrar(nodo, "beto")
    await pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="beto"))
    await antes.hasta(lambda c: c.eventos())
    nodo.entrada.desconectar(antes)
    _mientras_escucha(nodo, monkeypatch, sacar)
    despues = await entrar(nodo, "beto")
    await pedir("ana", hola())
    await ana.hasta(lambda c: "nuevo_mensaje" in c.eventos())
    assert "nuevo_mensaje" not in antes.eventos() + despues.eventos()
    assert nodo.reparto.puede_enviar("beto", "conv") is None


async def test_los_que_llegan_a_la_vez_se_leen_a_la_vez(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Una lectura para el primero y otra para los que llegaron mientras; dos consultas cada una."""
    saltos: list[int] = []
    leer = nodo.entrada._lecturas._hacer

    def contando(credenciales: list[Credencial]) -> Any:
        with CaptureQueriesContext(connection) as hechas:
            llegadas = leer(credenciales)
        saltos.append(len(hechas))
        return llegadas

    monkeypatch.setattr(nodo.entrada._lecturas, "_hacer", contando)
    llegan = await asyncio.gather(*(entrar(nodo, n) for n in ("ana", "beto", "carla") * 20))
    assert saltos == [2]
    assert len(nodo.reparto.salas["conv"].unidos) == 40
    assert sum(map(len, nodo.reparto.receptores.values())) == len(llegan)


def _mientras_escucha(nodo: Nodo, monkeypatch: pytest.MonkeyPatch, carga: Any) -> None:
    """Ana hace eso cuando el siguiente que entre ya espera en sus salas."""
    escuchar = nodo.suscripciones.escuchar

    async def y_cambia(*que: Any) -> None:
        monkeypatch.setattr(nodo.suscripciones, "escuchar", escuchar)
        await escuchar(*que)
        await pedir("ana", carga)

    monkeypatch.setattr(nodo.suscripciones, "escuchar", y_cambia)


async def test_lo_ajeno_no_une_y_no_deja_rastro(nodo: Nodo) -> None:
    carla = await entrar(nodo, "carla")

    def negar(puestas: Puestas) -> None:
        assert puestas == {}
        raise no_existe()

    with pytest.raises(Exception, match="NOT_FOUND"):
        cursores = {"conv": 0, "nada": None}
        await nodo.entrada.unir(carla, cursores, negar, consultas.poner_al_dia)
    assert nodo.reparto.salas == {}
    await pedir("ana", hola())
    assert carla.recibidos == []


async def test_en_la_que_no_cupo_sigue_si_ya_estaba(nodo: Nodo) -> None:
    """Se pide otra vez; mientras tanto, lo vivo le llega."""
    beto = await entrar(nodo, "beto")
    respuestas: list[Puestas] = []

    def sin_sitio(_usuario: str, cursores: Any) -> Puestas:
        return dict.fromkeys(cursores)

    await nodo.entrada.unir(beto, {"conv": 0}, respuestas.append, sin_sitio)
    assert respuestas == [{"conv": None}]
    await pedir("ana", hola())
    await beto.hasta(lambda c: "nuevo_mensaje" in c.eventos())
    nodo.reparto.salir(beto, "conv")
    await nodo.entrada.unir(beto, {"conv": 0}, respuestas.append, sin_sitio)
    assert beto not in nodo.reparto.salas["conv"].destinatarios


async def test_al_irse_no_queda_nada(nodo: Nodo) -> None:
    beto = await entrar(nodo, "beto")
    assert set(nodo.reparto.salas) == {"conv"}
    nodo.entrada.desconectar(beto)
    assert (nodo.reparto.salas, nodo.reparto.receptores, nodo.vigilancia.vigencias) == ({}, {}, {})
