"""La base vuelve atrás con gente conectada: lo nuevo llega entero aunque repita números."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from mensajeria.base_de_datos import atomico, en_hilo_de_lectura
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.models import (
    Conversacion,
    Epoca,
    Lectura,
    Mensaje,
    Novedad,
    Participante,
    Usuario,
    cambiar_epoca,
    epoca_actual,
    leer_epoca,
    nuevo_id,
)
from mensajeria.nodo import Nodo
from mensajeria.protocolo import cargas
from tests.central.gente import ReceptorFalso, entrar, hola, pedir, perdido

pytestmark = pytest.mark.bd


def _volver_atras(cambio: int, secuencia: int, *, registro: bool = True) -> None:
    """Como quedaría al restaurar lo de entonces, cuando nadie había recibido ni leído nada."""
    with atomico():
        Lectura.objects.all().delete()
        Mensaje.objects.filter(secuencia__gt=secuencia).delete()
        Conversacion.objects.update(ultimo_cambio=cambio, ultima_secuencia=secuencia)
        Participante.objects.update(
            entregado_hasta=0, leido_hasta=0, entregado_por_todos=0, leido_por_todos=0, enviados=0
        )
        if registro:
            ultima = Novedad.objects.latest("pk").pk
            Novedad.objects.filter(pk__gt=ultima - 2).delete()
            Novedad(pk=ultima, conversaciones={"conv": cambio}).save(force_insert=True)


async def _tres_de_ana(nodo: Nodo) -> tuple[ReceptorFalso, ReceptorFalso]:
    ana, beto = await entrar(nodo, "ana"), await entrar(nodo, "beto")
    for i in range(3):
        await pedir("ana", hola(f"{i}"))
    await beto.hasta(lambda c: len(c.cambios()) == 3)
    await nodo.vigilancia._mirar()
    for uno in (ana, beto):
        uno.recibidos.clear()
    return ana, beto


@pytest.mark.parametrize("registro", [True, False])
async def test_lo_que_se_escribe_al_volver_llega_entero(nodo: Nodo, registro: bool) -> None:
    """Sin esperar a la vigilancia: quien va a dar un número ya dado lo sabe antes de darlo."""
    ana, beto = await _tres_de_ana(nodo)
    nodo.vigilancia.cerrar()
    nodo.vigilancia.arrancar()
    await en_hilo_de_lectura(lambda: _volver_atras(2, 1, registro=registro))
    antes = epoca_actual()
    for i in range(4):
        await pedir("beto", hola(f"nuevo {i}"))
    for uno in (ana, beto):
        await uno.hasta(lambda c: len(c.cambios()) == 4)
        numerados = [e for e, _ in uno.recibidos if e in {"epoca_cambiada", "nuevo_mensaje"}]
        assert numerados == ["epoca_cambiada", *["nuevo_mensaje"] * 4]
        [aviso] = [d for e, d in uno.recibidos if e == "epoca_cambiada"]
        assert aviso["epoca"] == epoca_actual() != antes
        assert uno.cambios() == [("nuevo_mensaje", n) for n in range(3, 7)]


@pytest.mark.parametrize("registro", [True, False])
async def test_aunque_nadie_escriba_se_sabe(nodo: Nodo, registro: bool) -> None:
    """Por el registro, o porque una sala va por delante de la base."""
    _, beto = await _tres_de_ana(nodo)
    await en_hilo_de_lectura(lambda: _volver_atras(2, 1, registro=registro))
    if not registro:
        nodo.vigilancia._mirar_todo()
    await beto.hasta(lambda c: [e for e, _ in c.recibidos] == ["epoca_cambiada"])
    await nodo.vigilancia._epocas.comprobar()
    await nodo.vigilancia._epocas.situar()
    assert nodo.reparto.salas["conv"].ultimo_cambio == 2


async def test_lo_que_adelanta_a_lo_perdido_se_sabe_por_el_registro(nodo: Nodo) -> None:
    """Los números ya no van por detrás, pero lo último que se leyó es otra cosa."""
    _, beto = await _tres_de_ana(nodo)
    nodo.reparto._hay_de_otra.clear()

    def otra_historia() -> None:
        _volver_atras(4, 3)
        Novedad.objects.filter(pk=Novedad.objects.latest("pk").pk).update(usuarios=["otro"])

    await en_hilo_de_lectura(otra_historia)
    await beto.hasta(lambda c: [e for e, _ in c.recibidos] == ["epoca_cambiada"])


async def test_lo_de_otro_proceso_que_ya_lo_supo_llega_entero(nodo: Nodo) -> None:
    _, beto = await _tres_de_ana(nodo)
    nodo.vigilancia._seguimiento = None
    vieja = epoca_actual()

    def en_otro_proceso() -> str:
        _volver_atras(2, 1, registro=False)
        nueva = nuevo_id()
        Epoca.objects.update(valor=nueva)
        return nueva

    nueva = await en_hilo_de_lectura(en_otro_proceso)
    tardio, *nuevos = (
        Sobre(
            evento="nuevo_mensaje",
            datos=b'{"secuenciaCambio":%d}' % n,
            alcance=Alcance.UNIDOS,
            conversacion="conv",
            cambio=n,
            secuencia=n - 1,
            epoca=epoca,
        )
        for n, epoca in ((4, vieja), (3, nueva), (4, nueva))
    )
    await en_hilo_de_lectura(lambda: Conversacion.objects.update(ultimo_cambio=4))
    nodo.reparto.repartir(nuevos)
    await beto.hasta(lambda c: len(c.cambios()) == 2)
    nodo.reparto.repartir([tardio])
    assert [e for e, _ in beto.recibidos] == ["epoca_cambiada", "nuevo_mensaje", "nuevo_mensaje"]
    assert beto.cambios() == [("nuevo_mensaje", 3), ("nuevo_mensaje", 4)]


async def test_darla_por_restaurada_sin_que_lo_sea_no_pierde_nada(nodo: Nodo) -> None:
    _, beto = await _tres_de_ana(nodo)
    antes = epoca_actual()
    await perdido("ana", hola("perdido"))
    await en_hilo_de_lectura(lambda: call_command("restaurada", verbosity=0))
    await beto.hasta(lambda c: {e for e, _ in c.recibidos} == {"epoca_cambiada", "nuevo_mensaje"})
    assert epoca_actual() != antes
    await pedir("ana", hola("otro"))
    await beto.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 5), ("nuevo_mensaje", 6)])


async def test_quien_entro_en_lo_perdido_no_recibe_nada_mas(nodo: Nodo) -> None:
    _, carla = await _tres_de_ana(nodo), await entrar(nodo, "carla")
    await pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    await carla.hasta(lambda c: "participante_agregado" in c.eventos())

    def sin_ella() -> None:
        Participante.objects.filter(usuario="carla").delete()
        _volver_atras(2, 1)

    await en_hilo_de_lectura(sin_ella)
    await carla.hasta(lambda c: "participante_removido" in c.eventos())
    carla.recibidos.clear()
    ana = next(iter(nodo.reparto.receptores["ana"]))
    assert isinstance(ana, ReceptorFalso)
    await pedir("ana", hola("ya sin ella"))
    await ana.hasta(lambda c: ("nuevo_mensaje", 3) in c.cambios())
    assert carla.cambios() == []


async def test_la_conversacion_perdida_se_quita(nodo: Nodo) -> None:
    ana, beto = await _tres_de_ana(nodo)

    def sin_ella() -> None:
        _volver_atras(1, 0)
        Mensaje.objects.all().delete()
        Participante.objects.all().delete()
        Conversacion.objects.all().delete()

    await en_hilo_de_lectura(sin_ella)
    for uno in (ana, beto):
        await uno.hasta(lambda c: "participante_removido" in c.eventos())
    assert nodo.reparto.salas == {}


async def test_quien_se_perdio_queda_fuera(nodo: Nodo) -> None:
    """Con la misma versión que antes: en otra época puede ser otra cosa."""
    await _tres_de_ana(nodo)
    carla = await entrar(nodo, "carla")

    def desactivada_con_la_misma_version() -> None:
        _volver_atras(2, 1)
        Usuario.objects.filter(pk="carla").update(is_active=False)

    await en_hilo_de_lectura(desactivada_con_la_misma_version)
    await carla.hasta(lambda c: c.expulsada)


async def test_volver_a_una_epoca_ya_dejada_es_volver_atras(nodo: Nodo) -> None:
    _, beto = await _tres_de_ana(nodo)
    primera = epoca_actual()
    await en_hilo_de_lectura(cambiar_epoca, primera)
    await beto.hasta(lambda c: len(c.recibidos) == 1)
    await en_hilo_de_lectura(lambda: Epoca.objects.update(valor=primera))
    await nodo.vigilancia._comprobar_epoca()
    await beto.hasta(lambda c: len(c.recibidos) == 2)
    assert epoca_actual() not in {primera, beto.recibidos[0][1]["epoca"]}


async def test_si_la_base_cae_a_mitad_se_termina_luego(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, beto = await _tres_de_ana(nodo)
    nodo.vigilancia._seguimiento = None

    async def caida(*_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as a_mitad:
        a_mitad.setattr(nodo.vigilancia._epocas, "situar", caida)
        await en_hilo_de_lectura(lambda: _volver_atras(2, 1, registro=False))
        await en_hilo_de_lectura(cambiar_epoca, epoca_actual())
        await beto.hasta(lambda c: [e for e, _ in c.recibidos] == ["epoca_cambiada"])
    await pedir("ana", hola("al volver"))
    await beto.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 3)])


async def test_quien_entra_cuando_la_base_acaba_de_volver_atras(nodo: Nodo) -> None:
    """Lo que lee va por detrás de lo repartido, y no se queda leyéndolo sin fin."""
    await _tres_de_ana(nodo)
    await en_hilo_de_lectura(lambda: _volver_atras(2, 1))
    otra = await entrar(nodo, "beto")
    await pedir("ana", hola("nuevo"))
    await otra.hasta(lambda c: ("nuevo_mensaje", 3) in c.cambios())


def test_una_sola_aunque_la_cambien_dos(conversacion: Conversacion) -> None:
    de = leer_epoca()
    primera = cambiar_epoca(de)
    assert primera != de
    assert cambiar_epoca(de) == primera == leer_epoca()


def test_una_base_nueva_nace_con_la_suya(db: None) -> None:
    Epoca.objects.all().delete()
    epoca = leer_epoca()
    assert len(epoca) == 24
    assert Epoca.objects.get().valor == epoca
