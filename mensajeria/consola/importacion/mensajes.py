"""Un documento de `mensajes` como `Mensaje`, con sus lecturas y reacciones. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models.base import ModelState

from mensajeria.consola.importacion import contenido, valores
from mensajeria.consola.importacion.valores import Documento, Nota, Notas, Rechazo
from mensajeria.models import Mensaje, Reaccion
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_TEXTO, iso

CAMPOS = frozenset(
    {
        "_id",
        "__v",
        "conversacion",
        "remitente",
        "contenido",
        "tipo",
        "respuestaA",
        "prioridad",
        "estado",
        "fechaEnvio",
        "fechaEntrega",
        "lecturas",
        "reacciones",
        "editado",
        "fechaEdicion",
        "historial",
        "eliminado",
        "socketInfo",
        "idCliente",
        "createdAt",
        "updatedAt",
    }
)

_PRIORIDADES = frozenset(Mensaje.Prioridad.values)
# La semilla se quedó con tres; las demás del original caen en la más cercana.
_SINONIMOS_DE_PRIORIDAD = {"baja": "normal", "media": "normal", "critica": "urgente"}
_REACCIONES = frozenset(Reaccion.Tipo.values)
_SINONIMOS_DE_REACCION = {
    "me_gusta": "like",
    "👍": "like",
    "me_encanta": "love",
    "heart": "love",
    "❤": "love",
    "me_divierte": "laugh",
    "haha": "laugh",
    "😂": "laugh",
    "me_sorprende": "surprise",
    "wow": "surprise",
    "😮": "surprise",
    "me_entristece": "sad",
    "😢": "sad",
}
_ESTADOS = frozenset({"enviado", "entregado", "leido", "fallido"})
_SINONIMOS_DE_ESTADO = {
    "error": "fallido",
    "leído": "leido",
    "visto": "leido",
    "enviando": "enviado",
    "pendiente": "enviado",
}
_MAX_EDICIONES = 20
_EN_BLANCO = vars(Mensaje(id=""))


@dataclass(slots=True)
class MensajeTraido:
    """`fila` aún no tiene conversación, remitente, números ni cita: los da quien escribe.

    `entregado` es la fecha con que los demás lo recibieron; `leido`, que el original lo daba por
    leído, lo dijeran o no las `lecturas`.
    """

    fila: Mensaje
    conversacion: str
    remitente: str | None
    responde_a: str | None
    entregado: datetime | None
    leido: bool
    lecturas: dict[str, datetime] = field(default_factory=dict)
    reacciones: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    notas: Notas = field(default_factory=list)


def fecha_de_envio(doc: Documento, notas: Notas) -> datetime | None:
    return valores.fecha(
        valores.primero(doc, "fechaEnvio", "createdAt"), "fechaEnvio", notas
    ) or valores.fecha_del_id(doc.get("_id"))


def clave(doc: Documento) -> tuple[str, int, str]:
    """Su conversación y su orden en ella: por `fechaEnvio` y, a igual fecha, por `_id`."""
    enviado = fecha_de_envio(doc, [])
    milis = int(enviado.timestamp() * 1000) if enviado else 0
    return valores.id_de(doc.get("conversacion")) or "", milis, valores.id_de(doc.get("_id")) or ""


def leer(doc: Documento, usuarios: Container[str]) -> MensajeTraido:
    """Lanza `Rechazo` si le falta identificador, conversación, fecha o contenido."""
    notas: Notas = []
    fila, conversacion = _con_lo_imprescindible(doc, notas)
    estado = valores.elegir(
        doc.get("estado"), _ESTADOS, _SINONIMOS_DE_ESTADO, "enviado", "estado", notas
    )
    fila.fallido = estado == "fallido"
    contenido.poner(fila, doc, notas)
    _edicion(fila, doc, notas)
    _eliminacion(fila, doc, notas)
    if not fila.eliminado and en_blanco(fila.texto) and fila.archivo is None:
        raise Rechazo("no tiene texto ni archivo", "contenido")
    _origen(fila, doc, notas)
    traido = MensajeTraido(
        fila=fila,
        conversacion=conversacion,
        remitente=_remitente(fila, doc, usuarios, notas),
        responde_a=valores.id_de(doc.get("respuestaA")),
        entregado=_entregado(doc, estado, fila.fecha_envio, notas),
        leido=estado == "leido",
        notas=notas,
    )
    _lecturas(traido, doc, usuarios)
    if not fila.eliminado:
        _reacciones(traido, doc, usuarios)
    return traido


def _con_lo_imprescindible(doc: Documento, notas: Notas) -> tuple[Mensaje, str]:
    id_ = valores.identificador(doc)
    conversacion = valores.id_de(doc.get("conversacion"))
    if conversacion is None:
        raise Rechazo("no dice de qué conversación es", "conversacion")
    enviado = fecha_de_envio(doc, notas)
    if enviado is None:
        raise Rechazo("no tiene fecha de envío, ni la dice su identificador", "fechaEnvio")
    prioridad = valores.elegir(
        doc.get("prioridad"),
        _PRIORIDADES,
        _SINONIMOS_DE_PRIORIDAD,
        "normal",
        "prioridad",
        notas,
    )
    return _nuevo(id=id_, fecha_envio=enviado, prioridad=prioridad), conversacion


def _nuevo(**campos: Any) -> Mensaje:
    """`Mensaje(**campos)`, que con sus treinta campos cuesta veinte veces más."""
    fila = Mensaje.__new__(Mensaje)
    fila.__dict__.update(_EN_BLANCO, _state=ModelState(), metadatos={}, historial=[], **campos)
    return fila


def _remitente(fila: Mensaje, doc: Documento, usuarios: Container[str], notas: Notas) -> str | None:
    remitente = valores.id_de(doc.get("remitente"))
    if remitente is not None and remitente in usuarios:
        return remitente
    if doc.get("remitente") is not None or fila.tipo != Mensaje.Tipo.SISTEMA:
        notas.append(Nota("remitente", "quien lo escribió no existe: queda sin autor", remitente))
    return None


def _entregado(doc: Documento, estado: str, enviado: datetime, notas: Notas) -> datetime | None:
    if estado not in ("entregado", "leido"):
        return None
    return valores.fecha(doc.get("fechaEntrega"), "fechaEntrega", notas) or enviado


def _edicion(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    crudo = doc.get("editado")
    editado = crudo if isinstance(crudo, dict) else {"editado": crudo}
    historial = valores.lista(valores.primero(editado, "historial") or doc.get("historial"))
    fila.editado = valores.cierto(editado.get("editado"), bool(historial))
    if not fila.editado:
        return
    cuando = valores.primero(editado, "fechaEdicion") or doc.get("fechaEdicion")
    fila.fecha_edicion = valores.fecha(cuando, "editado.fechaEdicion", notas) or fila.fecha_envio
    if len(historial) > _MAX_EDICIONES:
        motivo = f"más de {_MAX_EDICIONES} versiones: quedan las últimas"
        notas.append(Nota("editado.historial", motivo, valores.llano(historial[:-_MAX_EDICIONES])))
    fila.historial = [_version(v, fila, notas) for v in historial[-_MAX_EDICIONES:]]


def _version(valor: Any, fila: Mensaje, notas: Notas) -> dict[str, str]:
    doc = valor if isinstance(valor, dict) else {"texto": valor}
    antes = valores.primero(doc, "texto", "textoAnterior", "contenidoAnterior", "contenido")
    if isinstance(antes, dict):
        antes = antes.get("texto")
    cuando = valores.primero(doc, "fecha", "fechaEdicion")
    fecha = valores.fecha(cuando, "editado.historial", notas) or fila.fecha_envio
    return {
        "texto": valores.texto(antes, MAX_TEXTO, "editado.historial", notas),
        "fecha": iso(fecha),
    }


def _eliminacion(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    """Lo eliminado entra como aquí se deja: una lápida, sin contenido ni historial."""
    crudo = doc.get("eliminado")
    eliminado = crudo if isinstance(crudo, dict) else {"eliminado": crudo}
    if not valores.cierto(eliminado.get("eliminado"), False):
        return
    cuando = valores.fecha(eliminado.get("fechaEliminacion"), "eliminado.fechaEliminacion", notas)
    fila.eliminado = True
    fila.fecha_eliminacion = cuando or fila.fecha_edicion or fila.fecha_envio
    fila.eliminado_por = valores.id_de(eliminado.get("eliminadoPor"))
    razon = valores.texto(eliminado.get("razon"), 200, "eliminado.razon", notas)
    fila.razon_eliminacion = razon or None
    fila.texto, fila.archivo, fila.metadatos, fila.historial = "", None, {}, []
    # Lo que decía tampoco queda en el archivo de rechazos.
    notas[:] = [n for n in notas if not n.campo.startswith(("contenido", "editado"))]


def _origen(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    origen = valores.mapa(doc.get("socketInfo"))
    if origen:
        for campo, nombre, maximo in (
            ("socket_id", "socketId", 64),
            ("ip", "ipAddress", 45),
            ("agente", "userAgent", 256),
        ):
            # Solo para los moderadores, y cortado como al enviar: no merece una nota.
            setattr(fila, campo, valores.texto(origen.get(nombre), maximo, nombre, []))
    clave_de_cliente = doc.get("idCliente")
    if clave_de_cliente is not None:
        if isinstance(clave_de_cliente, str) and 0 < len(clave_de_cliente) <= 64:
            fila.id_cliente = valores.texto(clave_de_cliente, 64, "idCliente", notas) or None
        else:
            motivo = "no es un texto de 64 caracteres: se quita"
            notas.append(Nota("idCliente", motivo, valores.llano(clave_de_cliente)))


def _lecturas(traido: MensajeTraido, doc: Documento, usuarios: Container[str]) -> None:
    for crudo in valores.lista(doc.get("lecturas")):
        lectura = crudo if isinstance(crudo, dict) else {"usuario": crudo}
        usuario = valores.id_de(lectura.get("usuario"))
        if usuario is None or usuario not in usuarios or usuario == traido.remitente:
            continue
        cuando = valores.primero(lectura, "fechaLectura", "fecha")
        fecha = valores.fecha(cuando, "lecturas", traido.notas) or traido.fila.fecha_envio
        previa = traido.lecturas.get(usuario)
        traido.lecturas[usuario] = min(previa, fecha) if previa else fecha


def _reacciones(traido: MensajeTraido, doc: Documento, usuarios: Container[str]) -> None:
    for i, crudo in enumerate(valores.lista(doc.get("reacciones"))):
        campo = f"reacciones.{i}"
        reaccion = valores.mapa(crudo)
        usuario = valores.id_de(reaccion.get("usuario"))
        nombre = valores.primero(reaccion, "tipo", "emoji")
        tipo = _tipo_de_reaccion(nombre)
        if usuario is None or usuario not in usuarios or tipo is None:
            motivo = "ese tipo no existe aquí: se omite" if usuario in usuarios else "sin autor"
            traido.notas.append(Nota(campo, motivo, valores.llano(crudo)))
            continue
        fecha = valores.fecha(reaccion.get("fecha"), campo, traido.notas) or traido.fila.fecha_envio
        previa = traido.reacciones.get(usuario)
        if previa is None or previa[1] <= fecha:
            traido.reacciones[usuario] = (tipo, fecha)


def _tipo_de_reaccion(nombre: Any) -> str | None:
    if not isinstance(nombre, str):
        return None
    # La variante de color o de emoji no cambia lo que dice.
    limpio = nombre.strip().lower().replace("\ufe0f", "")
    return limpio if limpio in _REACCIONES else _SINONIMOS_DE_REACCION.get(limpio)
