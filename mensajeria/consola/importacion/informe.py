"""Qué se tomó, qué no y por qué: las cuentas de la importación y su archivo de rechazos."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from mensajeria.consola.importacion.valores import Documento, Notas, Rechazo, llano

COLECCIONES = ("usuarios", "conversaciones", "mensajes", "notificaciones")


@dataclass(slots=True)
class Cuenta:
    leidos: int = 0
    nuevos: int = 0
    ya_estaban: int = 0
    ajustados: int = 0
    rechazados: int = 0


@dataclass(slots=True)
class Informe:
    """El archivo se crea con la primera línea, solo para su dueño: lleva datos personales."""

    ruta: Path
    cuentas: dict[str, Cuenta] = field(
        default_factory=lambda: {c: Cuenta() for c in COLECCIONES}, init=False
    )
    sin_tomar: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter), init=False
    )
    _archivo: TextIO | None = field(default=None, init=False)

    def leido(self, coleccion: str, doc: Documento, conocidos: frozenset[str]) -> None:
        """Cuenta un documento, y los campos suyos que no se toman."""
        self.cuentas[coleccion].leidos += 1
        if extra := doc.keys() - conocidos:
            self.sin_tomar[coleccion].update(extra)

    def nuevo(self, coleccion: str, id_: str, notas: Notas) -> None:
        cuenta = self.cuentas[coleccion]
        cuenta.nuevos += 1
        if notas:
            cuenta.ajustados += 1
        for nota in notas:
            self._apuntar(coleccion, id_, "ajustado", nota.campo, nota.motivo, nota.valor)

    def ya_estaba(self, coleccion: str) -> None:
        self.cuentas[coleccion].ya_estaban += 1

    def rechazado(self, coleccion: str, id_: Any, rechazo: Rechazo) -> None:
        self.cuentas[coleccion].rechazados += 1
        self._apuntar(coleccion, llano(id_), "rechazado", rechazo.campo, rechazo.motivo, None)

    def _apuntar(
        self, coleccion: str, id_: Any, clase: str, campo: str, motivo: str, valor: Any
    ) -> None:
        if self._archivo is None:
            descriptor = os.open(self.ruta, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            self._archivo = os.fdopen(descriptor, "a", encoding="utf-8")
        linea = {"coleccion": coleccion, "_id": id_, "clase": clase, "motivo": motivo}
        if campo:
            linea["campo"] = campo
        if valor is not None:
            linea["valor"] = valor
        self._archivo.write(json.dumps(linea, ensure_ascii=False) + "\n")

    def resumen(self) -> Iterator[str]:
        """La tabla de las cuentas, lo que no se toma y dónde está lo apuntado, por líneas."""
        titulos = ("leídos", "nuevos", "ya estaban", "ajustados", "rechazados")
        yield "".join([f"{'':16}", *(f"{t:>12}" for t in titulos)])
        for coleccion, cuenta in self.cuentas.items():
            cifras = "".join(f"{c:>12}" for c in astuple(cuenta))
            yield f"{coleccion:16}{cifras}"
        for coleccion, campos in self.sin_tomar.items():
            lista = ", ".join(f"{c} ({n})" for c, n in campos.most_common(12))
            yield f"Campos de {coleccion} que no se toman: {lista}"
        if self._archivo is not None:
            yield f"Lo rechazado y lo ajustado, con su porqué: {self.ruta}"

    def confirmar(self) -> None:
        """Lo apuntado hasta ahora queda en el disco."""
        if self._archivo is not None:
            self._archivo.flush()

    def cerrar(self) -> None:
        if self._archivo is not None:
            self._archivo.close()
