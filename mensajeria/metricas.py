"""Todas las métricas, con etiquetas acotadas: nunca un usuario ni una conversación."""

from __future__ import annotations

import functools
import socket
from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from mensajeria import VERSION
from mensajeria.metricas_compartidas import compartir, registro

_COMPARTIDAS = compartir()


class Volcable(Protocol):
    """Lo que se cuenta en el bucle con cada mensaje, y se ve en `/metrics` cuando se vuelca.

    Anotarlo es una suma; en lo de la biblioteca, de tres a seis llamadas y un cerrojo o dos.
    """

    def volcar(self) -> None: ...


# Todos los que hay.
EN_EL_BUCLE: list[Volcable] = []


class CuentaEnElBucle:
    def __init__(self, cuenta: Counter) -> None:
        self._suya = cuenta
        self._van = 0
        EN_EL_BUCLE.append(self)

    def sumar(self, cuantos: int = 1) -> None:
        self._van += cuantos

    def volcar(self) -> None:
        if self._van:
            self._suya.inc(self._van)
            self._van = 0


class HistogramaEnElBucle:
    """Un histograma."""

    def __init__(self, histograma: Histogram) -> None:
        EN_EL_BUCLE.append(self)
        self._suyo: Any = histograma
        self._limites: list[float] = list(self._suyo._upper_bounds)
        self._cubos = [0] * len(self._limites)
        self._suma = 0.0

    def anotar(self, valor: float) -> None:
        self._cubos[bisect_left(self._limites, valor)] += 1
        self._suma += valor

    def volcar(self) -> None:
        for i, cuantos in enumerate(self._cubos):
            if cuantos:
                self._suyo._buckets[i].inc(cuantos)
                self._cubos[i] = 0
        self._suyo._sum.inc(self._suma)
        self._suma = 0.0


