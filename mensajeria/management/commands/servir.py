"""`manage.py servir`: el servidor de producción, con todos sus procesos."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from prometheus_client import multiprocess

from mensajeria.comprobaciones import CUENTAS
from mensajeria.consola import archivos
from mensajeria.fallos import es_caida
from mensajeria.metricas_compartidas import CARPETA
from mensajeria.models import tomar_espacio
from mensajeria.nodo import nodo
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.puertas.entrada_http import ProtocoloHTTP
from mensajeria.puertas.uvicorn import ProtocoloWS

registro = logging.getLogger("mensajeria.servidor")

# Plazos de lo que cierra uvicorn, ya detenido el nodo, y de todo: un hilo colgado de la base o de
# Redis no retiene la salida.
SEGUNDOS_DE_CIERRE = 1
SEGUNDOS_DE_SALIDA = 9
# Más que lo que un proxy guarda las suyas (nginx, 60): si no, pide por una que aquí se cierra.
SEGUNDOS_SIN_PEDIR = 75
DE_METRICAS = "servitech-metricas-"
# Cada conexión son decenas de objetos que duran: con los de Python (700, 10, 10), el recolector era
# una quinta parte de lo que costaba entrar a cien conversaciones.
UMBRALES = (20_000, 20, 20)
A_LA_VISTA = (
    "CUIDADO: se escucha en {host} en modo de ejemplo: quien llegue a esta máquina entra con claves"
    " que conoce cualquiera. Pon DEBUG=0, o HOST=127.0.0.1."
)
# Un proceso que muere nada más nacer no se repite sin descanso.
DESCANSO = 1.0


class Servidor(uvicorn.Server):
    """uvicorn, que antes de cerrar confirma y responde lo que está en vuelo."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # Detenerse como se pidió es terminar bien: uvicorn repetiría la señal al final.
        self._captured_signals.clear()
        vigia = threading.Timer(SEGUNDOS_DE_SALIDA, _salir)
        vigia.daemon = True
        vigia.start()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Lo cargado dura lo que el proceso: que el recolector no lo recorra una y otra vez.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*UMBRALES)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await nodo().detener(self._dejar_de_aceptar)
        await super().shutdown(sockets)

    def _dejar_de_aceptar(self) -> None:
        for servidor in self.servers:
            servidor.close()


def configurar() -> uvicorn.Config:
    """uvloop, WebSocket sin E/S propia, sin compresión y con el límite de marco del contrato."""
    return uvicorn.Config(
        "servitech.asgi:application",
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
    )


def _de_esta_maquina(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _olvidar_metricas(pid: int) -> None:
    if CARPETA in os.environ:
        with contextlib.suppress(OSError):
            multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _esperar_a_la_base() -> None:
    """Sin ella no se sabe qué es de este sistema en Redis; quien conecta, espera."""
    while True:
        try:
            tomar_espacio()
            connection.close()
            return
        except Exception as error:
            if not es_caida(error):
                raise
            registro.warning("La base no responde (%s): se espera", type(error).__name__)
            time.sleep(DESCANSO)


def _soltar_la_base() -> None:
    """La que abrieron las comprobaciones: dos hijos hablarían por el mismo enchufe."""
    connection.close()
    # En PostgreSQL, la reserva guarda las suyas abiertas.
    if cerrar := getattr(connection, "close_pool", None):
        cerrar()


def _salir() -> None:
    registro.warning("Algo no terminó en %d segundos; se sale igual", SEGUNDOS_DE_SALIDA)
    logging.shutdown()
    os._exit(1)


def _atender(enchufe: socket.socket) -> None:
    _esperar_a_la_base()
    Servidor(configurar()).run(sockets=[enchufe])


class Command(BaseCommand):
    help = "Sirve REST, admin, página y sockets. Se detiene con Ctrl-C o SIGTERM, sin perder nada."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="por defecto, %(default)s")
        parser.add_argument(
            "--puerto", type=int, default=settings.PORT, help="por defecto, PORT o 3000"
        )
        parser.add_argument(
            "--procesos", type=int, default=1, help="cuántos procesos atienden (pide REDIS_URL)"
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
        self.check(tags=[Tags.database, CUENTAS], databases=["default"])
        archivos.reservar_base()
        enchufe = self._abrir(opciones["host"], opciones["puerto"])
        host, puerto = enchufe.getsockname()[:2]
        if (settings.DEMO or settings.DEBUG) and not _de_esta_maquina(host):
            self.stderr.write(self.style.ERROR(A_LA_VISTA.format(host=host)))
        self.stdout.write(f"Servitech Mensajería en http://{host}:{puerto}/ (Ctrl-C para detener)")
        # Si el registro no se puede escribir, lo dice el padre, y no cada hijo.
        registro.info("Se sirve en %s:%s (procesos: %d)", host, puerto, procesos)
        if procesos == 1:
            _atender(enchufe)
        else:
            Supervisor(enchufe, procesos).vigilar()

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
            enchufe.listen(2048)
        except (OSError, OverflowError) as error:
            enchufe.close()
            motivo = getattr(error, "strerror", None) or "no es un puerto"
            raise CommandError(
                f"No se puede escuchar en {host}:{puerto} ({motivo}). "
                "Si está en uso, elige otro: PORT=3001"
            ) from None
        enchufe.set_inheritable(True)
        return enchufe


class Supervisor:
    """El proceso padre: no atiende a nadie, y levanta otra vez a los hijos que mueren."""

    def __init__(self, enchufe: socket.socket, cuantos: int) -> None:
        self._enchufe = enchufe
        self._cuantos = cuantos
        self._contexto = get_context("fork")
        self._hijos: list[Any] = []
        self._parando = False

    def vigilar(self) -> None:
        _soltar_la_base()
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, self._parar)
        self._hijos = [self._nacer() for _ in range(self._cuantos)]
        while not self._parando:
            for i, hijo in enumerate(self._hijos):
                hijo.join(timeout=0.2)
                if hijo.exitcode is not None and not self._parando:
                    _olvidar_metricas(hijo.pid)
                    registro.error("Murió el proceso %s (%s); nace otro", hijo.pid, hijo.exitcode)
                    time.sleep(DESCANSO if hijo.exitcode else 0)
                    self._hijos[i] = self._nacer()
        limite = time.monotonic() + SEGUNDOS_DE_SALIDA + DESCANSO / 2
        for hijo in self._hijos:
            hijo.join(max(0, limite - time.monotonic()))
            if hijo.is_alive():
                hijo.kill()
        carpeta = Path(os.environ.get(CARPETA, ""))
        if carpeta.name.startswith(DE_METRICAS):
            shutil.rmtree(carpeta, ignore_errors=True)

    def _nacer(self) -> Any:
        hijo = self._contexto.Process(target=self._ser_hijo)
        hijo.start()
        return hijo

    def _ser_hijo(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _atender(self._enchufe)
        sys.exit(0)

    def _parar(self, *_: Any) -> None:
        self._parando = True
        for hijo in self._hijos:
            if hijo.is_alive():
                hijo.terminate()
