"""A quién se avisa: a quien no mira, una vez por conversación, y nunca de lo propio."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mensajeria.avisos import a_quien, buzon, cierre, por_decir
from mensajeria.avisos.preferencias import cambiar
from mensajeria.models import Aviso, Canal, Conversacion, Novedad, Participante, Usuario, ahora
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    HorasTranquilasPuestas,
)
from tests.avisos.apoyo import adelantar, estar, irse, mirar, pendientes, repartir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]

A_BETO = ("aplicacion", "beto", "mensajes")
RATO = timedelta(minutes=5)


def test_se_avisa_a_quien_no_esta_y_no_a_quien_escribe(decir: Any) -> None:
    decir("ana")
    assert repartir() == [A_BETO]
    assert not a_quien.hay()


def test_lo_que_cupo_de_una_vez_no_pide_otra(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    decir("ana")
    assert not a_quien.repartir()
    monkeypatch.setattr(a_quien, "TANDA", 2)
    for _ in range(3):
        decir("ana")
    assert a_quien.repartir()
    assert not a_quien.repartir()
    assert not a_quien.hay()


def test_cuarenta_mensajes_son_un_aviso(decir: Any) -> None:
    for n in range(40):
        decir("ana", f"m{n}")
    assert repartir() == [A_BETO]
    aviso = Aviso.objects.get(canal=Canal.APLICACION)
    assert (aviso.desde, aviso.hasta) == (1, 40)


def test_no_se_avisa_a_quien_mira(decir: Any) -> None:
    mirar("beto")
    decir("ana")
    assert repartir() == []


def test_una_pagina_escondida_no_mira(decir: Any) -> None:
    estar("beto")
    decir("ana")
    assert repartir() == [A_BETO]


def test_una_pagina_a_la_vista_fuera_de_la_conversacion_no_la_mira(decir: Any) -> None:
    mirar("beto", donde="otra")
    decir("ana")
    assert repartir() == [A_BETO]


@pytest.mark.parametrize(("ensena", "avisan"), [("conv", []), ("otra", [A_BETO])])
def test_a_la_vista_cuenta_la_conversacion_que_la_pagina_ensena(
    decir: Any, ensena: str, avisan: list[Any]
) -> None:
    mirar("beto", ensena=ensena)
    decir("ana")
    assert repartir() == avisan


def test_a_quien_miraba_y_no_leyo_se_le_avisa_en_la_segunda_mirada(decir: Any) -> None:
    mirar("beto")
    decir("ana")
    repartir()
    irse("beto", RATO)
    assert buzon.tomar(Canal.REVISION, 10) == []
    adelantar(por_decir.SEGUNDA_MIRADA)
    segunda = buzon.tomar(Canal.REVISION, 10)
    a_quien.mirar_otra_vez(segunda)
    cierre.acabar([(a, buzon.ENVIADO) for a in segunda])
    assert pendientes() == [A_BETO]


def test_a_quien_acaba_de_irse_se_le_espera_y_si_vuelve_y_lee_nada(decir: Any, pedir: Any) -> None:
    irse("beto")
    decir("ana")
    assert repartir() == []
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    adelantar(por_decir.SEGUNDA_MIRADA)
    a_quien.mirar_otra_vez(buzon.tomar(Canal.REVISION, 10))
    assert pendientes() == []


def test_lo_urgente_no_espera_a_quien_acaba_de_irse(decir: Any) -> None:
    irse("beto")
    decir("ana", prioridad="urgente")
    assert repartir() == [A_BETO]


def test_la_segunda_mirada_no_repite_lo_ya_avisado(decir: Any, carla: Usuario) -> None:
    Conversacion.objects.get(pk="conv").participantes.create(usuario=carla)
    mirar("carla")
    decir("ana")
    repartir()
    Aviso.objects.filter(canal=Canal.APLICACION).update(estado="hecho")
    adelantar(por_decir.SEGUNDA_MIRADA)
    a_quien.mirar_otra_vez(buzon.tomar(Canal.REVISION, 10))
    assert pendientes() == []


def test_lo_nuevo_reabre_el_mismo_aviso(decir: Any) -> None:
    decir("ana")
    repartir()
    [aviso] = buzon.tomar(Canal.APLICACION, 10)
    cierre.acabar([(aviso, buzon.ENVIADO)])
    assert pendientes() == []
    decir("ana")
    assert repartir() == [A_BETO]
    reabierto = Aviso.objects.get(canal=Canal.APLICACION)
    assert (reabierto.pk, reabierto.desde, reabierto.hasta) == (aviso.pk, 2, 2)


def test_una_conversacion_que_no_avisa_no_avisa(decir: Any) -> None:
    Conversacion.objects.update(notificaciones_activas=False)
    decir("ana")
    assert repartir() == []


def test_lo_eliminado_antes_de_repartirlo_no_se_avisa(decir: Any, pedir: Any) -> None:
    pedir("ana", cargas.EliminarMensaje(mensaje_id=decir("ana").mensaje_id))
    assert repartir() == []


def test_quien_no_quiere_avisos_de_mensajes_no_los_tiene(decir: Any) -> None:
    nunca = AvisosDeCanalPuestos(mensajes="nunca")
    canales = CanalesDeAvisosPuestos(aplicacion=nunca)
    cambiar("beto", CambiarAvisos(canales=canales))
    decir("ana")
    assert repartir() == []


def test_apagados_no_se_apunta_nada(decir: Any, settings: Any) -> None:
    settings.AVISOS = "no"
    decir("ana")
    assert not Novedad.objects.filter(por_avisar=True).exists()


def test_una_mencion_es_de_otra_clase_y_vale_para_lo_que_siga_sin_leer(decir: Any) -> None:
    decir("ana", "@beto, mira")
    decir("ana", "y esto")
    assert repartir() == [("aplicacion", "beto", "menciones")]


@pytest.mark.parametrize("prioridad", ["normal", "urgente"])
def test_lo_silenciado_no_avisa_salvo_si_te_nombran(decir: Any, pedir: Any, prioridad: Any) -> None:
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta="siempre"))
    decir("ana", prioridad=prioridad)
    assert repartir() == []
    decir("ana", "@beto, ven", prioridad=prioridad)
    assert repartir() == [("aplicacion", "beto", "menciones")]


def test_el_silencio_acaba(decir: Any) -> None:
    Participante.objects.update(silenciada_hasta=ahora() - timedelta(seconds=1))
    decir("ana")
    assert repartir() == [A_BETO]


def test_una_novedad_imposible_no_deja_sin_avisos_a_los_demas(decir: Any) -> None:
    Novedad(avisos={"mensajes": {"conv": "no es un tramo"}}, por_avisar=True).save()
    decir("ana")
    assert repartir() == [A_BETO]
    assert not a_quien.hay()


def test_lo_reciente_ante_quien_mira_se_mira_otra_vez(decir: Any) -> None:
    mirar("beto")
    decir("ana")
    repartir()
    adelantar(por_decir.SEGUNDA_MIRADA)
    primera = buzon.tomar(Canal.REVISION, 10)
    a_quien.mirar_otra_vez(primera)
    cierre.acabar([(a, buzon.ENVIADO) for a in primera])
    irse("beto", RATO)
    adelantar(por_decir.SEGUNDA_MIRADA)
    a_quien.mirar_otra_vez(buzon.tomar(Canal.REVISION, 10))
    assert pendientes() == [A_BETO]


def test_al_juntarse_queda_la_mayor_prioridad(decir: Any) -> None:
    for prioridad in ("baja", "alta", "normal"):
        decir("ana", prioridad=prioridad)
        repartir()
    assert Aviso.objects.get(canal=Canal.APLICACION).prioridad == "alta"


def test_lo_que_al_tomarlo_cae_en_horas_tranquilas_espera_sin_contar_intento(decir: Any) -> None:
    def tranquilas(desde: timedelta, hasta: timedelta) -> None:
        horas = HorasTranquilasPuestas(
            desde=f"{ahora() + desde:%H:%M}", hasta=f"{ahora() + hasta:%H:%M}"
        )
        puestos = AvisosDeCanalPuestos(mensajes="fuera_de_horas", tranquilas=horas)
        cambiar(
            "beto", CambiarAvisos(zona="UTC", canales=CanalesDeAvisosPuestos(aplicacion=puestos))
        )

    tranquilas(timedelta(hours=3), timedelta(hours=5))
    decir("ana")
    repartir()
    tranquilas(timedelta(hours=-1), timedelta(hours=5))
    assert buzon.tomar(Canal.APLICACION, 10) == []
    aviso = Aviso.objects.get(canal=Canal.APLICACION)
    assert aviso.intentos == 0
    assert aviso.no_antes_de > ahora() + timedelta(hours=4)
