"""Lo que cambia sin que llegue el aviso se sabe igual: quién ya no puede estar, y quién entró."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import revocar
from mensajeria.protocolo import cargas
from tests.central.gente import entrar, hola, pedir, perdido

pytestmark = pytest.mark.django_db(transaction=True)


async def test_un_ingreso_perdido_trae_la_conversacion(nodo: Nodo) -> None:
    carla = await entrar(nodo, "carla")
    await perdido("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    await carla.hasta(lambda c: "conversacion_actualizada" in c.eventos())
    await pedir("ana", hola())
    await carla.hasta(lambda c: "nuevo_mensaje" in c.eventos())


async def test_una_capa_colgada_no_retrasa_una_revocacion(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carla entra en una conversación sin que llegue el aviso, y escucharla no acaba nunca."""
    carla, beto = await entrar(nodo, "carla"), await entrar(nodo, "beto")
    colgada, sigue = asyncio.Event(), asyncio.Event()
    escuchar = nodo.suscripciones.escuchar

    async def no_contesta(*que: Any) -> None:
        colgada.set()
        await sigue.wait()
        await escuchar(*que)

    monkeypatch.setattr(nodo.suscripciones, "escuchar", no_contesta)
    nueva = cargas.CrearConversacion(
        participantes=[cargas.ParticipanteNuevo(usuario_id="carla")], tipo="grupal"
    )
    await perdido("ana", nueva)
    await asyncio.wait_for(colgada.wait(), 3)
    await en_hilo_de_lectura(revocar, "beto")
    await beto.hasta(lambda c: c.expulsada, 1.5)
    sigue.set()
    await carla.hasta(lambda c: "conversacion_actualizada" in c.eventos())


async def test_revocar_expulsa_y_lo_demas_no(nodo: Nodo) -> None:
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    await en_hilo_de_lectura(revocar, "beto")
    await beto.hasta(lambda c: c.expulsada)
    assert not ana.expulsada
