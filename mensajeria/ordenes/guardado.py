"""Guardar: lo pendiente de un lote, modelo a modelo y con un número acotado de consultas."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import F, Model

from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Notificacion,
    Participante,
    Reaccion,
    Usuario,
)
from mensajeria.models.campos import CampoJSON
from mensajeria.ordenes.por_guardar import PorGuardar

# En este orden, por las claves ajenas, y con los campos que un lote puede cambiar de cada uno.
CAMBIABLES: dict[type[Model], frozenset[str]] = {
    Conversacion: frozenset(
        {
            "nombre_personalizado",
            "descripcion",
            "avatar",
            "configuracion_privacidad",
            "notificaciones_activas",
            "ultima_secuencia",
            "ultimo_cambio",
            "secuencia_cambio",
            "fecha_ultima_actividad",
            "ultimo_mensaje",
            "activa",
        }
    ),
    Participante: frozenset(
        {
            "rol",
            "activo",
            "puede_enviar",
            "puede_eliminar",
            "puede_moderar",
            "secuencia_cambio",
            "fecha_ingreso",
            "entregado_hasta",
            "leido_hasta",
            "enviados",
            "enviados_leidos",
            "entregado_por_todos",
            "leido_por_todos",
        }
    ),
    Mensaje: frozenset(
        {
            "texto",
            "archivo",
            "metadatos",
            "historial",
            "editado",
            "fecha_edicion",
            "eliminado",
            "fecha_eliminacion",
            "eliminado_por",
            "razon_eliminacion",
            "oculto",
            "fecha_ocultacion",
            "oculto_por",
            "razon_ocultacion",
            "secuencia_cambio",
        }
    ),
    Lectura: frozenset(),
    Reaccion: frozenset({"tipo", "fecha"}),
    Notificacion: frozenset(),
    Usuario: frozenset({"is_active", "tokens_desde"}),
    LogEntry: frozenset(),
}


def guardar(pendiente: PorGuardar) -> None:
    """Escribe todo dentro de la transacción abierta."""
    for modelo in CAMBIABLES:
        _borrar(modelo, pendiente.borradas[modelo])
        if nuevas := pendiente.nuevas[modelo]:
            modelo._base_manager.bulk_create(nuevas)
        _actualizar(modelo, pendiente.cambiadas[modelo], pendiente.campos[modelo])
    for (modelo, clave), ids in pendiente.vaciadas.items():
        modelo._base_manager.filter(**{f"{clave}__in": ids}).delete()
    if pendiente.tocados:
        tocados = Usuario.objects.filter(pk__in=sorted(pendiente.tocados))
        tocados.update(version=F("version") + 1)


def _borrar(modelo: type[Model], ids: Sequence[str]) -> None:
    if ids:
        modelo._base_manager.filter(pk__in=ids).delete()


def _actualizar(modelo: type[Model], cambiadas: dict[str, Model], campos: set[str]) -> None:
    """Todas las cambiadas con todos los campos que cambiaron en alguna: están bloqueadas."""
    if not cambiadas:
        return
    if sobran := campos - CAMBIABLES[modelo]:
        raise ValueError(f"{modelo.__name__} no cambia {sorted(sobran)}")
    filas = [cambiadas[pk] for pk in sorted(cambiadas)]
    de_json = {c for c in campos if isinstance(modelo._meta.get_field(c), CampoJSON)}
    if campos - de_json:
        modelo._base_manager.bulk_update(filas, sorted(campos - de_json))
    for campo in sorted(de_json):
        _actualizar_json(modelo, filas, campo)


def _actualizar_json(modelo: type[Model], filas: Sequence[Model], campo: str) -> None:
    """No cabe en `bulk_update`: una consulta por cada valor distinto."""
    iguales: defaultdict[str, list[Any]] = defaultdict(list)
    for fila in filas:
        iguales[json.dumps(getattr(fila, campo))].append(fila)
    for suyas in iguales.values():
        cuales = modelo._base_manager.filter(pk__in=[f.pk for f in suyas])
        cuales.update(**{campo: getattr(suyas[0], campo)})
