"""El esquema de la API y la página que lo enseña: los mismos para todos."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_FORMATOS: dict[str, type[BaseRenderer]] = {
    "yaml": OpenApiYamlRenderer,
    "json": OpenApiJsonRenderer,
}


class Esquema(SpectacularAPIView):
    """Se escribe una vez por proceso: cuesta, y lo pide cualquiera. De la consulta no sale nada."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        formato: Any = request.accepted_renderer
        return HttpResponse(
            _escrito(formato.format),
            content_type=f"{formato.media_type}; charset=utf-8",
            headers={"Content-Disposition": f'inline; filename="esquema.{formato.format}"'},
        )


@functools.cache
def _escrito(formato: str) -> str | bytes:
    esquema = SchemaGenerator().get_schema(request=None, public=True)
    return _FORMATOS[formato]().render(esquema)


class Docs(SpectacularSwaggerSplitView):
    # Su plantilla es para verla: no sabe contestar a OPTIONS.
    http_method_names = ("get", "head")
