"""Un documento de `mensajes` como `Mensaje`, con sus lecturas y reacciones. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models.base import ModelState

from mensajeria.consola.importacion import contenido, valores
from mensajeria.consola.importacion.llano import llano
from mensajeria.consola.importacion.valores import Documento, Nota, Notas, Rechazo
from mensajeria.models import Mensaje, Moderacion, Reaccion
from mensajeria.models.campos import buscable_de
from mensajeria.protocolo.tipos import MAX_TEXTO, REACCION_DEL_ORIGINAL, REACCION_SIN_TIPO, iso

_PRIORIDADES = frozenset(Mensaje.Prioridad.values)
_SINONIMOS_DE_PRIORIDAD = {"media": "normal", "critica": "urgente"}
_REACCIONES = frozenset(Reaccion.Tipo.values)
_SINONIMOS_DE_REACCION: dict[str, str] = {
    **REACCION_DEL_ORIGINAL,
    "me_gusta": "like",
    "👍": "like",
    "👎": "thumbs_down",
    "me_encanta": "love",
    "heart": "love",
    "❤": "love",
    "me_divierte": "laugh",
    "haha": "laugh",
    "😂": "laugh",
    "me_sorprende": "surprise",
    "😮": "surprise",
    "me_entristece": "sad",
    "😢": "sad",
    "me_enfada": "angry",
    "😠": "angry",
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
    leído, lo dijeran o no las `lecturas`; `leida_en`, qué campo dice cada una.
    """

    fila: Mensaje
    conversacion: str
    remitente: str | None
    responde_a: str | None
    entregado: datetime | None
    leido: bool
    lecturas: dict[str, datetime] = field(default_factory=dict)
    leida_en: dict[str, str] = field(default_factory=dict)
    reacciones: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    moderacion: Moderacion | None = None
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
    """Lanza `Rechazo` si le falta identificador, conversación o fecha."""
    notas: Notas = []
    fila, conversacion = _con_lo_imprescindible(doc, notas)
    estado = valores.elegir(
        doc.get("estado"), _ESTADOS, _SINONIMOS_DE_ESTADO, "enviado", "estado", notas
    )
    fila.fallido = estado == "fallido"
    contenido.poner(fila, doc, notas)
    _edicion(fila, doc, notas)
    _eliminacion(fila, doc, notas)
    fila.buscable = buscable_de(fila)
    _origen(fila, doc, notas)
    traido = MensajeTraido(
        fila=fila,
        conversacion=conversacion,
        remitente=_remitente(fila, doc, usuarios, notas),
        responde_a=valores.referencia(doc.get("respuestaA"), "respuestaA", notas),
        entregado=_entregado(doc, estado, fila.fecha_envio, notas),
        leido=estado == "leido",
        moderacion=_moderacion(fila, doc, notas),
        notas=notas,
    )
    if traido.remitente is None and estado in ("entregado", "leido"):
        notas.append(Nota("estado", "sin autor no hay acuses: queda enviado", estado))
        if traido.entregado is not None:
            notas.append(Nota("fechaEntrega", "sin autor no se dice", iso(traido.entregado)))
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
    vacios: dict[str, Any] = {"metadatos": {}, "menciones": [], "historial": []}
    fila.__dict__.update(_EN_BLANCO, _state=ModelState(), **vacios, **campos)
    return fila


def _remitente(fila: Mensaje, doc: Documento, usuarios: Container[str], notas: Notas) -> str | None:
    crudo = doc.get("remitente")
    remitente = valores.id_de(crudo)
    if remitente is not None and remitente in usuarios:
        return remitente
    if crudo is not None or fila.tipo != Mensaje.Tipo.SISTEMA:
        motivo = "quien lo escribió no existe: queda sin autor"
        notas.append(Nota("remitente", motivo, llano(crudo)))
    return None


def _entregado(doc: Documento, estado: str, enviado: datetime, notas: Notas) -> datetime | None:
    fecha = valores.fecha(doc.get("fechaEntrega"), "fechaEntrega", notas)
    if estado in ("entregado", "leido"):
        return fecha or enviado
    if fecha is not None:
        motivo = f"su estado es «{estado}»: queda sin entregar"
        notas.append(Nota("fechaEntrega", motivo, iso(fecha)))
    return None


