"""Lo preparado da lo mismo que el ORM, y no se vuelve a compilar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.sql.compiler import SQLCompiler

from mensajeria.consultas.filas import DE_MENSAJE
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Mensaje, ahora

pytestmark = pytest.mark.bd


@pytest.fixture
def variados(decir: Any) -> list[str]:
    """Mensajes con algo en cada clase de columna: JSON, fechas, lógicos y nulos."""
    ids = [decir("ana", f"m{i}", id_cliente=f"c{i}").mensaje_id for i in range(4)]
    Mensaje.objects.filter(pk=ids[0]).update(
        metadatos={"a": [1, {"ñ": None}]}, fecha_edicion=ahora(), editado=True
    )
    Mensaje.objects.filter(pk=ids[1]).update(
        archivo={"nombre": "a", "url": "/a", "tamano": 1, "tipo": "t"},
        historial=[{"texto": "antes", "fecha": "2025-07-06T10:30:00.000Z"}],
    )
    Mensaje.objects.filter(pk=ids[2]).update(respuesta_a=ids[1], remitente=None)
    return ids


def test_lo_mismo_que_el_orm(variados: list[str]) -> None:
    def de(conversacion: Any, desde: Any) -> Any:
        filas = Mensaje.objects.filter(conversacion=conversacion, secuencia__gt=desde)
        return filas.order_by("-secuencia").values_list(*DE_MENSAJE)

    preparada = Preparada(de, 2)
    for desde, limite in ((0, None), (1, None), (0, 2), (9, 5)):
        assert preparada("conv", desde, limite=limite) == list(de("conv", desde)[:limite])
    assert preparada("otra", 0) == []


def test_una_lista_va_entera_en_su_hueco(variados: list[str]) -> None:
    preparada = Preparada(
        lambda ids, personas: Mensaje.objects.filter(
            pk__de_la_lista=ids, remitente__de_la_lista=personas
        ).values_list("pk", flat=False),
        2,
    )
    for ids in ([], variados[:1], variados):
        hallados = {pk for (pk,) in preparada(ids, ["ana", "beto"])}
        assert hallados == set(ids) - {variados[2]}
    assert preparada(variados, []) == []


def test_una_fecha_se_compara_como_en_el_orm(variados: list[str]) -> None:
    preparada = Preparada(
        lambda fecha: Mensaje.objects.filter(fecha_envio__gt=fecha).values_list("pk"), 1
    )
    assert len(preparada(ahora() - timedelta(hours=1))) == len(variados)
    assert preparada(ahora() + timedelta(hours=1)) == []


def test_los_valores_nunca_son_sql(variados: list[str]) -> None:
    preparada = Preparada(
        lambda texto: Mensaje.objects.filter(texto=texto).values_list("secuencia"), 1
    )
    for malicia in ("' OR '1'='1", "%s", "%(x)s", '"; --', "m0' --"):
        assert preparada(malicia) == []
    assert preparada("m0") == [(1,)]


def test_se_compila_una_sola_vez(variados: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    compiladas: list[int] = []
    original = SQLCompiler.as_sql

    def contar(self: Any, *args: Any, **opciones: Any) -> Any:
        compiladas.append(1)
        return original(self, *args, **opciones)

    monkeypatch.setattr(SQLCompiler, "as_sql", contar)
    preparada = Preparada(lambda pk: Mensaje.objects.filter(pk=pk).values_list("texto"), 1)
    assert [preparada(pk) for pk in variados] == [[(f"m{i}",)] for i in range(4)]
    assert len(compiladas) <= 1
