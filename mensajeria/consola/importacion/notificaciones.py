"""Un documento de `notificaciones` como `Notificacion`. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.valores import Documento, Notas, Rechazo
from mensajeria.models import Notificacion
from mensajeria.protocolo.tipos import MAX_NOMBRE

CAMPOS = frozenset(
    {
        "_id",
        "__v",
        "usuario",
        "usuarioId",
        "destinatario",
        "tipo",
        "titulo",
        "mensaje",
        "contenido",
        "icono",
        "datos",
        "acciones",
        "leida",
        "leido",
        "estado",
        "fecha",
        "fechaCreacion",
        "createdAt",
        "updatedAt",
    }
)


@dataclass(slots=True)
class NotificacionTraida:
    fila: Notificacion
    notas: Notas


def leer(doc: Documento, usuarios: Container[str]) -> NotificacionTraida:
    """Lanza `Rechazo` si no dice a quién avisa, o cuándo."""
    notas: Notas = []
    id_ = valores.identificador(doc)
    usuario = valores.id_de(valores.primero(doc, "usuario", "usuarioId", "destinatario"))
    if usuario is None or usuario not in usuarios:
        raise Rechazo("su usuario no existe", "usuario")
    cuando = valores.primero(doc, "fecha", "fechaCreacion", "createdAt")
    fecha = valores.fecha(cuando, "fecha", notas) or valores.fecha_del_id(doc.get("_id"))
    if fecha is None:
        raise Rechazo("no tiene fecha, ni la dice su identificador", "fecha")
    aviso = valores.primero(doc, "mensaje", "contenido")
    icono = valores.texto(doc.get("icono"), MAX_NOMBRE, "icono", notas)
    leida = doc.get("estado") in ("leida", "leido") or valores.primero(doc, "leida", "leido")
    fila = Notificacion(
        id=id_,
        usuario_id=usuario,
        tipo=valores.texto(doc.get("tipo"), 40, "tipo", notas) or "aviso",
        titulo=valores.texto(doc.get("titulo"), MAX_NOMBRE, "titulo", notas),
        mensaje=valores.texto(aviso, 1000, "mensaje", notas),
        icono=icono or None,
        datos=valores.objeto(doc.get("datos"), "datos", notas),
        acciones=[_accion(a, notas) for a in valores.lista(doc.get("acciones"))],
        leida=valores.cierto(leida, False),
        fecha=fecha,
    )
    return NotificacionTraida(fila, notas)


def _accion(valor: Any, notas: Notas) -> dict[str, str]:
    doc = valores.mapa(valor)
    return {
        campo: valores.texto(doc.get(campo), MAX_NOMBRE, f"acciones.{campo}", notas)
        for campo in ("id", "texto", "tipo")
    }
