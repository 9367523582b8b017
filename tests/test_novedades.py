"""El registro de novedades: todo lo que hay que mirar queda dicho, y nada se lo salta quien lee."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mensajeria.base_de_datos import atomico
from mensajeria.consola.borrado import borrar_usuario
from mensajeria.consultas import Leidas, Seguimiento, novedades, podar_novedades
from mensajeria.models import Novedad, Usuario
from mensajeria.operaciones import usuarios
from mensajeria.operaciones.autenticacion import revocar
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


def _leer(seguimiento: Seguimiento) -> tuple[dict[str, int], set[str]]:
    leidas = seguimiento.leer()
    assert isinstance(leidas, Leidas)
    return leidas.conversaciones, leidas.usuarios


def _saltar(cuantas: int) -> int:
    """Como si otras transacciones hubieran tomado ya esas posiciones: la siguiente, libre."""
    Novedad().save(force_insert=True)
    ultima = Novedad.objects.latest("pk").pk
    Novedad(pk=ultima + cuantas).save(force_insert=True)
    return int(ultima + cuantas)


# Lo que queda dicho


def test_un_lote_deja_una_con_todo_lo_suyo(conversacion: Any) -> None:
    seguimiento = Seguimiento()
    envio = cargas.EnviarMensaje(
        conversacion_id="conv", contenido=cargas.ContenidoEnviado(texto="x")
    )
    agregar = cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla")
    antes = Novedad.objects.count()
    ejecutar([Orden(Actor("ana"), c) for c in (envio, envio, agregar)])
    assert Novedad.objects.count() == antes + 1
    assert _leer(seguimiento) == ({"conv": 4}, {"carla"})
    assert _leer(seguimiento) == ({}, set())


def test_lo_que_no_ocupa_un_cambio_no_deja_ninguna(conversacion: Any, decir: Any) -> None:
    decir("ana")
    antes = Novedad.objects.count()
    ejecutar([Orden(Actor("beto"), cargas.MarcarLeido(conversacion_id="conv"))])
    assert Novedad.objects.count() == antes


def _con_otra_clave(ana: Usuario) -> None:
    ana.set_password("otra")
    ana.save()


def _desactivada_a_mano(ana: Usuario) -> None:
    ana.is_active = False
    ana.save(update_fields=["is_active"])


def _cerrar_sesion(ana: Usuario) -> None:
    cliente = Client()
    cliente.force_login(ana)
    cliente.logout()


_CAMBIOS: list[Callable[[Usuario], Any]] = [
    lambda ana: revocar(ana.pk),
    lambda ana: usuarios.guardar(ana, ["is_staff"]),
    lambda ana: borrar_usuario(ana, lambda *_: None),
    lambda ana: ana.delete(),
    _con_otra_clave,
    _desactivada_a_mano,
    _cerrar_sesion,
]


@pytest.mark.parametrize("cambiar", _CAMBIOS)
def test_lo_que_cambia_sin_ordenes_tambien_queda_dicho(
    ana: Usuario, cambiar: Callable[[Usuario], Any]
) -> None:
    seguimiento = Seguimiento()
    cambiar(ana)
    assert _leer(seguimiento)[1] == {"ana"}


def test_ingresar_no_deja_ninguna(ana: Usuario) -> None:
    antes = Novedad.objects.count()
    ana.save(update_fields=["last_login"])
    assert Novedad.objects.count() == antes


# Leerlo


def test_lo_que_se_ve_tarde_se_lee_una_vez() -> None:
    Novedad().save(force_insert=True)
    seguimiento = Seguimiento()
    ultima = _saltar(3)
    assert _leer(seguimiento) == ({}, set())
    Novedad(pk=ultima - 1, usuarios=["tarde"]).save(force_insert=True)
    assert _leer(seguimiento) == ({}, {"tarde"})
    assert _leer(seguimiento) == ({}, set())
    Novedad(pk=ultima - 2, conversaciones={"c": 7}).save(force_insert=True)
    assert _leer(seguimiento) == ({"c": 7}, set())


def test_quien_empieza_ve_lo_que_estaba_a_medias() -> None:
    ultima = _saltar(2)
    seguimiento = Seguimiento()
    Novedad(pk=ultima - 1, usuarios=["tarde"]).save(force_insert=True)
    assert _leer(seguimiento) == ({}, {"tarde"})


def test_lo_que_falta_no_se_espera_siempre(monkeypatch: pytest.MonkeyPatch) -> None:
    Novedad().save(force_insert=True)
    seguimiento = Seguimiento()
    antes = len(seguimiento._huecos)
    _saltar(3)
    _leer(seguimiento)
    assert len(seguimiento._huecos) == antes + 2
    monkeypatch.setattr(novedades, "SEGUNDOS_DE_TRANSACCION", 0.0)
    _leer(seguimiento)
    assert seguimiento._huecos == {}


def test_quien_no_sabe_que_se_perdio_lo_sabe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Se podó lo que seguía, la base volvió atrás, o falta demasiado."""
    monkeypatch.setattr(novedades, "SE_CONSERVAN", 2)
    Novedad().save(force_insert=True)
    atrasado = Seguimiento()
    for _ in range(5):
        Novedad().save(force_insert=True)
    al_dia = Seguimiento()
    podar_novedades(al_dia.hasta)
    assert Novedad.objects.count() == 2
    assert atrasado.leer() is None
    assert _leer(al_dia) == ({}, set())
    _saltar(novedades.MAX_HUECOS + 2)
    assert al_dia.leer() is None


def test_la_que_aun_ha_de_avisar_no_se_poda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ni las que van detrás; salvo que sean demasiadas, que nadie las reparte."""
    monkeypatch.setattr(novedades, "SE_CONSERVAN", 2)
    Novedad().save(force_insert=True)
    Novedad(por_avisar=True).save(force_insert=True)
    for _ in range(5):
        Novedad().save(force_insert=True)
    hasta = Seguimiento().hasta
    podar_novedades(hasta)
    assert Novedad.objects.count() == 6
    monkeypatch.setattr(novedades, "MAX_POR_AVISAR", 3)
    podar_novedades(hasta)
    assert Novedad.objects.count() == 3


def test_dos_transacciones_que_confirman_al_reves() -> None:
    """La que tomó el número menor confirma la última: quien lee entre medias no la pierde."""
    if connection.vendor != "postgresql":
        pytest.skip("En las demás, quien escribe espera a que confirme el anterior")
    seguimiento = Seguimiento()
    numerada, seguir = threading.Event(), threading.Event()

    def la_lenta() -> None:
        with atomico():
            Novedad(usuarios=["lenta"]).save(force_insert=True)
            numerada.set()
            assert seguir.wait(10)
        connection.close()

    hilo = threading.Thread(target=la_lenta)
    hilo.start()
    try:
        assert numerada.wait(10)
        Novedad(usuarios=["rápida"]).save(force_insert=True)
        assert _leer(seguimiento) == ({}, {"rápida"})
        recien_llegado = Seguimiento()
        assert _leer(recien_llegado) == ({}, set())
    finally:
        seguir.set()
        hilo.join()
    assert _leer(seguimiento) == ({}, {"lenta"})
    assert _leer(recien_llegado) == ({}, {"lenta"})
