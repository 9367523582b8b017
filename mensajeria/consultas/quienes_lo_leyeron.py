"""Quién recibió y quién leyó un mensaje: uno por uno, también en un grupo."""

from __future__ import annotations

from mensajeria import presentacion
from mensajeria.consultas.alcance import mensaje_de
from mensajeria.consultas.gente import participantes_de
from mensajeria.consultas.presentar import cursores_de
from mensajeria.consultas.recibos import recibos_de
from mensajeria.models import Lectura
from mensajeria.protocolo import formas
from mensajeria.protocolo.tipos import iso


def recibos_del_mensaje(usuario_id: str, mensaje_id: str) -> formas.RecibosDeMensaje:
    """Los de los demás participantes; NOT_FOUND si no es de una conversación suya."""
    fila = mensaje_de(usuario_id, mensaje_id)
    id_ = fila.conversacion_id
    recibos = recibos_de([fila], cursores_de([id_]))
    quienes = {p.usuario_id: p.usuario for p in participantes_de([id_])[id_]}

    def de(clase: Lectura.Clase) -> list[formas.ReciboDePersona]:
        suyos = recibos[id_, clase.value]
        fechas = [
            (cuando, usuario)
            for usuario in quienes.keys() - {fila.remitente_id}
            if usuario in suyos and (cuando := suyos[usuario].fecha_de(fila.secuencia))
        ]
        return [
            formas.ReciboDePersona(
                usuario=presentacion.persona(quienes[usuario]), fecha=iso(cuando)
            )
            for cuando, usuario in sorted(fechas)
        ]

    return formas.RecibosDeMensaje(
        recibido=de(Lectura.Clase.ENTREGADO), leido=de(Lectura.Clase.LEIDO)
    )