def _edicion(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    crudo = doc.get("editado")
    editado = crudo if isinstance(crudo, dict) else {"editado": crudo}
    dentro = valores.primero(editado, "historialEdiciones", "historial")
    historial = valores.lista(dentro or doc.get("historial"))
    campo = "editado.editado" if editado is crudo else "editado"
    dicho = valores.cierto(editado.get("editado"), bool(historial), campo, notas)
    fila.editado = dicho or bool(historial)
    if fila.editado and not dicho:
        notas.append(Nota("editado.editado", "tiene versiones anteriores: queda editado"))
    if not fila.editado:
        return
    cuando = valores.primero(editado, "fechaEdicion") or doc.get("fechaEdicion")
    fila.fecha_edicion = valores.fecha(cuando, "editado.fechaEdicion", notas) or fila.fecha_envio
    if len(historial) > _MAX_EDICIONES:
        motivo = f"más de {_MAX_EDICIONES} versiones: quedan las últimas"
        notas.append(Nota("editado.historial", motivo, llano(historial[:-_MAX_EDICIONES])))
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
    campo = "eliminado.eliminado" if eliminado is crudo else "eliminado"
    if not valores.cierto(eliminado.get("eliminado"), False, campo, notas):
        return
    cuando = valores.fecha(eliminado.get("fechaEliminacion"), "eliminado.fechaEliminacion", notas)
    fila.eliminado = True
    fila.fecha_eliminacion = cuando or fila.fecha_edicion or fila.fecha_envio
    por = eliminado.get("eliminadoPor")
    fila.eliminado_por = valores.referencia(por, "eliminado.eliminadoPor", notas)
    razon = valores.texto(eliminado.get("razon"), 200, "eliminado.razon", notas)
    fila.razon_eliminacion = razon or None
    decia = fila.texto or fila.archivo or fila.metadatos or fila.historial
    fila.texto, fila.archivo, fila.metadatos, fila.historial = "", None, {}, []
    # Lo que decía tampoco queda en el archivo de rechazos.
    notas[:] = [n for n in notas if not n.campo.startswith(("contenido", "editado"))]
    if decia:
        notas.append(Nota("contenido", "estaba eliminado: entra como lápida, sin lo que decía"))


def _moderacion(fila: Mensaje, doc: Documento, notas: Notas) -> Moderacion | None:
    """Lo que no dice nada (sin denunciar, y aprobado) no se guarda."""
    crudo = valores.parte(doc, "moderacion", notas)
    reportado = valores.cierto(crudo.get("reportado"), False, "moderacion.reportado", notas)
    aprobado = valores.cierto(crudo.get("aprobado"), True, "moderacion.aprobado", notas)
    razon = valores.texto(crudo.get("razonReporte"), MAX_TEXTO, "moderacion.razonReporte", notas)
    por = valores.referencia(crudo.get("moderadoPor"), "moderacion.moderadoPor", notas)
    if aprobado and not (reportado or razon or por):
        return None
    return Moderacion(
        mensaje_id=fila.id,
        reportado=reportado,
        aprobado=aprobado,
        razon=razon,
        moderado_por=por,
    )


def _origen(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    origen = valores.parte(doc, "socketInfo", notas)
    if origen:
        for campo, nombre, maximo in (
            ("socket_id", "socketId", 64),
            ("ip", "ipAddress", 45),
            ("agente", "userAgent", 256),
        ):
            leido = valores.texto(origen.get(nombre), maximo, f"socketInfo.{nombre}", notas)
            setattr(fila, campo, leido)
    clave_de_cliente = doc.get("idCliente")
    if clave_de_cliente is not None:
        if isinstance(clave_de_cliente, str) and 0 < len(clave_de_cliente) <= 64:
            fila.id_cliente = valores.texto(clave_de_cliente, 64, "idCliente", notas) or None
        else:
            motivo = "no es un texto de 64 caracteres: se quita"
            notas.append(Nota("idCliente", motivo, llano(clave_de_cliente)))


def _lecturas(traido: MensajeTraido, doc: Documento, usuarios: Container[str]) -> None:
    """De cada cual, la primera. Van en `fechaLectura` (el original) o `lecturas` (la semilla)."""
    for campo in ("fechaLectura", "lecturas"):
        for i, crudo in enumerate(valores.lista(doc.get(campo))):
            _lectura(traido, crudo, f"{campo}.{i}", usuarios)


def _lectura(traido: MensajeTraido, crudo: Any, campo: str, usuarios: Container[str]) -> None:
    lectura = crudo if isinstance(crudo, dict) else {"usuario": crudo}
    usuario = valores.id_de(lectura.get("usuario"))
    if usuario is None or usuario not in usuarios or usuario == traido.remitente:
        propia = usuario is not None and usuario == traido.remitente
        motivo = "es de su autor" if propia else "no existe quien leyó"
        traido.notas.append(Nota(campo, f"{motivo}: se omite", llano(crudo)))
        return
    cuando = valores.primero(lectura, "fechaLectura", "fecha")
    fecha = valores.fecha(cuando, campo, traido.notas) or traido.fila.fecha_envio
    traido.leida_en.setdefault(usuario, campo)
    previa = traido.lecturas.setdefault(usuario, fecha)
    if previa != fecha:
        motivo = "repetida: vale la primera"
        traido.notas.append(Nota(campo, motivo, [usuario, iso(max(previa, fecha))]))
        traido.lecturas[usuario] = min(previa, fecha)


def _reacciones(traido: MensajeTraido, doc: Documento, usuarios: Container[str]) -> None:
    for i, crudo in enumerate(valores.lista(doc.get("reacciones"))):
        campo = f"reacciones.{i}"
        reaccion = crudo if isinstance(crudo, dict) else {}
        usuario = valores.id_de(reaccion.get("usuario"))
        tipo = _tipo_de_reaccion(valores.primero(reaccion, "tipo", "emoji"))
        if usuario is None or usuario not in usuarios or tipo is None:
            motivo = "ese tipo no existe aquí: se omite" if usuario in usuarios else "sin autor"
            traido.notas.append(Nota(campo, motivo, llano(crudo)))
            continue
        fecha = valores.fecha(reaccion.get("fecha"), campo, traido.notas) or traido.fila.fecha_envio
        previa = traido.reacciones.setdefault(usuario, (tipo, fecha))
        if previa != (tipo, fecha):
            vale, sobra = sorted([(tipo, fecha), previa], key=lambda r: r[1], reverse=True)
            traido.reacciones[usuario] = vale
            motivo = "de la misma persona: vale la última"
            traido.notas.append(Nota(campo, motivo, [usuario, sobra[0], iso(sobra[1])]))


def _tipo_de_reaccion(nombre: Any) -> str | None:
    if nombre is None:
        return REACCION_SIN_TIPO
    if not isinstance(nombre, str):
        return None
    # La variante de color o de emoji no cambia lo que dice.
    limpio = nombre.strip().lower().replace("\ufe0f", "")
    return limpio if limpio in _REACCIONES else _SINONIMOS_DE_REACCION.get(limpio)
