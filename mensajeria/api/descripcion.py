"""Lo que el documento de OpenAPI dice de cada operación: su frase, sus errores y su ejemplo."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema

from mensajeria.api import esquemas
from mensajeria.api.errores import cuerpo_de_rest
from mensajeria.api.firmas import PARAMETRO
from mensajeria.protocolo.errores import TRADUCCIONES, CodigoError, ErrorMensajeria
from mensajeria.protocolo.eventos import CLIENTE
from mensajeria.protocolo.tipos import Forma

# Lo que se pidió y lo que se contestó, tal cual: lo graba tests/integracion/test_ejemplos.py.
EJEMPLOS = Path(__file__).with_name("ejemplos.json")
ERRORES = "x-errores"
# Las del REST original no son para mirarlas.
SIN_TITULO = "REST del original"
# Los que DRF niega por la forma de la petición, con el código de los datos no válidos.
_DE_FORMATO = {415: "El cuerpo no es de un tipo que la operación admita"}
_DE_CREDENCIAL = (
    CodigoError.AUTH_REQUIRED,
    CodigoError.AUTH_INVALID,
    CodigoError.TOKEN_EXPIRED,
    CodigoError.RATE_LIMITED,
)
_DEL_SERVIDOR = (CodigoError.UNAVAILABLE, CodigoError.INTERNAL_ERROR)
_METODOS = ("get", "post", "put", "patch", "delete")

_SOBRE_LA_API = """\
Historial y operaciones por REST. Lo que cambia llega en el acto a quien esté conectado: los eventos
en vivo y sus garantías están en `/docs/`.

**Entrar**: `POST /api/token/` con `username` y `password`, y después
`Authorization: Bearer <access>`; o el token de otro sistema firmado con el mismo `JWT_SECRET`; o la
sesión de la página.

**Errores**: `{code, message, campo?, reintentarEn?}`. `code` es estable; `message` es para una
persona.

**Límites**: cada petición gasta un evento de `EVENTOS_POR_SEGUNDO` (200 por persona, en ráfagas de
2.000), y las respuestas grandes, más. Enviar, además, `MENSAJES_POR_MINUTO` (10); crear
conversaciones, `CONVERSACIONES_POR_MINUTO` (60); subir, `ARCHIVOS_POR_MINUTO` (30). Quien se pasa
recibe 429 `RATE_LIMITED` con `Retry-After`.
"""


class Fallo(Forma, kw_only=True):
    """Una negativa: `code` es el del catálogo; `message`, para una persona; y `documentacion`,
    dónde se explica.
    """

    code: CodigoError
    message: str
    campo: str | msgspec.UnsetType = msgspec.UNSET
    reintentar_en: float | msgspec.UnsetType = msgspec.UNSET
    documentacion: str


class EsquemaDeVista(AutoSchema):
    """El de drf-spectacular, que no añade nada a lo que se le dice: ni a una operación la
    descripción de todo su conjunto, ni otra lista alrededor de la suya.
    """

    def get_tags(self) -> list[str]:
        partes = [p for p in self.path.strip("/").split("/") if p not in ("api", "mensajeria")]
        return [partes[0] if partes else "índice"]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "in": "path",
                "name": nombre,
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 36},
            }
            for nombre in variables
        ]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def get_description(self) -> str:
        metodo = getattr(self.view, "action", None) or self.method.lower()
        return str(getattr(getattr(self.view, metodo, None), "__doc__", None) or "").strip()


def titulo(vista: Any) -> str:
    """Cómo se llama su página en la API navegable: de una lista, de uno de ella o de lo suyo."""
    suyos: dict[str, str] = getattr(vista, "TITULOS", {})
    return getattr(vista, "name", None) or suyos.get(getattr(vista, "suffix", ""), SIN_TITULO)


def describir(
    operacion: str,
    frase: str,
    *,
    da: Any = None,
    estado: int = 200,
    errores: Iterable[CodigoError] = (),
    **mas: Any,
) -> Callable[[Any], Any]:
    """Una operación: su nombre, qué hace en una frase, lo que da (`None`, un 204) y los errores que
    no son de todas; si se llama como un evento, los de este. Lo demás, como `extend_schema`.
    """
    evento = CLIENTE.get(operacion)
    propios = [*(evento.errores if evento else ()), *errores]
    respuestas = {estado: da} if da is not None else {204: None}
    return extend_schema(  # type: ignore[no-any-return]
        operation_id=operacion,
        summary=frase,
        responses=mas.pop("responses", respuestas),
        extensions={ERRORES: [c.value for c in propios]},
        **mas,
    )


class _PorToken(OpenApiAuthenticationExtension):
    target_class = "mensajeria.api.autenticacion.AutenticacionJWT"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "`Authorization: Bearer <token>`: el de `POST /api/token/`, o el de otro"
            " sistema firmado con el mismo `JWT_SECRET`.",
        }


class _PorFirma(OpenApiAuthenticationExtension):
    target_class = "mensajeria.api.firmas.AutenticacionPorFirma"
    name = "firma"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "query",
            "name": PARAMETRO,
            "description": "La de un enlace firmado, que da `GET archivos/{id}/`.",
        }


class _PorCookie(OpenApiAuthenticationExtension):
    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "cookie"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "La sesión de la página o de la mesa; para escribir, además,"
            " `X-CSRFToken`.",
        }


def completar(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Gancho de drf-spectacular: los esquemas del protocolo, los ejemplos y las negativas."""
    result["info"]["description"] = _SOBRE_LA_API
    componentes = result.setdefault("components", {})
    componentes.setdefault("schemas", {}).update(esquemas.componentes(Fallo))
    negativas: dict[str, Any] = componentes.setdefault("responses", {})
    for camino, operaciones in result["paths"].items():
        for metodo in _METODOS & operaciones.keys():
            operacion = operaciones[metodo]
            _con_errores(metodo, camino, operacion, negativas)
            _con_ejemplo(operacion, ejemplos().get(operacion["operationId"]))
    result["components"]["responses"] = dict(sorted(negativas.items()))
    return result


