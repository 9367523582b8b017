"""Un archivo: el subido, con la dirección que sale de su identificador, o el de fuera."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mensajeria.models.datos import DatosDeArchivo
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import CONTENIDO, MINIATURAS, EstadoDeArchivo, iso


def url_de(archivo_id: str, parte: str = CONTENIDO) -> str:
    """Dónde está; pide credenciales, o una firma."""
    return f"/api/mensajeria/archivos/{archivo_id}/{parte}/"


def archivo(guardado: Mapping[str, Any]) -> formas.Archivo:
    """El de un mensaje."""
    if "id" not in guardado:
        return formas.Archivo(**guardado)
    datos = dict(guardado)
    id_ = datos["id"]
    if medidas := datos.pop("miniaturas", None):
        datos["miniaturas"] = [
            formas.Miniatura(url=url_de(id_, parte), ancho=ancho, alto=alto)
            for parte, (ancho, alto) in zip(MINIATURAS, medidas, strict=True)
        ]
    return formas.Archivo(url=url_de(id_), **datos)


def archivo_subido(
    fila: DatosDeArchivo, estado: EstadoDeArchivo, firma: str, expira: datetime
) -> formas.ArchivoSubido:
    """El de quien lo pide, con sus enlaces firmados."""
    propios = {c: getattr(fila, c) for c in ("id", "nombre", "tamano", "tipo", "clase")}
    forma = archivo({**propios, **fila.datos})
    campos = {c: getattr(forma, c) for c in forma.__struct_fields__}
    subido = formas.ArchivoSubido(**campos, estado=estado, expira=iso(expira))
    subido.url = _firmada(subido.url, firma)
    for miniatura in subido.miniaturas or ():
        miniatura.url = _firmada(miniatura.url, firma)
    return subido


def _firmada(url: str, firma: str) -> str:
    return f"{url}?firma={quote(firma, safe='')}"
