"""Los archivos que alguien puede ver, y dónde puede subirlos."""

from __future__ import annotations

from mensajeria.models import Archivo, Participante
from mensajeria.protocolo.errores import exigir_envio, no_existe


def archivo_de(usuario_id: str, archivo_id: str) -> Archivo:
    """El de un mensaje que ahora mismo puede ver, o uno suyo sin enviar; si no, NOT_FOUND."""
    fila = Archivo.objects.select_related("mensaje").filter(pk=archivo_id).first()
    if fila is None or not _lo_ve(usuario_id, fila):
        raise no_existe("id")
    return fila


def _lo_ve(usuario_id: str, fila: Archivo) -> bool:
    if fila.estado in Archivo.POR_ENVIAR:
        return fila.usuario_id == usuario_id
    mensaje = fila.mensaje
    if fila.estado != Archivo.Estado.ENVIADO or mensaje is None or mensaje.retirado:
        return False
    return Participante.objects.filter(
        conversacion=mensaje.conversacion_id, usuario=usuario_id, activo=True
    ).exists()


def archivos_sin_enviar(usuario_id: str) -> list[Archivo]:
    """Los suyos, el último primero; nunca son muchos."""
    suyos = Archivo.objects.filter(usuario=usuario_id, estado__in=Archivo.POR_ENVIAR)
    return list(suyos.order_by("-fecha", "-pk"))


def archivo_repetido(
    usuario_id: str, conversacion_id: str | None, id_cliente: str, huella: str
) -> Archivo | None:
    """El que esa persona ya subió o envió con ese `idCliente`, si es el de esa huella."""
    del_mensaje = {"mensaje__remitente": usuario_id, "mensaje__id_cliente": id_cliente}
    if enviado := Archivo.objects.filter(**del_mensaje, huella=huella).first():
        return enviado
    # Son pocos: no hace falta otro índice.
    sin_enviar = Archivo.objects.filter(usuario=usuario_id, estado__in=Archivo.POR_ENVIAR)
    suyo = sin_enviar.filter(conversacion=conversacion_id, id_cliente=id_cliente, huella=huella)
    return suyo.first()


def exigir_que_pueda_enviar(usuario_id: str, conversacion_id: str) -> None:
    """Lo mismo que se le dirá al enviarlo, antes de que suba nada."""
    suyo = Participante.objects.select_related("conversacion").filter(
        conversacion=conversacion_id, usuario=usuario_id, activo=True
    )
    fila = suyo.first()
    if fila is None:
        raise no_existe("conversacionId")
    exigir_envio(abierta=fila.conversacion.activa, puede_enviar=fila.puede_enviar)
