"""Quién está en línea, en todos los procesos: lo que cada uno sostiene, nunca contadores.

Una clave dice algo que un proceso sostiene: `u|ana` (ana tiene aquí alguna conexión) o
`c|conv_1|ana` (alguna está unida a esa conversación). Del que muere de golpe vence el arriendo, y
otro, uno solo, anuncia a los que se fueron con él.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol


class Clave(NamedTuple):
    """`conversacion` vacía: el usuario, sin más."""

    usuario: str
    conversacion: str = ""

    @property
    def texto(self) -> str:
        return f"c|{self.conversacion}|{self.usuario}" if self.conversacion else f"u|{self.usuario}"

    @classmethod
    def de(cls, texto: str) -> Clave:
        tipo, _, resto = texto.partition("|")
        if tipo == "u":
            return cls(resto)
        conversacion, _, usuario = resto.rpartition("|")
        return cls(usuario, conversacion)


class Totales(NamedTuple):
    usuarios: int = 0
    conversaciones: int = 0
    sockets: int = 0


class Presencia(Protocol):
    """`RedisError` si Redis no responde, menos en `en_linea`, `unidos` y `conectados`: nadie.

    `sockets`: los autenticados de este proceso, que apunta quien los tiene. `por_contar`: las
    conversaciones cuyos unidos cambiaron aquí y de las que se ha de decir cuántos hay.
    """

    sockets: int
    por_contar: set[str]

    def anotar(self, claves: Collection[Clave]) -> list[bool]:
        """Este proceso las sostiene; de cada una, si antes no la sostenía ninguno."""

    def borrar(self, claves: Collection[Clave]) -> list[bool]:
        """Este proceso las suelta; de cada una, si ya no la sostiene ninguno."""

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        """Cada `LATIDO` segundos: las claves que llegan y las que se van sin que nadie lo diga."""

    def en_linea(self, usuarios: Collection[str]) -> set[str]:
        """De esos usuarios, los que tienen alguna conexión."""

    def unidos(self, conversacion: str) -> list[str]:
        """Los usuarios con alguna conexión unida a la conversación."""

    def conectados(self, conversaciones: Sequence[str]) -> dict[str, int]:
        """De cada una, cuántos usuarios tienen alguna conexión unida a ella."""

    def recuento(self, conversaciones: Sequence[str]) -> dict[str, int]:
        """Lo mismo, para decirlo a todos: sin las que algún proceso contó hace menos de 1 s."""

    def totales(self) -> Totales:
        """De todos los procesos."""


class PresenciaEnMemoria:
    """Un solo proceso: lo que él sostiene es todo lo que hay."""

    def __init__(self) -> None:
        self.sockets = 0
        self.por_contar: set[str] = set()
        self._claves: set[Clave] = set()
        self._cerrojo = threading.Lock()

    def anotar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            nuevas = [c not in self._claves for c in claves]
            self._claves.update(claves)
        return nuevas

    def borrar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            estaban = [c in self._claves for c in claves]
            self._claves.difference_update(claves)
        return estaban

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        return [], []

    def en_linea(self, usuarios: Collection[str]) -> set[str]:
        with self._cerrojo:
            return {u for u in usuarios if Clave(u) in self._claves}

    def unidos(self, conversacion: str) -> list[str]:
        with self._cerrojo:
            return sorted(c.usuario for c in self._claves if c.conversacion == conversacion)

    def conectados(self, conversaciones: Sequence[str]) -> dict[str, int]:
        with self._cerrojo:
            cuentas = Counter(c.conversacion for c in self._claves)
        return {id_: cuentas[id_] for id_ in conversaciones}

    def recuento(self, conversaciones: Sequence[str]) -> dict[str, int]:
        return self.conectados(conversaciones)

    def totales(self) -> Totales:
        with self._cerrojo:
            usuarios = {c.usuario for c in self._claves if not c.conversacion}
            conversaciones = {c.conversacion for c in self._claves if c.conversacion}
        return Totales(len(usuarios), len(conversaciones), self.sockets)