@functools.cache
def ejemplos() -> dict[str, Any]:
    """Por operación: `{ruta, consulta, cuerpo, estado, respuesta}`, lo que haya de ello."""
    return json.loads(EJEMPLOS.read_text(encoding="utf-8")) if EJEMPLOS.exists() else {}


def _con_errores(
    metodo: str, camino: str, operacion: dict[str, Any], negativas: dict[str, Any]
) -> None:
    """Por estado, las que puede dar; las de una cuenta, juntas en un componente."""
    codigos = {CodigoError(c) for c in operacion.get(ERRORES, ())} | {*_DEL_SERVIDOR}
    if operacion.get("security") not in (None, [{}]):
        codigos |= {*_DE_CREDENCIAL}
        # Con la cookie, además, por venir sin su CSRF.
        if metodo != "get":
            codigos.add(CodigoError.PERMISSION_DENIED)
    if "{" in camino:
        codigos.add(CodigoError.NOT_FOUND)
    if "requestBody" in operacion:
        codigos |= {CodigoError.PAYLOAD_TOO_LARGE, CodigoError.VALIDATION_ERROR}
    if operacion.get("parameters"):
        codigos.add(CodigoError.VALIDATION_ERROR)
    operacion[ERRORES] = sorted(codigos)
    for respuesta in operacion["responses"].values():
        respuesta["description"] = respuesta["description"] or operacion["summary"]
    por_estado: dict[int, list[CodigoError]] = {}
    for codigo in sorted(codigos):
        por_estado.setdefault(TRADUCCIONES[codigo].http, []).append(codigo)
    if "requestBody" in operacion:
        por_estado.setdefault(415, []).append(CodigoError.VALIDATION_ERROR)
    for estado, suyos in sorted(por_estado.items()):
        nombre = ".".join([*suyos, *([str(estado)] if estado in _DE_FORMATO else [])])
        negativas[nombre] = _negativa(estado, suyos)
        operacion["responses"][str(estado)] = {"$ref": f"#/components/responses/{nombre}"}


def _negativa(estado: int, codigos: list[CodigoError]) -> dict[str, Any]:
    casos = {
        c.value: cuerpo_de_rest(
            ErrorMensajeria(
                c,
                _DE_FORMATO.get(estado) if c == CodigoError.VALIDATION_ERROR else None,
                reintentar_en=12.5 if c == CodigoError.RATE_LIMITED else None,
            )
        )
        for c in codigos
    }
    dicho = "; ".join(f"`{c}`: {cuerpo['message']}" for c, cuerpo in casos.items())
    cabeceras = {
        401: {"WWW-Authenticate": {"schema": {"const": "Bearer"}}},
        429: {
            "Retry-After": {
                "description": "Segundos enteros que esperar; `reintentarEn`, con decimales",
                "schema": {"type": "integer", "minimum": 1},
            }
        },
    }
    return {
        "description": dicho,
        **({"headers": cabeceras[estado]} if estado in cabeceras else {}),
        "content": {
            "application/json": {
                "schema": {"$ref": f"{esquemas.REFERENCIA}{Fallo.__name__}"},
                "examples": {
                    codigo: {"summary": f"{codigo}: {cuerpo['message']}", "value": cuerpo}
                    for codigo, cuerpo in casos.items()
                },
            }
        },
    }


def _con_ejemplo(operacion: dict[str, Any], ejemplo: dict[str, Any] | None) -> None:
    if ejemplo is None:
        return
    dichos = {**ejemplo.get("ruta", {}), **ejemplo.get("consulta", {})}
    for parametro in operacion.get("parameters", ()):
        if parametro["name"] in dichos:
            parametro["example"] = dichos[parametro["name"]]
    for donde, valor in (
        (operacion.get("requestBody"), ejemplo.get("cuerpo")),
        (operacion["responses"].get(str(ejemplo["estado"])), ejemplo.get("respuesta")),
    ):
        for tipo, contenido in (donde or {}).get("content", {}).items():
            if valor is not None and tipo == "application/json":
                contenido["example"] = valor
