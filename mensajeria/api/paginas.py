"""Páginas por cursor y parámetros de consulta."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import quote

import msgspec
from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from mensajeria.consultas import SIN_FIN
from mensajeria.models import leer_fecha
from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.json_estricto import las_que_caben
from mensajeria.protocolo.tipos import Forma

# Lo que puede ser un identificador en una ruta: nada que una base no sepa guardar.
ID = r"[^/\x00-\x1f\x7f-\x9f]{1,36}"


# Lo que trae una página como mucho: filas, y bytes de JSON.
MAX_LIMITE = 100
MAX_PAGINA = 512 * 1024
# Las de un número que se pide: más no hay de nada.
CIFRAS = 15
# Por lo que llega cambiada una `/` que iba dentro de un identificador (`%2F`): la ruta se parte por
# las demás. De uso privado en Unicode, y no la quita nadie por el camino.
BARRA = "\ue02f"

_ANCLADA = "anclada "
_LOGICOS = {"true": True, "1": True, "false": False, "0": False}


def de_entero(nombre: str, que: str) -> OpenApiParameter:
    """El parámetro que lee `entero`, para OpenAPI."""
    esquema = {"type": "integer", "minimum": 0, "maximum": 10**CIFRAS - 1}
    return OpenApiParameter(nombre, esquema, description=que)


PARAMETROS = [
    OpenApiParameter("cursor", str, description="El de `next` o `previous` de otra página"),
    de_entero("limite", f"Cuántas como mucho, hasta {MAX_LIMITE}; sin él, o con 0, 50"),
]

F = TypeVar("F")

# `leer(descendente, posicion, cuantas)`: las que siguen a esa posición (sin ella, las primeras).
Leer = Callable[[bool, str | None, int], list[F]]
Presentar = Callable[[list[F]], Iterable[Forma]]


class PorCursor(CursorPagination):
    """Las páginas y los enlaces de DRF, sobre lo que sepa leer desde una posición."""

    page_size = 50
    cursor_query_param = "cursor"
    # El campo que ordena, con `-` si de mayor a menor; los cursores llevan su valor.
    ordering: tuple[str, ...]

    def respuesta(self, request: Request, leer: Leer[F], presentar: Presentar[F]) -> Response:
        """La página que se pide, con sus enlaces."""
        return self.get_paginated_response(self.presentar(request, leer, presentar))

    def presentar(
        self,
        request: Request,
        leer: Leer[F],
        presentar: Presentar[F],
        *,
        desde_la_primera: bool = False,
    ) -> list[msgspec.Raw]:
        """Lo de la página que se pide, o de la primera, ya en JSON: hasta `limite` filas y
        `MAX_PAGINA` bytes, y una por lo menos. Deja listos sus enlaces.
        """
        presentadas: list[msgspec.Raw] = []

        def presentar_las_que_caben(filas: list[F]) -> int:
            presentadas.extend(crudas_que_caben(presentar(filas)))
            return len(presentadas)

        self.pagina(request, leer, presentar_las_que_caben, desde_la_primera=desde_la_primera)
        if self.cursor is not None and self.cursor.reverse:
            presentadas.reverse()
        return presentadas

    def pagina(
        self,
        request: Request,
        leer: Leer[F],
        cuantas_caben: Callable[[list[F]], int] = len,
        *,
        desde_la_primera: bool = False,
    ) -> list[F]:
        """Las filas de la página que se pide, o de la primera; deja listos sus enlaces."""
        self.request = request
        self.base_url = request.build_absolute_uri().replace(quote(BARRA), "%2F")
        self.page_size = min(entero(request, "limite") or self.page_size, MAX_LIMITE)
        try:
            self.cursor = None if desde_la_primera else self.decode_cursor(request)
            salto, atras, posicion = cast(Any, self.cursor) or (0, False, None)
            descendente = self.ordering[0].startswith("-") != atras
            # Una de más dice si hay otra página.
            leidas = leer(descendente, posicion, salto + self.page_size + 1)[salto:]
        except (NotFound, ValidationError, ValueError, OverflowError):
            raise no_valido("El cursor no vale: vuelve a la primera página", "cursor") from None
        return self._enlazada(leidas, cuantas_caben(leidas[: self.page_size]))

    def en_los_enlaces(self, **parametros: str | int | None) -> None:
        """Los enlaces llevan esos parámetros; `None`, sin él."""
        url = self.base_url or ""
        for nombre, valor in parametros.items():
            quitada = remove_query_param(url, nombre)
            url = quitada if valor is None else replace_query_param(quitada, nombre, valor)
        self.base_url = url

    def _enlazada(self, leidas: list[F], cuantas: int) -> list[F]:
        """Lo de `CursorPagination.paginate_queryset`, que solo sabe de un QuerySet."""
        salto, atras, posicion = cast(Any, self.cursor) or (0, False, None)
        pagina = self.page = leidas[:cuantas]
        sigue = len(leidas) > cuantas
        tras: Any = None
        if sigue:
            tras = self._get_position_from_instance(leidas[cuantas], self.ordering)
            # De ella salen los saltos de las que empatan; una que no cabía entera es más corta.
            self.page_size = cuantas
        antes = posicion is not None or salto > 0
        if atras:
            pagina.reverse()
            self.has_next, self.next_position = antes, posicion
            self.has_previous, self.previous_position = sigue, tras
        else:
            self.has_next, self.next_position = sigue, tras
            self.has_previous, self.previous_position = antes, posicion
        return pagina


def crudas_que_caben(formas: Iterable[Forma]) -> list[msgspec.Raw]:
    """Las primeras, ya en JSON, que entre todas no pasan de `MAX_PAGINA`; siempre una."""
    return [msgspec.Raw(crudo) for _, crudo in las_que_caben(formas, MAX_PAGINA)]


class PorNumero(PorCursor):
    """Por algo que no se repite: su cursor no salta filas."""

    def decode_cursor(self, request: Request) -> Any:
        cursor: Any = super().decode_cursor(request)
        return cursor and cursor._replace(offset=0)


class PorPersona(PorNumero):
    """Por el identificador de cada una, que tampoco se repite."""

    ordering = ("usuario_id",)


class PorActividad(PorCursor):
    """Las ancladas van delante: el cursor dice si la suya lo estaba."""

    ordering = ("-fecha_ultima_actividad",)

    def _get_position_from_instance(self, instance: Any, ordering: Any) -> str:
        posicion = str(super()._get_position_from_instance(instance, ordering))
        return _ANCLADA + posicion if instance.anclada else posicion

    @staticmethod
    def de_donde(posicion: str | None) -> tuple[datetime | None, bool]:
        """La fecha de una posición, y si es la de una anclada."""
        anclada = (posicion or "").startswith(_ANCLADA)
        return leer_fecha(posicion and posicion.removeprefix(_ANCLADA)), anclada


class PorSecuencia(PorNumero):
    ordering = ("-secuencia",)


class PorCambio(PorNumero):
    ordering = ("secuencia_cambio",)


class PorFecha(PorCursor):
    ordering = ("-fecha",)


class PorFijado(PorCursor):
    """Casi siempre cabe entera: es una lista sin más, y si sigue lo dice `Link` (RFC 8288)."""

    ordering = ("-fecha_fijado",)

    def get_paginated_response(self, data: Any) -> Response:
        siguiente = self.get_next_link()
        return Response(data, headers={"Link": f'<{siguiente}>; rel="next"'} if siguiente else None)


def desde(posicion: str | None, descendente: bool, tramo: tuple[int, int]) -> tuple[int, int]:
    """Lo que queda de ese tramo de números (sin sus extremos) tras la posición de un cursor."""
    menor, mayor = tramo
    if posicion is None:
        return tramo
    numero = int(posicion)
    if not 0 <= numero < SIN_FIN:
        raise ValueError(posicion)
    return (menor, min(mayor, numero)) if descendente else (max(menor, numero), mayor)


def identificador(posicion: str) -> str:
    """El de la posición de un cursor; ValueError si no puede serlo de nadie."""
    if not re.fullmatch(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,36}", posicion):
        raise ValueError(posicion)
    return posicion


def entero(request: Request, nombre: str) -> int | None:
    """Un parámetro entero no negativo, `None` si no está, VALIDATION_ERROR si es otra cosa."""
    crudo = request.query_params.get(nombre)
    if crudo is None:
        return None
    if not (crudo.isascii() and crudo.isdigit() and len(crudo) <= CIFRAS):
        raise no_valido(f"«{nombre}» es un entero no negativo", nombre)
    return int(crudo)


def logico(request: Request, nombre: str) -> bool | None:
    crudo = request.query_params.get(nombre)
    if crudo is None:
        return None
    if crudo not in _LOGICOS:
        raise no_valido(f"«{nombre}» es true o false", nombre)
    return _LOGICOS[crudo]


def opcion(request: Request, nombre: str, valores: list[str]) -> str | None:
    crudo = request.query_params.get(nombre)
    if crudo is not None and crudo not in valores:
        raise no_valido(f"«{nombre}» es uno de: {', '.join(valores)}", nombre)
    return crudo
