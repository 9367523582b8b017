"""Qué se tomó, qué no y por qué: las cuentas de la importación y su archivo de rechazos."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
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
            self._escribir(coleccion, id_, "ajustado", nota.campo, nota.motivo, nota.valor)

    def ya_estaba(self, coleccion: str) -> None:
        self.cuentas[coleccion].ya_estaban += 1

    def rechazado(self, coleccion: str, id_: Any, rechazo: Rechazo) -> None:
        self.cuentas[coleccion].rechazados += 1
        self._escribir(coleccion, llano(id_), "rechazado", rechazo.campo, rechazo.motivo, None)

    def _escribir(
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

    def confirmar(self) -> None:
        """Lo apuntado hasta ahora queda en el disco."""
        if self._archivo is not None:
            self._archivo.flush()

    @property
    def hay_archivo(self) -> bool:
        return self._archivo is not None

    def cerrar(self) -> None:
        if self._archivo is not None:
            self._archivo.close()
