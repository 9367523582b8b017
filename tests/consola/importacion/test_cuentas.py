"""Las cuentas de lo importado son las de verdad, y sobre ello se sigue hablando."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mensajeria.consola.importacion import importador
from mensajeria.consola.importacion.recibos import LEIDO_DE_PASO, LEIDO_SIN_QUE_CONSTE
from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Participante,
)
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import iso
from tests.apoyo import ejecutar_una
from tests.consola.importacion.apoyo import importar, presentados
from tests.consola.importacion.original import (
    ANA,
    BETO,
    CARLA,
    GRUPO,
    PAREJA,
    base_al_azar,
    base_variada,
    conversacion,
    lectura,
    mensaje,
    minuto,
    oid,
    participante,
)

pytestmark = pytest.mark.bd


def test_las_cuentas_son_las_de_verdad(base: None, ruta: Path, monkeypatch: Any) -> None:
    """Con tandas que parten las conversaciones, contra lo que sale de contar fila a fila."""
    monkeypatch.setattr(importador, "TANDA", 23)
    datos = base_al_azar(150, semilla=3)
    importar(datos, ruta)
    ultimas: dict[tuple[str, str], int] = {}
    for m in Mensaje.objects.order_by("secuencia"):
        doc = next(d for d in datos["mensajes"] if str(d["_id"]) == m.pk)
        for x in doc["lecturas"]:
            ultimas[m.conversacion_id, str(x["usuario"])] = m.secuencia
    for c in Conversacion.objects.all():
        suyos = list(c.mensajes.order_by("secuencia"))
        assert [m.secuencia for m in suyos] == list(range(1, len(suyos) + 1))
        fechas = [(m.fecha_envio, m.pk) for m in suyos]
        assert fechas == sorted(fechas)
        assert c.ultimo_cambio == len(suyos) + 1
        gente = list(c.participantes.all())
        for p in gente:
            propios = [m for m in suyos if m.remitente_id == p.usuario_id]
            assert p.enviados == len(propios)
            assert [m.numero_de_remitente for m in propios] == list(range(1, len(propios) + 1))
            assert p.leido_hasta == ultimas[c.pk, p.usuario_id]
            assert p.enviados_leidos == sum(m.secuencia <= p.leido_hasta for m in propios)
            otros = [q for q in gente if q is not p]
            assert p.leido_por_todos == min(q.leido_hasta for q in otros)
            assert p.entregado_por_todos == min(q.entregado_hasta for q in otros)


def test_cada_lectura_conserva_su_fecha(base: None, ruta: Path) -> None:
    datos = base_al_azar(60, semilla=5)
    importar(datos, ruta)
    formas = presentados(GRUPO) | presentados(PAREJA)
    for doc in datos["mensajes"]:
        guardadas = {x.usuario: x.fecha_lectura for x in formas[str(doc["_id"])].lecturas}
        for x in doc["lecturas"]:
            fecha = x["fechaLectura"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
            assert guardadas[str(x["usuario"])] == fecha


def test_la_fecha_de_entrega_es_la_suya_tambien_en_un_grupo(base: None, ruta: Path) -> None:
    datos = base_al_azar(60, semilla=9)
    for i, doc in enumerate(datos["mensajes"]):
        entregado = minuto(i / 4 + i % 3 / 10)
        doc |= {"fechaEnvio": minuto(i / 4), "fechaEntrega": entregado, "estado": "entregado"}
        doc["lecturas"] = []
    importar(datos, ruta)
    formas = presentados(GRUPO) | presentados(PAREJA)
    for doc in datos["mensajes"]:
        assert formas[str(doc["_id"])].fecha_entrega == iso(doc["fechaEntrega"])


def test_lo_que_los_acuses_dicen_de_mas_se_cuenta(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    leido = [lectura(BETO, minuto(9))]
    datos["mensajes"] = [
        mensaje(oid(500), PAREJA, ANA, minuto(1)),
        mensaje(oid(501), PAREJA, ANA, minuto(2), lecturas=leido),
        mensaje(oid(502), GRUPO, ANA, minuto(3), estado="leido", lecturas=leido),
    ]
    informe = importar(datos, ruta)
    assert informe.acuses == {LEIDO_DE_PASO: 1, LEIDO_SIN_QUE_CONSTE: 1}
    assert f"mensajes: {LEIDO_DE_PASO} (1)" in list(informe.resumen())


@pytest.mark.parametrize("campo", ["fechaLectura", "lecturas"])
def test_la_lectura_de_quien_no_participa_se_apunta(base: None, ruta: Path, campo: str) -> None:
    datos = base_al_azar(0, semilla=1)
    suyas = {campo: [lectura(BETO, minuto(2)), lectura(CARLA, minuto(3))]}
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(1), **suyas)]
    importar(datos, ruta)
    [linea] = [json.loads(x) for x in ruta.read_text().splitlines() if str(oid(500)) in x]
    assert (linea["campo"], linea["valor"]) == (f"{campo}.1", [str(CARLA), iso(minuto(3))])
    assert [x.usuario for x in presentados(PAREJA)[str(oid(500))].lecturas] == [str(BETO)]


def test_quien_entro_tarde_no_debe_lo_anterior(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"][1]["participantes"][2]["fechaIngreso"] = minuto(5)
    datos["mensajes"] = [mensaje(oid(500 + n), GRUPO, ANA, minuto(n)) for n in range(10)]
    importar(datos, ruta)
    carla = Participante.objects.get(conversacion=str(GRUPO), usuario=str(CARLA))
    assert (carla.leido_hasta, carla.entregado_hasta) == (5, 5)
    assert not Lectura.objects.exists()


def test_sobre_lo_importado_se_sigue_hablando(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="seguimos")
    )
    acuse = ejecutar_una(Orden(Actor(str(ANA)), carga))
    assert (acuse.secuencia, acuse.secuencia_cambio) == (8, 9)
    ejecutar_una(Orden(Actor(str(BETO)), cargas.MarcarLeido(conversacion_id=str(PAREJA))))
    formas = list(presentados(PAREJA).values())
    assert [f.estado for f in formas if f.remitente.id == str(ANA)] == [
        "leido",
        "fallido",
        "leido",
        "leido",
        "leido",
        "leido",
    ]


def pedir_individual(quien: Any, con: Any) -> str:
    """La que se le da a quien pide hablar con otro."""
    carga = cargas.CrearConversacion(participantes=[cargas.ParticipanteNuevo(usuario_id=str(con))])
    return str(ejecutar_una(Orden(Actor(str(quien)), carga)).conversacion_id)


def test_la_individual_que_uno_dejo_lo_readmite(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    fuera = participante(ANA, activo=False)
    datos["conversaciones"] = [conversacion(PAREJA, fuera, BETO, tipo="individual")]
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)
    assert Participante.objects.get(conversacion=str(PAREJA), usuario=str(ANA)).activo
    assert pedir_individual(BETO, ANA) == str(PAREJA)


def test_la_individual_cerrada_es_la_suya_cuando_se_reabre(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"] = [conversacion(PAREJA, ANA, BETO, activa=False)]
    importar(datos, ruta)
    carga = cargas.ActualizarConversacion(conversacion_id=str(PAREJA), activa=True)
    ejecutar_una(Orden(Actor(str(CARLA), personal=True), carga))
    assert pedir_individual(ANA, BETO) == str(PAREJA)


def test_de_varias_individuales_se_da_la_que_siguen_las_dos(base: None, ruta: Path) -> None:
    """Aunque la cerrada o la que una dejó sean más recientes."""
    datos = base_al_azar(0, semilla=1)
    dejada = (participante(ANA, activo=False), BETO)
    datos["conversaciones"] = [
        conversacion(oid(21), ANA, BETO, activa=False, fechaUltimaActividad=minuto(9)),
        conversacion(oid(22), *dejada, fechaUltimaActividad=minuto(8)),
        conversacion(PAREJA, ANA, BETO, fechaUltimaActividad=minuto(1)),
    ]
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == pedir_individual(BETO, ANA) == str(PAREJA)


def test_la_abierta_que_llega_en_la_segunda_vez_toma_el_sitio_de_la_cerrada(
    base: None, ruta: Path
) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"] = [conversacion(oid(21), ANA, BETO, activa=False)]
    importar(datos, ruta)
    datos["conversaciones"].append(conversacion(PAREJA, ANA, BETO))
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)
    datos["conversaciones"].append(conversacion(oid(22), ANA, BETO, activa=False))
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)
