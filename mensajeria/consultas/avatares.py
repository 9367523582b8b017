"""Los avatares que alguien lleva ahora, y quién puede cambiar el de una conversación."""

from __future__ import annotations

from mensajeria.archivos.avatares import archivo_de, lo_lleva
from mensajeria.models import Archivo, Participante
from mensajeria.protocolo.errores import no_existe, sin_permiso


def avatar_de(direccion: str) -> Archivo | None:
    """El de esa dirección, si alguien la lleva ahora."""
    filas = Archivo.objects.select_related("usuario", "conversacion").filter(
        pk=archivo_de(direccion), estado=Archivo.Estado.AVATAR
    )
    fila = filas.first()
    return fila if fila is not None and lo_lleva(fila) == direccion else None


def exigir_que_modere(usuario_id: str, conversacion_id: str) -> str:
    """El avatar que lleva ahora, si quien lo pide puede cambiarlo: lo que dirá la orden, antes de
    mirar lo que sube.
    """
    filas = Participante.objects.select_related("conversacion").filter(
        conversacion=conversacion_id, usuario=usuario_id, activo=True
    )
    fila = filas.first()
    if fila is None:
        raise no_existe("conversacionId")
    if not fila.puede_moderar:
        raise sin_permiso("Sin permisos para moderar esta conversación")
    return fila.conversacion.avatar
