"""Todas las métricas, con etiquetas acotadas: nunca un usuario ni una conversación."""

from __future__ import annotations

import functools

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from mensajeria.metricas_compartidas import compartir, registro

_COMPARTIDAS = compartir()

_EVENTOS = Counter("mensajeria_eventos", "Eventos pedidos por los clientes", ["evento"])
ERRORES = Counter("mensajeria_errores", "Peticiones rechazadas por un socket", ["codigo"])
REPARTIDOS = Counter("mensajeria_repartidos", "Eventos escritos a conexiones")
AJENOS = Counter("mensajeria_ajenos", "Mensajes de Redis que no firmó este sistema")
CONEXIONES = Gauge("mensajeria_conexiones", "Sockets abiertos", multiprocess_mode="livesum")
# De varios procesos, el que más tiene abiertos y el que menos puede.
DESCRIPTORES = Gauge(
    "mensajeria_descriptores", "Descriptores de archivo abiertos", multiprocess_mode="livemax"
)
DESCRIPTORES_MAXIMO = Gauge(
    "mensajeria_descriptores_maximo", "Los que puede abrir", multiprocess_mode="livemin"
)
ORDENES_POR_LOTE = Histogram(
    "mensajeria_ordenes_por_lote",
    "Órdenes confirmadas en cada transacción",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
SEGUNDOS_POR_LOTE = Histogram(
    "mensajeria_segundos_por_lote",
    "Lo que tarda en confirmarse un lote",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
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


@functools.cache
def evento(nombre: str) -> Counter:
    """La cuenta de uno del catálogo; buscarla cuesta más que contar."""
    return _EVENTOS.labels(nombre)


def exponer() -> bytes:
    """El texto de Prometheus, con todos los procesos de `servir` sumados."""
    if not _COMPARTIDAS:
        return generate_latest()
    todas = CollectorRegistry()
    try:
        multiprocess.MultiProcessCollector(todas)  # type: ignore[no-untyped-call]
        return generate_latest(todas)
    except Exception as error:
        registro.warning("Solo las métricas de este proceso: no se leen las demás (%s)", error)
        return generate_latest()
