"""Quién está en línea, en todos los procesos: lo que cada uno sostiene, nunca contadores.

Una clave dice algo que un proceso sostiene: `u|ana` (ana tiene aquí alguna conexión) o
`c|conv_1|ana` (alguna está unida a esa conversación). Del que muere de golpe vence el arriendo, y
otro, uno solo, anuncia a los que se fueron con él.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence, Set
from typing import NamedTuple, Protocol

from msgspec import Struct


class Clave(Struct, frozen=True, order=True, gc=False):
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


class Claves:
    """Un conjunto de claves, que sabe las de cada conversación sin recorrerlas todas."""

    def __init__(self) -> None:
        self._usuarios: dict[str, dict[str, None]] = {}

    def agregar(self, clave: Clave) -> bool:
        """`True` si no estaba."""
        suyos = self._usuarios.get(clave.conversacion)
        if suyos is None:
            suyos = self._usuarios[clave.conversacion] = {}
        elif clave.usuario in suyos:
            return False
        suyos[clave.usuario] = None
        return True

    def quitar(self, clave: Clave) -> bool:
        """`True` si estaba."""
        suyos = self._usuarios.get(clave.conversacion, {})
        estaba = clave.usuario in suyos
        if estaba:
            del suyos[clave.usuario]
            if not suyos:
                del self._usuarios[clave.conversacion]
        return estaba

    def usuarios(self, conversacion: str = "") -> Set[str]:
        """Los de las claves de esa conversación; sin ella, los de las que no la llevan."""
        return self._usuarios.get(conversacion, {}).keys()

    @property
    def conversaciones(self) -> int:
        """De cuántas hay alguna clave."""
        return len(self._usuarios) - ("" in self._usuarios)

    def __contains__(self, clave: Clave) -> bool:
        return clave.usuario in self._usuarios.get(clave.conversacion, ())

    def __iter__(self) -> Iterator[Clave]:
        return (Clave(u, id_) for id_, suyos in self._usuarios.items() for u in suyos)


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
        """De todos los procesos, de hace un segundo como mucho."""


class PresenciaEnMemoria:
    """Un solo proceso: lo que él sostiene es todo lo que hay."""

    def __init__(self) -> None:
        self.sockets = 0
        self.por_contar: set[str] = set()
        self._claves = Claves()
        self._cerrojo = threading.Lock()

    def anotar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            return [self._claves.agregar(clave) for clave in claves]

    def borrar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            return [self._claves.quitar(clave) for clave in claves]

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        return [], []

    def en_linea(self, usuarios: Collection[str]) -> set[str]:
        with self._cerrojo:
            return set(usuarios) & self._claves.usuarios()

    def unidos(self, conversacion: str) -> list[str]:
        with self._cerrojo:
            return sorted(self._claves.usuarios(conversacion))

    def conectados(self, conversaciones: Sequence[str]) -> dict[str, int]:
        with self._cerrojo:
            return {id_: len(self._claves.usuarios(id_)) for id_ in conversaciones}

    def recuento(self, conversaciones: Sequence[str]) -> dict[str, int]:
        return self.conectados(conversaciones)

    def totales(self) -> Totales:
        with self._cerrojo:
            usuarios, conversaciones = len(self._claves.usuarios()), self._claves.conversaciones
        return Totales(usuarios, conversaciones, self.sockets)
