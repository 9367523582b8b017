from __future__ import annotations

from mensajeria.operaciones.ejecucion import VERBOS
from mensajeria.protocolo.eventos import CLIENTE
from mensajeria.sesion.manejadores import MANEJADORES


def test_cada_evento_de_cliente_lo_atiende_exactamente_uno() -> None:
    for evento in CLIENTE.values():
        assert (evento.carga in VERBOS) != (evento.carga in MANEJADORES), evento.nombre
    assert set(MANEJADORES) <= {e.carga for e in CLIENTE.values()}
