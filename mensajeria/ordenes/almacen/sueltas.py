"""Escribir sin leer: lo que se dice con una lista de claves, en PostgreSQL y en SQLite."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import msgspec

from mensajeria.ordenes.almacen.sql import Dialecto, completo
from mensajeria.ordenes.almacen.tablas import entera
from mensajeria.ordenes.por_guardar import PorGuardar

_codificar = msgspec.json.Encoder().encode

_SUYOS = (
    "FROM mensajeria_mensaje m WHERE m.conversacion_id = {p}.conversacion_id"
    " AND m.remitente_id = {p}.usuario_id AND m.secuencia <= {p}.{cursor}"
    " ORDER BY m.secuencia DESC LIMIT 1"
)


def sueltas(dialecto: Dialecto, pendiente: PorGuardar) -> Iterator[tuple[str, list[bytes]]]:
    """Las que van después de lo creado y lo cambiado; la de los pisos, la última, los lee."""
    for orden, claves in (
        (_SIN_REACCIONES, pendiente.sin_reacciones),
        (_SIN_ARCHIVO, pendiente.sin_archivo),
        (_RETIRAR, pendiente.retirados),
        (_DEVOLVER, pendiente.devueltos),
        (_TOCAR, pendiente.tocados),
        (_CONTAR_PROPIOS, pendiente.a_medias),
    ):
        if claves:
            yield completo(dialecto, orden), [_codificar(sorted(claves))]
    if pendiente.pisos:
        yield _subidas(dialecto), [_codificar(sorted(pendiente.pisos))]


@functools.cache
def _subidas(dialecto: Dialecto) -> str:
    columnas = [*_DE_SUBIDA]
    for cursor in ("e", "l"):
        columnas += [f"(SELECT {c} {_SUYOS.format(p='t', cursor=cursor)})" for c in _DE_ULTIMO]
    leidas = dialecto.lectura(columnas, (), "FROM suben t ORDER BY t._id")
    return f"{completo(dialecto, _PISOS)} {dialecto.sube} {leidas}"


def borrar(dialecto: Dialecto, clase: type, claves: list[str]) -> tuple[str, list[bytes]]:
    tabla = entera(clase).nombre
    return completo(dialecto, f"DELETE FROM {tabla} WHERE _id {{en1}}"), [_codificar(claves)]


_DE_SUBIDA = (
    *("t._id", "t.conversacion_id", "t.usuario_id"),
    *("t.entregado_antes", "t.leido_antes", "t.e", "t.l"),
)
_DE_ULTIMO = ("m._id", "m.secuencia")
# El piso de cada cual es el menor cursor de los demás: el menor de todos o, para quien lo tiene, el
# siguiente. Solo les sirve a los que han escrito, y solo sube.
_PISOS = """
WITH activos AS (
  SELECT t._id, t.conversacion_id, t.usuario_id, t.enviados, t.entregado_hasta, t.leido_hasta,
    t.entregado_por_todos, t.leido_por_todos,
    row_number() OVER (PARTITION BY t.conversacion_id ORDER BY t.entregado_hasta, t._id) AS ne,
    row_number() OVER (PARTITION BY t.conversacion_id ORDER BY t.leido_hasta, t._id) AS nl
  FROM mensajeria_participante t WHERE t.activo AND t.conversacion_id {en1}
), menores AS (
  SELECT conversacion_id,
    max(CASE WHEN ne = 1 THEN entregado_hasta END) AS e1,
    max(CASE WHEN ne = 2 THEN entregado_hasta END) AS e2,
    max(CASE WHEN nl = 1 THEN leido_hasta END) AS l1,
    max(CASE WHEN nl = 2 THEN leido_hasta END) AS l2
  FROM activos WHERE ne <= 2 OR nl <= 2 GROUP BY conversacion_id
), pisos AS (
  SELECT a._id, a.conversacion_id, a.usuario_id,
    a.entregado_por_todos AS entregado_antes, a.leido_por_todos AS leido_antes,
    CASE WHEN a.ne = 1 THEN p.e2 ELSE p.e1 END AS e,
    CASE WHEN a.nl = 1 THEN p.l2 ELSE p.l1 END AS l
  FROM activos a JOIN menores p ON p.conversacion_id = a.conversacion_id WHERE a.enviados > 0
), suben AS (
  SELECT _id, conversacion_id, usuario_id, entregado_antes, leido_antes,
    CASE WHEN e > entregado_antes THEN e ELSE entregado_antes END AS e,
    CASE WHEN l > leido_antes THEN l ELSE leido_antes END AS l
  FROM pisos WHERE e > entregado_antes OR l > leido_antes
)"""
_SIN_REACCIONES = "DELETE FROM mensajeria_reaccion WHERE mensaje_id {en1}"
_SIN_ARCHIVO = "UPDATE mensajeria_archivo SET estado = 'sobra' WHERE mensaje_id {en1}"
_TOCAR = "UPDATE mensajeria_usuario SET version = version + 1 WHERE _id {en1}"
_P = "mensajeria_participante"
_CONTAR_PROPIOS = (
    f"UPDATE {_P} SET enviados_leidos = COALESCE((SELECT m.numero_de_remitente "
    + _SUYOS.format(p=_P, cursor="leido_hasta")
    + "), 0), retirados_sin_leer = CASE WHEN retirados_sin_leer = 0 THEN 0 ELSE "
    + " + ".join(
        f"(SELECT count(*) FROM mensajeria_mensaje m WHERE m.conversacion_id = {_P}.conversacion_id"
        f" AND m.secuencia > {_P}.leido_hasta AND {cuales}"
        f" AND (m.remitente_id IS NULL OR m.remitente_id <> {_P}.usuario_id))"
        for cuales in ("m.eliminado", "m.oculto AND NOT m.eliminado")
    )
    + " END WHERE _id {en1}"
)
# De esos mensajes, cuántos le faltaban por leer a cada cual. Contados de una vez: mirarlos todos
# por cada participante era lo que costaba retirar muchos.
_LES_FALTABAN = (
    "(SELECT p._id AS quien, count(*) AS son FROM mensajeria_mensaje m {los_del_mensaje}"
    " WHERE m._id {en1} AND m.secuencia > p.leido_hasta"
    " AND (m.remitente_id IS NULL OR m.remitente_id <> p.usuario_id) GROUP BY p._id) f"
)
_RETIRAR = (
    f"UPDATE {_P} SET retirados_sin_leer = {_P}.retirados_sin_leer + f.son"
    f" FROM {_LES_FALTABAN} WHERE {_P}._id = f.quien"
)
_DEVOLVER = (
    f"UPDATE {_P} SET retirados_sin_leer = CASE WHEN {_P}.retirados_sin_leer < f.son THEN 0"
    f" ELSE {_P}.retirados_sin_leer - f.son END FROM {_LES_FALTABAN} WHERE {_P}._id = f.quien"
)
