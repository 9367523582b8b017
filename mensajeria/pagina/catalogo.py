"""El catálogo de eventos para la página: de él salen su registro y sus formularios."""

from __future__ import annotations

import functools
from typing import Any

from mensajeria.protocolo.esquemas import generar
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR


@functools.cache
def catalogo_para_pagina() -> dict[str, Any]:
    """`{cliente, servidor, definiciones}`, solo con tipos de JSON; los esquemas se refieren a
    `#/definiciones/…`. Hecho una vez por proceso: la página la abre cualquiera."""
    cargas: list[type] = [e.carga for e in CLIENTE.values()]
    cargas += [e.carga for e in SERVIDOR.values()]
    de_carga, definiciones = generar(cargas, "#/definiciones/")
    return {
        "cliente": [
            {
                "nombre": e.nombre,
                "descripcion": e.descripcion,
                "respuesta": e.respuesta,
                "errores": [str(codigo) for codigo in e.errores_posibles],
                "ejemplo": e.ejemplo,
                "esquema": de_carga[e.carga],
            }
            for e in CLIENTE.values()
        ],
        "servidor": [
            {"nombre": e.nombre, "destinatarios": e.destinatarios, "esquema": de_carga[e.carga]}
            for e in SERVIDOR.values()
        ],
        "definiciones": definiciones,
    }
