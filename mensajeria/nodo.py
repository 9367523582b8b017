"""Este proceso entero: lo que sostiene, con un arranque y una parada en orden.

Cualquier hilo ejecuta y emite por él; lo demás nace con la primera conexión, en su bucle de
eventos. Una orden de consola no lo arranca nunca.

Duran lo que el proceso, y no se detienen con él, los hilos de `base_de_datos`, lo de
`entre_procesos.compartido` y los túneles: las últimas cuentas y respuestas salen por ellos.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

from django.conf import settings
from django.db import connection

from mensajeria import trazas
from mensajeria.archivos.limpieza import Limpieza
from mensajeria.archivos.taller.procesos import taller
from mensajeria.avisos.cartero import Cartero
from mensajeria.central.asistencia import Asistencia
from mensajeria.central.barrido import Barrido
from mensajeria.central.censo import Censo, de_los_demas
from mensajeria.central.conectado import Hoja
from mensajeria.central.entrada import Entrada
from mensajeria.central.medidor import Medidor
from mensajeria.central.reparto import Reparto
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.central.vigilancia import Vigilancia
from mensajeria.difusion.emisor import Emisor
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.escritor import Escritor
from mensajeria.ordenes.orden import Orden, Resultado
from mensajeria.ordenes.recibidos import Recibidos
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

registro = logging.getLogger("mensajeria.servidor")

# Plazos de lo que está en vuelo para confirmarse y responderse, de soltar sondeos y presencia, y
# de lo que se está avisando, que si no, vuelve al buzón.
SEGUNDOS_EN_VUELO = 4
SEGUNDOS_DE_DESPEDIDA = 3.5
SEGUNDOS_DE_AVISOS = 1.5
# Lo que se deja al drenaje sobre lo suyo: con la base parada, lo pedido no se contesta.
SEGUNDOS_DE_MAS = 0.5


class Puerta(Protocol):
    """Por donde entran clientes a este proceso."""

    async def drenar(self, segundos: float, al_dia: Callable[[], Awaitable[None]]) -> None:
        """No admite más, y cierra las que hay repartidas en esos segundos.

        `al_dia` vuelve cuando está contestado lo que se hubiera pedido al llamarla.
        """

    async def apagar(self) -> None:
        """Cierra las que queden y no admite más: el proceso termina."""


class Nodo:
    """`puertas`: las que hay, que se apuntan aquí al montarse."""

    escritor: Escritor
    recibidos: Recibidos
    barrido: Barrido
    asistencia: Asistencia
    suscripciones: Suscripciones
    reparto: Reparto
    vigilancia: Vigilancia
    entrada: Entrada
    limpieza: Limpieza
    cartero: Cartero
    medidor: Medidor
    censo: Censo

    def __init__(self) -> None:
        self.emisor = Emisor()
        self.ejecutor = Ejecutor(VERBOS, self.emisor)
        self.puertas: list[Puerta] = []
        self.arrancado = False
        # A quien llega: al vaciarse, ya no, y los que están se van a otra parte.
        self.admite = True
        # Lo que piden los que están: al detenerse, ya no, y lo que está en vuelo se responde.
        self.atiende = True

    def arrancar(self) -> None:
        """Dentro del bucle de eventos que atiende a los clientes; repetirlo no hace nada."""
        if self.arrancado:
            return
        self.arrancado = True
        self.escritor = Escritor(self.ejecutor)
        self.recibidos = Recibidos(self.escritor.pedir)
        self.barrido = Barrido()
        self.asistencia = Asistencia(self.emisor.emitir)
        self.suscripciones = Suscripciones()
        self.reparto = Reparto(self.asistencia, self.suscripciones)
        self.vigilancia = Vigilancia(self.reparto, self.suscripciones)
        self.entrada = Entrada(self.reparto, self.suscripciones, self.vigilancia)
        self.censo = Censo(self.reparto)
        self.limpieza = Limpieza()
        self.cartero = Cartero(self.emisor.emitir)
        colas = {
            "ordenes": lambda: self.escritor.esperan,
            "publicador": lambda: self.emisor.por_publicar,
        }
        self.medidor = Medidor(self.vigilancia, colas)
        # Cada parte, ya entera, empieza a correr; quien emite desde otro hilo, la última.
        self.asistencia.arrancar(self.reparto.sostiene, self.reparto.salas_de)
        self.suscripciones.arrancar(self.reparto.repartir, self.censo.contestar)
        self.vigilancia.arrancar()
        self.limpieza.arrancar()
        self.medidor.arrancar()
        if settings.AVISOS != "no":
            self.cartero.arrancar(envia=settings.AVISOS == "servir")
            self.ejecutor.al_leer = self.cartero.leyeron
        if settings.TRAZAS:
            trazas.encender()
        self.ejecutor.repartido = self.reparto.repartido
        self.emisor.arrancar(self.reparto.repartir)

    def pedir(self, ordenes: Sequence[Orden[Carga]]) -> list[Resultado]:
        """Sus resultados, en su orden. Desde cualquier hilo, salvo el del bucle de eventos.

        Por el escritor, con lo de los sockets; se ejecutan aquí si este proceso no atiende a
        nadie, o si el hilo tiene abierta una transacción: en ella ha de ir lo que pide, y esperar
        a otra que quiera lo que esta retiene no acabaría.
        """
        if self.arrancado and not connection.in_atomic_block:
            return self.escritor.esperar(ordenes)
        return self.ejecutor.ejecutar(ordenes)

    def pedir_una(self, orden: Orden[Carga]) -> Any:
        """La respuesta a una sola; lanza el error que la rechazó."""
        [resultado] = self.pedir([orden])
        if isinstance(resultado, ErrorMensajeria):
            raise resultado
        return resultado

    async def drenar(self, segundos: float) -> None:
        """Los conectados van yéndose a otra parte; lo que piden, hasta entonces, se atiende."""
        self.admite = False
        if not (segundos and self.arrancado):
            return
        async with _sin_pasar_de(segundos + SEGUNDOS_DE_MAS, "repartir los cierres"):
            al_dia = self.escritor.al_dia
            await asyncio.gather(*(puerta.drenar(segundos, al_dia) for puerta in self.puertas))

    def conectados(self, usuario: str = "") -> tuple[list[Hoja], int]:
        """Quién ha entrado en cada proceso, y cuántos procesos no lo dijeron. Desde un hilo."""
        hojas, callados = de_los_demas(usuario)
        if self.arrancado:
            try:
                hojas.append(self.censo.desde_un_hilo(usuario))
            except TimeoutError:
                callados += 1
        return hojas, callados

    async def detener(self, dejar_de_aceptar: Callable[[], Awaitable[None]]) -> None:
        """Lo confirmado se responde y se anuncia; lo demás queda sin respuesta.

        `dejar_de_aceptar` cierra los enchufes en los que se escucha, y vuelve con lo ya admitido
        por HTTP contestado. Ningún paso espera sin plazo.
        """
        self.admite = False
        if not self.arrancado:
            return
        # Si no, quien no para de enviar no dejaría terminar.
        self.atiende = False
        self.recibidos.soltar()
        await asyncio.gather(self._confirmar(), self._dejar_de_avisar())
        async with _sin_pasar_de(SEGUNDOS_DE_DESPEDIDA, "soltar sondeos y presencia"):
            await asyncio.gather(*(puerta.apagar() for puerta in self.puertas))
            # Hasta aquí se escucha: tras un proxy, cada sondeo es una conexión nueva.
            await dejar_de_aceptar()
            await self.asistencia.soltar_todo()
            await self.emisor.detener()
        taller().cerrar()
        self.limpieza.cerrar()
        self.medidor.cerrar()
        self.vigilancia.cerrar()
        self.suscripciones.cerrar()
        self.escritor.cerrar()
        if trazas.encendidas:
            await asyncio.to_thread(trazas.apagar)

    async def _confirmar(self) -> None:
        async with _sin_pasar_de(SEGUNDOS_EN_VUELO, "confirmar lo que estaba en vuelo"):
            await self.escritor.terminar()

    async def _dejar_de_avisar(self) -> None:
        async with _sin_pasar_de(SEGUNDOS_DE_AVISOS, "acabar de enviar avisos"):
            await self.cartero.detener()


@contextlib.asynccontextmanager
async def _sin_pasar_de(segundos: float, que: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(segundos):
            yield
    except TimeoutError:
        registro.warning("No dio tiempo a %s", que)


_nodo = Nodo()


def nodo() -> Nodo:
    """El de este proceso."""
    return _nodo
