"""Trazas de OpenTelemetry del camino de un mensaje: trama, orden, base, publicado y entregado.

Solo si se dice a quién enviarlas (`OTEL_EXPORTER_OTLP_ENDPOINT`). Quien las deja pregunta antes si
están `encendidas`. La traza de un mensaje sale de su conversación y su cambio: los demás procesos
la conocen sin que se les diga nada.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from typing import Any

from mensajeria import VERSION

SEGUNDOS_DE_ENVIO = 1.0
encendidas = False
_proveedor: Any = None
_trazador: Any = None
# La traza y el tramo del que se empieza en este hilo.
_propios = threading.local()


def encender() -> None:
    """Desde ahora se envían; a dónde y cuántas lo dicen las variables de OpenTelemetry.

    Fuente: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    global encendidas, _proveedor, _trazador
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

    class DelMensaje(IdGenerator):
        _al_azar = RandomIdGenerator()

        def generate_trace_id(self) -> int:
            return int(_propios.traza)

        def generate_span_id(self) -> int:
            return int(_propios.tramo or self._al_azar.generate_span_id())

    recurso = Resource.create(
        {
            "service.name": "mensajeria",
            "service.version": VERSION,
            "service.instance.id": socket.gethostname(),
        }
    )
    _proveedor = TracerProvider(resource=recurso, id_generator=DelMensaje(), shutdown_on_exit=False)
    _proveedor.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _trazador = _proveedor.get_tracer("mensajeria", VERSION)
    encendidas = True


def apagar() -> None:
    """Envía lo que quede, sin pasar de un rato, y no se dejan más. Desde un hilo: espera."""
    global encendidas
    encendidas = False
    # A quien no contesta se le insistiría mucho más.
    envio = threading.Thread(target=_proveedor.shutdown, daemon=True)
    envio.start()
    envio.join(SEGUNDOS_DE_ENVIO)


def tramo(
    nombre: str,
    conversacion: str,
    cambio: int,
    desde: float,
    hasta: float | None = None,
    **mas: Any,
) -> None:
    """Un tramo ya acabado, en segundos Unix; `trama` es del que cuelgan los demás.

    `mas`: identificadores y cuentas; nada de lo que se escribió.
    """
    from opentelemetry import trace

    huella = hashlib.sha256(f"{conversacion} {cambio}".encode()).digest()
    _propios.traza = int.from_bytes(huella[:16])
    raiz = int.from_bytes(huella[16:24])
    contexto: Any = None
    if nombre == "trama":
        _propios.tramo = raiz
    else:
        _propios.tramo = 0
        suya = trace.SpanContext(_propios.traza, raiz, True, trace.TraceFlags(1))
        contexto = trace.set_span_in_context(trace.NonRecordingSpan(suya))
    uno = _trazador.start_span(
        nombre,
        contexto,
        start_time=int(desde * 1e9),
        attributes={"conversacion": conversacion, "cambio": cambio, **mas},
    )
    uno.end(int((time.time() if hasta is None else hasta) * 1e9))
