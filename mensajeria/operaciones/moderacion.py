"""Lo que hace el personal desde la mesa: ocultar y restaurar mensajes, y desactivar cuentas."""

from __future__ import annotations

from mensajeria.filas import MensajeLigero, UsuarioLigero
from mensajeria.operaciones.fijados import dejar_sin_fijar
from mensajeria.operaciones.historia import entrada
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    DesactivarUsuario,
    OcultarMensaje,
    ReactivarUsuario,
    RestaurarMensaje,
)
from mensajeria.protocolo.errores import (
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
    sin_permiso,
)

_OCULTACION = ("oculto", "fecha_ocultacion", "oculto_por", "razon_ocultacion")


def _choca(mensaje: str) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.CONFLICT, mensaje)


def _mensaje(lote: Lote, actor: Actor, mensaje_id: str) -> MensajeLigero:
    if not actor.personal:
        raise sin_permiso()
    fila = lote.mensaje_visible(mensaje_id, actor)
    if fila.eliminado:
        raise _choca("El mensaje está eliminado")
    return fila


def ocultar(lote: Lote, orden: Orden[OcultarMensaje]) -> Anuncio:
    """Para los clientes queda como una lápida, sin fijar; su contenido sigue guardado."""
    fila = _mensaje(lote, orden.actor, orden.carga.mensaje_id)
    if fila.oculto:
        raise _choca("El mensaje ya está oculto")
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    fila.oculto, fila.fecha_ocultacion = True, lote.ahora
    fila.oculto_por, fila.razon_ocultacion = orden.actor.usuario_id, orden.carga.razon
    lote.cambiar(fila, *_OCULTACION)
    lote.retirar(fila)
    dejar_sin_fijar(lote, fila)
    lote.numerar(fila)
    return lote.anunciar(empujes.MensajeEliminado, conversacion, mensaje_id=fila.id)


OCULTAR = Verbo(
    OcultarMensaje,
    ocultar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id),
    historia=lambda lote, o: entrada(
        o, lote.filas.mensajes[o.carga.mensaje_id], "Mensaje ocultado"
    ),
)


def restaurar(lote: Lote, orden: Orden[RestaurarMensaje]) -> Anuncio:
    """Lo oculto vuelve a verse entero, con un número de cambio nuevo y sin fijar."""
    fila = _mensaje(lote, orden.actor, orden.carga.mensaje_id)
    if not fila.oculto:
        raise _choca("El mensaje no está oculto")
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    fila.oculto, fila.fecha_ocultacion = False, None
    fila.oculto_por = fila.razon_ocultacion = None
    lote.cambiar(fila, *_OCULTACION)
    lote.devolver(fila)
    lote.numerar(fila)
    return lote.anunciar(empujes.MensajeEditado, conversacion, mensaje=fila)


RESTAURAR = Verbo(
    RestaurarMensaje,
    restaurar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id, presentado=True),
    historia=lambda lote, o: entrada(
        o, lote.filas.mensajes[o.carga.mensaje_id], "Mensaje restaurado"
    ),
)


def _cuenta(lote: Lote, actor: Actor, usuario_id: str) -> UsuarioLigero:
    """La cuenta de otra persona; la del personal, solo para quien administra."""
    if not actor.personal:
        raise sin_permiso()
    propia = lote.filas.usuarios.get(actor.usuario_id)
    fila = lote.filas.usuarios.get(usuario_id)
    if fila is None or propia is None:
        raise no_existe("usuarioId")
    if fila.id == propia.id:
        raise no_valido("Tu propia cuenta la cambia otra persona", "usuarioId")
    if (fila.is_staff or fila.is_superuser) and not propia.is_superuser:
        raise sin_permiso("Las cuentas del personal las cambia quien administra")
    return fila


def desactivar(lote: Lote, orden: Orden[DesactivarUsuario]) -> None:
    """No puede entrar, y sus conexiones y tokens dejan de valer (también si se reactiva)."""
    fila = _cuenta(lote, orden.actor, orden.carga.usuario_id)
    if not fila.is_active:
        raise _choca("La cuenta ya está desactivada")
    fila.is_active, fila.tokens_desde = False, lote.ahora
    lote.cambiar(fila, "is_active", "tokens_desde")
    lote.tocar_usuario(fila.id)


DESACTIVAR = Verbo(
    DesactivarUsuario,
    desactivar,
    nombra=lambda o: Nombra(usuarios=(o.carga.usuario_id, o.actor.usuario_id)),
    historia=lambda lote, o: entrada(
        o, lote.filas.usuarios[o.carga.usuario_id], "Usuario desactivado"
    ),
)


def reactivar(lote: Lote, orden: Orden[ReactivarUsuario]) -> None:
    """Puede entrar otra vez, con un token nuevo."""
    fila = _cuenta(lote, orden.actor, orden.carga.usuario_id)
    if fila.is_active:
        raise _choca("La cuenta ya está activa")
    fila.is_active = True
    lote.cambiar(fila, "is_active")
    lote.tocar_usuario(fila.id)


REACTIVAR = Verbo(
    ReactivarUsuario,
    reactivar,
    nombra=lambda o: Nombra(usuarios=(o.carga.usuario_id, o.actor.usuario_id)),
    historia=lambda lote, o: entrada(
        o, lote.filas.usuarios[o.carga.usuario_id], "Usuario reactivado"
    ),
)
