"""Entrar no pierde nada ni lo repite, y no deja rastro al irse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.consultas import Puesta
from mensajeria.nodo import Nodo
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import no_existe
from tests.central.gente import ReceptorFalso, entrar, hola, pedir

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

    def anotar(puestas: dict[str, Puesta]) -> None:
        p = puestas["conv"]
        beto.recibidos.append(("respuesta", {}))
        respuestas.append((0, p.hasta, [m.secuencia_cambio for m in p.cambios]))

    while not fin.is_set():
        beto.recibidos.clear()
        respuestas.clear()
        await nodo.entrada.unir(beto, {"conv": 1}, anotar)
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
    """Aún no figura entre las conexiones; lo que cambia mientras lee le espera."""
    await entrar(nodo, "ana")
    beto = ReceptorFalso("beto")
    escuchar = nodo.suscripciones.escuchar
    cambiar = cargas.ActualizarConversacion(conversacion_id="conv", activa=False)

    async def escuchar_y_leer(*que: Any) -> None:
        await escuchar(*que)
        vigentes = await en_hilo_de_lectura(consultas.participaciones_de, "beto")
        monkeypatch.setattr(consultas, "participaciones_de", lambda _: vigentes)
        await pedir("ana", cambiar)

    monkeypatch.setattr(nodo.suscripciones, "escuchar", escuchar_y_leer)
    vigencia = (await en_hilo_de_lectura(consultas.usuarios_vigentes, ["beto"]))["beto"]
    await nodo.entrada.ingresar(beto, vigencia, lambda: None)
    await beto.hasta(lambda c: ("conversacion_actualizada", 2) in c.cambios())


async def test_lo_ajeno_no_une_y_no_deja_rastro(nodo: Nodo) -> None:
    carla = await entrar(nodo, "carla")

    def negar(puestas: dict[str, Puesta]) -> None:
        assert puestas == {}
        raise no_existe()

    with pytest.raises(Exception, match="NOT_FOUND"):
        await nodo.entrada.unir(carla, {"conv": 0, "nada": None}, negar)
    assert nodo.reparto.salas == {}
    await pedir("ana", hola())
    assert carla.recibidos == []


async def test_al_irse_no_queda_nada(nodo: Nodo) -> None:
    beto = await entrar(nodo, "beto")
    assert set(nodo.reparto.salas) == {"conv"}
    nodo.entrada.desconectar(beto)
    assert (nodo.reparto.salas, nodo.reparto.receptores, nodo.vigilancia.vigencias) == ({}, {}, {})
