"""`manage.py documentar`: escribe del catálogo `docs/eventos.md` y `docs/asyncapi.yaml`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mensajeria.protocolo import documentacion


class Command(BaseCommand):
    help = "Escribe docs/eventos.md y docs/asyncapi.yaml; --comprobar solo mira."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--comprobar", action="store_true", help="no escribe: falla si algo no está al día"
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        carpeta = settings.BASE_DIR / "docs"
        textos = {
            carpeta / "eventos.md": documentacion.markdown(),
            carpeta / "asyncapi.yaml": documentacion.asyncapi_yaml(),
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
        carpeta.mkdir(exist_ok=True)
        for ruta in distintos:
            ruta.write_text(textos[ruta], encoding="utf-8")
            self.stdout.write(f"Escrito {ruta.relative_to(settings.BASE_DIR)}")
