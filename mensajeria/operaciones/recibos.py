"""Recibos, de entrega y de lectura: acumulativos, solo hacia delante."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mensajeria import models
from mensajeria.filas import Conversacion, Lectura, Participante
from mensajeria.models import nuevo_id
from mensajeria.ordenes.almacen import Ultimos
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import MarcarEntregado, MarcarLeido
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import Estado

Clase = models.Lectura.Clase


def leer(lote: Lote, orden: Orden[MarcarLeido]) -> None:
    """Lee hasta un mensaje, o todo. Leer implica haber recibido."""
    carga = orden.carga
    participante = lote.participante(carga.conversacion_id, orden.actor)
    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    hasta = conversacion.ultima_secuencia
    if carga.mensaje_id is not None:
        fila = lote.mensaje_visible(carga.mensaje_id, orden.actor)
        if fila.conversacion_id != conversacion.id:
            raise no_existe("mensajeId")
        hasta = fila.secuencia
    _recibir(lote, participante, hasta)
    if hasta <= participante.leido_hasta:
        return
    _apuntar(lote, participante, Clase.LEIDO, participante.leido_hasta, hasta)
    participante.leido_hasta = hasta
    if hasta == conversacion.ultima_secuencia:
        participante.enviados_leidos = participante.enviados
    lote.cambiar(participante, "leido_hasta", "enviados_leidos")
    lote.contar_propios(participante, a_medias=hasta < conversacion.ultima_secuencia)
    avanzar_pisos(lote, conversacion)
    _anunciar_lectura(lote, orden, conversacion, hasta)


LEER = Verbo(
    MarcarLeido,
    leer,
    nombra=lambda o: Nombra(
        conversacion=o.carga.conversacion_id, mensaje=o.carga.mensaje_id, todos=True
    ),
)


def _anunciar_lectura(
    lote: Lote, orden: Orden[MarcarLeido], conversacion: Conversacion, hasta: int
) -> None:
    tipo: type[empujes.Empuje] = empujes.TodosMensajesLeidos
    campos: dict[str, Any] = {"hasta_secuencia": hasta}
    if orden.carga.mensaje_id is not None:
        tipo, campos = empujes.MensajeLeido, {"mensaje_id": orden.carga.mensaje_id}
    quien = orden.actor
    lote.anunciar(
        tipo, conversacion, salvo_conexion=quien.conexion, leido_por=quien.usuario_id, **campos
    )


def entregar(lote: Lote, orden: Orden[MarcarEntregado]) -> None:
    """El cliente recibió hasta `hastaSecuencia`; lo que aún no existe no cuenta."""
    carga = orden.carga
    participante = lote.participante(carga.conversacion_id, orden.actor)
    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    hasta = min(carga.hasta_secuencia, conversacion.ultima_secuencia)
    if _recibir(lote, participante, hasta):
        avanzar_pisos(lote, conversacion)


ENTREGAR = Verbo(
    MarcarEntregado,
    entregar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, todos=True),
)


def _recibir(lote: Lote, participante: Participante, hasta: int) -> bool:
    if hasta <= participante.entregado_hasta:
        return False
    _apuntar(lote, participante, Clase.ENTREGADO, participante.entregado_hasta, hasta)
    participante.entregado_hasta = hasta
    lote.cambiar(participante, "entregado_hasta")
    return True


def _apuntar(
    lote: Lote, participante: Participante, clase: models.Lectura.Clase, desde: int, hasta: int
) -> None:
    fila = Lectura(
        id=nuevo_id(),
        participante_id=participante.id,
        clase=clase,
        desde=desde,
        hasta=hasta,
        fecha=lote.ahora,
    )
    lote.crear(fila)
    lote.filas.anotar_recibo(participante, fila)


def avanzar_pisos(lote: Lote, conversacion: Conversacion) -> None:
    """Hasta dónde recibieron y leyeron *los demás*, para cada participante; avisa a quien avance.

    Sin ningún otro activo el piso se queda donde estaba: el estado nunca retrocede.
    """
    activos = lote.activos(conversacion)
    piso_de_leido = minimo_de_los_demas([p.leido_hasta for p in activos])
    piso_de_entregado = minimo_de_los_demas([p.entregado_hasta for p in activos])
    for i, p in enumerate(activos):
        leido, entregado = piso_de_leido(i), piso_de_entregado(i)
        if leido is not None and leido > p.leido_por_todos:
            _subir(lote, p, "leido_por_todos", leido, "leido")
            p.entregado_por_todos = max(p.entregado_por_todos, entregado or 0)
            lote.cambiar(p, "entregado_por_todos")
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
    lote.cambiar(autor, campo)
    if not autor.enviados:
        return
    lote.por_guardar.con_piso.add(autor.id)

    def completar(ultimos: Ultimos) -> Mapping[str, Any] | None:
        entregado, leido = ultimos[autor.id]
        ultimo = leido if estado == "leido" else entregado
        return {"mensaje_id": ultimo.id} if ultimo.secuencia > antes else None

    lote.avisar(
        empujes.MensajeActualizado,
        autor.usuario_id,
        completar,
        conversacion_id=autor.conversacion_id,
        hasta_secuencia=hasta,
        estado=estado,
    )
