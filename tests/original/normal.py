"""Lo grabado, sin lo que cambia de una vez a otra: las fechas, y los identificadores nuevos."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

_FECHA = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"[0-9a-f]{24}")


class Visto(NamedTuple):
    """Un evento que recibió un cliente en un paso del guion, con sus argumentos."""

    paso: str
    c: str
    ev: str
    a: list[Any]


def normalizado(crudos: Iterable[dict[str, Any]]) -> list[Visto]:
    """Las fechas son `<fecha>`; un mensaje, `<paso: texto>`; y otro identificador, `<id>`. Los de
    las personas y las conversaciones los pone el guion, y se quedan.
    """
    vistos = [Visto(**e) for e in crudos]
    mensajes = {
        v.a[0]["mensaje"]["_id"]: f"<{v.paso}: {v.a[0]['mensaje']['contenido'].get('texto')}>"
        for v in vistos
        if v.ev == "nuevo_mensaje"
    }
    return [v._replace(a=_sin_lo_que_cambia(v.a, mensajes)) for v in vistos]


def _sin_lo_que_cambia(valor: Any, mensajes: dict[str, str]) -> Any:
    if isinstance(valor, dict):
        hecho = {k: _sin_lo_que_cambia(v, mensajes) for k, v in valor.items()}
        if "participantes_conectados" in hecho:
            hecho["participantes_conectados"].sort()
        return hecho
    if isinstance(valor, list):
        return [_sin_lo_que_cambia(v, mensajes) for v in valor]
    if not isinstance(valor, str) or valor.startswith("6869"):
        return valor
    if _FECHA.fullmatch(valor):
        return "<fecha>"
    return mensajes.get(valor, "<id>" if _ID.fullmatch(valor) else valor)
