"""El JSON de REST: el mismo lector estricto y el mismo codificador de los sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar, decodificar
from mensajeria.protocolo.tipos import MAX_MARCO


class LectorJSON(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        crudo = stream.read(MAX_MARCO + 1)
        if len(crudo) > MAX_MARCO:
            raise ErrorMensajeria(CodigoError.PAYLOAD_TOO_LARGE)
        return decodificar(crudo) if crudo else {}


class FormatoJSON(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        crudo = codificar(data)
        sangria = (renderer_context or {}).get("indent")
        return msgspec.json.format(crudo, indent=sangria) if sangria else crudo
