"""El archivo subido que un mensaje lleva: uno se envía una vez, y quien lo subió."""

from __future__ import annotations

from typing import Any

from mensajeria.filas import ArchivoLigero, MensajeLigero
from mensajeria.models import Archivo
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.orden import Actor
from mensajeria.protocolo.cargas import EnviarMensaje
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_existe, no_valido

CAMPO = "contenido.archivo.id"
SEGUNDOS_DE_REVISION = 5.0
# Los tipos de mensaje que dicen qué se lleva.
_DE_SU_CLASE = ("imagen", "audio", "video")


def por_enviar(lote: Lote, carga: EnviarMensaje, actor: Actor) -> ArchivoLigero | None:
    """El que se nombra, si su dueño puede enviarlo aquí; nada, si no se nombra ninguno."""
    if carga.archivo_subido is None:
        return None
    fila = lote.filas.archivos.get(carga.archivo_subido)
    if fila is None or fila.usuario_id != actor.usuario_id or not _puede_ir(fila, carga):
        raise no_existe(CAMPO)
    if fila.estado == Archivo.Estado.EN_REVISION:
        raise ErrorMensajeria(
            CodigoError.UNAVAILABLE,
            "El archivo aún se está revisando; inténtalo dentro de un momento",
            campo=CAMPO,
            reintentar_en=SEGUNDOS_DE_REVISION,
        )
    if fila.estado == Archivo.Estado.ENVIADO:
        raise ErrorMensajeria(
            CodigoError.CONFLICT, "Ese archivo ya se envió: súbelo otra vez", campo=CAMPO
        )
    if fila.estado != Archivo.Estado.LISTO:
        raise no_existe(CAMPO)
    if carga.clase_dicha in _DE_SU_CLASE and carga.clase_dicha != fila.clase:
        raise no_valido(f"El archivo no es de tipo {carga.clase_dicha}, sino {fila.clase}", "tipo")
    return fila


def _puede_ir(fila: ArchivoLigero, carga: EnviarMensaje) -> bool:
    return fila.conversacion_id in (None, carga.conversacion_id)


def dar_por_enviado(lote: Lote, fila: ArchivoLigero, mensaje: MensajeLigero) -> None:
    """Desde aquí es de ese mensaje, y lo ven los mismos que lo ven a él."""
    fila.estado, fila.mensaje_id = Archivo.Estado.ENVIADO.value, mensaje.id
    lote.cambiar(fila, "estado", "mensaje_id")


def en_el_mensaje(fila: ArchivoLigero) -> dict[str, Any]:
    """Lo que el mensaje guarda de él; su dirección no: sale de su identificador."""
    propios = {"id": fila.id, "nombre": fila.nombre, "tamano": fila.tamano}
    return {**propios, "tipo": fila.tipo, "clase": fila.clase, **fila.datos}


def es_subido(guardado: dict[str, Any] | None) -> bool:
    """Si lo que un mensaje guarda es de uno subido, y no de uno de fuera."""
    return guardado is not None and "id" in guardado
