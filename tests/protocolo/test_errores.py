"""El catálogo de errores: cada código tiene estado y mensaje, y los de la semilla son los suyos."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

from mensajeria.entre_procesos.limites import exceso_de_mensajes, gastar_mensajes
from mensajeria.protocolo.errores import (
    TRADUCCIONES,
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
    sin_permiso,
)

# `docs/contrato.md`, sección 2: el orden no importa, la lista sí.
CODIGOS = {
    *("AUTH_REQUIRED", "AUTH_INVALID", "TOKEN_EXPIRED", "USER_MISMATCH", "PERMISSION_DENIED"),
    *("NOT_FOUND", "VALIDATION_ERROR", "UNKNOWN_EVENT", "RATE_LIMITED", "CONFLICT"),
    *("CONVERSATION_CLOSED", "EDIT_WINDOW_CLOSED", "PAYLOAD_TOO_LARGE", "UNAVAILABLE"),
    "INTERNAL_ERROR",
    *("FILE_EMPTY", "FILE_TYPE_NOT_ALLOWED", "FILE_DAMAGED", "FILE_AMBIGUOUS"),
    *("FILE_BOMB", "FILE_INFECTED"),
}


def test_los_codigos_son_los_del_contrato() -> None:
    assert set(CodigoError) == CODIGOS
    assert all(c.name == c.value for c in CodigoError)


@pytest.mark.parametrize("codigo", CodigoError)
def test_cada_codigo_tiene_estado_y_mensaje(codigo: CodigoError) -> None:
    http, mensaje = TRADUCCIONES[codigo]
    assert 400 <= HTTPStatus(http) <= 599
    assert mensaje[0].isupper()
    assert not mensaje.endswith(".")


def test_no_hay_dos_codigos_con_el_mismo_mensaje() -> None:
    assert len({t.mensaje for t in TRADUCCIONES.values()}) == len(TRADUCCIONES) == len(CODIGOS)


@pytest.mark.parametrize(
    ("codigo", "http"),
    [
        ("AUTH_REQUIRED", 401),
        ("AUTH_INVALID", 401),
        ("TOKEN_EXPIRED", 401),
        ("PERMISSION_DENIED", 403),
        ("NOT_FOUND", 404),
        ("VALIDATION_ERROR", 400),
        ("RATE_LIMITED", 429),
        ("CONFLICT", 409),
        ("PAYLOAD_TOO_LARGE", 413),
        ("UNAVAILABLE", 503),
        ("INTERNAL_ERROR", 500),
    ],
)
def test_el_estado_http(codigo: str, http: int) -> None:
    assert TRADUCCIONES[CodigoError(codigo)].http == http


@pytest.mark.parametrize(
    ("codigo", "texto"),
    [("AUTH_INVALID", "Token inválido"), ("AUTH_REQUIRED", "Usuario no autenticado")],
)
def test_los_textos_de_la_semilla(codigo: str, texto: str) -> None:
    """«Sin permisos para enviar» lo pone `enviar`, que lo prueba."""
    assert ErrorMensajeria(CodigoError(codigo)).mensaje == texto


def test_el_texto_de_la_semilla_al_pasarse_de_mensajes(settings: Any) -> None:
    settings.MENSAJES_POR_MINUTO = 1
    quien = uuid4().hex
    cabidas, espera = gastar_mensajes({quien: 2})[quien]
    assert cabidas == 1
    error = exceso_de_mensajes(espera)
    assert error.mensaje == "Límite de mensajes excedido"
    assert error.codigo is CodigoError.RATE_LIMITED
    assert 0 < (error.reintentar_en or 0) <= 60


def test_un_error_sin_mensaje_lleva_el_del_catalogo() -> None:
    error = ErrorMensajeria(CodigoError.CONFLICT, reintentar_en=1.5)
    assert error.mensaje == "Choca con lo que ya hay guardado"
    assert (error.campo, error.reintentar_en) == (None, 1.5)
    assert str(error) == "CONFLICT: Choca con lo que ya hay guardado"


def test_los_atajos() -> None:
    existe, valido, permiso = no_existe("mensajeId"), no_valido("No", "texto"), sin_permiso("Ni tú")
    assert (existe.codigo, existe.campo) == (CodigoError.NOT_FOUND, "mensajeId")
    assert (valido.codigo, valido.mensaje, valido.campo) == ("VALIDATION_ERROR", "No", "texto")
    assert (permiso.codigo, permiso.mensaje) == (CodigoError.PERMISSION_DENIED, "Ni tú")
    assert sin_permiso().mensaje == "Sin permisos para esta acción"


def test_lo_ajeno_y_lo_que_no_existe_se_niegan_igual() -> None:
    assert str(no_existe()) == str(no_existe("conversacionId"))
