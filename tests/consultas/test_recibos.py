"""Los recibos que cubren unos mensajes: los mismos que saldrían de leerlos todos."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria import consultas
from mensajeria.consultas.presentar import cursores_de
from mensajeria.consultas.recibos import recibos_de
from mensajeria.models import Conversacion, Lectura, Mensaje, Participante, Usuario, ahora
from mensajeria.protocolo import cargas

pytestmark = pytest.mark.bd

HORA = ahora()
CUANTOS = 120


def _sembrar(conversacion: str, azar: random.Random) -> None:
    """Mensajes, y por persona y clase recibos seguidos de tamaños al azar, a veces con huecos."""
    Mensaje.objects.bulk_create(
        Mensaje(
            conversacion_id=conversacion, remitente_id="ana", secuencia=i, secuencia_cambio=i + 1
        )
        for i in range(1, CUANTOS + 1)
    )
    for p in Participante.objects.filter(conversacion=conversacion):
        hasta = {"entregado": 0, "leido": 0}
        for clase in hasta:
            filas: list[tuple[int, int, datetime]] = []
            while hasta[clase] < CUANTOS and azar.random() > 0.03:
                desde = hasta[clase] + azar.choice([0, 0, 0, 2])
                hasta[clase] = min(CUANTOS, desde + azar.choice([1, 1, 2, 7, 40]))
                if desde < hasta[clase]:
                    fecha = HORA + timedelta(seconds=len(filas))
                    filas.append((desde, hasta[clase], fecha))
            Lectura.objects.bulk_create(
                Lectura(participante=p, clase=clase, desde=d, hasta=h, fecha=f) for d, h, f in filas
            )
        Participante.objects.filter(pk=p.pk).update(
            entregado_hasta=hasta["entregado"], leido_hasta=hasta["leido"]
        )


@pytest.fixture
def dos(conversacion: Conversacion) -> list[str]:
    otra = Conversacion.objects.create(id="otra", tipo="grupal")
    for quien in ("ana", "beto", "carla"):
        Participante.objects.create(conversacion=otra, usuario_id=quien)
    azar = random.Random(7)
    for c in ("conv", "otra"):
        _sembrar(c, azar)
    return ["conv", "otra"]


def _todos(clase: str, fila: Mensaje) -> dict[str, datetime]:
    """Quién y cuándo, leyendo todos los recibos que haya."""
    suyos = Lectura.objects.filter(
        participante__conversacion=fila.conversacion_id,
        clase=clase,
        desde__lt=fila.secuencia,
        hasta__gte=fila.secuencia,
    )
    return dict(suyos.values_list("participante__usuario", "fecha"))


PAGINAS = [
    ("la más nueva", lambda azar: [("conv", s) for s in range(CUANTOS - 20, CUANTOS + 1)]),
    ("una vieja", lambda azar: [("conv", s) for s in range(40, 60)]),
    ("la primera", lambda azar: [("conv", s) for s in range(1, 10)]),
    ("un mensaje", lambda azar: [("conv", 55)]),
    ("sueltos", lambda azar: [("conv", s) for s in sorted(azar.sample(range(1, 121), 9))]),
    ("de dos", lambda azar: [("conv", 3), ("conv", 4), ("otra", 50), ("otra", 119)]),
]


@pytest.mark.parametrize(("_nombre", "cuales"), PAGINAS, ids=[n for n, _ in PAGINAS])
def test_los_mismos_que_leyendolos_todos(_nombre: str, cuales: Any, dos: list[str]) -> None:
    filas = [Mensaje.objects.get(conversacion=c, secuencia=s) for c, s in cuales(random.Random(3))]
    recibos = recibos_de(filas, cursores_de(dos))
    for fila in filas:
        for clase in Lectura.Clase.values:
            de_aqui = recibos.get((fila.conversacion_id, clase), {})
            fechas = {u: r.fecha_de(fila.secuencia) for u, r in de_aqui.items()}
            assert {u: f for u, f in fechas.items() if f} == _todos(clase, fila), fila


@pytest.mark.parametrize(("_nombre", "cuales"), PAGINAS, ids=[n for n, _ in PAGINAS])
def test_nunca_mas_que_los_mensajes_y_uno_por_tramo(
    _nombre: str, cuales: Any, dos: list[str]
) -> None:
    filas = [Mensaje.objects.get(conversacion=c, secuencia=s) for c, s in cuales(random.Random(3))]
    cursores = cursores_de(dos)
    with CaptureQueriesContext(connection) as hechas:
        recibos = recibos_de(filas, cursores)
    assert len(hechas) <= 2
    for (conversacion, _), suyos in recibos.items():
        secuencias = [f.secuencia for f in filas if f.conversacion_id == conversacion]
        # Lo que hay entre dos que distan diez como mucho también se lee; si no, es otro tramo.
        saltos = [despues - antes for antes, despues in pairwise(secuencias)]
        tope = 2 + sum(salto if salto <= 10 else 2 for salto in saltos)
        assert all(len(r.hasta) <= tope for r in suyos.values())


def test_lo_nuevo_se_lee_en_una_consulta(decir: Any, pedir: Any) -> None:
    ids = [decir("ana").mensaje_id for _ in range(3)]
    cursores = cursores_de(["conv"])
    filas = list(consultas.con_lo_que_cita(Mensaje.objects.filter(pk__in=ids)))
    with CaptureQueriesContext(connection) as hechas:
        recibos_de(filas, cursores)
    assert len(hechas) == 1


def test_quien_lo_recibio_y_quien_lo_leyo(pedir: Any, decir: Any, carla: Usuario) -> None:
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    primero, segundo = decir("ana"), decir("ana")
    pedir("carla", cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=1))
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=segundo.mensaje_id))

    def quienes(id_: str) -> tuple[list[str], list[str]]:
        dichos = consultas.recibos_del_mensaje("beto", id_)
        return [r.usuario.id for r in dichos.recibido], [r.usuario.id for r in dichos.leido]

    assert quienes(primero.mensaje_id) == (["carla", "beto"], ["beto"])
    assert quienes(segundo.mensaje_id) == (["beto"], ["beto"])
