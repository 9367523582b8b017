"""Lo que de la fuente no cabe en memoria, en archivos temporales: sus documentos, para tomarlos en
otro orden, y qué identificadores han salido ya.

La fuente se recorre una vez y sin índices (crear uno sería cambiarla; sin él, pedir los mensajes de
cada conversación la recorrería entera cada vez). El orden se decide aquí, con las fechas ya leídas.
Ocupa en disco lo que ocupe la colección, en la carpeta temporal (`TMPDIR`). Es un archivo sin
nombre: se va con el proceso, también si lo matan.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

Entrada = tuple[str, int, str, bytes]


class Cuaderno:
    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
            "CREATE TABLE doc (grupo TEXT, orden INTEGER, id TEXT, crudo BLOB);"
            "CREATE TABLE tomado (grupo TEXT PRIMARY KEY) WITHOUT ROWID;"
        )

    def anotar(self, entradas: Iterable[Entrada]) -> None:
        """Cada una: su grupo, su orden dentro, su identificador para desempatar, y el documento."""
        self._base.execute("BEGIN")
        self._base.executemany("INSERT INTO doc VALUES (?, ?, ?, ?)", entradas)
        self._base.execute("COMMIT")

    def ordenar(self) -> None:
        self._base.execute("CREATE INDEX orden ON doc (grupo, orden, id)")

    def todos(self) -> Iterator[bytes]:
        """Todos los documentos, en su orden."""
        for (crudo,) in self._base.execute("SELECT crudo FROM doc ORDER BY grupo, orden, id"):
            yield crudo

    def tomar(self, grupo: str) -> Iterator[bytes]:
        """Los de ese grupo, en su orden; el grupo queda por tomado."""
        self._base.execute("INSERT OR IGNORE INTO tomado VALUES (?)", (grupo,))
        consulta = "SELECT crudo FROM doc WHERE grupo = ? ORDER BY orden, id"
        for (crudo,) in self._base.execute(consulta, (grupo,)):
            yield crudo

    def sobrantes(self) -> Iterator[bytes]:
        """Los de los grupos que nadie tomó."""
        consulta = (
            "SELECT crudo FROM doc WHERE grupo NOT IN (SELECT grupo FROM tomado)"
            " ORDER BY grupo, orden, id"
        )
        for (crudo,) in self._base.execute(consulta):
            yield crudo

    def cerrar(self) -> None:
        self._base.close()


class Salidos:
    """Los identificadores de los documentos tomados, de cada colección."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;"
            "CREATE TABLE salido (coleccion TEXT, id TEXT, PRIMARY KEY (coleccion, id))"
            " WITHOUT ROWID; BEGIN;"
        )

    def apuntar(self, coleccion: str, id_: str) -> bool:
        """Falso si ya estaba apuntado."""
        orden = "INSERT OR IGNORE INTO salido VALUES (?, ?)"
        return self._base.execute(orden, (coleccion, id_)).rowcount == 1

    def cerrar(self) -> None:
        self._base.close()
