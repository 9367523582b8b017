"""`docs/errores.md`: cada código con su ancla, que es a donde llevan los errores de REST."""

from __future__ import annotations

from mensajeria.consola.documentacion.textos import LO_DAN, NO_EDITAR, QUE_HACER
from mensajeria.protocolo.errores import TRADUCCIONES, CodigoError, Traduccion
from mensajeria.protocolo.eventos import CLIENTE, ERRORES_COMUNES

_PRINCIPIO = f"""\
# Errores

{NO_EDITAR}

Por un socket, un error es el evento [`error`](eventos.md#error) y, si se pidió, el `error` de la \
respuesta o del acuse: `{{timestamp, code, message, evento, campo?, reintentarEn?}}`, y en la \
puerta sencilla el `id` de la petición. Por REST, el cuerpo es `{{code, message, campo?, \
reintentarEn?, documentacion}}`: lo último, la dirección de su apartado aquí. Un programa mira \
`code`, que no cambia; `message` es para una persona, y puede ser más preciso que el de aquí.
"""


def negativas() -> str:
    """`docs/errores.md`, entero."""
    return "\n".join([_PRINCIPIO, *(_apartado(c, t) for c, t in TRADUCCIONES.items())])


def _apartado(codigo: CodigoError, traduccion: Traduccion) -> str:
    return (
        f"## {codigo}\n\n«{traduccion.mensaje}». Por HTTP, {traduccion.http}.\n\n"
        f"{QUE_HACER[codigo]}\n\nLo dan: {_quienes(codigo)}.\n"
    )


def _quienes(codigo: CodigoError) -> str:
    if codigo in ERRORES_COMUNES:
        return "todos los eventos y todas las operaciones de REST"
    if codigo in LO_DAN:
        return LO_DAN[codigo]
    eventos = ", ".join(
        f"[`{e.nombre}`](eventos.md#{e.nombre})" for e in CLIENTE.values() if codigo in e.errores
    )
    return f"{eventos}. Y operaciones de REST: cuáles, en [la API](/api/docs/)"
