"""Sus listas por número de página, sus conversaciones y sus participantes."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from mensajeria.api.paginas import MAX_PAGINA
from mensajeria.consultas.coste import Coste
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from tests.api.original.test_rutas import API, CONV, DOS
from tests.api.test_rutas import cliente

pytestmark = pytest.mark.bd


def _textos(uno: APIClient, consulta: str) -> list[str]:
    datos = uno.get(f"{API}{CONV}/mensajes?usuarioId=beto&{consulta}").json()
    assert datos["paginacion"]["total"] == len(datos["mensajes"])
    return [m["contenido"]["texto"] for m in datos["mensajes"]]


def test_la_historia_por_numero_de_pagina_y_sin_lapidas(decir: Any) -> None:
    for i in range(7):
        decir("ana", f"m{i}")
    Mensaje.objects.filter(texto="m5").update(eliminado=True)
    Mensaje.objects.filter(texto="m1").update(oculto=True)
    uno = cliente("beto")
    assert [_textos(uno, f"limite=2&pagina={n}") for n in (1, 2, 3, 4)] == [
        ["m4", "m6"],
        ["m2", "m3"],
        ["m0"],
        [],
    ]
    corte = Mensaje.objects.get(texto="m4").fecha_envio
    Mensaje.objects.filter(secuencia__lt=5).update(fecha_envio="2020-01-01T00:00:00Z")
    assert _textos(uno, "desde=2021-01-01") == _textos(uno, f"desde={corte:%Y-%m-%dT%H:%M:%SZ}")
    assert _textos(uno, "desde=2021-01-01") == ["m4", "m6"]
    assert len(_textos(uno, "desde=")) == 5


def test_una_pagina_que_ocupa_de_mas_no_se_acorta_en_silencio(decir: Any) -> None:
    for _ in range(55):
        decir("ana", "ñ" * 5_000)
    uno = cliente("beto")
    mala = uno.get(f"{API}{CONV}/mensajes?pagina=1&limite=55")
    assert (mala.status_code, mala.json()["campo"]) == (400, "limite")
    assert len(_textos(uno, "limite=20&pagina=3")) == 15


def _coste(camino: str) -> Coste:
    coste = Coste()
    coste.contar(cliente("beto").get, f"{API}{camino}")
    return coste


def test_se_cobra_lo_que_hubo_que_leer_aunque_no_se_conteste_nada(
    decir: Any, beto: Usuario
) -> None:
    """Las páginas que se saltan, lo que un filtro quita y lo que se niega por ocupar de más."""
    for i in range(30):
        Conversacion.objects.create(id=f"c{i}", tipo="grupal")
        Participante.objects.create(conversacion_id=f"c{i}", usuario=beto)
    for _ in range(55):
        decir("ana", "ñ" * 5_000)
    lejos = "pagina=101&limite=100"
    assert _coste(f"{CONV}/mensajes?{lejos}").filas >= 10_000
    assert _coste(f"{CONV}/mensajes?{lejos}&desde=2999-01-01").filas >= 10_000
    assert _coste(f"{CONV}/mensajes?limite=50&desde=2999-01-01").filas >= 50
    assert _coste("conversaciones?usuarioId=beto&pagina=501").filas >= 10_000
    assert _coste("conversaciones?usuarioId=beto&pagina=1").filas >= 20
    assert _coste("estadisticas?usuarioId=beto").filas >= 31
    negada = _coste(f"{CONV}/mensajes?pagina=1&limite=55")
    assert negada.filas >= 55 and negada.bytes >= MAX_PAGINA


@pytest.mark.parametrize(
    ("consulta", "campo"),
    [
        ("pagina=x", "pagina"),
        ("pagina=-1", "pagina"),
        ("limite=1.5", "limite"),
        ("pagina=10002&limite=1", "pagina"),
        ("pagina=999999999999999", "pagina"),
        ("desde=ayer", "desde"),
        ("desde=9999-12-31T23:59:59-12:00", "desde"),
    ],
)
def test_paginas_imposibles(consulta: str, campo: str, conversacion: Conversacion) -> None:
    respuesta = cliente("beto").get(f"{API}{CONV}/mensajes?usuarioId=beto&{consulta}")
    assert (respuesta.status_code, respuesta.json()["campo"]) == (400, campo)


def test_mis_conversaciones_por_numero_de_pagina(decir: Any, beto: Usuario) -> None:
    decir("ana")
    Conversacion.objects.create(id="cerrada", tipo="grupal", activa=False)
    Participante.objects.create(conversacion_id="cerrada", usuario=beto, secuencia_cambio=1)
    uno = cliente("beto")

    def ids(consulta: str) -> list[str]:
        datos = uno.get(f"{API}conversaciones?usuarioId=beto&{consulta}").json()
        return [c["_id"] for c in datos["conversaciones"]]

    assert ids("") == ids("estado=activa") == ids("tipo=grupal") == ids("limite=1") == ["conv"]
    assert ids("estado=cerrada") == ["cerrada"]
    assert ids("pagina=2") == ids("tipo=individual") == []
    primera = uno.get(f"{API}conversaciones?pagina=1").json()
    assert primera["estadisticas"] == {"totalNoLeidos": 1, "conversacionesActivas": 1}
    assert primera["paginacion"] == {"paginaActual": 1, "limite": 20, "total": 1}
    assert uno.get(f"{API}{CONV}?usuarioId=beto").json()["mensajesNoLeidos"] == 1
    uno.put(f"{API}{CONV}/leer", {"usuarioId": "beto"}, format="json")
    assert uno.get(f"{API}{CONV}?usuarioId=beto").json()["mensajesNoLeidos"] == 0


def test_crear_como_en_el_original(ana: Usuario, beto: Usuario, carla: Usuario) -> None:
    uno = cliente("ana")

    def crear(**mas: Any) -> dict[str, Any]:
        pedida = {"creadorId": "ana", "participantes": DOS, **mas}
        return dict(uno.post(f"{API}conversaciones", pedida, format="json").json()["conversacion"])

    primera = crear()
    assert crear()["_id"] == primera["_id"]
    assert (primera["titulo"], primera["estado"], primera["tipo"]) == ("", "activa", "individual")
    grupo = crear(tipo="grupal", titulo="Grupo", participantes=[*DOS, {"usuarioId": "carla"}])
    assert (grupo["titulo"], grupo["configuracion"]["nombrePersonalizado"]) == ("Grupo", "Grupo")
    roles = {p["usuario"]["_id"]: p["rol"] for p in grupo["participantes"]}
    assert roles == {"ana": "cliente", "beto": "experto", "carla": "cliente"}
    asesoria = crear(asesoriaId="a1")
    assert (asesoria["asesoria"], asesoria["_id"] != primera["_id"]) == ("a1", True)
    uno.patch(f"{API}conversaciones/{grupo['_id']}/", {"activa": False}, format="json")
    vista = uno.get(f"{API}conversaciones/{grupo['_id']}?usuarioId=ana").json()
    assert vista["conversacion"]["estado"] == "cerrada"


def test_gestionar_participantes_no_falla_por_repetirlo(conversacion: Conversacion) -> None:
    uno = cliente("ana")

    def pedir(accion: str, usuario: str) -> int:
        cuerpo = {"adminId": "ana", "accion": accion, "usuarioId": usuario}
        return int(uno.put(f"{API}{CONV}/participantes", cuerpo, format="json").status_code)

    def activos() -> set[str]:
        filas = Participante.objects.filter(conversacion="conv", activo=True)
        return set(filas.values_list("usuario_id", flat=True))

    assert [pedir("agregar", "carla") for _ in range(2)] == [200, 200]
    assert activos() == {"ana", "beto", "carla"}
    assert [pedir("remover", "carla") for _ in range(2)] == [200, 200]
    assert activos() == {"ana", "beto"}
    assert (pedir("agregar", "nadie"), pedir("borrar", "beto")) == (404, 400)
