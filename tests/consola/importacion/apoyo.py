"""Importar de una fuente en memoria, y lo que queda."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mensajeria import consultas
from mensajeria.consola.importacion.importador import Importador
from mensajeria.consola.importacion.informe import Informe
from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Notificacion,
    Participante,
    Reaccion,
    Usuario,
)
from tests.consola.importacion.original import (
    Base,
    FuenteEnMemoria,
)


def importar(base: Base, ruta: Path, **opciones: Any) -> Informe:
    informe = Informe(ruta)
    fuente: Any = FuenteEnMemoria(base)
    try:
        Importador(fuente, informe, lambda *_: None, **opciones).importar()
    finally:
        informe.cerrar()
    return informe


def apuntado(ruta: Path) -> dict[str, list[tuple[str, str]]]:
    """Por `_id`: la clase y el campo de cada línea del archivo."""
    lineas = [json.loads(x) for x in ruta.read_text(encoding="utf-8").splitlines()]
    assert all(x["motivo"] and x["coleccion"] for x in lineas)
    por_id: dict[str, list[tuple[str, str]]] = {}
    for x in lineas:
        por_id.setdefault(x["_id"], []).append((x["clase"], x.get("campo", "")))
    return por_id


def presentados(id_: Any) -> dict[str, Any]:
    filas = consultas.con_lo_que_cita(Mensaje.objects.filter(conversacion=str(id_)))
    return {f.id: f for f in consultas.presentar_mensajes(list(filas.order_by("secuencia")))}


def foto() -> list[Any]:
    """Todo lo importado, salvo los identificadores que se inventan aquí."""
    cursores = (
        "conversacion_id",
        "usuario_id",
        "enviados",
        "enviados_leidos",
        "leido_hasta",
        "entregado_hasta",
        "leido_por_todos",
        "entregado_por_todos",
    )
    lecturas = ("participante__conversacion_id", "participante__usuario_id", "clase", "hasta")
    return [
        list(Usuario.objects.order_by("pk").values_list("pk", "username", "ultima_conexion")),
        list(Conversacion.objects.order_by("pk").values_list("pk", "ultima_secuencia", "tipo")),
        list(Mensaje.objects.order_by("pk").values_list("pk", "secuencia", "numero_de_remitente")),
        list(Participante.objects.order_by("conversacion_id", "usuario_id").values_list(*cursores)),
        sorted(Lectura.objects.values_list(*lecturas)),
        sorted(Reaccion.objects.values_list("mensaje_id", "usuario_id", "tipo")),
        list(Notificacion.objects.order_by("pk").values_list("pk", "leida")),
    ]
