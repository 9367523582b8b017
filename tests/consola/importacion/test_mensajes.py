"""Un mensaje leído, antes de guardarlo."""

from __future__ import annotations

from mensajeria.consola.importacion import mensajes
from mensajeria.models import Mensaje
from tests.consola.importacion.original import ANA, DIA, PAREJA, mensaje, oid


def test_lo_que_no_se_lee_queda_como_en_uno_recien_creado() -> None:
    """Y nada de lo que se puede cambiar es de dos."""
    uno, otro = (mensajes.leer(mensaje(oid(n), PAREJA, ANA, DIA), {str(ANA)}).fila for n in (1, 2))
    creado = Mensaje(id=uno.id, fecha_envio=DIA, texto=uno.texto)
    campos = [c.attname for c in Mensaje._meta.concrete_fields]
    assert [vars(uno)[c] for c in campos] == [vars(creado)[c] for c in campos]
    assert uno._state.adding
    assert uno._state is not otro._state
    assert uno.historial is not otro.historial
    assert uno.metadatos is not otro.metadatos
