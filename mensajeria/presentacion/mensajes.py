"""Un mensaje, con sus reacciones, sus lecturas y lo que cita."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from mensajeria.models.datos import Cursores, DatosDeCita, DatosDeMensaje, DatosDeReaccion
from mensajeria.presentacion.archivos import archivo
from mensajeria.presentacion.comun import fecha, persona
from mensajeria.protocolo import formas
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import (
    MAX_HISTORIAL,
    MAX_LECTURAS,
    MAX_REACCIONES,
    MAX_VERSIONES,
    Estado,
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
        id=fila.id,
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
    texto = "" if citado.retirado else citado.texto
    return formas.Cita(
        id=citado.id,
        contenido=formas.ContenidoDeCita(texto=texto),
        texto=texto,
        remitente=persona(citado.remitente) if citado.remitente else None,
    )


def _contenido(fila: DatosDeMensaje, retirado: bool) -> formas.Contenido:
    if retirado:
        return formas.Contenido(texto="", tipo=fila.tipo, archivo=None, metadatos={})
    return formas.Contenido(
        texto=fila.texto,
        tipo=fila.tipo,
        archivo=archivo(fila.archivo) if fila.archivo else None,
        metadatos=fila.metadatos,
    )


# Lo de casi todos: se hace una vez.
_SIN_EDITAR = formas.Editado(editado=False, fecha_edicion=None, historial=[], versiones=0)
_SIN_ELIMINAR = formas.Eliminado(
    eliminado=False, fecha_eliminacion=None, eliminado_por=None, razon=None
)
_SIN_FIJAR = formas.Fijado(fijado=False, fecha=None, por=None)


def _editado(fila: DatosDeMensaje, retirado: bool, entero: bool) -> formas.Editado:
    if not (fila.editado or fila.versiones or fila.fecha_edicion):
        return _SIN_EDITAR
    historial: list[formas.Version] = []
    if fila.historial and not retirado:
        historial = [formas.Version(**v) for v in fila.historial]
        if not entero:
            historial = _ultimas(historial)
    return formas.Editado(
        editado=fila.editado,
        fecha_edicion=fecha(fila.fecha_edicion),
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
    if not (fila.retirado or fila.fecha_eliminacion):
        return _SIN_ELIMINAR
    if fila.oculto and not fila.eliminado:
        return formas.Eliminado(
            eliminado=True,
            fecha_eliminacion=fecha(fila.fecha_ocultacion),
            eliminado_por=fila.oculto_por,
            razon=fila.razon_ocultacion,
        )
    return formas.Eliminado(
        eliminado=fila.eliminado,
        fecha_eliminacion=fecha(fila.fecha_eliminacion),
        eliminado_por=fila.eliminado_por,
        razon=fila.razon_eliminacion,
    )


def fijado(fila: DatosDeMensaje) -> formas.Fijado:
    if not (fila.fijado or fila.fecha_fijado):
        return _SIN_FIJAR
    return formas.Fijado(fijado=fila.fijado, fecha=fecha(fila.fecha_fijado), por=fila.fijado_por)


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
    return fecha(max((f for f in fechas if f), default=None))


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
    creado = iso(fila.fecha_envio)
    forma = formas.Mensaje(
        id=fila.id,
        conversacion=fila.conversacion_id,
        remitente=persona(fila.remitente) if fila.remitente else None,
        contenido=_contenido(fila, retirado),
        respuesta_a=_cita(fila.respuesta_a),
        menciones=[] if retirado else fila.menciones,
        prioridad=fila.prioridad,
        estado=estado,
        fecha_envio=creado,
        fecha_entrega=_fecha_entrega(fila, estado, entorno),
        lecturas=_lecturas(fila, entorno),
        reacciones=[] if retirado else reacciones_de(reacciones),
        editado=_editado(fila, retirado, entero),
        eliminado=_eliminado(fila),
        fijado=fijado(fila),
        secuencia=fila.secuencia,
        secuencia_cambio=fila.secuencia_cambio,
        id_cliente=fila.id_cliente,
        created_at=creado,
        updated_at=creado,
    )
    forma.updated_at = _ultima_fecha(forma)
    return forma


def _ultima_fecha(forma: formas.Mensaje) -> str:
    """La del último cambio que se ve en él; así escritas, se comparan como textos."""
    fechas = (forma.editado.fecha_edicion, forma.eliminado.fecha_eliminacion, forma.fijado.fecha)
    reacciones = (r.fecha for r in forma.reacciones)
    return max([forma.fecha_envio, *filter(None, fechas), *reacciones])
