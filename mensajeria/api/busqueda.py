"""Buscar en lo propio."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mensajeria import consultas
from mensajeria.api import esquemas, paginas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import usuario_de_peticion
from mensajeria.consultas import Filtros
from mensajeria.consultas.busqueda.consulta import MAX_CONSULTA
from mensajeria.models import Mensaje, leer_fecha
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError, no_valido

RECIENTES, RELEVANCIA = ORDENES = "recientes", "relevancia"
CON_ARCHIVO = "archivo"
_DE_ID = {"type": "string", "minLength": 1, "maxLength": 36}
_DE_FECHA = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
}


class _PorHallado(paginas.PorNumero):
    """Solo hacia delante: lo anterior ya lo tiene quien lo pidió."""

    ordering = ("-posicion",)

    def pedida(self, request: Request) -> tuple[str | None, int]:
        """Tras qué, y cuántos."""
        self.request = request
        self.base_url = request.build_absolute_uri()
        try:
            cursor = self.decode_cursor(request)
        except (NotFound, ValueError):
            raise no_valido("El cursor no vale: busca otra vez", "cursor") from None
        cuantos = paginas.entero(request, "limite") or self.page_size
        return cursor and cursor.position, min(cuantos, paginas.MAX_LIMITE)

    def enlace(self, posicion: str | None) -> str | None:
        if posicion is None:
            return None
        cursor: Any = Cursor(0, False, cast(Any, posicion))
        return self.encode_cursor(cursor)


class Busqueda(APIView):
    """Los mensajes de mis conversaciones, por lo que dicen."""

    name = "Buscar"

    @describir(
        "buscar",
        "Mensajes de mis conversaciones, por lo que dicen, con el trozo que lo dice.",
        parameters=[
            OpenApiParameter(
                "q",
                {"type": "string", "maxLength": MAX_CONSULTA},
                description='Palabras; `"una frase"` entre comillas; `prefijo*`',
            ),
            OpenApiParameter("conversacion", _DE_ID, description="Solo en esa"),
            OpenApiParameter("de", _DE_ID, description="Quién lo escribió"),
            OpenApiParameter("tipo", str, enum=Mensaje.Tipo.values),
            OpenApiParameter("desde", _DE_FECHA, description="Un instante, o un día"),
            OpenApiParameter("hasta", _DE_FECHA, description="Un instante, o un día, incluido"),
            OpenApiParameter("con", str, enum=[CON_ARCHIVO]),
            OpenApiParameter("orden", str, enum=ORDENES, default=RECIENTES),
            *paginas.PARAMETROS,
        ],
        da=esquemas.pagina(formas.Hallado),
        errores=(CodigoError.NOT_FOUND,),
    )
    def get(self, request: Request) -> Response:
        """Lo más nuevo primero, o lo que más se parece.

        Una página puede traer menos de las pedidas, o ninguna, y `next` decir que hay que seguir.
        """
        pagina = _PorHallado()
        tras, cuantos = pagina.pedida(request)
        orden = paginas.opcion(request, "orden", list(ORDENES))
        hallados = consultas.buscar(
            usuario_de_peticion(request).pk,
            request.query_params.get("q", ""),
            _filtros(request),
            por_relevancia=orden == RELEVANCIA,
            cursor=tras,
            cuantos=cuantos,
        )
        crudas = paginas.crudas_que_caben(hallados.hallados)
        caben_todas = len(crudas) == len(hallados.hallados)
        sigue = hallados.sigue if caben_todas else hallados.cursores[len(crudas) - 1]
        return Response({"next": pagina.enlace(sigue), "previous": None, "results": crudas})


def _filtros(request: Request) -> Filtros:
    return Filtros(
        conversacion=_id(request, "conversacion"),
        de=_id(request, "de"),
        tipo=paginas.opcion(request, "tipo", Mensaje.Tipo.values),
        desde=_fecha(request, "desde", timedelta(0)),
        hasta=_fecha(request, "hasta", timedelta(days=1)),
        con_archivo=paginas.opcion(request, "con", [CON_ARCHIVO]) is not None,
    )


def _id(request: Request, nombre: str) -> str | None:
    crudo = request.query_params.get(nombre)
    try:
        return None if crudo is None else paginas.identificador(crudo)
    except ValueError:
        raise no_valido(f"«{nombre}» es un identificador", nombre) from None


def _fecha(request: Request, nombre: str, de_un_dia: timedelta) -> datetime | None:
    """Un instante; o un día, al que se suma `de_un_dia`."""
    crudo = request.query_params.get(nombre)
    if crudo is None:
        return None
    try:
        leida = leer_fecha(crudo)
        return leida and leida + (de_un_dia if _es_un_dia(crudo) else timedelta(0))
    except (ValidationError, ValueError, OverflowError):
        raise no_valido(f"«{nombre}» es una fecha, como 2026-11-26", nombre) from None


def _es_un_dia(texto: str) -> bool:
    try:
        date.fromisoformat(texto)
    except ValueError:
        return False
    return True
