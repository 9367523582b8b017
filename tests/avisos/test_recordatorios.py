"""Lo avisado que sigue sin leer se recuerda una vez, a las horas que dice el ajuste."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mensajeria.avisos import buzon, cierre
from mensajeria.avisos.preferencias import cambiar
from mensajeria.models import RECORDATORIOS, Aviso, Canal, ahora
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    HorasTranquilasPuestas,
)
from tests.avisos.apoyo import Datos, adelantar, repartir, sacar_de_la_aplicacion

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion", "con_recordatorios")]
HORAS = timedelta(hours=24)


@pytest.fixture
def con_recordatorios(settings: Any, _sin_recordatorios: None) -> None:
    settings.RECORDATORIO_HORAS = 24


def avisar(decir: Any, **mas: Any) -> Aviso:
    decir("ana", **mas)
    repartir()
    sacar_de_la_aplicacion()
    return Aviso.objects.get(canal=Canal.APLICACION)


def pasado(cuanto: timedelta = HORAS) -> list[tuple[str, Datos]]:
    adelantar(cuanto)
    return sacar_de_la_aplicacion()


def poner(**suyas: Any) -> None:
    canales = CanalesDeAvisosPuestos(aplicacion=AvisosDeCanalPuestos(**suyas))
    cambiar("beto", CambiarAvisos(zona="UTC", canales=canales))


def test_lo_que_sigue_sin_leer_se_recuerda_una_vez(decir: Any) -> None:
    fila = avisar(decir)
    assert (fila.clase, fila.estado) == (RECORDATORIOS, "pendiente")
    assert pasado(HORAS - timedelta(minutes=1)) == []
    [(quien, datos)] = pasado(timedelta(minutes=1))
    assert (quien, datos["mensaje"]) == ("beto", "hola (sin leer)")
    assert Aviso.objects.get(canal=Canal.APLICACION).estado == "hecho"
    assert pasado() == []


def test_lo_leido_no_se_recuerda(decir: Any, pedir: Any) -> None:
    avisar(decir)
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    assert pasado() == []
    assert Aviso.objects.get(canal=Canal.APLICACION).estado == "hecho"


def test_lo_nuevo_no_espera_a_recordar_lo_de_antes(decir: Any) -> None:
    avisar(decir)
    decir("ana", "y esto")
    assert repartir() == [("aplicacion", "beto", "mensajes")]
    [(_, datos)] = sacar_de_la_aplicacion()
    assert datos["mensaje"] == "y esto (2 sin leer)"
    [(_, datos)] = pasado()
    assert datos["mensaje"] == "y esto (2 sin leer)"


def test_lo_que_llega_mientras_se_recuerda_sale_como_nuevo(decir: Any) -> None:
    avisar(decir)
    adelantar(HORAS)
    [recuerdo] = buzon.tomar(Canal.APLICACION, 1)
    decir("ana", "@beto, ven")
    repartir()
    cierre.acabar([(recuerdo, buzon.ENVIADO)])
    fila = Aviso.objects.get(canal=Canal.APLICACION)
    assert (fila.estado, fila.clase, fila.hasta) == ("pendiente", "menciones", 2)
    assert fila.no_antes_de <= ahora()


@pytest.mark.parametrize("prioridad", ["baja", "normal"])
def test_lo_de_baja_prioridad_no_se_recuerda(decir: Any, prioridad: Any) -> None:
    assert (avisar(decir, prioridad=prioridad).estado == "hecho") == (prioridad == "baja")


def test_ni_a_quien_no_quiere_que_se_le_recuerde(decir: Any) -> None:
    poner(recordatorios="nunca")
    assert avisar(decir).estado == "hecho"


def test_ni_a_quien_deja_de_quererlo_o_la_silencia_mientras_tanto(decir: Any, pedir: Any) -> None:
    avisar(decir)
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta="siempre"))
    assert pasado() == []
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta=None))
    avisar(decir)
    poner(recordatorios="nunca")
    assert pasado() == []


def test_ni_en_sus_horas_tranquilas(decir: Any) -> None:
    dentro = ahora() + HORAS - timedelta(hours=1)
    acaban = dentro + timedelta(hours=3)
    poner(
        tranquilas=HorasTranquilasPuestas(desde=f"{dentro:%H:%M}", hasta=f"{acaban:%H:%M}"),
        mensajes="siempre",
    )
    espera = avisar(decir).no_antes_de - ahora()
    assert HORAS + timedelta(hours=1) < espera <= HORAS + timedelta(hours=2)
