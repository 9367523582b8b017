"""El esquema de la API y la página que lo enseña: los mismos para todos."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpResponse
from django.utils.encoding import force_str
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from mensajeria.api.formatos import FormatoJSON
from servitech.origen import con_su_origen

_FORMATOS: dict[str, type[BaseRenderer]] = {
    "yaml": OpenApiYamlRenderer,
    "json": OpenApiJsonRenderer,
}


class _YamlOJson(BaseContentNegotiation):
    """Lo que se niegue es JSON, se pida como se pida; el documento lo escribe la vista."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@extend_schema(exclude=True)
class Esquema(APIView):
    """Se escribe una vez por proceso: cuesta, y lo pide cualquiera.

    YAML, salvo que `?format=` o `Accept` pidan JSON.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (FormatoJSON,)
    content_negotiation_class = _YamlOJson

    def get(self, request: Request) -> HttpResponse:
        formato = request.query_params.get("format", "")
        if formato not in _FORMATOS:
            formato = "json" if "json" in request.headers.get("Accept", "") else "yaml"
        return HttpResponse(
            con_su_origen(_escrito(formato), request),
            content_type=f"{_FORMATOS[formato].media_type}; charset=utf-8",
            headers={
                "Content-Disposition": f'inline; filename="esquema.{formato}"',
                "Vary": "Accept",
            },
        )


@functools.cache
def _escrito(formato: str) -> str:
    esquema = SchemaGenerator().get_schema(request=None, public=True)
    return force_str(_FORMATOS[formato]().render(esquema))


class Docs(SpectacularSwaggerSplitView):
    # Su plantilla es para verla: no sabe contestar a OPTIONS.
    http_method_names = ("get", "head")
