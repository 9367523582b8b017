"""Los subprotocolos que ofrece un cliente (RFC 6455, 4.1), y el token que puede ir entre ellos.

Un navegador no puede poner otra cabecera: `new WebSocket(url, ["jwt", token])` es su modo de darlo.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mensajeria.puertas.asgi import Scope, Send

# Detrás de uno de estos va un token, tenga la forma que tenga.
_LO_ANUNCIAN = frozenset({"jwt", "bearer"})
# Un objeto de JSON en base64url, y lo demás de un JWS o un JWE (RFC 7515 y 7516).
_ES_JWT = re.compile(r"e[w-z0-9][\w-]*(\.[\w-]*){2,4}", re.ASCII)
# Lo único que puede llevar un nombre (RFC 9110, 5.6.2).
_ES_NOMBRE = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


class Ofrecidos(NamedTuple):
    """`elegido`, el primero que no es un token, como elige `ws`; `token`, el que lo es."""

    elegido: str | None
    token: str | None


def leer(nombres: Sequence[str]) -> Ofrecidos:
    """De los que ofrece un cliente, en su orden."""
    validos = [n for n in nombres if _ES_NOMBRE.fullmatch(n)]
    anunciados = {i + 1 for i, n in enumerate(validos) if n.lower() in _LO_ANUNCIAN}
    son_token = [i in anunciados or bool(_ES_JWT.fullmatch(n)) for i, n in enumerate(validos)]
    return Ofrecidos(
        next((n for n, es in zip(validos, son_token, strict=True) if not es), None),
        next((n for n, es in zip(validos, son_token, strict=True) if es), None),
    )


async def aceptar(scope: Scope, send: Send) -> str | None:
    """Acepta un WebSocket; devuelve el token que traía. Nunca lo repite: quedaría en los registros
    de cualquier proxy.
    """
    elegido, token = leer(scope.get("subprotocols", ()))
    await send({"type": "websocket.accept", "subprotocol": elegido})
    return token
