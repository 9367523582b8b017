"""`manage.py mensaje ID`: la vida entera de un mensaje, para «no me llegó»."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from mensajeria.consola import conectados, vida_de_mensaje
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.consola.vida_de_mensaje import NO_SE_SABE, SIN_RASTRO, Conectados
from mensajeria.models import Mensaje


class Command(OrdenDeConsola):
    help = (
        "La vida de un mensaje: cuándo se confirmó, quién lo recibió y lo leyó, qué se avisó, quién"
        " está conectado ahora y, con RASTRO=1, a qué conexiones se dio."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="el identificador del mensaje")
        parser.add_argument(
            "--url",
            default=f"http://127.0.0.1:{settings.PORT}",
            help="el servidor al que preguntar quién está (por defecto, %(default)s)",
        )
        parser.add_argument(
            "--registro",
            action="append",
            help="dónde buscar su rastro, una vez por archivo (por defecto, el de aquí)",
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        fila = Mensaje.objects.filter(pk=opciones["id"]).first()
        if fila is None:
            raise CommandError(f"No hay ningún mensaje «{opciones['id']}»: no se confirmó.")
        for linea in vida_de_mensaje.contar(fila, self._conectados(opciones["url"])):
            self.stdout.write(linea)
        self.stdout.write("")
        hallado = False
        for archivo in opciones["registro"] or [settings.LOG_ARCHIVO]:
            try:
                with open(archivo, encoding="utf-8", errors="replace") as lineas:
                    for linea in vida_de_mensaje.rastro(lineas, fila):
                        hallado = True
                        self.stdout.write(linea)
            except OSError as error:
                self.stderr.write(f"No se puede leer {archivo} ({error.strerror})")
        if not hallado:
            self.stdout.write(SIN_RASTRO)
        self.stdout.write(NO_SE_SABE)

    def _conectados(self, url: str) -> Conectados:
        try:
            todas = conectados.pedir(url)
        except CommandError as error:
            self.stderr.write(str(error))
            return lambda _: None
        de_cada_uno: defaultdict[str, list[Any]] = defaultdict(list)
        for hoja in todas["procesos"]:
            for uno in hoja["conectados"]:
                de_cada_uno[uno["usuario"]].append(uno)
        if faltan := conectados.no_se_dicen(todas):
            self.stderr.write(faltan)
        return lambda usuario: de_cada_uno.get(usuario, None if faltan else ())
