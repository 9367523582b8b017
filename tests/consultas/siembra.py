"""Muchas filas en muy poco tiempo: de una como cualquiera se copian las demás, en la base."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Model

from mensajeria.models import Conversacion, Lectura, Mensaje, Participante


def copiar(fila: Model, cuantas: int, **varia: str) -> None:
    """`cuantas` filas como `fila`, que desaparece, con esas columnas en función de `i` (SQL)."""
    columnas = [str(c.column) for c in fila._meta.concrete_fields]
    tabla = fila._meta.db_table
    valores = ", ".join(varia.get(c, f"m.{c}") for c in columnas)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS "
            f"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {cuantas}) "
            f"INSERT INTO {tabla} ({', '.join(columnas)}) SELECT {valores} "
            f"FROM n JOIN {tabla} m ON m._id = %s",
            [fila.pk],
        )
    fila.delete()


def conversacion_larga(id_: str, cuantos: int, personas: tuple[str, ...] = ("ana", "beto")) -> None:
    """Una con `cuantos` mensajes de la primera, y de cada persona un recibo por mensaje y clase."""
    conversacion = Conversacion.objects.create(
        id=id_, ultima_secuencia=cuantos, ultimo_cambio=cuantos + 1, secuencia_cambio=1
    )
    modelo = Mensaje.objects.create(
        pk=f"{id_}-m",
        conversacion=conversacion,
        remitente_id="ana",
        secuencia=0,
        secuencia_cambio=0,
    )
    numeros = {"secuencia": "i", "secuencia_cambio": "i + 1", "numero_de_remitente": "i"}
    copiar(modelo, cuantos, _id=f"'{id_}-' || i", **numeros)
    for persona in personas:
        participante = Participante.objects.create(
            conversacion=conversacion,
            usuario_id=persona,
            entregado_hasta=cuantos,
            leido_hasta=cuantos,
            entregado_por_todos=cuantos,
            leido_por_todos=cuantos,
        )
        for clase in Lectura.Clase.values:
            recibo = Lectura.objects.create(
                participante=participante, clase=clase, desde=0, hasta=0
            )
            id_de_recibo = f"'{id_}-{persona}-{clase[:3]}-' || i"
            copiar(recibo, cuantos, _id=id_de_recibo, desde="i - 1", hasta="i")


def muchas_conversaciones(persona: str, cuantas: int, activas: datetime) -> None:
    """Tantas con esa persona sola, con su última actividad entonces."""
    modelo = Conversacion.objects.create(id=f"{persona}-m", fecha_ultima_actividad=activas)
    participa = Participante.objects.create(conversacion=modelo, usuario_id=persona)
    una = f"'{persona}-c' || i"
    copia = Conversacion.objects.get(pk=modelo.pk)
    copia.pk = copia.codigo = f"{persona}-x"
    copia.save(force_insert=True)
    copiar(copia, cuantas, _id=una, codigo=una)
    copiar(participa, cuantas, _id=f"'{persona}-p' || i", conversacion_id=una)
    modelo.delete()


def al_dia() -> None:
    """Que la base sepa lo que tiene, y no guarde lo borrado, como con el tiempo."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
