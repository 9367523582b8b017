"""Del modelo a la forma del contrato. El único lugar: REST y los eventos lo comparten.

Un mensaje, su autor o un participante valen vengan de donde vengan: un modelo, o una fila ligera
con los mismos atributos.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import cast

from msgspec import UNSET

from mensajeria.models import Ingreso, epoca_actual
from mensajeria.models.datos import (
    Cursores,
    DatosDeCita,
    DatosDeConversacion,
    DatosDeMensaje,
    DatosDeNotificacion,
    DatosDeParticipante,
    DatosDePersona,
    DatosDeReaccion,
)
from mensajeria.protocolo import formas
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import (
    MAX_BYTES_DE_PARTICIPANTES,
    MAX_HISTORIAL,
    MAX_LECTURAS,
    MAX_REACCIONES,
    MAX_VERSIONES,
    Estado,
    Rol,
    iso,
)


@dataclass(slots=True)
class Recibos:
    """Los recibos de un participante y clase, por `hasta` creciente y sin solaparse."""

    desde: list[int] = field(default_factory=list)
    hasta: list[int] = field(default_factory=list)
    fechas: list[datetime] = field(default_factory=list)

    def fecha_de(self, secuencia: int) -> datetime | None:
        """Cuándo quedó cubierta `secuencia`, si alguna vez."""
        i = bisect_left(self.hasta, secuencia)
        if i < len(self.hasta) and self.desde[i] < secuencia:
            return self.fechas[i]
        return None


@dataclass(slots=True)
class Entorno:
    """Lo que hace falta, además de la fila, para presentar mensajes de una conversación."""

    participantes: Sequence[Cursores] = ()
    entregas: Mapping[str, Recibos] = field(default_factory=dict)
    lecturas: Mapping[str, Recibos] = field(default_factory=dict)
    _por_usuario: dict[str, Cursores] = field(init=False)

    def __post_init__(self) -> None:
        self._por_usuario = {p.usuario_id: p for p in self.participantes}

    def participante(self, usuario: str | None) -> Cursores | None:
        """El de ese usuario, si participa o participó."""
        return self._por_usuario.get(usuario or "")


def _iso(fecha: datetime | None) -> str | None:
    return iso(fecha) if fecha else None


def persona(usuario: DatosDePersona) -> formas.Persona:
    return formas.Persona(
        id=usuario.id,
        nombre=usuario.nombre or usuario.username,
        apellido=usuario.apellido,
        avatar_url=usuario.avatar_url,
    )


def estado_de(mensaje: DatosDeMensaje, remitente: Cursores | None) -> Estado:
    """`enviado` → `entregado` → `leido`, según hasta dónde llegaron los demás; nunca retrocede."""
    if mensaje.fallido:
        return "fallido"
    if remitente is None:
        return "enviado"
    if mensaje.secuencia <= remitente.leido_por_todos:
        return "leido"
    return "entregado" if mensaje.secuencia <= remitente.entregado_por_todos else "enviado"


def reaccion(fila: DatosDeReaccion) -> formas.Reaccion:
    return formas.Reaccion(
        usuario=fila.usuario_id,
        tipo=fila.tipo,
        fecha=iso(fila.fecha),
    )


def reacciones_de(filas: Iterable[DatosDeReaccion]) -> list[formas.Reaccion]:
    """Las de un mensaje, hasta `MAX_REACCIONES`: en uno importado puede haber más."""
    return [reaccion(f) for f in islice(filas, MAX_REACCIONES)]


def _cita(citado: DatosDeCita | None) -> formas.Cita | None:
    if citado is None:
        return None
    return formas.Cita(
        id=citado.id,
        texto="" if citado.retirado else citado.texto,
        remitente=persona(citado.remitente) if citado.remitente else None,
    )


def _contenido(fila: DatosDeMensaje, retirado: bool) -> formas.Contenido:
    if retirado:
        return formas.Contenido(texto="", tipo=fila.tipo, archivo=None, metadatos={})
    archivo = formas.Archivo(**fila.archivo) if fila.archivo else None
    return formas.Contenido(
        texto=fila.texto, tipo=fila.tipo, archivo=archivo, metadatos=fila.metadatos
    )


def _editado(fila: DatosDeMensaje, retirado: bool, entero: bool) -> formas.Editado:
    historial: list[formas.Version] = []
    if fila.historial and not retirado:
        historial = [formas.Version(**v) for v in fila.historial]
        if not entero:
            historial = _ultimas(historial)
    return formas.Editado(
        editado=fila.editado,
        fecha_edicion=_iso(fila.fecha_edicion),
        historial=historial,
        versiones=0 if retirado else fila.versiones,
    )


def _ultimas(versiones: list[formas.Version]) -> list[formas.Version]:
    """Las últimas que caben: tres, y `MAX_HISTORIAL` bytes de JSON entre todas."""
    ocupan = 1
    for i, version in enumerate(reversed(versiones)):
        ocupan += len(codificar(version)) + 1
        if i == MAX_VERSIONES or ocupan > MAX_HISTORIAL:
            return versiones[len(versiones) - i :]
    return versiones


def _eliminado(fila: DatosDeMensaje) -> formas.Eliminado:
    if fila.oculto and not fila.eliminado:
        return formas.Eliminado(
            eliminado=True,
            fecha_eliminacion=_iso(fila.fecha_ocultacion),
            eliminado_por=fila.oculto_por,
            razon=fila.razon_ocultacion,
        )
    return formas.Eliminado(
        eliminado=fila.eliminado,
        fecha_eliminacion=_iso(fila.fecha_eliminacion),
        eliminado_por=fila.eliminado_por,
        razon=fila.razon_eliminacion,
    )


def fijado(fila: DatosDeMensaje) -> formas.Fijado:
    return formas.Fijado(fijado=fila.fijado, fecha=_iso(fila.fecha_fijado), por=fila.fijado_por)


def _lecturas(fila: DatosDeMensaje, entorno: Entorno) -> list[formas.Lectura]:
    if not entorno.lecturas:
        return []
    leidas = (
        (usuario, recibos.fecha_de(fila.secuencia))
        for usuario, recibos in entorno.lecturas.items()
        if usuario != fila.remitente_id
    )
    orden = sorted((fecha, usuario) for usuario, fecha in leidas if fecha)[:MAX_LECTURAS]
    return [formas.Lectura(usuario=u, fecha_lectura=iso(f)) for f, u in orden]


def _fecha_entrega(fila: DatosDeMensaje, estado: Estado, entorno: Entorno) -> str | None:
    if estado not in ("entregado", "leido"):
        return None
    fechas = [
        recibos.fecha_de(fila.secuencia)
        for usuario, recibos in entorno.entregas.items()
        if usuario != fila.remitente_id
    ]
    return _iso(max((f for f in fechas if f), default=None))


def mensaje(
    fila: DatosDeMensaje,
    entorno: Entorno,
    reacciones: Iterable[DatosDeReaccion] = (),
    *,
    entero: bool = False,
) -> formas.Mensaje:
    """La forma `mensaje`; `fila` trae cargados `remitente` y `respuesta_a` con su remitente.

    Sin `entero`, del historial van las últimas versiones.
    """
    estado = estado_de(fila, entorno.participante(fila.remitente_id))
    retirado = fila.retirado
    return formas.Mensaje(
        id=fila.id,
        conversacion=fila.conversacion_id,
        remitente=persona(fila.remitente) if fila.remitente else None,
        contenido=_contenido(fila, retirado),
        respuesta_a=_cita(fila.respuesta_a),
        prioridad=fila.prioridad,
        estado=estado,
        fecha_envio=iso(fila.fecha_envio),
        fecha_entrega=_fecha_entrega(fila, estado, entorno),
        lecturas=_lecturas(fila, entorno),
        reacciones=[] if retirado else reacciones_de(reacciones),
        editado=_editado(fila, retirado, entero),
        eliminado=_eliminado(fila),
        fijado=fijado(fila),
        secuencia=fila.secuencia,
        secuencia_cambio=fila.secuencia_cambio,
        id_cliente=fila.id_cliente,
    )


def participante(fila: DatosDeParticipante, en_linea: bool) -> formas.Participante:
    return formas.Participante(
        usuario=persona(fila.usuario),
        rol=cast(Rol, fila.rol),
        fecha_ingreso=iso(fila.fecha_ingreso),
        activo=fila.activo,
        ultima_conexion=_iso(fila.usuario.ultima_conexion),
        en_linea=en_linea,
        permisos=formas.Permisos(
            puede_enviar=fila.puede_enviar,
            puede_eliminar=fila.puede_eliminar,
            puede_moderar=fila.puede_moderar,
        ),
        entregado_hasta=fila.entregado_hasta,
        leido_hasta=fila.leido_hasta,
    )


def sin_leer(fila: DatosDeParticipante, ultima_secuencia: int) -> int:
    """Mensajes ajenos después de lo leído que se pueden leer: lo que falta, menos lo propio y lo
    eliminado u oculto que haya en ese tramo.
    """
    propios = fila.enviados - fila.enviados_leidos
    restan = ultima_secuencia - fila.leido_hasta - propios - fila.retirados_sin_leer
    return max(0, int(restan))


# Lo que ocupa en JSON un participante sin sus textos, y cada carácter de ellos, como mucho.
_FIJO, _POR_CARACTER = 512, 6


def _los_que_caben(
    participantes: list[formas.Participante], lector: str | None
) -> list[formas.Participante]:
    """Los primeros que no pasan de `MAX_BYTES_DE_PARTICIPANTES`, y el lector siempre."""
    letras = sum(
        len(p.usuario.nombre) + len(p.usuario.apellido) + len(p.usuario.avatar_url)
        for p in participantes
    )
    if _FIJO * len(participantes) + _POR_CARACTER * letras <= MAX_BYTES_DE_PARTICIPANTES:
        return participantes
    propio = next((p for p in participantes if p.usuario.id == lector), None)
    caben = []
    libre = MAX_BYTES_DE_PARTICIPANTES - (len(codificar(propio)) + 1 if propio else 0)
    for p in participantes:
        if p is not propio:
            libre -= len(codificar(p)) + 1
        if libre >= 0 or p is propio:
            caben.append(p)
    return caben


def conversacion(
    fila: DatosDeConversacion,
    participantes: Sequence[DatosDeParticipante],
    total: int,
    en_linea: Set[str],
    lector: str | None = None,
    conectados: int | None = None,
) -> formas.Conversacion:
    """La forma `conversacion`; sin `lector`, la cuenta de no leídos queda vacía.

    `participantes` son los que van con ella, de los `total` que hay (y de ellos, los que caben, y
    el lector siempre); `conectados`, cuántos están unidos, si es numerosa.
    """
    propio = next((p for p in participantes if p.usuario_id == lector), None)
    return formas.Conversacion(
        id=fila.id,
        codigo_conversacion=fila.codigo,
        participantes=_los_que_caben(
            [participante(p, p.usuario_id in en_linea) for p in participantes], lector
        ),
        total_participantes=total,
        total_conectados=UNSET if conectados is None else conectados,
        asesoria=fila.asesoria,
        tipo=fila.tipo,
        configuracion=formas.Configuracion(
            nombre_personalizado=fila.nombre_personalizado,
            descripcion=fila.descripcion,
            avatar=fila.avatar,
            configuracion_privacidad=fila.configuracion_privacidad,
            notificaciones_activas=fila.notificaciones_activas,
        ),
        estadisticas=formas.Estadisticas(
            total_mensajes=fila.ultima_secuencia,
            ultimo_mensaje=_iso(fila.ultimo_mensaje),
            mensajes_no_leidos=(
                {propio.usuario_id: sin_leer(propio, fila.ultima_secuencia)} if propio else {}
            ),
        ),
        activa=fila.activa,
        fecha_creacion=iso(fila.fecha_creacion),
        fecha_ultima_actividad=iso(fila.fecha_ultima_actividad),
        ultima_secuencia=fila.ultima_secuencia,
        ultimo_cambio=fila.ultimo_cambio,
        epoca=epoca_actual(),
    )


def sesion(fila: Ingreso, *, actual: bool) -> formas.Sesion:
    return formas.Sesion(
        id=fila.pk,
        via=fila.via,
        dispositivo=fila.dispositivo,
        direccion=fila.direccion,
        desde=iso(fila.desde),
        ultima_vez=iso(fila.ultima_vez),
        expira=iso(fila.expira),
        actual=actual,
    )


def notificacion(fila: DatosDeNotificacion) -> formas.Notificacion:
    return formas.Notificacion(
        id=fila.id,
        tipo=fila.tipo,
        titulo=fila.titulo,
        mensaje=fila.mensaje,
        icono=fila.icono,
        datos=fila.datos,
        acciones=[formas.Accion(**a) for a in fila.acciones],
        leida=fila.leida,
        fecha=iso(fila.fecha),
    )
