"""Qué se tomó, qué no y por qué: las cuentas de la importación y su archivo de rechazos."""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from mensajeria.consola.importacion.documento import DocumentoLeido, sin_tomar
from mensajeria.consola.importacion.llano import SUELTOS, llano
from mensajeria.consola.importacion.valores import CONTRASENAS, Documento, Notas, Rechazo

COLECCIONES = ("usuarios", "conversaciones", "mensajes", "notificaciones")
# Lo que aquí se calcula o se resume: no tomarlo no pierde nada.
_SE_CALCULA = {
    "usuarios": ("enLinea",),
    "conversaciones": (
        "estadisticas",
        "participantes.enLinea",
        "participantes.ultimaConexion",
    ),
    "mensajes": ("createdAt", "updatedAt"),
}
_NUMERO = re.compile(r"\.\d+")


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
    # Lo que los acuses, que aquí se acumulan, dicen distinto del original.
    acuses: Counter[str] = field(default_factory=Counter, init=False)
    _motivos: Counter[tuple[str, str, str, str]] = field(default_factory=Counter, init=False)
    _archivo: TextIO | None = field(default=None, init=False)

    def traducido(self, coleccion: str, doc: DocumentoLeido) -> None:
        """Cuenta los valores de ese documento que su traducción no miró."""
        self.sin_tomar[coleccion].update(sin_tomar(doc))

    def nuevo(self, coleccion: str, id_: str, notas: Notas) -> None:
        cuenta = self.cuentas[coleccion]
        cuenta.nuevos += 1
        if notas:
            cuenta.ajustados += 1
        for nota in notas:
            self._apuntar(coleccion, id_, "ajustado", nota.campo, nota.motivo, nota.valor)

    def ya_estaba(self, coleccion: str) -> None:
        self.cuentas[coleccion].ya_estaban += 1

    def rechazado(self, coleccion: str, rechazo: Rechazo, doc: Documento | None = None) -> None:
        """El documento queda entero en el archivo, si se pudo leer, salvo su contraseña."""
        self.cuentas[coleccion].rechazados += 1
        valor = {c: v for c, v in llano(doc).items() if c not in CONTRASENAS} if doc else None
        id_ = valor and valor.get("_id")
        self._apuntar(coleccion, id_, "rechazado", rechazo.campo, rechazo.motivo, valor)

    def _apuntar(
        self, coleccion: str, id_: Any, clase: str, campo: str, motivo: str, valor: Any
    ) -> None:
        self._motivos[coleccion, clase, _NUMERO.sub("", campo), motivo] += 1
        linea = {"coleccion": coleccion, "_id": id_, "clase": clase, "motivo": motivo}
        if campo:
            linea["campo"] = campo
        if valor is not None:
            linea["valor"] = valor
        self._escribir(linea)

    def _escribir(self, linea: dict[str, Any]) -> None:
        if self._archivo is None:
            descriptor = os.open(self.ruta, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            self._archivo = os.fdopen(descriptor, "a", encoding="utf-8")
        dicho = json.dumps(linea, ensure_ascii=False)
        # Lo que no es Unicode, con su escape: en UTF-8 no cabe.
        self._archivo.write(SUELTOS.sub(_escapado, dicho) + "\n")

    def resumen(self) -> Iterator[str]:
        """La tabla de las cuentas, lo que se pierde o cambia con cuántas veces, y dónde está."""
        titulos = ("leídos", "nuevos", "ya estaban", "ajustados", "rechazados")
        yield "".join([f"{'':16}", *(f"{t:>12}" for t in titulos)])
        for coleccion, cuenta in self.cuentas.items():
            cifras = "".join(f"{c:>12}" for c in astuple(cuenta))
            yield f"{coleccion:16}{cifras}"
        for coleccion, clase, campos in self._campos():
            lista = ", ".join(f"{c} ({n})" for c, n in campos)
            yield f"Campos de {coleccion} que {clase}: {lista}"
        for (coleccion, clase, campo, motivo), n in sorted(self._motivos.items()):
            yield f"{coleccion}, {clase}: {f'{campo}: ' if campo else ''}{motivo} ({n})"
        for que, n in sorted(self.acuses.items()):
            yield f"mensajes: {que} ({n})"
        if self._archivo is not None:
            yield f"Lo rechazado y lo ajustado, caso a caso: {self.ruta}"

    def _campos(self) -> Iterator[tuple[str, str, list[tuple[str, int]]]]:
        """Por colección, los que no se toman y los que se calculan; cada uno, con cuántos."""
        for coleccion, campos in self.sin_tomar.items():
            suyos = sorted(campos.items())
            calculados = [c for c in suyos if _se_calcula(coleccion, c[0])]
            if perdidos := [c for c in suyos if c not in calculados]:
                yield coleccion, "no se toman", perdidos
            if calculados:
                yield coleccion, "aquí se calculan", calculados

    def confirmar(self) -> None:
        """Lo apuntado hasta ahora queda en el disco."""
        if self._archivo is not None:
            self._archivo.flush()

    def cerrar(self) -> None:
        """Deja en el archivo, además, los campos que no se toman."""
        for coleccion, motivo, campos in self._campos():
            for campo, n in campos:
                linea = {"coleccion": coleccion, "_id": None, "clase": "campo", "motivo": motivo}
                self._escribir({**linea, "campo": campo, "cuantos": n})
        if self._archivo is not None:
            self._archivo.close()


def _escapado(sueltos: re.Match[str]) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in sueltos[0])


def _se_calcula(coleccion: str, campo: str) -> bool:
    return any(f"{campo}.".startswith(f"{c}.") for c in _SE_CALCULA.get(coleccion, ()))
