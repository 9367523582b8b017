"""La presencia en una conversación numerosa: se cuenta, y no se dice quién."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central import asistencia
from mensajeria.central.escribiendo import aviso
from mensajeria.models import Conversacion, Participante
from mensajeria.nodo import Nodo
from mensajeria.protocolo import cargas
from tests.central.gente import ReceptorFalso, entrar, hola, pedir
from tests.numerosas import poblar

pytestmark = pytest.mark.bd

CUANTOS = 120
DE_UNO_EN_UNO = {"usuario_conectado", "usuario_desconectado", "estado_usuario_cambiado"}


def cuentas(receptor: ReceptorFalso) -> list[int]:
    return [d["totalConectados"] for e, d in receptor.recibidos if e == "presencia_actualizada"]


def de_uno_en_uno(receptor: ReceptorFalso) -> list[tuple[str, Any]]:
    return [(e, d) for e, d in receptor.recibidos if e in DE_UNO_EN_UNO]


def leen(receptor: ReceptorFalso) -> list[str]:
    return [d["leidoPor"] for e, d in receptor.recibidos if e == "todos_mensajes_leidos"]


def escriben(receptor: ReceptorFalso) -> list[tuple[str, bool]]:
    dichos = [d for e, d in receptor.recibidos if e == "usuario_escribiendo"]
    return [(d["usuarioId"], d["escribiendo"]) for d in dichos]


async def leer_y_escribir(nodo: Nodo, quienes: list[str]) -> None:
    """Lo que hacen a la vez, ya repartido."""
    await pedir("ana", hola())
    for quien in quienes:
        await pedir(quien, cargas.MarcarLeido(conversacion_id="conv"))
    for escribe in (True, False):
        nodo.reparto.repartir([aviso("conv", quien, escribe) for quien in quienes])
    await pedir("ana", hola())
    [ana] = nodo.reparto.receptores["ana"]
    assert isinstance(ana, ReceptorFalso)
    await ana.hasta(lambda r: r.eventos().count("nuevo_mensaje") == 2)


async def test_ciento_veinte_que_llegan_y_se_van_son_unas_pocas_cuentas(
    nodo: Nodo, conversacion: Conversacion
) -> None:
    ids = ["ana", "beto", *await en_hilo_de_lectura(poblar, conversacion, CUANTOS)]
    empieza = time.monotonic()
    receptores = await asyncio.gather(*(entrar(nodo, u) for u in ids))
    await receptores[0].hasta(lambda r: cuentas(r)[-1:] == [CUANTOS], 30)
    otra = await entrar(nodo, "beto")
    await leer_y_escribir(nodo, ids[1:7])
    for receptor in receptores:
        assert leen(receptor) == [receptor.usuario_id] * (receptor.usuario_id in ids[1:7])
    assert leen(otra) == ["beto"]
    # Todos teclean a la vez: se dice de uno por segundo.
    assert escriben(receptores[0]) == [("beto", True), ("beto", False)]
    for receptor in [*receptores[20:], otra]:
        nodo.entrada.desconectar(receptor)
    await receptores[0].hasta(lambda r: cuentas(r)[-1:] == [20], 30)
    segundos = time.monotonic() - empieza
    for receptor in receptores:
        assert de_uno_en_uno(receptor) == []
        # Antes: uno por cada llegada y cada marcha de los demás.
        assert len(cuentas(receptor)) <= segundos / asistencia.RECUENTO + 1
    assert nodo.reparto.salas["conv"].unidos == set(receptores[:20])


async def test_quien_comparte_otra_pequena_lo_sabe_por_ella(
    nodo: Nodo, conversacion: Conversacion
) -> None:
    await en_hilo_de_lectura(poblar, conversacion, CUANTOS)
    otra = await Conversacion.objects.acreate(id="otra", tipo="grupal", ultimo_cambio=1)
    for quien in ("ana", "beto"):
        await Participante.objects.acreate(conversacion=otra, usuario_id=quien)
    ana, ajena = await entrar(nodo, "ana"), await entrar(nodo, "u001")
    await entrar(nodo, "beto")
    await ana.hasta(lambda r: len(de_uno_en_uno(r)) == 2)
    await ajena.hasta(lambda r: cuentas(r)[-1:] == [3])
    assert {(e, d.get("conversacionId")) for e, d in de_uno_en_uno(ana)} == {
        ("usuario_conectado", "otra"),
        ("estado_usuario_cambiado", None),
    }
    assert de_uno_en_uno(ajena) == []


async def test_al_cruzar_el_umbral_cambia_como_se_dice(
    nodo: Nodo, conversacion: Conversacion
) -> None:
    await en_hilo_de_lectura(poblar, conversacion, 100)
    ana = await entrar(nodo, "ana")
    await entrar(nodo, "beto")
    await ana.hasta(lambda r: len(de_uno_en_uno(r)) == 2)
    await pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    await entrar(nodo, "u001")
    await entrar(nodo, "carla")
    await ana.hasta(lambda r: cuentas(r)[-1:] == [4])
    assert len(de_uno_en_uno(ana)) == 2
    await pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="carla"))
    await entrar(nodo, "u002")
    await ana.hasta(lambda r: len(de_uno_en_uno(r)) == 4)
    assert {d["usuarioId"] for _, d in de_uno_en_uno(ana)[2:]} == {"u002"}
    [forma] = [d["conversacion"] for e, d in ana.recibidos if e == "conversacion_actualizada"]
    en_linea = {p["usuario"]["_id"] for p in forma["participantes"] if p["enLinea"]}
    assert en_linea == {"ana", "beto", "u001", "carla"}
