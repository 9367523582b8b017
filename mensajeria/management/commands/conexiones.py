"""`manage.py conexiones`: quién está conectado, dónde, por qué puerta y desde cuándo."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from mensajeria.consola.conectados import no_se_dicen, pedir
from mensajeria.consola.orden_de_consola import OrdenDeConsola

_COLUMNAS = (
    "usuario",
    "puerta",
    "desde",
    "dirección",
    "salas",
    "por leer",
    "sin confirmar",
    "nodo",
)


class Command(OrdenDeConsola):
    help = (
        "Quién está conectado ahora en todos los procesos: por qué puerta, desde cuándo y cuánto"
        " tiene por leer. Se lo pregunta a un servidor en marcha."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--usuario", default="", help="solo las de ese identificador")
        parser.add_argument("--json", action="store_true", help="tal cual, para otro programa")
        parser.add_argument(
            "--url",
            default=f"http://127.0.0.1:{settings.PORT}",
            help="el servidor en marcha (por defecto, %(default)s)",
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        todas = pedir(opciones["url"], opciones["usuario"])
        if opciones["json"]:
            self.stdout.write(json.dumps(todas, ensure_ascii=False))
            return
        filas = [_fila(c, h) for h in todas["procesos"] for c in h["conectados"]]
        anchos = [max(map(len, columna)) for columna in zip(_COLUMNAS, *filas, strict=True)]
        for fila in (_COLUMNAS, *filas):
            celdas = (celda.ljust(ancho) for celda, ancho in zip(fila, anchos, strict=True))
            self.stdout.write("  ".join(celdas).rstrip())
        total = sum(h["total"] for h in todas["procesos"])
        self.stdout.write(f"Conexiones: {total}. Procesos: {len(todas['procesos'])}.")
        if faltan := no_se_dicen(todas):
            self.stderr.write(faltan)


def _fila(uno: dict[str, Any], hoja: dict[str, Any]) -> tuple[str, ...]:
    return (
        uno["usuario"],
        f"{uno['puerta']} ({uno['transporte']})",
        datetime.fromtimestamp(uno["desde"]).astimezone().strftime("%d/%m %H:%M:%S"),
        uno["direccion"],
        str(uno["salas"]),
        str(uno["por_leer"]),
        str(uno["sin_confirmar"]),
        f"{hoja['nodo']} {hoja['proceso'][:8]}",
    )
