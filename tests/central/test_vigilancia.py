"""Lo que cambia sin que llegue el aviso se sabe igual: quién ya no puede estar, y quién entró."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central import reparacion, vigilancia
from mensajeria.models import Ingreso, Novedad, Usuario
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import revocar
from mensajeria.operaciones.ingresos import acabar, empezar
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria
from tests.apoyo import ejecutar_una
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


async def test_acabar_un_ingreso_expulsa_solo_a_los_suyos(nodo: Nodo) -> None:
    def entrar_en_dos() -> list[str | None]:
        ana = Usuario.objects.get(pk="ana")
        return [empezar(ana, {}, Ingreso.TOKEN) for _ in range(2)]

    uno, otro = await en_hilo_de_lectura(entrar_en_dos)
    assert uno and otro
    suyas = [await entrar(nodo, "ana", uno) for _ in range(2)]
    sigue, sin_ingreso = await entrar(nodo, "ana", otro), await entrar(nodo, "ana")
    await en_hilo_de_lectura(acabar, "ana", [uno])
    for receptor in suyas:
        await receptor.hasta(lambda c: c.expulsada)
    assert not sigue.expulsada
    assert not sin_ingreso.expulsada
    with pytest.raises(ErrorMensajeria):
        await entrar(nodo, "ana", uno)


async def test_lo_que_no_se_mueve_cuesta_una_consulta(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sin nada que mirar, un vistazo es una consulta, tenga su gente las conversaciones que sea."""
    nodo.vigilancia.cerrar()
    otra = cargas.CrearConversacion(
        participantes=[cargas.ParticipanteNuevo(usuario_id="beto")], tipo="grupal"
    )
    for _ in range(20):
        await pedir("ana", otra)
    await entrar(nodo, "ana")
    await nodo.vigilancia._mirar()
    await nodo.vigilancia._mirar_salas()
    assert nodo.vigilancia._seguimiento is not None
    # Los de antes de la primera de una tabla recién hecha.
    nodo.vigilancia._seguimiento._huecos.clear()
    consultas_hechas: list[str] = []

    async def contando(funcion: Any, *args: Any) -> Any:
        def contada() -> Any:
            with CaptureQueriesContext(connection) as hechas:
                resultado = funcion(*args)
            consultas_hechas.extend(q["sql"] for q in hechas)
            return resultado

        return await en_hilo_de_lectura(contada)

    monkeypatch.setattr(vigilancia, "en_hilo_de_lectura", contando)
    monkeypatch.setattr(reparacion, "en_hilo_de_lectura", contando)
    assert len(nodo.reparto.salas) == 21
    await nodo.vigilancia._mirar()
    await nodo.vigilancia._mirar_participaciones()
    await nodo.vigilancia._mirar_salas()
    assert len([q for q in consultas_hechas if "novedad" in q]) == len(consultas_hechas) == 1


async def test_lo_que_cambia_mientras_alguien_entra_se_sabe(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Se lee del registro antes de que la sala esté aquí: al estarlo, se repone."""
    escuchar = nodo.suscripciones.escuchar

    async def cambia_entretanto(*que: Any) -> None:
        await perdido("ana", hola())
        await nodo.vigilancia._mirar()
        await escuchar(*que)

    monkeypatch.setattr(nodo.suscripciones, "escuchar", cambia_entretanto)
    beto = await entrar(nodo, "beto")
    await beto.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 2)])


async def test_lo_que_nadie_dejo_dicho_lo_ve_el_repaso(nodo: Nodo) -> None:
    """Como quien cambia la base a mano."""
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    await nodo.vigilancia._mirar()
    await en_hilo_de_lectura(lambda: Usuario.objects.filter(pk="beto").update(is_active=False))
    await nodo.vigilancia._repasar()
    await beto.hasta(lambda c: c.expulsada)
    assert not ana.expulsada


async def test_quien_no_sabe_que_se_perdio_lo_mira_todo(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    await nodo.vigilancia._mirar()

    def borrar_el_rastro() -> None:
        Usuario.objects.filter(pk="beto").update(is_active=False)
        ejecutar_una(Orden(Actor("ana"), hola()))
        Novedad.objects.all().delete()

    monkeypatch.setattr(nodo.emisor, "_repartir", lambda _: None)
    await en_hilo_de_lectura(borrar_el_rastro)
    await beto.hasta(lambda c: c.expulsada)
    await ana.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 2)])


async def test_caida_la_base_se_mira_todo_al_volver(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    beto = await entrar(nodo, "beto")
    await nodo.vigilancia._mirar()

    def no_responde(_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as caida:
        caida.setattr(consultas.Seguimiento, "leer", no_responde)
        with pytest.raises(OperationalError):
            await nodo.vigilancia._mirar()
    await en_hilo_de_lectura(lambda: Usuario.objects.filter(pk="beto").update(is_active=False))
    await beto.hasta(lambda c: c.expulsada)
