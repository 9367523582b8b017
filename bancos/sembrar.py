"""Llena una base del producto con lo que una fila necesita: `sembrar.py < siembra.json`.

Corre aparte, con la copia del producto que se mide en PYTHONPATH, y usa sus modelos. Entra una
lista de conversaciones, `[{"id", "gente": [usuario, …], "mensajes": N}, …]`; no sale nada.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from mensajeria.models import Conversacion, Lectura, Mensaje, Participante, Usuario  # noqa: E402

TANDA = 2000
POR_RECIBO = 20
INICIO = datetime(2026, 1, 1, tzinfo=UTC)
TEXTO = "¿Me confirmas la visita de mañana a las diez? Llevo yo los repuestos."


def _crear(modelo: Any, filas: Iterator[Any]) -> None:
    while tanda := list(itertools.islice(filas, TANDA)):
        modelo.objects.bulk_create(tanda)


def _usuarios(conversaciones: list[dict[str, Any]]) -> Iterator[Usuario]:
    for u in sorted({u for c in conversaciones for u in c["gente"]}):
        yield Usuario(pk=u, username=u, nombre=f"Persona {u}", apellido="Del Banco", password="!")


def _fecha(n: int) -> datetime:
    return INICIO + timedelta(seconds=n)


def _conversaciones(conversaciones: list[dict[str, Any]]) -> Iterator[Conversacion]:
    for i, c in enumerate(conversaciones):
        n = c["mensajes"]
        yield Conversacion(
            pk=c["id"],
            codigo=f"CONV-{i}-BANCO0",
            tipo=Conversacion.Tipo.GRUPAL,
            fecha_ultima_actividad=_fecha(i + n),
            ultimo_mensaje=_fecha(n) if n else None,
            ultima_secuencia=n,
            ultimo_cambio=n,
        )


def _enviados(c: dict[str, Any], i: int) -> int:
    """Se turnan: el mensaje 1 es del primero."""
    enviados: int = (c["mensajes"] + len(c["gente"]) - 1 - i) // len(c["gente"])
    return enviados


def _pk(c: dict[str, Any], i: int) -> str:
    """El del participante `i` de esa conversación."""
    return f"{c['id']}-{i}"[-36:]


def _participantes(conversaciones: list[dict[str, Any]]) -> Iterator[Participante]:
    for c in conversaciones:
        for i, u in enumerate(c["gente"]):
            enviados, n = _enviados(c, i), c["mensajes"]
            yield Participante(
                pk=_pk(c, i),
                conversacion_id=c["id"],
                usuario_id=u,
                enviados=enviados,
                enviados_leidos=enviados,
                entregado_hasta=n,
                leido_hasta=n,
                entregado_por_todos=n,
                leido_por_todos=n,
            )


def _lecturas(conversaciones: list[dict[str, Any]]) -> Iterator[Lectura]:
    """Cada cual confirma y lee cada POR_RECIBO mensajes."""
    for c in conversaciones:
        for hasta in range(POR_RECIBO, c["mensajes"] + 1, POR_RECIBO):
            for i in range(len(c["gente"])):
                for clase in Lectura.Clase.values:
                    yield Lectura(
                        participante_id=_pk(c, i),
                        clase=clase,
                        desde=hasta - POR_RECIBO,
                        hasta=hasta,
                        fecha=_fecha(hasta),
                    )


def _mensajes(conversaciones: list[dict[str, Any]]) -> Iterator[Mensaje]:
    for k, c in enumerate(conversaciones):
        gente = c["gente"]
        for n in range(1, c["mensajes"] + 1):
            yield Mensaje(
                pk=f"{k:08x}{n:016x}",
                conversacion_id=c["id"],
                remitente_id=gente[(n - 1) % len(gente)],
                texto=TEXTO,
                secuencia=n,
                secuencia_cambio=n,
                numero_de_remitente=(n - 1) // len(gente) + 1,
                fecha_envio=_fecha(n),
            )


def main() -> None:
    conversaciones = json.load(sys.stdin)
    with transaction.atomic():
        _crear(Usuario, _usuarios(conversaciones))
        _crear(Conversacion, _conversaciones(conversaciones))
        _crear(Participante, _participantes(conversaciones))
        _crear(Lectura, _lecturas(conversaciones))
        _crear(Mensaje, _mensajes(conversaciones))
    if connection.vendor in ("postgresql", "sqlite"):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    main()
