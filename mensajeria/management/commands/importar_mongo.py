"""`manage.py importar_mongo URI`: trae la base original de SERVITECH a la configurada."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from mensajeria.consola.importacion.fuente import ErrorDeFuente, Fuente
from mensajeria.consola.importacion.importador import Importador
from mensajeria.consola.importacion.informe import Informe
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.consola.progreso import Barra
from mensajeria.consola.salidas import no_se_pudo_guardar

_AYUDA = """\
Trae usuarios, conversaciones, mensajes y notificaciones de la base original de SERVITECH (MongoDB)
a la base configurada. La original solo se lee. Se puede detener y repetir: lo que ya está no se
repite. Lo que no se puede tomar, o se toma distinto, queda en un archivo con su porqué.
Ejemplo: manage.py importar_mongo mongodb://localhost:27017/servitech_mensajeria --simular"""


class Command(OrdenDeConsola):
    help = _AYUDA

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "uri",
            nargs="?",
            default=os.environ.get("ORIGEN_URI"),
            help="mongodb://máquina:puerto/base; o en la variable ORIGEN_URI, para que la clave"
            " no quede a la vista en la lista de procesos",
        )
        parser.add_argument("--simular", action="store_true", help="solo cuenta: no guarda nada")
        parser.add_argument(
            "--rechazos",
            type=Path,
            help="archivo de lo no tomado (por defecto, importacion-AAAAMMDD-HHMMSS.jsonl aquí)",
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        if not opciones["uri"]:
            raise CommandError("Falta la dirección: mongodb://máquina:27017/servitech_mensajeria")
        ruta = opciones["rechazos"] or Path(f"importacion-{datetime.now():%Y%m%d-%H%M%S}.jsonl")
        self._comprobar_ruta(ruta)
        informe = Informe(ruta)
        barra = Barra(self.stderr, muda=opciones["verbosity"] == 0)
        # Casi todo lo que se crea muere con su tanda: buscar ciclos a cada paso cuesta una décima.
        gc.set_threshold(100_000)
        try:
            with _dicho(ruta), Fuente(opciones["uri"]) as fuente:
                self._comprobar(fuente)
                Importador(fuente, informe, barra, simular=opciones["simular"]).importar()
        except KeyboardInterrupt:
            self._resumir(informe, opciones["simular"])
            raise CommandError(
                "Detenido. Repite la misma orden para seguir: lo guardado no se repite.",
                returncode=130,
            ) from None
        finally:
            barra.terminar()
            informe.cerrar()
        self._resumir(informe, opciones["simular"])

    def _comprobar_ruta(self, ruta: Path) -> None:
        """Antes de empezar: el archivo no se abre hasta que hay algo que apuntar."""
        if ruta.is_dir() or not os.access(ruta.parent, os.W_OK):
            raise CommandError(
                f"No se puede escribir en {ruta}: di otro sitio con --rechazos, un archivo en una"
                " carpeta que exista y en la que puedas escribir."
            )

    def _comprobar(self, fuente: Fuente) -> None:
        if connection.vendor != "mongodb":
            return
        mia: Any = connection
        mia.ensure_connection()
        if mia.database.name == fuente.nombre and set(mia.connection.nodes) & fuente.maquinas:
            raise CommandError(
                "La base original y la configurada (MONGODB_URI) son la misma: pon otro nombre de"
                " base en MONGODB_URI, para no mezclarlas."
            )

    def _resumir(self, informe: Informe, simular: bool) -> None:
        for linea in informe.resumen():
            self.stdout.write(linea)
        if simular:
            self.stdout.write("Simulación: no se ha guardado nada.")


@contextmanager
def _dicho(ruta: Path) -> Iterator[None]:
    """Lo que falla fuera de la base configurada, dicho sin traza."""
    try:
        yield
    except ErrorDeFuente as error:
        raise CommandError(str(error)) from None
    except sqlite3.Error as error:
        # La base configurada da errores de Django: este es de la copia temporal.
        raise CommandError(
            f"No se pudo copiar la original a la carpeta temporal ({error}): hace falta sitio"
            " para la colección de mensajes entera. Di otra carpeta en TMPDIR, y repite."
        ) from None
    except OSError as error:
        raise no_se_pudo_guardar(ruta, error) from None
