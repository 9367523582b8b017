"""Guardar por tandas en la base configurada. Con `simular`, todo menos guardar."""

from __future__ import annotations

import functools
import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError

from mensajeria.base_de_datos import atomico
from mensajeria.consola.importacion.informe import Informe
from mensajeria.consola.importacion.notificaciones import NotificacionTraida
from mensajeria.consola.importacion.tanda import ConversacionEnCurso, Hilera, Tanda, Vistos
from mensajeria.consola.importacion.usuarios import UsuarioTraido
from mensajeria.consola.importacion.valores import Nota, Notas
from mensajeria.fallos import es_cerrojo_ajeno, es_conflicto
from mensajeria.models import Notificacion, Usuario, plegado

T = TypeVar("T")

# MongoDB retiene un minuto lo que dejó a medias un proceso muerto, como otra importación.
_PACIENCIA = 90.0
_MAX_DUPLICADOS = 8
_POR_CONSULTA = 500


class Destino:
    def __init__(self, informe: Informe, simular: bool) -> None:
        self._informe = informe
        self._simular = simular
        self._vistos = Vistos()
        self._abierta: ConversacionEnCurso | None = None
        self._nombres: set[str] = set()
        # Los que existen aquí: los que había y los que se importen.
        self.usuarios: set[str] = set(Usuario.objects.values_list("pk", flat=True).iterator())

    def _confirmar(self, hacer: Callable[[], T]) -> T:
        """En una transacción, que se repite entera si la cruza otra."""
        if self._simular:
            return hacer()
        limite = time.monotonic() + _PACIENCIA
        for intento in itertools.count():
            try:
                with atomico():
                    return hacer()
            except Exception as error:
                if not _puede_salir(error, intento) or time.monotonic() > limite:
                    raise
            time.sleep(random.uniform(0, min(0.005 * 2**intento, 1)))
        raise AssertionError("nunca deja de intentarlo sin devolver o lanzar")

    # Usuarios

    def guardar_usuarios(self, tanda: Sequence[UsuarioTraido]) -> None:
        nuevos = self._confirmar(lambda: self._crear_usuarios(tanda))
        self._informe.cuentas["usuarios"].ya_estaban += len(tanda) - len(nuevos)
        for fila, notas in nuevos:
            self.usuarios.add(fila.pk)
            self._nombres.add(plegado(fila.username))
            self._informe.nuevo("usuarios", fila.pk, notas)
        self._informe.confirmar()

    def _crear_usuarios(self, tanda: Sequence[UsuarioTraido]) -> list[tuple[Usuario, Notas]]:
        usados = self._nombres | set(
            Usuario.objects.filter(
                nombre_plegado__in=[plegado(u.fila.username) for u in tanda]
            ).values_list("nombre_plegado", flat=True)
        )
        nuevos: list[tuple[Usuario, Notas]] = []
        for traido in tanda:
            fila, notas = traido.fila, list(traido.notas)
            if fila.pk in self.usuarios:
                continue
            if plegado(fila.username) in usados:
                motivo = "otro usuario ya se llama así: ingresa con su identificador"
                notas.append(Nota("username", motivo, fila.username))
                fila.username = fila.pk
            usados.add(plegado(fila.username))
            nuevos.append((fila, notas))
        if nuevos and not self._simular:
            Usuario.objects.bulk_create([fila for fila, _ in nuevos])
        return nuevos

    def poner_conexiones(self, conexiones: Mapping[str, datetime]) -> None:
        """La última conexión de quien no la traía, según sus conversaciones."""
        ids = sorted(conexiones)
        for i in range(0, 0 if self._simular else len(ids), _POR_CONSULTA):
            tramo = ids[i : i + _POR_CONSULTA]
            self._confirmar(functools.partial(self._poner, tramo, conexiones))

    def _poner(self, ids: Sequence[str], conexiones: Mapping[str, datetime]) -> None:
        filas = list(Usuario.objects.filter(pk__in=ids, ultima_conexion=None))
        for fila in filas:
            fila.ultima_conexion = conexiones[fila.pk]
        if filas:
            Usuario.objects.bulk_update(filas, ["ultima_conexion"])

    # Conversaciones y mensajes

    def guardar_hileras(self, hileras: Sequence[Hilera]) -> None:
        tanda = self._confirmar(lambda: self._hacer_tanda(hileras))
        self._vistos.sumar(tanda.suyos)
        for en_curso in tanda.en_curso.values():
            self._informe.acuses.update(en_curso.recibos.distintos)
            en_curso.recibos.distintos.clear()
        if self._simular:
            self._abierta = tanda.en_curso[hileras[-1].traida.fila.pk]
            # Lo suyo ya está contado: lo que siga empieza sin filas pendientes.
            self._abierta.recibos.filas.clear()
        informe = self._informe
        for hilera in hileras:
            pk = hilera.traida.fila.pk
            if not hilera.primera:
                continue
            if (notas := tanda.notas_de_conversacion.get(pk)) is not None:
                informe.nuevo("conversaciones", pk, notas)
            else:
                informe.ya_estaba("conversaciones")
        for traido, notas in tanda.mensajes:
            informe.nuevo("mensajes", traido.fila.pk, notas)
        informe.cuentas["mensajes"].ya_estaban += tanda.ya_estaban
        informe.confirmar()

    def _hacer_tanda(self, hileras: Sequence[Hilera]) -> Tanda:
        tanda = Tanda(hileras, self._vistos, self._abierta, bloquear=not self._simular)
        if not self._simular:
            tanda.guardar()
        return tanda

    # Notificaciones

    def guardar_notificaciones(self, tanda: Sequence[NotificacionTraida]) -> None:
        nuevas = self._confirmar(lambda: self._crear_notificaciones(tanda))
        self._informe.cuentas["notificaciones"].ya_estaban += len(tanda) - len(nuevas)
        for traida in nuevas:
            self._informe.nuevo("notificaciones", traida.fila.pk, traida.notas)
        self._informe.confirmar()

    def _crear_notificaciones(
        self, tanda: Sequence[NotificacionTraida]
    ) -> list[NotificacionTraida]:
        ids = [n.fila.pk for n in tanda]
        hay = set(Notificacion.objects.filter(pk__in=ids).values_list("pk", flat=True))
        nuevas = [n for n in tanda if n.fila.pk not in hay]
        if nuevas and not self._simular:
            Notificacion.objects.bulk_create([n.fila for n in nuevas])
        return nuevas


def _puede_salir(error: Exception, intento: int) -> bool:
    """Si repetir puede servir; lo que sigue duplicado tras varias veces no lo trae otro."""
    if isinstance(error, IntegrityError):
        return intento < _MAX_DUPLICADOS
    return es_conflicto(error) or es_cerrojo_ajeno(error)