_EVENTOS = Counter("mensajeria_eventos", "Eventos pedidos por los clientes", ["evento"])
ERRORES = Counter("mensajeria_errores", "Peticiones rechazadas por un socket", ["codigo"])
REPARTIDOS = CuentaEnElBucle(Counter("mensajeria_repartidos", "Eventos escritos a conexiones"))
AJENOS = Counter("mensajeria_ajenos", "Mensajes de Redis o de la capa que no firmó este sistema")
CONEXIONES = Gauge(
    "mensajeria_conexiones", "Sockets abiertos en cada proceso", multiprocess_mode="liveall"
)
# De varios procesos, el que más tiene abiertos y el que menos puede.
DESCRIPTORES = Gauge(
    "mensajeria_descriptores", "Descriptores de archivo abiertos", multiprocess_mode="livemax"
)
DESCRIPTORES_MAXIMO = Gauge(
    "mensajeria_descriptores_maximo", "Los que puede abrir", multiprocess_mode="livemin"
)
CIERRES = Counter(
    "mensajeria_cierres",
    "WebSockets que terminan: con qué código (1006, sin ninguno), y quién cerró",
    ["codigo", "por"],
)
SESIONES_TERMINADAS = Counter(
    "mensajeria_sesiones_terminadas", "Sesiones de Socket.IO que terminan, y por qué", ["motivo"]
)
RECONEXIONES = Counter(
    "mensajeria_reconexiones", "Conexiones que reanudan: su cliente ya había estado"
)
CAMBIOS_REANUDADOS = Histogram(
    "mensajeria_reanudacion_cambios",
    "Lo que le faltaba a quien reanuda, en cambios",
    buckets=(0, 1, 5, 20, 100, 500, 2_000, 10_000),
)
NEGATIVAS = Counter(
    "mensajeria_negativas",
    "Lo que se niega antes o fuera de un socket: en qué puerta, y con qué código o estado",
    ["puerta", "codigo"],
)
INGRESOS_FALLIDOS = Counter(
    "mensajeria_ingresos_fallidos", "Intentos de entrar que no valen: con clave o token", ["con"]
)
HUECOS = Counter(
    "mensajeria_huecos_curados",
    "Conversaciones que se pusieron al día leyendo la base, por cómo se supo que iban por detrás",
    ["por"],
)
PUBLICACIONES_FALLIDAS = Counter(
    "mensajeria_publicaciones_fallidas", "Tandas que no salieron hacia los demás procesos"
)
_LATENCIAS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
ACUSE = HistogramaEnElBucle(
    Histogram(
        "mensajeria_acuse_segundos",
        "De que se pide algo que se guarda a que se contesta, ya confirmado",
        buckets=_LATENCIAS,
    )
)
# Entre máquinas, con la diferencia de sus relojes; lo que repone la base no cuenta aquí.
ENTREGA = HistogramaEnElBucle(
    Histogram(
        "mensajeria_entrega_segundos",
        "De que un cambio se confirma a que se escribe a quienes lo reciben en un proceso",
        buckets=_LATENCIAS,
    )
)
RETRASO = Histogram(
    "mensajeria_bucle_retraso_segundos",
    "Lo que tarda de más en darse una vuelta del bucle, medido cada medio segundo",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
RETRASO_DE_PROCESO = Gauge(
    "mensajeria_bucle_retraso_de_proceso_segundos",
    "El último, de cada uno",
    multiprocess_mode="liveall",
)
COLA = Gauge("mensajeria_cola", "Lo que espera en cada cola", ["cola"], multiprocess_mode="livesum")
# Cada cola que se mide, y cómo; se le pregunta desde el bucle.
COLAS: dict[str, Callable[[], int]] = {}
ARRIBA = Gauge(
    "mensajeria_arriba",
    "1 si responde, 0 si no, para el proceso que peor lo ve; de Redis y la capa, si se usan",
    ["parte"],
    multiprocess_mode="livemin",
)
_VERSION = Gauge(
    "mensajeria_version",
    "1, con la versión en marcha y su máquina",
    ["version", "nodo"],
    multiprocess_mode="livemax",
)
ORDENES_POR_LOTE = HistogramaEnElBucle(
    Histogram(
        "mensajeria_ordenes_por_lote",
        "Órdenes confirmadas en cada transacción",
        buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    )
)
SEGUNDOS_POR_LOTE = HistogramaEnElBucle(
    Histogram(
        "mensajeria_segundos_por_lote",
        "Lo que tarda en confirmarse un lote",
        buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
    )
)
SEGUNDOS_DE_BUSQUEDA = Histogram(
    "mensajeria_busqueda_segundos",
    "Lo que tarda la base en una búsqueda",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3),
)
ARCHIVOS = Counter(
    "mensajeria_archivos", "Archivos que llegan, por cómo quedan o por qué se niegan", ["resultado"]
)
BYTES_DE_ARCHIVOS = Counter("mensajeria_archivos_bytes", "Bytes guardados en el almacén")
# Lo cuenta cada proceso, y todos lo mismo.
EN_REVISION = Gauge(
    "mensajeria_archivos_en_revision",
    "Los que esperan al antivirus",
    multiprocess_mode="livemax",
)
POR_BORRAR = Gauge(
    "mensajeria_archivos_por_borrar",
    "Los que sobran y siguen en el almacén",
    multiprocess_mode="livemax",
)
AVISOS = Counter(
    "mensajeria_avisos", "Avisos que salen, por canal y en qué quedan", ["canal", "resultado"]
)
DEMORA_DE_AVISOS = Histogram(
    "mensajeria_avisos_demora_segundos",
    "De que un aviso puede salir (lo causó algo ya confirmado) a que se le da a su canal",
    ["canal"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
# Los cuenta cada proceso, y todos lo mismo.
AVISOS_PENDIENTES = Gauge(
    "mensajeria_avisos_pendientes",
    "Los que ya podrían haber salido, por cuánto hace",
    ["edad"],
    multiprocess_mode="livemax",
)
AVISOS_ENTERRADOS = Gauge(
    "mensajeria_avisos_enterrados",
    "Los que se dejaron por imposibles, con su último error",
    multiprocess_mode="livemax",
)
CORREOS = Counter(
    "mensajeria_correos_entrantes",
    "Correos con los que se contesta, por en qué quedan o por qué se niegan",
    ["resultado"],
)


# Una serie que nace con el primer fallo no sube: por ella no avisaría nadie.
ERRORES.labels("INTERNAL_ERROR")
NEGATIVAS.labels("rest", "INTERNAL_ERROR")
for _con in ("clave", "token"):
    INGRESOS_FALLIDOS.labels(_con)
for _por in ("nadie", "servidor"):
    CIERRES.labels(1006, _por)
for _puerta in ("http", "nativa", "socketio"):
    for _codigo in (429, 503, 1013):
        NEGATIVAS.labels(_puerta, _codigo)


@functools.cache
def evento(nombre: str) -> CuentaEnElBucle:
    """La cuenta de uno del catálogo; buscarla cuesta más que contar."""
    return CuentaEnElBucle(_EVENTOS.labels(nombre))


def exponer() -> bytes:
    """El texto de Prometheus, con todos los procesos de `servir` sumados."""
    _VERSION.labels(VERSION, socket.gethostname()).set(1)
    if not _COMPARTIDAS:
        return generate_latest()
    todas = CollectorRegistry()
    try:
        multiprocess.MultiProcessCollector(todas)  # type: ignore[no-untyped-call]
        return generate_latest(todas)
    except Exception as error:
        registro.warning("Solo las métricas de este proceso: no se leen las demás (%s)", error)
        return generate_latest()
