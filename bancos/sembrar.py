"""Llena una base del producto con lo que una fila necesita: `sembrar.py < siembra.json`.

Corre aparte, con la copia del producto que se mide en PYTHONPATH, y usa sus modelos. Entra una
lista de conversaciones, `[{"id", "gente": [usuario, …], "mensajes": N}, …]`; no sale nada. Con
mensajes, solo PostgreSQL.
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


def _repetir(fila: Any, hasta: int, cambian: dict[str, str], valores: dict[str, Any]) -> None:
    """Guarda `fila` y otras iguales hasta `hasta`, salvo lo que cambia con `n`, que es SQL.

    Lo demás se copia de la primera: así no se sabe qué columnas hay, y un millón no pasa por aquí.
    """
    fila.save(force_insert=True)
    meta = fila._meta
    columnas = ", ".join(f'"{f.column}"' for f in meta.concrete_fields)
    expresiones = ", ".join(cambian.get(f.attname, f't."{f.column}"') for f in meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{meta.db_table}" ({columnas}) SELECT {expresiones}'
            f' FROM "{meta.db_table}" t, generate_series(2, %(hasta)s) n'
            f' WHERE t."{meta.pk.column}" = %(pk)s',
            {"hasta": hasta, "pk": fila.pk, **valores},
        )


def _leer(c: dict[str, Any]) -> None:
    """Cada cual confirma y lee cada POR_RECIBO mensajes."""
    for i, clase in itertools.product(range(len(c["gente"])), Lectura.Clase.values):
        prefijo = f"{_pk(c, i)}-{clase[0]}"
        primera = Lectura(
            pk=f"{prefijo}1",
            participante_id=_pk(c, i),
            clase=clase,
            desde=0,
            hasta=POR_RECIBO,
            fecha=_fecha(POR_RECIBO),
        )
        cambian = {
            "id": "%(prefijo)s || n",
            "desde": "(n - 1) * %(por)s",
            "hasta": "n * %(por)s",
            "fecha": "t.fecha + (n - 1) * %(por)s * interval '1 second'",
        }
        _repetir(
            primera, c["mensajes"] // POR_RECIBO, cambian, {"prefijo": prefijo, "por": POR_RECIBO}
        )


def _escribir(c: dict[str, Any], k: int) -> None:
    """Se turnan."""
    gente = c["gente"]
    primero = Mensaje(
        pk=f"{k:08x}{1:016x}",
        conversacion_id=c["id"],
        remitente_id=gente[0],
        texto=TEXTO,
        secuencia=1,
        secuencia_cambio=1,
        numero_de_remitente=1,
        fecha_envio=_fecha(1),
    )
    cambian = {
        "id": "%(prefijo)s || lpad(to_hex(n), 16, '0')",
        "remitente_id": "(%(gente)s::text[])[(n - 1) %% %(son)s + 1]",
        "secuencia": "n",
        "secuencia_cambio": "n",
        "numero_de_remitente": "(n - 1) / %(son)s + 1",
        "fecha_envio": "t.fecha_envio + (n - 1) * interval '1 second'",
    }
    valores = {"prefijo": f"{k:08x}", "gente": gente, "son": len(gente)}
    _repetir(primero, c["mensajes"], cambian, valores)


def sembrar(conversaciones: list[dict[str, Any]], *, analizar: bool = True) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # El plazo del producto es el de una petición.
            cursor.execute("SET statement_timeout = 0")
    with transaction.atomic():
        _crear(Usuario, _usuarios(conversaciones))
        _crear(Conversacion, _conversaciones(conversaciones))
        _crear(Participante, _participantes(conversaciones))
        for k, c in enumerate(conversaciones):
            if c["mensajes"]:
                _escribir(c, k)
                _leer(c)
    if analizar:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    sembrar(json.load(sys.stdin))
