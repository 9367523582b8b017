"""El SQL de PostgreSQL y de SQLite: el mismo, salvo cómo entra una lista y cómo sale una fila.

Una lista entra siempre como un solo parámetro de JSON: así cada sentencia es una, sea el lote de
uno o de quinientos, y se prepara una vez.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from mensajeria.filas import (
    ArchivoLigero,
    ConversacionLigera,
    Fila,
    MensajeLigero,
    ParticipanteLigero,
    ReaccionLigera,
    UsuarioLigero,
    columnas_de,
)
from mensajeria.ordenes.almacen.leido import IdDeFijado, Nombrado, Recibo

_codificar = msgspec.json.Encoder().encode


class Dialecto(Hashable, Protocol):
    """Lo que cambia de una base a otra."""

    # Tras una lectura que bloquea.
    bloquea: str
    # Tras las tablas de los pisos: los que suben quedan guardados en la misma sentencia.
    sube: str
    # Lo que va antes y después de la consulta que da las claves que se buscan en una columna.
    entre: tuple[str, str]

    def lista(self, n: int) -> str:
        """Una consulta que da los textos del parámetro `n`."""

    def pares(self, n: int) -> str:
        """Los pares del parámetro `n`, como una tabla de columnas `a` y `b`."""

    def por_cada(self, tabla: str, condicion: str, *, quiza: bool = False) -> str:
        """La unión con esa tabla y su alias, que se busca una vez por fila de lo que va delante;
        `quiza`, la fila sigue aunque no se halle.
        """

    def lectura(self, columnas: Sequence[str], cuelga: Sequence[str], resto: str) -> str:
        """Un SELECT de esas columnas y, anidadas en otra más, las de la fila que cuelga."""

    def fecha(self, columna: str) -> str:
        """Una columna de fecha, como la lee `msgspec`."""


class Consulta(NamedTuple):
    """Qué parte de `Leido` llena, de qué clase son sus filas, su SQL y lo que entra en él.

    Si de cada fila cuelga otra, `propias` dice cuántas columnas son de ella.
    """

    parte: str
    clase: type
    sql: str
    parametros: list[bytes]
    propias: int | None = None


# Las tablas que se buscan una vez por fila de lo que va delante: un par (`v`), un mensaje (`m`),
# una conversación (`c`) o un participante (`t`).
_DE_CADA = {
    "el_participante": ("participante t", "t.conversacion_id = v.a AND t.usuario_id = v.b"),
    "el_mensaje": ("mensaje m", "m._id = v.a"),
    "el_previo": ("mensaje t", "t.remitente_id = v.a AND t.id_cliente = v.b"),
    "el_del_mensaje": (
        "participante t",
        "t.conversacion_id = m.conversacion_id AND t.usuario_id = v.b",
    ),
    "el_autor": (
        "participante t",
        "t.conversacion_id = m.conversacion_id AND t.usuario_id = m.remitente_id",
    ),
    "todos_los_del_mensaje": ("participante t", "t.conversacion_id = m.conversacion_id"),
    "los_de_la_pareja": ("participante t", "t.conversacion_id = c._id"),
    "los_del_mensaje": ("participante p", "p.conversacion_id = m.conversacion_id"),
    "sus_recibos": (
        "lectura t",
        "t.participante_id = p._id AND t.hasta >= m.secuencia AND t.desde < m.secuencia",
    ),
    "el_usuario": ("usuario u", "u._id = t.usuario_id"),
}
_QUIZA = {"quiza_el_remitente": ("usuario u", "u._id = t.remitente_id")}
_CONVERSACIONES = (
    "FROM mensajeria_conversacion t WHERE t._id {entre}{lista1} UNION ALL"
    " SELECT m.conversacion_id FROM mensajeria_mensaje m WHERE m._id {en2}"
)
# Por una expresión, que no la da ningún índice: por el de la clave se recorrería entero.
_BLOQUEADAS = "{fin} ORDER BY t._id || '' {bloquea}"
# Por nombre: la parte que llena, la clase de sus filas, la que cuelga, y de dónde salen.
_LECTURAS: dict[str, tuple[str, type[Fila], type[Fila] | None, str]] = {
    "conversaciones": (
        "conversaciones",
        ConversacionLigera,
        None,
        _CONVERSACIONES + _BLOQUEADAS,
    ),
    "conversaciones_y_parejas": (
        "conversaciones",
        ConversacionLigera,
        None,
        _CONVERSACIONES + " UNION ALL"
        " SELECT c._id FROM mensajeria_conversacion c WHERE c.clave_pareja {en3}" + _BLOQUEADAS,
    ),
    "pares": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM {pares1} v {el_participante} {el_usuario}",
    ),
    "pares_de_mensaje": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM {pares1} v {el_mensaje} {el_del_mensaje} {el_usuario}",
    ),
    "autores": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM mensajeria_mensaje m {el_autor} {el_usuario} WHERE m._id {en1}",
    ),
    "enteras": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM mensajeria_participante t {el_usuario} WHERE t.conversacion_id {en1}",
    ),
    "enteras_de_mensaje": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM mensajeria_mensaje m {todos_los_del_mensaje} {el_usuario} WHERE m._id {en1}",
    ),
    "de_parejas": (
        "participantes",
        ParticipanteLigero,
        UsuarioLigero,
        "FROM mensajeria_conversacion c {los_de_la_pareja} {el_usuario} WHERE c.clave_pareja {en1}",
    ),
    "mensajes": (
        "mensajes",
        MensajeLigero,
        UsuarioLigero,
        "FROM mensajeria_mensaje t {quiza_el_remitente}"
        " WHERE t._id {entre}{lista1} UNION ALL"
        " SELECT q.respuesta_a_id FROM mensajeria_mensaje q WHERE q._id {en1}{fin}",
    ),
    "previos": (
        "previos",
        MensajeLigero,
        None,
        "FROM {pares1} v {el_previo}",
    ),
    "reacciones": (
        "reacciones",
        ReaccionLigera,
        None,
        "FROM mensajeria_reaccion t WHERE t.mensaje_id {en1} ORDER BY t.fecha, t._id",
    ),
    "archivos": (
        "archivos",
        ArchivoLigero,
        None,
        "FROM mensajeria_archivo t WHERE t._id {en1} ORDER BY t._id || '' {bloquea}",
    ),
    "usuarios": (
        "usuarios",
        UsuarioLigero,
        None,
        "FROM mensajeria_usuario t WHERE t._id {en1}",
    ),
}

_FIJADOS = (
    "FROM mensajeria_mensaje t WHERE t.fijado AND t.conversacion_id {entre}"
    "SELECT m.conversacion_id FROM mensajeria_mensaje m WHERE m._id {en1}{fin}"
)
_RECIBOS = (
    "FROM mensajeria_mensaje m {los_del_mensaje} {sus_recibos} WHERE m._id {en1} ORDER BY t.hasta"
)


def lecturas(dialecto: Dialecto, nombrado: Nombrado) -> Iterator[Consulta]:
    """Las que hacen falta para lo nombrado; la que bloquea, la primera."""
    n = nombrado
    que_bloquea = (sorted(n.conversaciones), sorted(n.mensajes))
    if n.parejas:
        yield _lectura(dialecto, "conversaciones_y_parejas", *que_bloquea, sorted(n.parejas))
    elif n.conversaciones or n.mensajes:
        yield _lectura(dialecto, "conversaciones", *que_bloquea)
    for nombre, entra in (
        ("pares", n.pares),
        ("pares_de_mensaje", n.pares_de_mensaje),
        ("autores", n.presentados),
        ("enteras", n.enteras),
        ("enteras_de_mensaje", n.enteras_de_mensaje),
        ("de_parejas", n.parejas),
        ("mensajes", n.mensajes | n.citas),
        ("previos", n.previos),
        ("reacciones", n.reacciones),
        ("usuarios", n.usuarios),
        ("archivos", n.archivos),
    ):
        if entra:
            yield _lectura(dialecto, nombre, list(entra))
    if n.fijados:
        sql = _sql_suelto(dialecto, _FIJADOS, "t.conversacion_id", "t._id")
        yield Consulta("fijados", IdDeFijado, sql, [_codificar(list(n.fijados))])
    if n.presentados:
        columnas = ("p.conversacion_id", "p.usuario_id", "t.clase", "t.desde", "t.hasta")
        sql = _sql_suelto(dialecto, _RECIBOS, *columnas, dialecto.fecha("t.fecha"))
        yield Consulta("recibos", Recibo, sql, [_codificar(list(n.presentados))])


def _lectura(dialecto: Dialecto, nombre: str, *entra: Sequence[Any]) -> Consulta:
    parte, clase, cuelga, _ = _LECTURAS[nombre]
    propias = len(columnas_de(clase)) if cuelga else None
    return Consulta(parte, clase, _sql(dialecto, nombre), [_codificar(e) for e in entra], propias)


@functools.cache
def _sql(dialecto: Dialecto, nombre: str) -> str:
    _, clase, cuelga, resto = _LECTURAS[nombre]
    columnas = _columnas(dialecto, clase, "t")
    colgadas = _columnas(dialecto, cuelga, "u") if cuelga else []
    return dialecto.lectura(columnas, colgadas, completo(dialecto, resto))


@functools.cache
def _sql_suelto(dialecto: Dialecto, resto: str, *columnas: str) -> str:
    return dialecto.lectura(columnas, (), completo(dialecto, resto))


def completo(dialecto: Dialecto, resto: str) -> str:
    """El SQL de ese dialecto: con sus listas, sus pares y las tablas que se buscan de cada fila."""
    entre, fin = dialecto.entre
    lista1, lista2, lista3 = (dialecto.lista(n) for n in (1, 2, 3))
    return resto.format(
        entre=entre,
        fin=fin,
        lista1=lista1,
        en1=f"{entre}{lista1}{fin}",
        en2=f"{entre}{lista2}{fin}",
        en3=f"{entre}{lista3}{fin}",
        pares1=dialecto.pares(1),
        **{nombre: dialecto.por_cada(*de) for nombre, de in _DE_CADA.items()},
        **{nombre: dialecto.por_cada(*de, quiza=True) for nombre, de in _QUIZA.items()},
        bloquea=dialecto.bloquea,
    )


def _columnas(dialecto: Dialecto, clase: type[Fila], alias: str) -> list[str]:
    return [
        dialecto.fecha(f"{alias}.{c.column}")
        if c.get_internal_type() == "DateTimeField"
        else f"{alias}.{c.column}"
        for c in columnas_de(clase)
    ]
