"""Las páginas y sus enlaces son los de DRF, byte a byte, también con fechas repetidas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from mensajeria import consultas
from mensajeria.api import paginas
from mensajeria.models import Conversacion, Mensaje, Notificacion, Participante, Usuario, ahora

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
        lambda d, p, n: consultas.listar_conversaciones("ana", filtro, d, paginas.fecha(p), n),
    )
    suyas = _con_drf(consultas.conversaciones_de("ana"), "-fecha_ultima_actividad", "-pk")
    _ida_y_vuelta(nuestras, suyas, len(FECHAS))


def test_de_notificaciones(ana: Usuario) -> None:
    for i, minuto in enumerate(FECHAS):
        fecha = HORA + timedelta(minutes=minuto)
        Notificacion.objects.create(id=f"n{i:02}", usuario=ana, tipo="t", titulo="T", fecha=fecha)
    nuestras = _con(
        paginas.PorFecha,
        lambda d, p, n: consultas.listar_notificaciones("ana", d, paginas.fecha(p), n),
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
