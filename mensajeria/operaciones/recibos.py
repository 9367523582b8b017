"""Acuses de recibo y de lectura: acumulativos, solo hacia delante."""

from __future__ import annotations

from collections.abc import Callable

from mensajeria.difusion.sobre import Alcance
from mensajeria.errores import no_existe
from mensajeria.models import Conversacion, Lectura, Participante
from mensajeria.operaciones.lote import Lote, Presentados
from mensajeria.operaciones.orden import Orden
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import MarcarEntregado, MarcarLeido
from mensajeria.protocolo.tipos import Estado


def leer(lote: Lote, orden: Orden) -> None:
    """Lee hasta un mensaje, o todo. Leer implica haber recibido."""
    carga: MarcarLeido = orden.carga  # type: ignore[assignment]
    participante = lote.participante(carga.conversacion_id, orden.actor)
    conversacion = lote.conversaciones[carga.conversacion_id]
    hasta = conversacion.ultima_secuencia
    if carga.mensaje_id is not None:
        fila = lote.mensaje_visible(carga.mensaje_id, orden.actor)
        if fila.conversacion_id != conversacion.pk:
            raise no_existe("mensajeId")
        hasta = fila.secuencia
    _recibir(lote, conversacion, participante, hasta)
    if hasta <= participante.leido_hasta:
        return
    _apuntar(lote, participante, Lectura.Clase.LEIDO, participante.leido_hasta, hasta, conversacion)
    participante.leido_hasta = hasta
    if hasta == conversacion.ultima_secuencia:
        participante.enviados_leidos = participante.enviados
    lote.cursor_cambiado(participante)
    avanzar_pisos(lote, conversacion)
    _anunciar_lectura(lote, orden, carga, hasta)


def _anunciar_lectura(lote: Lote, orden: Orden, carga: MarcarLeido, hasta: int) -> None:
    quien = orden.actor
    empuje: empujes.Empuje
    if carga.mensaje_id is not None:
        empuje = empujes.MensajeLeido(
            conversacion_id=carga.conversacion_id,
            mensaje_id=carga.mensaje_id,
            leido_por=quien.usuario_id,
        )
    else:
        empuje = empujes.TodosMensajesLeidos(
            conversacion_id=carga.conversacion_id,
            leido_por=quien.usuario_id,
            hasta_secuencia=hasta,
        )
    lote.anunciar(
        lambda _: empuje,
        Alcance.UNIDOS,
        conversacion=carga.conversacion_id,
        salvo_conexion=quien.conexion,
    )


def entregar(lote: Lote, orden: Orden) -> None:
    """El cliente recibió hasta `hastaSecuencia`; lo que aún no existe no se acusa."""
    carga: MarcarEntregado = orden.carga  # type: ignore[assignment]
    participante = lote.participante(carga.conversacion_id, orden.actor)
    conversacion = lote.conversaciones[carga.conversacion_id]
    hasta = min(carga.hasta_secuencia, conversacion.ultima_secuencia)
    if _recibir(lote, conversacion, participante, hasta):
        avanzar_pisos(lote, conversacion)


def _recibir(
    lote: Lote, conversacion: Conversacion, participante: Participante, hasta: int
) -> bool:
    if hasta <= participante.entregado_hasta:
        return False
    desde = participante.entregado_hasta
    _apuntar(lote, participante, Lectura.Clase.ENTREGADO, desde, hasta, conversacion)
    participante.entregado_hasta = hasta
    lote.cursor_cambiado(participante)
    return True


def _apuntar(
    lote: Lote,
    participante: Participante,
    clase: Lectura.Clase,
    desde: int,
    hasta: int,
    conversacion: Conversacion,
) -> None:
    fila = Lectura(
        participante=participante, clase=clase, desde=desde, hasta=hasta, fecha=lote.ahora
    )
    a_medias = clase == Lectura.Clase.LEIDO and hasta < conversacion.ultima_secuencia
    lote.lectura(fila, a_medias=a_medias)


def avanzar_pisos(lote: Lote, conversacion: Conversacion) -> None:
    """Hasta dónde recibieron y leyeron *los demás*, para cada participante; avisa a quien avance.

    Sin ningún otro activo el piso se queda donde estaba: el estado nunca retrocede.
    """
    activos = lote.activos(conversacion.pk)
    piso_de_leido = minimo_de_los_demas([p.leido_hasta for p in activos])
    piso_de_entregado = minimo_de_los_demas([p.entregado_hasta for p in activos])
    for i, p in enumerate(activos):
        leido, entregado = piso_de_leido(i), piso_de_entregado(i)
        if leido is not None and leido > p.leido_por_todos:
            _subir(lote, p, "leido_por_todos", leido, "leido")
            p.entregado_por_todos = max(p.entregado_por_todos, entregado or 0)
        elif entregado is not None and entregado > p.entregado_por_todos:
            _subir(lote, p, "entregado_por_todos", entregado, "entregado")


def minimo_de_los_demas(cursores: list[int]) -> Callable[[int], int | None]:
    """Función de la posición al menor cursor de las otras; basta con los dos menores."""
    orden = sorted(range(len(cursores)), key=cursores.__getitem__)[:2]

    def menor(i: int) -> int | None:
        otros = [j for j in orden if j != i]
        return cursores[otros[0]] if otros else None

    return menor


def _subir(lote: Lote, autor: Participante, campo: str, hasta: int, estado: Estado) -> None:
    antes = getattr(autor, campo)
    setattr(autor, campo, hasta)
    lote.cursor_cambiado(autor)
    if not autor.enviados:
        return
    ultimo = lote.pedir_ultimo_de(autor, campo)

    def hacer(_: Presentados) -> empujes.MensajeActualizado | None:
        mensaje_id, secuencia = ultimo()
        if secuencia <= antes:
            return None
        return empujes.MensajeActualizado(
            conversacion_id=autor.conversacion_id,
            mensaje_id=mensaje_id,
            hasta_secuencia=hasta,
            estado=estado,
        )

    lote.anunciar(hacer, Alcance.USUARIOS, usuarios=[autor.usuario_id])
