"""La tabla de los verbos: todo lo que se le puede pedir al ejecutor."""

from __future__ import annotations

from typing import Any

from mensajeria.operaciones import (
    conversaciones,
    fijados,
    mensajes,
    moderacion,
    participantes,
    preferencias,
    reacciones,
    recibos,
)
from mensajeria.ordenes.verbo import Verbo, Verbos

_TODOS: tuple[Verbo[Any], ...] = (
    mensajes.ENVIAR,
    mensajes.EDITAR,
    mensajes.ELIMINAR,
    reacciones.AGREGAR,
    reacciones.QUITAR,
    fijados.FIJAR,
    fijados.DESFIJAR,
    recibos.LEER,
    recibos.ENTREGAR,
    conversaciones.CREAR,
    conversaciones.ACTUALIZAR,
    participantes.AGREGAR,
    participantes.CAMBIAR,
    participantes.REMOVER,
    participantes.OLVIDAR,
    preferencias.CAMBIAR,
    moderacion.OCULTAR,
    moderacion.RESTAURAR,
    moderacion.DESACTIVAR,
    moderacion.REACTIVAR,
)

VERBOS: Verbos = {verbo.carga: verbo for verbo in _TODOS}
