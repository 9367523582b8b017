"""`manage.py documentar`: del catálogo, su documentación y sus tipos para JavaScript."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mensajeria.consola.documentacion.asyncapi import asyncapi_yaml
from mensajeria.consola.documentacion.declaraciones import declaraciones
from mensajeria.consola.documentacion.markdown import markdown
from mensajeria.consola.documentacion.negativas import negativas


class Command(BaseCommand):
    help = (
        "Escribe docs/eventos.md, docs/errores.md, docs/asyncapi.yaml y los tipos de JavaScript"
        " (eventos.d.ts); --comprobar solo mira."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--comprobar", action="store_true", help="no escribe: falla si algo no está al día"
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        raiz = settings.BASE_DIR
        textos = {
            raiz / "docs/eventos.md": markdown(),
            raiz / "docs/errores.md": negativas(),
            raiz / "docs/asyncapi.yaml": asyncapi_yaml(),
            raiz / "static/mensajeria/cliente/eventos.d.ts": declaraciones(),
        }
        distintos = [
            ruta
            for ruta, texto in textos.items()
            if not ruta.exists() or ruta.read_text(encoding="utf-8") != texto
        ]
        if opciones["comprobar"]:
            if distintos:
                nombres = ", ".join(ruta.name for ruta in distintos)
                raise CommandError(f"No está al día: {nombres}. Ejecuta: make docs")
            return
        for ruta in distintos:
            ruta.parent.mkdir(parents=True, exist_ok=True)
            ruta.write_text(textos[ruta], encoding="utf-8")
            self.stdout.write(f"Escrito {ruta.relative_to(raiz)}")
