"""Cuándo puede salir un aviso, según lo que su dueño puso."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mensajeria.avisos.preferencias import cambiar, cuando, de_fabrica, las_de, tras_las_tranquilas
from mensajeria.models import Usuario
from mensajeria.protocolo import formas
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    HorasTranquilasPuestas,
)
from mensajeria.protocolo.errores import ErrorMensajeria


def en(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


NOCHE = formas.HorasTranquilas(desde="22:00", hasta="07:00")
CORTAS = formas.HorasTranquilas(desde="22:00", hasta="02:30")
SIESTA = formas.HorasTranquilas(desde="14:00", hasta="16:30")


@pytest.mark.parametrize(
    ("horas", "zona", "pasa", "sale"),
    [
        # En Bogotá son cinco horas menos.
        (NOCHE, "America/Bogota", "2026-11-26T03:30", "2026-11-26T12:00"),
        (NOCHE, "America/Bogota", "2026-11-26T11:59", "2026-11-26T12:00"),
        (NOCHE, "America/Bogota", "2026-11-26T12:00", "2026-11-26T12:00"),
        (NOCHE, "America/Bogota", "2026-11-26T20:00", "2026-11-26T20:00"),
        (SIESTA, "Europe/Madrid", "2026-11-26T13:00", "2026-11-26T15:30"),
        (SIESTA, "Europe/Madrid", "2026-11-26T15:30", "2026-11-26T15:30"),
        (formas.HorasTranquilas(), "UTC", "2026-11-26T03:30", "2026-11-26T03:30"),
        # Esa noche, en Madrid, las tres son otra vez las dos: acaban a las siete del reloj.
        (NOCHE, "Europe/Madrid", "2026-10-24T21:00", "2026-10-25T06:00"),
        # Hasta las dos y media: las hay dos veces, y a cada una acaban.
        (CORTAS, "Europe/Madrid", "2026-10-25T00:10", "2026-10-25T00:30"),
        (CORTAS, "Europe/Madrid", "2026-10-25T01:10", "2026-10-25T01:30"),
        # Y en marzo no las hay: acaban media hora después de que el reloj salte a las tres.
        (CORTAS, "Europe/Madrid", "2026-03-29T00:30", "2026-03-29T01:30"),
        # Una que la máquina ya no conoce es la de la casa.
        (NOCHE, "America/Perdida", "2026-11-26T03:30", "2026-11-26T07:00"),
    ],
)
def test_las_horas_tranquilas(
    horas: formas.HorasTranquilas, zona: str, pasa: str, sale: str
) -> None:
    assert tras_las_tranquilas(horas, zona, en(pasa)) == en(sale)


@pytest.mark.parametrize(
    ("canal", "prioridad", "sale"),
    [
        ("webpush", "normal", "2026-11-26T07:00"),
        ("webpush", "alta", "2026-11-26T07:00"),
        ("webpush", "urgente", "2026-11-26T03:00"),
        ("webpush", "baja", None),
        ("aplicacion", "baja", "2026-11-26T03:00"),
        ("correo", "normal", "2026-11-26T04:00"),
        ("correo", "alta", "2026-11-26T03:00"),
        ("correo", "urgente", "2026-11-26T03:00"),
    ],
)
def test_cuando_segun_el_canal_y_la_prioridad(canal: str, prioridad: str, sale: str | None) -> None:
    suyas = de_fabrica()
    suyas.zona, suyas.canales.webpush.tranquilas = "UTC", NOCHE
    dice = cuando(suyas, canal, "mensajes", prioridad, en("2026-11-26T03:00"))
    assert dice == (en(sale) if sale else None)


@pytest.mark.bd
def test_lo_que_no_se_dice_se_queda(beto: Usuario) -> None:
    def poner(**canal: Any) -> None:
        puestos = CanalesDeAvisosPuestos(fcm=AvisosDeCanalPuestos(**canal))
        cambiar("beto", CambiarAvisos(canales=puestos))

    poner(mensajes="nunca", tranquilas=HorasTranquilasPuestas(desde="22:00", hasta="07:00"))
    poner(muestra="nada")
    suyas = las_de("beto").canales
    assert (suyas.fcm.mensajes, suyas.fcm.muestra) == ("nunca", "nada")
    assert suyas.fcm.tranquilas.hasta == "07:00"
    assert suyas.webpush.mensajes == "fuera_de_horas"


@pytest.mark.bd
def test_una_zona_que_no_existe_se_niega(beto: Usuario) -> None:
    for zona in ("Marte", "../etc/passwd", "Europe/"):
        with pytest.raises(ErrorMensajeria):
            cambiar("beto", CambiarAvisos(zona=zona))
