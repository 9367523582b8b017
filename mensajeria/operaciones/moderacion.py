"""Lo que hace el personal desde la mesa: ocultar y restaurar mensajes, y desactivar cuentas."""

from __future__ import annotations

from collections.abc import Sequence

from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, no_valido, sin_permiso
from mensajeria.models import Mensaje, Usuario
from mensajeria.operaciones.lote import Anuncio, Lote, Presentados
from mensajeria.operaciones.orden import Orden
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    DesactivarUsuario,
    OcultarMensaje,
    ReactivarUsuario,
    RestaurarMensaje,
)


def _choca(mensaje: str) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.CONFLICT, mensaje)


def _mensaje(lote: Lote, orden: Orden, mensaje_id: str) -> Mensaje:
    if not orden.actor.personal:
        raise sin_permiso()
    fila = lote.mensaje_visible(mensaje_id, orden.actor)
    if fila.eliminado:
        raise _choca("El mensaje está eliminado")
    return fila


def ocultar(lote: Lote, orden: Orden) -> Anuncio:
    """Para los clientes queda como una lápida; su contenido sigue guardado."""
    carga: OcultarMensaje = orden.carga  # type: ignore[assignment]
    fila = _mensaje(lote, orden, carga.mensaje_id)
    if fila.oculto:
        raise _choca("El mensaje ya está oculto")
    conversacion = lote.conversaciones[fila.conversacion_id]
    fila.oculto, fila.fecha_ocultacion = True, lote.ahora
    fila.oculto_por, fila.razon_ocultacion = orden.actor.usuario_id, carga.razon
    fila.secuencia_cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_ocultado(fila)
    empuje = empujes.MensajeEliminado(
        conversacion_id=conversacion.pk,
        secuencia_cambio=fila.secuencia_cambio,
        mensaje_id=fila.pk,
    )
    return lote.anunciar_cambio(conversacion, lambda _: empuje)


def restaurar(lote: Lote, orden: Orden) -> Anuncio:
    """Lo oculto vuelve a verse entero, con un número de cambio nuevo."""
    carga: RestaurarMensaje = orden.carga  # type: ignore[assignment]
    fila = _mensaje(lote, orden, carga.mensaje_id)
    if not fila.oculto:
        raise _choca("El mensaje no está oculto")
    conversacion = lote.conversaciones[fila.conversacion_id]
    fila.oculto, fila.fecha_ocultacion = False, None
    fila.oculto_por = fila.razon_ocultacion = None
    fila.secuencia_cambio = cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_ocultado(fila)

    def hacer(presentados: Presentados) -> empujes.MensajeEditado:
        return empujes.MensajeEditado(
            conversacion_id=conversacion.pk,
            secuencia_cambio=cambio,
            mensaje=presentados.mensajes[fila.pk],
        )

    return lote.anunciar_cambio(conversacion, hacer, mensaje=fila)


def preparar(lote: Lote, ordenes: Sequence[Orden]) -> None:
    lote.cargar_usuarios(
        {o.carga.usuario_id for o in ordenes}  # type: ignore[attr-defined]
        | {o.actor.usuario_id for o in ordenes}
    )


def _cuenta(lote: Lote, orden: Orden, usuario_id: str) -> Usuario:
    """La cuenta de otra persona; la del personal, solo para quien administra."""
    if not orden.actor.personal:
        raise sin_permiso()
    actor = lote.usuarios.get(orden.actor.usuario_id)
    fila = lote.usuarios.get(usuario_id)
    if fila is None or actor is None:
        raise no_existe("usuarioId")
    if fila.pk == actor.pk:
        raise no_valido("Tu propia cuenta la cambia otra persona", "usuarioId")
    if (fila.is_staff or fila.is_superuser) and not actor.is_superuser:
        raise sin_permiso("Las cuentas del personal las cambia quien administra")
    return fila


def desactivar(lote: Lote, orden: Orden) -> None:
    """No puede entrar, y sus conexiones y tokens dejan de valer (también si se reactiva)."""
    carga: DesactivarUsuario = orden.carga  # type: ignore[assignment]
    fila = _cuenta(lote, orden, carga.usuario_id)
    if not fila.is_active:
        raise _choca("La cuenta ya está desactivada")
    fila.is_active, fila.tokens_desde = False, lote.ahora
    lote.usuario_cambiado(fila)


def reactivar(lote: Lote, orden: Orden) -> None:
    """Puede entrar otra vez, con un token nuevo."""
    carga: ReactivarUsuario = orden.carga  # type: ignore[assignment]
    fila = _cuenta(lote, orden, carga.usuario_id)
    if fila.is_active:
        raise _choca("La cuenta ya está activa")
    fila.is_active = True
    lote.usuario_cambiado(fila)
