"""`manage.py diagnosticar`: qué está bien, qué no y qué hacer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from mensajeria.consola.diagnostico import (
    archivos,
    base,
    capa,
    configuracion,
    disco,
    puertas,
    redis_,
    reloj,
)
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, Veredicto, mal
from mensajeria.consola.orden_de_consola import OrdenDeConsola

Parte = Callable[[], Iterable[Hallazgo]]


class Command(OrdenDeConsola):
    help = (
        "Comprueba la configuración, la base de datos, Redis, los archivos, el reloj, el disco y"
        " una ida y vuelta por cada puerta de un servidor en marcha. Termina con 1 si algo falla."
    )
    # Los avisos de la configuración son parte de lo que cuenta, no un motivo para no empezar.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--url", help=f"el servidor en marcha (por defecto, http://localhost:{settings.PORT})"
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        url = opciones["url"] or f"http://localhost:{settings.PORT}"
        if not url.startswith(("http://", "https://")):
            raise CommandError("--url empieza por http:// o https://")
        partes: dict[str, Parte] = {
            "Configuración": configuracion.revisar,
            "Base de datos": base.revisar,
            "Redis": redis_.revisar,
            "Capa": capa.revisar,
            "Archivos": archivos.revisar,
            "Reloj": reloj.revisar,
            "Disco": disco.revisar,
            "Puertas": lambda: puertas.revisar(url, exigido=bool(opciones["url"])),
        }
        cuenta: Counter[Veredicto] = Counter()
        for nombre, revisar in partes.items():
            self.stdout.write(self.style.MIGRATE_HEADING(nombre))
            for hallazgo in _sin_romperse(revisar):
                cuenta[hallazgo.estado] += 1
                self._decir(hallazgo)
        if fallos := cuenta[Veredicto.MAL]:
            raise CommandError(f"Fallos: {fallos}. Cada uno dice arriba qué hacer.")
        self.stdout.write(f"Sin fallos. Avisos: {cuenta[Veredicto.AVISO]}.")

    def _decir(self, hallazgo: Hallazgo) -> None:
        estilos = {
            Veredicto.BIEN: self.style.SUCCESS,
            Veredicto.AVISO: self.style.WARNING,
            Veredicto.MAL: self.style.ERROR,
        }
        estilo = estilos.get(hallazgo.estado, str)
        self.stdout.write(f"  {estilo(hallazgo.estado)} {hallazgo.que}")
        if hallazgo.remedio:
            self.stdout.write(f"      → {hallazgo.remedio}")


def _sin_romperse(revisar: Parte) -> Iterator[Hallazgo]:
    """Que una parte se rompa no impide mirar las demás."""
    try:
        yield from revisar()
    except Exception as error:
        yield mal(f"no se pudo comprobar ({type(error).__name__}: {error})", "Mira server.log.")
