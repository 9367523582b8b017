"""Lo que dice `metadatos` de un mensaje de cierto tipo, en el campo de ese nombre."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from mensajeria.protocolo.tipos import Carga, Nombre


class Ubicacion(Carga, kw_only=True):
    latitud: Annotated[float, Meta(ge=-90, le=90)]
    longitud: Annotated[float, Meta(ge=-180, le=180)]
    direccion: str | None = None


class Contacto(Carga, kw_only=True):
    nombre: Nombre | None = None
    telefono: Nombre | None = None
    email: Nombre | None = None


DATOS_DE_TIPO: dict[str, type[Carga]] = {"ubicacion": Ubicacion, "contacto": Contacto}
