"""La importación entera: usuarios, conversaciones con sus mensajes, y notificaciones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, TypeVar

from bson.errors import BSONError

from mensajeria.consola.importacion import (
    conversaciones,
    mensajes,
    notificaciones,
    usuarios,
)
from mensajeria.consola.importacion.cuaderno import Cuaderno, Salidos
from mensajeria.consola.importacion.destino import Destino
from mensajeria.consola.importacion.documento import DocumentoLeido
from mensajeria.consola.importacion.fuente import Fuente, abrir
from mensajeria.consola.importacion.informe import Informe
from mensajeria.consola.importacion.tanda import Hilera
from mensajeria.consola.importacion.valores import Documento, Rechazo
from mensajeria.consola.tandas import Progreso

T = TypeVar("T", bound="Traido")

TANDA = 2000


class Traido(Protocol):
    """Lo que todo documento traducido tiene: la fila que será."""

    fila: Any


class Importador:
    """Cada tanda se confirma sola: detenido en cualquier punto, se repite y sigue donde iba."""

    def __init__(
        self, fuente: Fuente, informe: Informe, progreso: Progreso, *, simular: bool = False
    ) -> None:
        self._fuente = fuente
        self._informe = informe
        self._progreso = progreso
        self._destino = Destino(informe, simular)
        self._conexiones: dict[str, datetime] = {}
        self._salidos = Salidos()

    def importar(self) -> None:
        with ExitStack() as abiertos:
            abiertos.callback(self._salidos.cerrar)
            self._usuarios()
            de_conversaciones, de_mensajes = Cuaderno(), Cuaderno()
            abiertos.callback(de_conversaciones.cerrar)
            abiertos.callback(de_mensajes.cerrar)
            self._copiar("conversaciones", de_conversaciones, conversaciones.clave)
            self._copiar("mensajes", de_mensajes, mensajes.clave)
            self._conversaciones(de_conversaciones, de_mensajes)
            self._huerfanos(de_mensajes)
            self._notificaciones()
        self._destino.poner_conexiones(self._conexiones)

    # Leer

    def _documentos(self, coleccion: str, etapa: str) -> Iterator[tuple[DocumentoLeido, bytes]]:
        total = self._fuente.cuantos(coleccion)
        cuenta = self._informe.cuentas[coleccion]
        for crudo in self._fuente.crudos(coleccion):
            cuenta.leidos += 1
            try:
                doc = abrir(crudo)
            except BSONError as error:
                self._informe.rechazado(coleccion, Rechazo(f"no se puede leer: {error}"))
                continue
            self._progreso(etapa, cuenta.leidos, total)
            yield doc, crudo

    def _traducir(self, coleccion: str, doc: DocumentoLeido, leer: Callable[..., T]) -> T | None:
        try:
            traido = leer(doc, self._destino.usuarios)
            if not self._salidos.apuntar(coleccion, traido.fila.pk):
                raise Rechazo("otro documento tiene el mismo identificador", "_id")
        except Rechazo as rechazo:
            self._informe.rechazado(coleccion, rechazo, doc)
            return None
        self._informe.traducido(coleccion, doc)
        return traido

    def _copiar(
        self, coleccion: str, cuaderno: Cuaderno, clave: Callable[[Documento], tuple[str, int, str]]
    ) -> None:
        documentos = self._documentos(coleccion, f"leer {coleccion}")
        entradas = ((*clave(doc), crudo) for doc, crudo in documentos)
        while parte := list(islice(entradas, TANDA)):
            cuaderno.anotar(parte)
        cuaderno.ordenar()

    # Guardar

    def _usuarios(self) -> None:
        def leer(doc: Documento, _: Any) -> usuarios.UsuarioTraido:
            return usuarios.leer(doc)

        traidos = (
            traido
            for doc, _ in self._documentos("usuarios", "usuarios")
            if (traido := self._traducir("usuarios", doc, leer)) is not None
        )
        while parte := list(islice(traidos, TANDA // 2)):
            self._destino.guardar_usuarios(parte)

    def _conversaciones(self, de_conversaciones: Cuaderno, de_mensajes: Cuaderno) -> None:
        tanda: list[Hilera] = []
        peso = hechos = 0
        total = self._informe.cuentas["mensajes"].leidos
        for hilera, crudo in self._seguidos(de_conversaciones, de_mensajes):
            if crudo is None:
                tanda.append(hilera)
            else:
                hechos += 1
                self._progreso("guardar mensajes", hechos, total)
                traido = self._traducir("mensajes", abrir(crudo), mensajes.leer)
                if traido is not None:
                    tanda[-1].mensajes.append(traido)
            peso += 1
            if peso >= TANDA:
                self._destino.guardar_hileras(tanda)
                tanda, peso = [Hilera(hilera.traida, primera=False)], 0
        if tanda:
            self._destino.guardar_hileras(tanda)

    def _seguidos(
        self, de_conversaciones: Cuaderno, de_mensajes: Cuaderno
    ) -> Iterator[tuple[Hilera, bytes | None]]:
        """Cada conversación y, detrás, sus mensajes."""
        for crudo in de_conversaciones.todos():
            traida = self._traducir("conversaciones", abrir(crudo), conversaciones.leer)
            if traida is None:
                continue
            for usuario, cuando in traida.conexiones.items():
                self._conexiones[usuario] = max(self._conexiones.get(usuario, cuando), cuando)
            hilera = Hilera(traida)
            yield hilera, None
            for mensaje in de_mensajes.tomar(traida.fila.pk):
                yield hilera, mensaje

    def _huerfanos(self, de_mensajes: Cuaderno) -> None:
        for crudo in de_mensajes.sobrantes():
            doc = abrir(crudo)
            motivo = "su conversación no está, o no se pudo tomar"
            self._informe.rechazado("mensajes", Rechazo(motivo, "conversacion"), doc)

    def _notificaciones(self) -> None:
        traidas = (
            traida
            for doc, _ in self._documentos("notificaciones", "notificaciones")
            if (traida := self._traducir("notificaciones", doc, notificaciones.leer)) is not None
        )
        while parte := list(islice(traidas, TANDA)):
            self._destino.guardar_notificaciones(parte)
