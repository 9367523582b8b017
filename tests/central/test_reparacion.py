"""Lo que la capa pierde se repone desde la base, en su orden."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.consultas import cambios
from mensajeria.models import Conversacion, Usuario
from mensajeria.nodo import Nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from tests.apoyo import ejecutar_una
from tests.central.gente import entrar, hola, pedir, perdido

pytestmark = pytest.mark.django_db(transaction=True)


async def test_el_ultimo_evento_perdido_llega_solo(nodo: Nodo) -> None:
    beto = await entrar(nodo, "beto")
    await perdido("ana", hola())
    await beto.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 2)])


async def test_un_hueco_se_repone_antes_que_lo_que_sigue(nodo: Nodo) -> None:
    beto = await entrar(nodo, "beto")
    await perdido("ana", hola("uno"))
    await pedir("ana", hola("dos"))
    await beto.hasta(lambda c: len(c.cambios()) == 2)
    assert beto.cambios() == [("nuevo_mensaje", 2), ("nuevo_mensaje", 3)]


async def test_lo_repuesto_es_lo_que_hay(nodo: Nodo) -> None:
    id_ = (await pedir("ana", hola())).mensaje_id
    otro = (await pedir("ana", hola("otro"))).mensaje_id
    beto = await entrar(nodo, "beto")
    await perdido("ana", cargas.EditarMensaje(mensaje_id=id_, texto="v2"))
    await perdido("ana", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    await perdido("ana", cargas.EliminarMensaje(mensaje_id=otro))
    await beto.hasta(lambda c: "mensaje_eliminado" in c.eventos())
    assert beto.cambios() == [
        ("mensaje_editado", 5),
        ("reaccion_agregada", 5),
        ("mensaje_desfijado", 5),
        ("mensaje_eliminado", 6),
    ]
    editado = dict(beto.recibidos)["mensaje_editado"]["mensaje"]
    assert editado["contenido"]["texto"] == "v2"
    await pedir("ana", hola("tres"))
    await beto.hasta(lambda c: c.cambios()[-1] == ("nuevo_mensaje", 7))


async def test_quien_solo_escucha_los_fijados_acaba_con_los_que_hay(nodo: Nodo) -> None:
    """Fijado, desfijado, fijado recién enviado y eliminado, con todos los avisos perdidos."""
    ids = [(await pedir("ana", hola(f"{i}"))).mensaje_id for i in range(3)]
    await pedir("ana", cargas.FijarMensaje(mensaje_id=ids[1]))
    await pedir("ana", cargas.FijarMensaje(mensaje_id=ids[2]))
    beto = await entrar(nodo, "beto")
    await perdido("ana", cargas.FijarMensaje(mensaje_id=ids[0]))
    await perdido("ana", cargas.DesfijarMensaje(mensaje_id=ids[1]))
    await perdido("ana", cargas.EliminarMensaje(mensaje_id=ids[2]))
    nuevo = (await perdido("ana", hola("nuevo"))).mensaje_id
    await perdido("ana", cargas.FijarMensaje(mensaje_id=nuevo))
    await beto.hasta(lambda c: "nuevo_mensaje" in c.eventos() and c.cambios()[-1][1] == 11)
    dichos = [
        (e, d["mensajeId"])
        for e, d in beto.recibidos
        if e in ("mensaje_fijado", "mensaje_desfijado", "mensaje_eliminado")
    ]
    assert dichos == [
        ("mensaje_fijado", ids[0]),
        ("mensaje_desfijado", ids[1]),
        ("mensaje_eliminado", ids[2]),
        ("mensaje_fijado", nuevo),
    ]


async def test_nada_tras_una_salida_perdida_llega_a_quien_salio(nodo: Nodo) -> None:
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    await perdido("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    await perdido("ana", hola("sin beto"))
    await pedir("ana", hola("tampoco"))
    await ana.hasta(lambda c: c.eventos().count("nuevo_mensaje") == 2)
    assert beto.eventos() == ["participante_removido"]
    assert nodo.reparto.puede_enviar("beto", "conv") is None


async def test_lo_que_cambia_a_media_reparacion_no_se_da_por_nuevo_otra_vez(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lo perdido no cabe en una lectura, y entre dos se edita lo que ya se dio."""
    monkeypatch.setattr(cambios, "MAX_CAMBIOS", 3)
    with monkeypatch.context() as a_la_vez:
        # En una máquina ocupada, la vigilancia repararía los primeros antes de perderse los demás.
        a_la_vez.setattr(nodo.vigilancia._reparacion, "_falta", lambda _: False)
        beto = await entrar(nodo, "beto")
        ids = [(await perdido("ana", hola(f"{i}"))).mensaje_id for i in range(8)]
    original = consultas.cambios_desde

    def leer_y_editar(cursores: Any) -> Any:
        leidos = original(cursores)
        if not leidos["conv"].completo and leidos["conv"].hasta == 4:
            ejecutar_una(
                Orden(Actor("ana"), cargas.EditarMensaje(mensaje_id=ids[0], texto="editado"))
            )
        return leidos

    monkeypatch.setattr(consultas, "cambios_desde", leer_y_editar)
    await beto.hasta(lambda c: "mensaje_editado" in c.eventos())
    nuevos = [d["mensaje"]["_id"] for e, d in beto.recibidos if e == "nuevo_mensaje"]
    assert nuevos == ids


async def test_los_vistos_son_los_de_la_base(nodo: Nodo) -> None:
    """Con avisos que se pierden al azar, cada cliente acaba con la lista de la base."""
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    for i in range(60):
        await (perdido if i % 3 else pedir)("ana" if i % 2 else "beto", hola(f"{i}"))
    for c in (ana, beto):
        await c.hasta(lambda x: len(x.cambios()) >= 60, 5)
        assert [n for _, n in c.cambios()] == list(range(2, 62))
    fila = await en_hilo_de_lectura(Conversacion.objects.get)
    assert (fila.ultima_secuencia, fila.ultimo_cambio) == (60, 61)
    assert not await nodo.vigilancia._reparacion.mirar(["conv"])
    assert await en_hilo_de_lectura(Usuario.objects.count) == 3
