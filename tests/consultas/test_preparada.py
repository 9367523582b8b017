"""Lo preparado da lo mismo que el ORM, y no se vuelve a compilar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler

from mensajeria import consultas
from mensajeria.consultas.filas import DE_MENSAJE
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Conversacion, Mensaje, Participante, ahora
from mensajeria.protocolo import cargas

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


@pytest.fixture
def compiladas(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lo que el ORM compila."""
    hechas: list[str] = []
    original = SQLCompiler.as_sql

    def contar(self: Any, *args: Any, **opciones: Any) -> Any:
        hechas.append(self.query.model.__name__)
        return original(self, *args, **opciones)

    monkeypatch.setattr(SQLCompiler, "as_sql", contar)
    return hechas


def test_se_compila_una_sola_vez(variados: list[str], compiladas: list[str]) -> None:
    preparada = Preparada(lambda pk: Mensaje.objects.filter(pk=pk).values_list("texto"), 1)
    assert [preparada(pk) for pk in variados] == [[(f"m{i}",)] for i in range(4)]
    assert len(compiladas) <= 1


def _pagina(desde: int) -> Any:
    historia = consultas.Historia("beto", "conv")
    return historia.presentar(historia.por_secuencia(True, (0, desde), 3))


FILTRO = consultas.Filtro(no_leidos=True)
CALIENTES: dict[str, Callable[[], Any]] = {
    "el usuario": lambda: consultas.usuario_por_id("ana"),
    "una página nueva": lambda: _pagina(9),
    "una página vieja": lambda: _pagina(3),
    "la lista": lambda: consultas.listar_conversaciones("beto", FILTRO, True, ahora(), 9),
    "las notificaciones": lambda: consultas.listar_notificaciones("ana", True, None, 9),
    "ingresar": lambda: consultas.participaciones_de("ana"),
    "unirse": lambda: consultas.poner_al_dia("ana", {"conv": None}),
    "reanudar": lambda: consultas.poner_al_dia("ana", {"conv": 1, "otra": 1}),
    "reparar": lambda: consultas.cambios_desde({"conv": 1, "otra": 1}),
    "vigilar": lambda: (consultas.usuarios_vigentes(["ana"]), consultas.ultimos_cambios(["conv"])),
    "los vecinos": lambda: consultas.conversaciones_por_usuario(["ana", "beto"]),
}


@pytest.mark.parametrize("leer", CALIENTES.values(), ids=CALIENTES)
def test_lo_que_se_lee_mucho_ya_no_se_compila(
    leer: Callable[[], Any], variados: list[str], pedir: Any, compiladas: list[str]
) -> None:
    if connection.vendor == "mongodb":
        pytest.skip("va por el ORM, tal cual")
    Conversacion.objects.create(id="otra", ultimo_cambio=3, ultima_secuencia=1)
    for quien in ("ana", "beto"):
        Participante.objects.create(conversacion_id="otra", usuario_id=quien)
    Mensaje.objects.create(conversacion_id="otra", secuencia=1, secuencia_cambio=3)
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    leer()
    compiladas.clear()
    leer()
    assert compiladas == []
