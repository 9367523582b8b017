"""Un documento de `notificaciones` como `Notificacion`. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.llano import llano
from mensajeria.consola.importacion.valores import Documento, Nota, Notas, Rechazo
from mensajeria.models import Notificacion
from mensajeria.protocolo.tipos import MAX_NOMBRE

# Lo que el original dice fuera de `datos`, y aquí va en ellos.
_EN_DATOS = ("referencia", "categoria", "prioridad", "descripcionCorta", "color", "imagen")
_LEIDA = {"leida", "leido", "actuada", "expirada", "cancelada"}


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
    fila = Notificacion(
        id=id_,
        usuario_id=usuario,
        tipo=valores.texto(doc.get("tipo"), 40, "tipo", notas) or "aviso",
        titulo=valores.texto(doc.get("titulo"), MAX_NOMBRE, "titulo", notas),
        mensaje=valores.texto(aviso, 1000, "mensaje", notas),
        icono=icono or None,
        datos=_datos(doc, notas),
        acciones=[_accion(a, notas) for a in valores.lista(doc.get("acciones"))],
        leida=_leida(doc, notas),
        fecha=fecha,
    )
    return NotificacionTraida(fila, notas)


def _datos(doc: Documento, notas: Notas) -> dict[str, Any]:
    datos = dict(valores.parte(doc, "datos", notas).items())
    for campo in _EN_DATOS:
        fuera = doc.get(campo)
        if datos.get(campo) is None:
            datos[campo] = fuera
        elif fuera not in (None, datos[campo]):
            notas.append(Nota(campo, "vale el que hay en «datos»", llano(fuera)))
    return valores.objeto({c: v for c, v in datos.items() if v is not None}, "datos", notas)


def _leida(doc: Documento, notas: Notas) -> bool:
    estado = doc.get("estado")
    if isinstance(estado, str) and estado in _LEIDA:
        if estado not in ("leida", "leido"):
            motivo = "aquí una notificación está leída o no: queda leída"
            notas.append(Nota("estado", motivo, estado))
        return True
    if estado is not None and estado != "enviada":
        notas.append(Nota("estado", "aquí no existe: queda sin leer", llano(estado)))
    canales = valores.parte(doc, "canales", notas)
    en_pantalla = valores.parte(canales, "inApp", notas, "canales.")
    fuera = valores.cierto(valores.primero(doc, "leida", "leido"), False, "leida", notas)
    return valores.cierto(en_pantalla.get("leido"), fuera, "canales.inApp.leido", notas) or fuera


def _accion(valor: Any, notas: Notas) -> dict[str, str]:
    doc = valor if isinstance(valor, dict) else {"texto": valor}
    nombres = {"id": ("id", "valor"), "texto": ("texto", "etiqueta"), "tipo": ("tipo",)}
    return {
        campo: valores.texto(valores.primero(doc, *suyos), MAX_NOMBRE, f"acciones.{campo}", notas)
        for campo, suyos in nombres.items()
    }
