"""`manage.py servir`: el servidor de producción, con todos sus procesos."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from mensajeria import VERSION, descriptores
from mensajeria.archivos.comprobacion import DEPOSITO
from mensajeria.compas import hasta_el_siguiente
from mensajeria.comprobaciones import falta_preparar
from mensajeria.comprobaciones.cuentas import CUENTAS
from mensajeria.consola import salidas
from mensajeria.consola.supervisor import DE_METRICAS, DESCANSO, Supervisor
from mensajeria.fallos import caida, es_caida
from mensajeria.metricas_compartidas import CARPETA
from mensajeria.models import tomar_espacio
from mensajeria.nodo import nodo
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.puertas.entrada_http import ProtocoloHTTP
from mensajeria.puertas.uvicorn import ProtocoloWS

registro = logging.getLogger("mensajeria.servidor")

# Lo que puede tardar en leerse lo último que se admitió. Y los plazos de lo que cierra uvicorn, ya
# detenido el nodo; de los hilos, cuando ya nada los espera; y de todo, tras el drenaje: uno colgado
# de la base o de Redis no retiene la salida.
SEGUNDOS_POR_LEER = 0.05
SEGUNDOS_DE_CIERRE = 1
SEGUNDOS_DE_LOS_HILOS = 3
SEGUNDOS_DE_SALIDA = 9
# Quienes esperan a que se les admita: los que deje el sistema (net.core.somaxconn, que suele ser
# 4096). De los que no caben, el sistema corta a algunos, y los demás lo intentan otra vez.
EN_ESPERA = 65_535
# Más que lo que un proxy guarda las suyas (nginx, 60): si no, pide por una que aquí se cierra.
SEGUNDOS_SIN_PEDIR = 75
# Cada cuánto da uvicorn una vuelta, de las que él cuenta diez por segundo, y de ellas, cada cuántas
# se cuentan los descriptores.
SEGUNDOS_DE_VUELTA = 1.0
TICS_POR_VUELTA = 10
TICS_ENTRE_CUENTAS = 50
# Cada conexión son decenas de objetos que duran: con los de Python (700, 10, 10), el recolector era
# una quinta parte de lo que costaba entrar a cien conversaciones.
UMBRALES = (20_000, 20, 20)
A_LA_VISTA = (
    "CUIDADO: se escucha en {host} en modo de ejemplo: quien llegue a esta máquina entra con claves"
    " que conoce cualquiera. Pon DEBUG=0, o HOST=127.0.0.1."
)


class Servidor(uvicorn.Server):
    """uvicorn, que antes de cerrar confirma y responde lo que está en vuelo.

    Llama a `latir` en cada vuelta: así se sabe que su bucle avanza.
    """

    def __init__(self, config: uvicorn.Config, latir: Callable[[], None]) -> None:
        super().__init__(config)
        self._latir = latir
        self._salir: Callable[[], object] = _nada

    async def main_loop(self) -> None:
        # La de uvicorn despierta diez veces por segundo, por si le pidieron salir.
        bucle, salir = asyncio.get_running_loop(), asyncio.Event()
        self._salir = partial(bucle.call_soon_threadsafe, salir.set)
        tics = 0
        while not await self.on_tick(tics):
            tics += TICS_POR_VUELTA
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(hasta_el_siguiente(SEGUNDOS_DE_VUELTA)):
                    await salir.wait()

    async def on_tick(self, counter: int) -> bool:
        self._latir()
        if counter % TICS_ENTRE_CUENTAS == 0:
            asyncio.get_running_loop().run_in_executor(None, descriptores.mirar)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._salir()
        # Detenerse como se pidió es terminar bien: uvicorn repetiría la señal al final.
        self._captured_signals.clear()
        _salir_en(settings.SEGUNDOS_DE_DRENAJE + SEGUNDOS_DE_SALIDA)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Lo cargado dura lo que el proceso: que el recolector no lo recorra una y otra vez.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*UMBRALES)
        if settings.AVISOS == "servir":
            # Hay a quien avisar aunque no se haya conectado nadie desde que arrancó.
            nodo().arrancar()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Un proxy que guarda conexiones para otras peticiones las suelta al contestarle, y no se le
        # corta ninguna a medias.
        self.server_state.default_headers = [
            *self.server_state.default_headers,
            (b"connection", b"close"),
        ]
        await nodo().drenar(settings.SEGUNDOS_DE_DRENAJE)
        await nodo().detener(self._dejar_de_aceptar)
        await super().shutdown(sockets)
        _salir_en(SEGUNDOS_DE_LOS_HILOS)

    async def _dejar_de_aceptar(self) -> None:
        for servidor in self.servers:
            servidor.close()
        await asyncio.sleep(SEGUNDOS_POR_LEER)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=SEGUNDOS_DE_CIERRE)


def configurar() -> uvicorn.Config:
    """uvloop, WebSocket sin E/S propia, sin compresión y con el límite de marco del contrato."""
    return uvicorn.Config(
        "servitech.aplicacion:application",
        loop="uvloop",
        http=ProtocoloHTTP,
        ws=ProtocoloWS,
        ws_max_size=MAX_MARCO,
        ws_per_message_deflate=settings.SOCKET_COMPRESION,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.PROXIES_DE_CONFIANZA,
        timeout_graceful_shutdown=SEGUNDOS_DE_CIERRE,
        timeout_keep_alive=SEGUNDOS_SIN_PEDIR,
        backlog=EN_ESPERA,
    )


def _de_esta_maquina(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _esperar_a_la_base(decir: Callable[[str], object]) -> None:
    """Con Redis, sin ella no se sabe qué es de este sistema allí: se espera, y se dice.

    Sin Redis no espera: se sirve, y lo que la pida es UNAVAILABLE hasta que vuelva. Si responde y
    está sin preparar, no se sirve: todo fallaría.
    """
    espera = False
    while True:
        try:
            if falta := falta_preparar():
                raise CommandError(falta)
            tomar_espacio()
            break
        except Exception as error:
            if not es_caida(error):
                raise
            caida(error)
            if not settings.REDIS_URL:
                return
            if not espera:
                decir(f"La base de datos no responde ({error}): se la espera. Ctrl-C para dejarlo.")
            espera = True
            time.sleep(DESCANSO)
    if espera:
        decir("La base de datos responde: se sigue.")


def _salir_en(segundos: float) -> None:
    vigia = threading.Timer(segundos, _salir)
    vigia.daemon = True
    vigia.start()


def _salir() -> None:
    registro.warning("Algo no terminó a tiempo; se sale igual")
    logging.shutdown()
    os._exit(1)


def _atender(enchufe: socket.socket, latir: Callable[[], None]) -> None:
    Servidor(configurar(), latir).run(sockets=[enchufe])


def _nada() -> None:
    pass


class Command(BaseCommand):
    help = "Sirve REST, admin, página y sockets. Se detiene con Ctrl-C o SIGTERM, sin perder nada."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="por defecto, %(default)s")
        parser.add_argument(
            "--puerto", type=int, default=settings.PORT, help="por defecto, PORT o 3000"
        )
        parser.add_argument(
            "--procesos",
            type=int,
            default=settings.PROCESOS,
            help="cuántos procesos atienden (pide REDIS_URL); por defecto, PROCESOS o 1",
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        procesos = opciones["procesos"]
        if procesos < 1:
            raise CommandError("--procesos es 1 o más")
        if procesos > 1 and not settings.REDIS_URL:
            raise CommandError(
                "Varios procesos se hablan por Redis: pon REDIS_URL=redis://localhost:6379"
            )
        if procesos > 1 and CARPETA not in os.environ:
            self._con_carpeta_de_metricas()
        self.check(tags=[Tags.database], databases=["default"])
        salidas.reservar_base()
        descriptores.subir()
        _esperar_a_la_base(lambda dicho: self.stderr.write(self.style.WARNING(dicho)))
        self.check(tags=[CUENTAS], databases=["default"])
        self.check(tags=[DEPOSITO], databases=["default"], include_deployment_checks=True)
        # Este hilo no la usa más, y en la reserva no sobran.
        connections.close_all()
        enchufe = self._abrir(opciones["host"], opciones["puerto"])
        host, puerto = enchufe.getsockname()[:2]
        if (settings.DEMO or settings.DEBUG) and not _de_esta_maquina(host):
            self.stderr.write(self.style.ERROR(A_LA_VISTA.format(host=host)))
        self.stdout.write(f"Servitech Mensajería en http://{host}:{puerto}/ (Ctrl-C para detener)")
        # Si el registro no se puede escribir, lo dice el padre, y no cada hijo.
        registro.info("%s se sirve en %s:%s (procesos: %d)", VERSION, host, puerto, procesos)
        if procesos == 1:
            _atender(enchufe, _nada)
        else:
            segundos = settings.SEGUNDOS_DE_DRENAJE + SEGUNDOS_DE_SALIDA
            Supervisor(partial(_atender, enchufe), procesos).vigilar(segundos, enchufe.close)

    def _con_carpeta_de_metricas(self) -> None:
        """Empieza otra vez con ella: prometheus_client la mira al importarse, y ya lo está.

        Sin dónde hacerla, se sigue, y cada proceso da las suyas.
        """
        try:
            os.environ[CARPETA] = tempfile.mkdtemp(prefix=DE_METRICAS)
        except OSError as error:
            registro.warning("Sin carpeta para las métricas (%s): cada proceso da las suyas", error)
            return
        os.execv(sys.executable, [sys.executable, *sys.argv])

    def _abrir(self, host: str, puerto: int) -> socket.socket:
        familia = socket.AF_INET6 if ":" in host else socket.AF_INET
        enchufe = socket.socket(familia, socket.SOCK_STREAM)
        enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            enchufe.bind((host, puerto))
            enchufe.listen(EN_ESPERA)
        except (OSError, OverflowError) as error:
            enchufe.close()
            motivo = getattr(error, "strerror", None) or "no es un puerto"
            raise CommandError(
                f"No se puede escuchar en {host}:{puerto} ({motivo}). "
                "Si está en uso, elige otro: PORT=3001"
            ) from None
        enchufe.set_inheritable(True)
        return enchufe
