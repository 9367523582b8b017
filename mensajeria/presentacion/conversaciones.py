"""Una conversación y sus participantes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import cast

from msgspec import UNSET

from mensajeria.archivos.avatares import a_la_vista
from mensajeria.models import SIEMPRE, epoca_actual
from mensajeria.models.datos import DatosDeConversacion, DatosDeParticipante
from mensajeria.presentacion.comun import fecha, persona
from mensajeria.protocolo import formas
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_BYTES_DE_PARTICIPANTES, SIN_PLAZO, Rol, iso


def participante(fila: DatosDeParticipante, en_linea: bool) -> formas.Participante:
    return formas.Participante(
        usuario=persona(fila.usuario),
        rol=cast(Rol, fila.rol),
        fecha_ingreso=iso(fila.fecha_ingreso),
        activo=fila.activo,
        ultima_conexion=fecha(fila.usuario.ultima_conexion),
        en_linea=en_linea,
        permisos=formas.Permisos(
            puede_enviar=fila.puede_enviar,
            puede_eliminar=fila.puede_eliminar,
            puede_moderar=fila.puede_moderar,
        ),
        entregado_hasta=fila.entregado_hasta,
        leido_hasta=fila.leido_hasta,
    )


def preferencias(fila: DatosDeParticipante) -> formas.Preferencias:
    hasta = fila.silenciada_hasta
    return formas.Preferencias(
        silenciada_hasta=SIN_PLAZO if hasta == SIEMPRE else fecha(hasta),
        anclada=fila.anclada,
        archivada=fila.archivada,
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
    """La forma `conversacion`; sin `lector`, la cuenta de no leídos queda vacía, y no van las
    preferencias de nadie.

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
            avatar=a_la_vista(fila.avatar),
            configuracion_privacidad=fila.configuracion_privacidad,
            notificaciones_activas=fila.notificaciones_activas,
        ),
        estadisticas=formas.Estadisticas(
            total_mensajes=fila.ultima_secuencia,
            ultimo_mensaje=fecha(fila.ultimo_mensaje),
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
        preferencias=preferencias(propio) if propio else UNSET,
    )
