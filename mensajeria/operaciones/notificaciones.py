"""Avisos a una persona, guardados y empujados a todas sus conexiones."""

from __future__ import annotations

from mensajeria.filas import ConversacionLigera, UsuarioLigero
from mensajeria.models import Conversacion, Notificacion, sin_arroba, sin_controles
from mensajeria.ordenes.lote import Lote
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.errores import no_existe


def _notificar(
    lote: Lote, usuario_id: str, tipo: str, titulo: str, mensaje: str, datos: dict[str, str]
) -> None:
    fila = Notificacion(
        usuario_id=usuario_id,
        tipo=tipo,
        titulo=titulo[:200],
        mensaje=mensaje[:1000],
        datos=datos,
        acciones=[{"id": "abrir", "texto": "Abrir", "tipo": "abrir_conversacion"}],
        fecha=lote.ahora,
    )
    lote.crear(fila)
    lote.por_notificar(fila)
    lote.avisar(
        empujes.NuevaNotificacion,
        usuario_id,
        id=fila.id,
        tipo=fila.tipo,
        titulo=fila.titulo,
        mensaje=fila.mensaje,
        icono=fila.icono,
        datos=fila.datos,
        acciones=[formas.Accion(**a) for a in fila.acciones],
    )


def _nombre(conversacion: ConversacionLigera) -> str:
    """El suyo, o lo que es: un código no le dice nada a nadie."""
    nombre = sin_controles(conversacion.nombre_personalizado)
    return f"«{nombre}»" if nombre else "una conversación"


def _quien(quien: UsuarioLigero) -> str:
    return sin_controles(f"{quien.nombre or sin_arroba(quien.username)} {quien.apellido}")


def _datos(conversacion: ConversacionLigera, quien: UsuarioLigero | None) -> dict[str, str]:
    """Con lo que un cliente lo dice en su lengua: sin `quien`, lo hizo el personal."""
    datos = {"conversacionId": conversacion.id, "tipoConversacion": conversacion.tipo}
    if nombre := sin_controles(conversacion.nombre_personalizado):
        datos["nombre"] = nombre
    if quien:
        datos["quien"] = _quien(quien)
    return datos


def avisar_de_la_nueva(
    lote: Lote, conversacion: ConversacionLigera, usuario_id: str, quien: UsuarioLigero
) -> None:
    """A quien alguien escribe o reúne en una conversación que acaba de crear."""
    if conversacion.tipo == Conversacion.Tipo.INDIVIDUAL:
        dicho = f"{_quien(quien)} te escribió"
    else:
        dicho = f"{_quien(quien)} te agregó a {_nombre(conversacion)}"
    _avisar_de_agregado(lote, usuario_id, dicho, _datos(conversacion, quien))


def avisar_al_agregado(
    lote: Lote, conversacion: ConversacionLigera, usuario_id: str, quien: UsuarioLigero | None
) -> None:
    """A quien se suma a una conversación; sin `quien`, lo hizo el personal."""
    nombre = _nombre(conversacion)
    dicho = f"{_quien(quien)} te agregó a {nombre}" if quien else f"Te han agregado a {nombre}"
    _avisar_de_agregado(lote, usuario_id, dicho, _datos(conversacion, quien))


def _avisar_de_agregado(lote: Lote, usuario_id: str, dicho: str, datos: dict[str, str]) -> None:
    _notificar(lote, usuario_id, "participante_agregado", "Nueva conversación", dicho, datos)


def avisar_al_removido(
    lote: Lote, conversacion: ConversacionLigera, usuario_id: str, quien: UsuarioLigero | None
) -> None:
    """A quien se quita de una conversación; sin `quien`, lo hizo el personal."""
    nombre = _nombre(conversacion)
    dicho = f"{_quien(quien)} te quitó de {nombre}" if quien else f"Te han quitado de {nombre}"
    datos = _datos(conversacion, quien)
    _notificar(lote, usuario_id, "participante_removido", "Ya no participas", dicho, datos)


def marcar_leida(usuario_id: str, notificacion_id: str) -> Notificacion:
    """Marca como leída una notificación suya; NOT_FOUND si no lo es.

    Sin orden: es de una persona, no ocupa ningún cambio y a nadie se le anuncia.
    """
    fila = Notificacion.objects.filter(pk=notificacion_id, usuario=usuario_id).first()
    if fila is None:
        raise no_existe("notificacionId")
    if not fila.leida:
        fila.leida = True
        fila.save(update_fields=["leida"])
    return fila
