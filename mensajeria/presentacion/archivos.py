"""Un archivo: el subido, con la dirección que sale de su identificador, o el de fuera."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings

from mensajeria.models.datos import DatosDeArchivo
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import CONTENIDO, MINIATURAS, iso


def url_de(archivo_id: str, parte: str = CONTENIDO) -> str:
    """Dónde está; pide credenciales, o una firma."""
    return f"{settings.PREFIJO}/api/mensajeria/archivos/{archivo_id}/{parte}/"


def archivo(guardado: Mapping[str, Any]) -> formas.Archivo:
    """El de un mensaje."""
    return formas.Archivo(**(_campos(guardado) if "id" in guardado else guardado))


def _campos(guardado: Mapping[str, Any], firma: str = "") -> dict[str, Any]:
    """Los de uno subido, con sus direcciones."""
    datos = dict(guardado)
    id_ = datos["id"]
    if medidas := datos.pop("miniaturas", None):
        datos["miniaturas"] = [
            formas.Miniatura(url=url_de(id_, parte) + firma, ancho=ancho, alto=alto)
            for parte, (ancho, alto) in zip(MINIATURAS, medidas, strict=True)
        ]
    return {"url": url_de(id_) + firma, **datos}


def archivo_subido(fila: DatosDeArchivo, firma: str, expira: datetime) -> formas.ArchivoSubido:
    """El de quien lo pide, con sus enlaces firmados."""
    propios = {c: getattr(fila, c) for c in ("id", "nombre", "tamano", "tipo", "clase")}
    campos = _campos({**propios, **fila.datos}, f"?firma={quote(firma, safe='')}")
    return formas.ArchivoSubido(**campos, estado=fila.estado, expira=iso(expira))
