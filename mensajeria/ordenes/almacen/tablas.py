"""Las tablas que un lote escribe: sus columnas, de `_meta`, y qué puede cambiar de cada una."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from django.contrib.admin.models import LogEntry
from django.db.models import AutoField, Field, Model

from mensajeria.filas import (
    MODELO_DE,
    ArchivoLigero,
    ConversacionLigera,
    Fila,
    LecturaLigera,
    MensajeLigero,
    ParticipanteLigero,
    ReaccionLigera,
    UsuarioLigero,
)
from mensajeria.models import Notificacion

# En este orden, por las claves ajenas; lo que no está aquí solo se crea, y después: la novedad, lo
# último, para que entre tomar su posición y confirmar pase lo menos posible.
CAMBIABLES: dict[type, str] = {
    ConversacionLigera: "nombre_personalizado descripcion avatar configuracion_privacidad activa "
    "notificaciones_activas ultima_secuencia ultimo_cambio secuencia_cambio ultimo_mensaje "
    "fecha_ultima_actividad clave_pareja",
    ParticipanteLigero: "rol activo puede_enviar puede_eliminar puede_moderar secuencia_cambio "
    "fecha_ingreso entregado_hasta leido_hasta enviados enviados_leidos retirados_sin_leer "
    "entregado_por_todos leido_por_todos silenciada_hasta anclada archivada",
    MensajeLigero: "texto archivo metadatos menciones historial editado fecha_edicion "
    "secuencia_cambio eliminado fecha_eliminacion eliminado_por razon_eliminacion "
    "oculto fecha_ocultacion oculto_por razon_ocultacion fijado fecha_fijado fijado_por",
    LecturaLigera: "",
    ReaccionLigera: "tipo fecha",
    ArchivoLigero: "mensaje_id estado",
    Notificacion: "",
    UsuarioLigero: "is_active tokens_desde",
    LogEntry: "",
}


# Lo que sale de otros campos, y cambia con cualquiera de ellos.
_SALEN: dict[type, tuple[str, frozenset[str]]] = {
    MensajeLigero: ("buscable", frozenset({"texto", "archivo", "eliminado", "oculto"})),
}
_codificar = msgspec.json.Encoder().encode
_TURNO = defaultdict(lambda: len(CAMBIABLES), {c: turno for turno, c in enumerate(CAMBIABLES)})


def como_texto(valor: Any) -> str:
    """El JSON de una columna de texto; casi siempre está vacío."""
    return "{}" if valor == {} else "[]" if valor == [] else _codificar(valor).decode()


def en_orden(clases: Sequence[type] | set[type]) -> list[type]:
    """Las clases por el orden en que se escriben."""
    return sorted(clases, key=_TURNO.__getitem__)


@dataclass(frozen=True, slots=True, eq=False)
class Tabla:
    """Una tabla, con algunas de sus columnas; `valores` los da de una fila, en ese orden."""

    nombre: str
    campos: tuple[Field[Any, Any], ...]
    columnas: list[str]
    valores: Callable[[Any], tuple[Any, ...]]


def modelo_de(clase: type) -> type[Model]:
    """El de una fila ligera, o la propia clase si ya lo es."""
    return MODELO_DE.get(clase, clase)


def _tabla(clase: type, campos: Sequence[Field[Any, Any]]) -> Tabla:
    nombres = [c.attname for c in campos]
    columnas = [c.column or "" for c in campos]
    return Tabla(modelo_de(clase)._meta.db_table, tuple(campos), columnas, attrgetter(*nombres))


@functools.cache
def entera(clase: type) -> Tabla:
    """Todas las columnas que se escriben al crear; la clave que pone la base, no."""
    campos = modelo_de(clase)._meta.concrete_fields
    return _tabla(clase, [c for c in campos if not isinstance(c, AutoField)])


@functools.cache
def cambiando(clase: type[Fila], campos: frozenset[str]) -> Tabla:
    """La clave, la primera, y las columnas que cambian, con lo que sale de ellas."""
    if sobran := campos - set(CAMBIABLES[clase].split()):
        raise ValueError(f"Un lote no cambia {sorted(sobran)} de {clase.__name__}")
    sale, de = _SALEN.get(clase, ("", frozenset()))
    if campos & de:
        campos |= {sale}
    propios = modelo_de(clase)._meta.concrete_fields
    clave = [c for c in propios if c.primary_key]
    return _tabla(clase, [*clave, *(c for c in propios if c.attname in campos)])
