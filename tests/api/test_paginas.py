"""Las páginas y sus enlaces son los de DRF, byte a byte, también con fechas repetidas."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from mensajeria import consultas
from mensajeria.api import paginas
from mensajeria.models import (
    Conversacion,
    Mensaje,
    Notificacion,
    Participante,
    Usuario,
    ahora,
    leer_fecha,
)

pytestmark = pytest.mark.bd

HORA = ahora()
# Empates de una, de dos y de más que una página.
FECHAS = [0, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 6]

Pagina = tuple[list[str], str | None, str | None]
Pedir = Callable[[str], Pagina]


class DeDRF(CursorPagination):
    page_size_query_param = "limite"

    def __init__(self, *ordering: str) -> None:
        self.ordering = ordering


def _peticion(url: str) -> Request:
    return Request(APIRequestFactory().get(url))


def _con_drf(filas: Any, *ordering: str) -> Pedir:
    def pedir(url: str) -> Pagina:
        paginador = DeDRF(*ordering)
        pagina: list[Any] = paginador.paginate_queryset(filas, _peticion(url)) or []
        return [f.id for f in pagina], paginador.get_next_link(), paginador.get_previous_link()

    return pedir


def _con(paginador: type[paginas.PorCursor], leer: Any) -> Pedir:
    def pedir(url: str) -> Pagina:
        este = paginador()
        pagina: list[Any] = este.pagina(_peticion(url), leer)
        return [f.id for f in pagina], este.get_next_link(), este.get_previous_link()

    return pedir


def _ida_y_vuelta(nuestras: Pedir, suyas: Pedir, cuantas: int) -> None:
    url: str | None = "http://sitio/lista/?limite=3"
    vistas: list[str] = []
    while url:
        pagina = nuestras(url)
        assert pagina == suyas(url)
        vistas += pagina[0]
        ultima, url = url, pagina[1]
    assert len(vistas) == len(set(vistas)) == cuantas
    while ultima:
        pagina = nuestras(ultima)
        assert pagina == suyas(ultima)
        ultima = pagina[2] or ""


def test_de_conversaciones(ana: Usuario) -> None:
    for i, minuto in enumerate(FECHAS):
        fila = Conversacion.objects.create(
            id=f"c{i:02}", fecha_ultima_actividad=HORA + timedelta(minutes=minuto)
        )
        Participante.objects.create(conversacion=fila, usuario=ana)
    filtro = consultas.Filtro()
    nuestras = _con(
        paginas.PorActividad,
        lambda d, p, n: consultas.listar_conversaciones("ana", filtro, d, leer_fecha(p), n),
    )
    suyas = _con_drf(consultas.conversaciones_de("ana"), "-fecha_ultima_actividad", "-pk")
    _ida_y_vuelta(nuestras, suyas, len(FECHAS))


def test_de_notificaciones(ana: Usuario) -> None:
    for i, minuto in enumerate(FECHAS):
        fecha = HORA + timedelta(minutes=minuto)
        Notificacion.objects.create(id=f"n{i:02}", usuario=ana, tipo="t", titulo="T", fecha=fecha)
    nuestras = _con(
        paginas.PorFecha,
        lambda d, p, n: consultas.listar_notificaciones("ana", d, leer_fecha(p), n),
    )
    suyas = _con_drf(Notificacion.objects.filter(usuario="ana"), "-fecha", "-pk")
    _ida_y_vuelta(nuestras, suyas, len(FECHAS))


def test_de_mensajes(decir: Any) -> None:
    for i in range(10):
        decir("ana", f"m{i}")
    historia = consultas.Historia("ana", "conv")
    tramo = 0, consultas.SIN_FIN
    suyos = Mensaje.objects.filter(conversacion="conv")
    _ida_y_vuelta(
        _con(
            paginas.PorSecuencia,
            lambda d, p, n: historia.por_secuencia(d, paginas.desde(p, d, tramo), n),
        ),
        _con_drf(suyos, "-secuencia"),
        10,
    )
    _ida_y_vuelta(
        _con(
            paginas.PorCambio,
            lambda d, p, n: historia.por_cambio(d, paginas.desde(p, d, tramo), tramo, n),
        ),
        _con_drf(suyos, "secuencia_cambio"),
        10,
    )


def _recorrida(cliente: APIClient, url: str, hacia: str) -> tuple[list[str], list[int], str]:
    """Los ids de todas las páginas, lo que pesa cada una, y la última."""
    ids: list[str] = []
    pesos: list[int] = []
    siguiente: str | None = url
    while siguiente:
        url = siguiente
        respuesta = cliente.get(url)
        assert respuesta.status_code == 200, respuesta.content
        pagina = respuesta.json()
        suyos = [r["_id"] for r in pagina["results"]]
        assert suyos
        ids = ids + suyos if hacia == "next" else suyos + ids
        pesos.append(len(respuesta.content))
        siguiente = pagina[hacia]
    return ids, pesos, url


def _lista_de(lista: str, ana: Usuario) -> str:
    """Treinta de lo que sea, con fechas repetidas, y su dirección."""
    if lista == "conversaciones":
        for i in range(30):
            fila = Conversacion.objects.create(
                id=f"c{i:02}",
                descripcion="x" * 900,
                fecha_ultima_actividad=HORA + timedelta(minutes=i // 3),
            )
            Participante.objects.create(conversacion=fila, usuario=ana)
        return "/api/mensajeria/conversaciones/?limite=20"
    if lista == "notificaciones":
        for i in range(30):
            Notificacion.objects.create(
                usuario=ana,
                tipo="aviso",
                titulo="x",
                mensaje="x" * 900,
                fecha=HORA + timedelta(minutes=i // 3),
            )
        return "/api/mensajeria/notificaciones/?limite=20"
    conversacion = Conversacion.objects.create(id="conv", ultima_secuencia=30, ultimo_cambio=31)
    Participante.objects.create(conversacion=conversacion, usuario=ana)
    for i in range(1, 31):
        Mensaje.objects.create(
            conversacion=conversacion, texto="x" * 900, secuencia=i, secuencia_cambio=i + 1
        )
    return f"/api/mensajeria/conversaciones/conv/mensajes/?limite=20{lista}"


@pytest.mark.parametrize("lista", ["conversaciones", "notificaciones", "", "&desdeCambio=0"])
def test_una_pagina_se_acota_tambien_por_bytes(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch, lista: str
) -> None:
    """Sin perder ni repetir; si empatan las fechas, solo hacia delante, como promete DRF."""
    monkeypatch.setattr(paginas, "MAX_PAGINA", 7_000)
    url = _lista_de(lista, ana)
    cliente = APIClient()
    cliente.force_authenticate(ana)
    ids, pesos, ultima = _recorrida(cliente, url, "next")
    assert len(ids) == len(set(ids)) == 30
    assert max(pesos) < 7_500
    if lista in ("", "&desdeCambio=0"):
        assert _recorrida(cliente, ultima, "previous")[0] == ids


def test_lo_que_no_cabe_solo_va_solo(ana: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paginas, "MAX_PAGINA", 10)
    url = _lista_de("", ana)
    cliente = APIClient()
    cliente.force_authenticate(ana)
    assert len(cliente.get(url).json()["results"]) == 1


def test_los_fijados_que_no_caben_siguen_en_su_enlace(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La lista, sin más; y si sigue, en `Link` (RFC 8288), también con fechas repetidas."""
    _lista_de("", ana)
    for fila in Mensaje.objects.all():
        minutos = timedelta(minutes=fila.secuencia // 4)
        Mensaje.objects.filter(pk=fila.pk).update(fijado=True, fecha_fijado=HORA + minutos)
    cliente = APIClient()
    cliente.force_authenticate(ana)
    camino = "/api/mensajeria/conversaciones/conv/fijados/"
    entera = cliente.get(camino)
    secuencias = [m["secuencia"] for m in entera.json()]
    assert secuencias == list(range(30, 0, -1))
    assert "Link" not in entera
    monkeypatch.setattr(paginas, "MAX_PAGINA", 7_000)
    vistas: list[int] = []
    while camino:
        respuesta = cliente.get(camino)
        assert len(respuesta.content) < 7_500
        vistas += [m["secuencia"] for m in respuesta.json()]
        enlace = re.fullmatch(r'<(.+)>; rel="next"', respuesta.get("Link", ""))
        camino = enlace[1] if enlace else ""
    assert vistas == secuencias


def test_un_cursor_forjado_no_hace_leer_mil_filas(ana: Usuario) -> None:
    leidas: list[int] = []

    def leer(_descendente: bool, _posicion: str | None, cuantas: int) -> list[Any]:
        leidas.append(cuantas)
        return []

    forjado = b64encode(b"o=1000&p=5").decode()
    paginas.PorSecuencia().pagina(_peticion(f"http://sitio/lista/?cursor={forjado}"), leer)
    assert leidas == [51]
