"""Silenciar, anclar y archivar: de cada cual, en todos sus dispositivos, y de nadie más."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.models import Conversacion, Participante, Usuario, ahora
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import iso
from mensajeria.protocolo.validacion import convertir
from tests.servicios import firmar

pytestmark = pytest.mark.bd

C = "/api/mensajeria/conversaciones/"
SIN_TOCAR = {"silenciadaHasta": None, "anclada": False, "archivada": False}


def con(**campos: Any) -> cargas.CambiarPreferencias:
    return convertir({"conversacionId": "conv", **campos}, cargas.CambiarPreferencias)


def cliente(quien: str) -> APIClient:
    uno = APIClient()
    uno.credentials(HTTP_AUTHORIZATION=f"Bearer {firmar(quien)}")
    return uno


def test_las_sabe_quien_las_cambia_y_nadie_mas(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    dicho = pedir("beto", con(silenciadaHasta="siempre", anclada=True))
    assert (dicho.preferencias.silenciada_hasta, dicho.preferencias.anclada) == ("siempre", True)
    [sobre] = sobres
    assert (sobre.evento, sobre.alcance, sobre.usuarios) == (
        "preferencias_actualizadas",
        Alcance.USUARIOS,
        ["beto"],
    )
    assert json.loads(sobre.datos)["preferencias"]["archivada"] is False
    conversacion.refresh_from_db()
    assert conversacion.ultimo_cambio == 1
    vista = {q: cliente(q).get(C + "conv/").json() for q in ("ana", "beto")}
    assert vista["ana"]["preferencias"] == SIN_TOCAR
    assert vista["beto"]["preferencias"] == {
        "silenciadaHasta": "siempre",
        "anclada": True,
        "archivada": False,
    }


def test_lo_que_no_se_dice_no_cambia_y_repetirlo_no_se_anuncia(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    hasta = iso(ahora() + timedelta(hours=1))
    pedir("ana", con(silenciadaHasta=hasta))
    assert pedir("ana", con(archivada=True)).preferencias.silenciada_hasta == hasta
    assert len(sobres) == 2
    assert pedir("ana", con(archivada=True, anclada=None)).preferencias.archivada
    assert len(sobres) == 2
    assert pedir("ana", con(silenciadaHasta=None)).preferencias.silenciada_hasta is None
    # Hasta ayer es no silenciarla.
    ayer = iso(ahora() - timedelta(days=1))
    assert pedir("ana", con(silenciadaHasta=ayer)).preferencias.silenciada_hasta is None
    assert len(sobres) == 3


@pytest.mark.parametrize("hasta", ["mañana", "", "2026-13-01", "9999-12-31T23:59:59Z", "x" * 41])
def test_una_fecha_que_no_lo_es(pedir: Any, conversacion: Conversacion, hasta: str) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        pedir("ana", con(silenciadaHasta=hasta))
    assert (error.value.codigo, error.value.campo) == (
        CodigoError.VALIDATION_ERROR,
        "silenciadaHasta",
    )


def test_a_la_ajena_y_a_quien_salio_no_les_existe(pedir: Any, conversacion: Conversacion) -> None:
    Participante.objects.filter(usuario="beto").update(activo=False)
    for quien in ("beto", "carla"):
        with pytest.raises(ErrorMensajeria) as error:
            pedir(quien, con(anclada=True))
        assert error.value.codigo == CodigoError.NOT_FOUND


@pytest.fixture
def diez(ana: Usuario) -> list[str]:
    """Diez suyas, la de mayor número con la actividad más reciente; 2 y 7, ancladas, y 5,
    archivada.
    """
    for n in range(10):
        fila = Conversacion.objects.create(
            id=f"c{n}", fecha_ultima_actividad=ahora() + timedelta(seconds=n)
        )
        Participante.objects.create(
            conversacion=fila, usuario=ana, anclada=n in (2, 7), archivada=n == 5
        )
    return [f"c{n}" for n in (7, 2, 9, 8, 6, 4, 3, 1, 0)]


def _recorrida(uno: APIClient, limite: int) -> tuple[list[str], list[str]]:
    """Sus páginas hacia delante y, desde la última, hacia atrás."""
    ida: list[str] = []
    pagina = uno.get(C, {"limite": limite}).json()
    while True:
        ida += [f["_id"] for f in pagina["results"]]
        if pagina["next"] is None:
            break
        pagina = uno.get(pagina["next"]).json()
    vuelta = [f["_id"] for f in pagina["results"]]
    while pagina["previous"] is not None:
        pagina = uno.get(pagina["previous"]).json()
        vuelta = [f["_id"] for f in pagina["results"]] + vuelta
    return ida, vuelta


@pytest.mark.parametrize("limite", [1, 2, 3, 4, 50])
def test_las_ancladas_van_primero_y_las_archivadas_aparte(diez: list[str], limite: int) -> None:
    ida, vuelta = _recorrida(cliente("ana"), limite)
    assert ida == vuelta == diez
    for valor in ("1", "true"):
        aparte = cliente("ana").get(C, {"archivadas": valor}).json()
        assert [f["_id"] for f in aparte["results"]] == ["c5"]


def test_lo_nuevo_en_una_archivada_la_deja_archivada(
    pedir: Any, decir: Any, conversacion: Conversacion
) -> None:
    pedir("beto", con(archivada=True))
    decir("ana")
    de_beto = cliente("beto")
    assert de_beto.get(C).json()["results"] == []
    [archivada] = de_beto.get(C, {"archivadas": "1"}).json()["results"]
    assert archivada["estadisticas"]["mensajesNoLeidos"] == {"beto": 1}
    assert archivada["preferencias"]["archivada"]
