"""Guardar: lo pendiente de un lote, modelo a modelo y con un número acotado de consultas."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import F, Model

from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Notificacion,
    Novedad,
    Participante,
    Reaccion,
    Usuario,
)
from mensajeria.models.campos import CampoJSON
from mensajeria.ordenes.por_guardar import PorGuardar

# En este orden, por las claves ajenas, y con los campos que un lote puede cambiar de cada uno.
CAMBIABLES: dict[type[Model], str] = {
    Conversacion: "nombre_personalizado descripcion avatar configuracion_privacidad activa "
    "notificaciones_activas ultima_secuencia ultimo_cambio secuencia_cambio ultimo_mensaje "
    "fecha_ultima_actividad",
    Participante: "rol activo puede_enviar puede_eliminar puede_moderar secuencia_cambio "
    "fecha_ingreso entregado_hasta leido_hasta enviados enviados_leidos entregado_por_todos "
    "leido_por_todos",
    Mensaje: "texto archivo metadatos historial editado fecha_edicion secuencia_cambio "
    "eliminado fecha_eliminacion eliminado_por razon_eliminacion "
    "oculto fecha_ocultacion oculto_por razon_ocultacion fijado fecha_fijado fijado_por",
    Lectura: "",
    Reaccion: "tipo fecha",
    Notificacion: "",
    Usuario: "is_active tokens_desde",
    LogEntry: "",
    # La última: entre tomar su posición y confirmar pasa lo menos posible.
    Novedad: "",
}


def guardar(pendiente: PorGuardar) -> None:
    """Escribe todo dentro de la transacción abierta."""
    for modelo in CAMBIABLES:
        if borradas := pendiente.borradas[modelo]:
            modelo._base_manager.filter(pk__in=borradas).delete()
        if nuevas := pendiente.nuevas[modelo]:
            modelo._base_manager.bulk_create(nuevas)
        if cambiadas := pendiente.cambiadas[modelo]:
            _actualizar(modelo, cambiadas)
    for (modelo, clave), ids in pendiente.vaciadas.items():
        modelo._base_manager.filter(**{f"{clave}__in": ids}).delete()
    if pendiente.tocados:
        tocados = Usuario.objects.filter(pk__in=sorted(pendiente.tocados))
        tocados.update(version=F("version") + 1)


def _actualizar(modelo: type[Model], por_campo: Mapping[str, dict[str, Model]]) -> None:
    """Una consulta: cada fila cambiada, con los campos que cambian en alguna.

    Los demás los guarda como se leyeron, que su conversación está bloqueada.
    """
    if sobran := por_campo.keys() - set(CAMBIABLES[modelo].split()):
        raise ValueError(f"Un lote no cambia {sorted(sobran)} de {modelo.__name__}")
    de_json = {c for c in por_campo if isinstance(modelo._meta.get_field(c), CampoJSON)}
    campos = sorted(por_campo.keys() - de_json)
    filas = {pk: fila for campo in campos for pk, fila in por_campo[campo].items()}
    if filas:
        modelo._base_manager.bulk_update([filas[pk] for pk in sorted(filas)], campos)
    for campo in sorted(de_json):
        _actualizar_json(modelo, campo, por_campo[campo].values())


def _actualizar_json(modelo: type[Model], campo: str, filas: Iterable[Model]) -> None:
    """No cabe en `bulk_update`: una consulta por cada valor distinto."""
    iguales: defaultdict[str, list[Any]] = defaultdict(list)
    for fila in filas:
        iguales[json.dumps(getattr(fila, campo))].append(fila)
    for suyas in iguales.values():
        cuales = modelo._base_manager.filter(pk__in=[f.pk for f in suyas])
        cuales.update(**{campo: getattr(suyas[0], campo)})
