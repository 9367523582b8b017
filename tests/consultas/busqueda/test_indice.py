"""El índice dice lo mismo que los mensajes, los escriba quien los escriba."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensajeria import consultas, indice_de_busqueda
from mensajeria.consultas import Filtros, busqueda
from mensajeria.consultas.busqueda import _Pedido, donde, llano, plazo, postgresql, sqlite
from mensajeria.consultas.busqueda.consulta import leer
from mensajeria.indice_de_busqueda import ESCALONES
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario, ahora
from mensajeria.protocolo.errores import ErrorMensajeria

# En una máquina ocupada.
PACIENCIA = 60.0

pytestmark = pytest.mark.bd

CUANDO = datetime(2026, 3, 3, 10, tzinfo=UTC)


def hallar(q: str, **filtros: Any) -> set[str]:
    pagina = consultas.buscar("ana", q, Filtros(**filtros), cuantos=100)
    return {h.mensaje.id for h in pagina.hallados}


def test_lo_que_se_escribe_sin_ordenes(conversacion: Conversacion) -> None:
    def crear(n: int, **campos: Any) -> Mensaje:
        numeros = {"secuencia": n, "secuencia_cambio": n}
        return Mensaje(pk=f"m{n}", conversacion=conversacion, texto="hola", **numeros, **campos)

    Mensaje.objects.bulk_create([crear(1), crear(2, remitente_id="ana"), crear(3, oculto=True)])
    assert hallar("hola ") == {"m1", "m2"}
    assert hallar("hola ", de="ana") == {"m2"}
    uno = Mensaje.objects.get(pk="m1")
    uno.texto = "adiós"
    uno.save()
    assert (hallar("hola "), hallar("adios ")) == ({"m2"}, {"m1"})
    Mensaje.objects.filter(pk="m2").update(remitente=None)
    assert (hallar("hola ", de="ana"), hallar("hola ")) == (set(), {"m2"})
    Mensaje.objects.filter(pk="m1").delete()
    assert hallar("adios ") == set()
    Mensaje.objects.all().delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM mensajeria_hallable")
            assert cursor.fetchone() == (0,)
            # Lo que FTS5 comprueba de sí mismo.
            cursor.execute(
                "INSERT INTO mensajeria_hallable_fts (mensajeria_hallable_fts)"
                " VALUES ('integrity-check')"
            )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="la función es de PostgreSQL")
def test_la_funcion_de_una_version_anterior_se_cambia_sin_tocar_el_indice() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('mensajeria_terminos'::regproc)")
        [buena] = cursor.fetchone()
        cursor.execute("SELECT to_regclass(%s)::oid", [indice_de_busqueda.INDICE])
        indice = cursor.fetchone()
        cursor.execute(buena.replace("BEGIN", "BEGIN -- de antes"))
        indice_de_busqueda.asegurar(connection)
        cursor.execute("SELECT pg_get_functiondef('mensajeria_terminos'::regproc)")
        assert cursor.fetchone() == (buena,)
        cursor.execute("SELECT to_regclass(%s)::oid", [indice_de_busqueda.INDICE])
        assert cursor.fetchone() == indice


def test_mas_de_los_que_caben_en_un_milisegundo(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("solo SQLite los numera")
    with connection.cursor() as cursor:
        base = sqlite._de_fecha(CUANDO)
        cursor.execute(
            "INSERT INTO mensajeria_hallable VALUES (%s, 'otro', 'c')",
            [base + indice_de_busqueda.POR_MILISEGUNDO - 1],
        )
    for n in (1, 2):
        Mensaje.objects.create(
            conversacion=conversacion, secuencia=n, secuencia_cambio=n, fecha_envio=CUANDO
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT orden - %s FROM mensajeria_hallable ORDER BY 1", [base])
        assert [orden for (orden,) in cursor.fetchall()] == [65_535, 65_536, 65_537]
        cursor.execute("DELETE FROM mensajeria_hallable WHERE mensaje = 'otro'")


def test_editar_uno_no_lo_mueve_entre_los_de_su_milisegundo(conversacion: Conversacion) -> None:
    for n in (1, 2, 3):
        Mensaje.objects.create(
            pk=f"m{n}",
            conversacion=conversacion,
            texto="hola",
            secuencia=n,
            secuencia_cambio=n,
            fecha_envio=CUANDO,
        )
    editado = Mensaje.objects.get(pk="m2")
    editado.texto = "hola otra vez"
    editado.save()

    def hallados(q: str) -> list[str]:
        return [h.mensaje.id for h in consultas.buscar("ana", q, Filtros()).hallados]

    assert hallados("hola ") == ["m3", "m2", "m1"]
    assert hallados("otra ") == ["m2"]


@pytest.mark.parametrize("segundos", [1, 5_000, 70_000, 10**6, 10**8])
def test_los_bloques_cubren_todo_una_vez(segundos: int) -> None:
    """Y son pocos, dure lo que dure el tramo."""
    menor = ESCALONES[0]
    fin = int(CUANDO.timestamp()) >> menor
    principio = cubierto = fin - 1 - (segundos >> menor)
    bloques = list(postgresql.bloques_entre(principio, fin))
    for escalon, n in reversed(bloques):
        assert n << (escalon - menor) == cubierto
        cubierto = (n + 1) << (escalon - menor)
    assert cubierto == fin
    assert len(bloques) <= 2 * 15 * len(ESCALONES)


@pytest.mark.parametrize(
    ("tardo", "quedan", "esperado"),
    [(0, 1, 400), (0.01, 0.07, 400), (0.04, 0.04, 100), (0.07, 0.01, 25), (0.05, -1, 25)],
)
def test_lo_que_se_mira_despues_cabe_en_lo_que_queda(
    tardo: float, quedan: float, esperado: int
) -> None:
    assert plazo.siguiente(100, tardo, quedan) == esperado
    assert plazo.siguiente(1, tardo, quedan) >= 1


def test_las_tres_bases_hallan_lo_mismo(
    decir: Any, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cada base, por cada camino suyo, como la referencia."""
    textos = [f"hola {'luz' * (i % 2)} {'roja ' * (i % 3)} n{i}" for i in range(40)]
    for i, texto in enumerate(textos):
        id_ = decir("ana", texto).mensaje_id
        fecha = CUANDO - timedelta(hours=7 * i * i)
        Mensaje.objects.filter(pk=id_).update(fecha_envio=fecha)
    otra = Conversacion.objects.create(tipo="grupal")
    Participante.objects.create(conversacion=otra, usuario=ana)
    filtros = Filtros(desde=CUANDO - timedelta(days=300))
    modos = (32, 0, 99), (0, 5_000, 99), (0, -1, 99), (32, 0, 0), (0, -1, 0)
    for pocas, pocos, de_una_vez in modos:
        monkeypatch.setattr(postgresql, "DE_UNA_VEZ", de_una_vez)
        monkeypatch.setattr(postgresql, "HOLGURA", 4 if de_una_vez else 0)
        monkeypatch.setattr(donde, "POCAS", pocas)
        monkeypatch.setattr(donde, "POCOS_MENSAJES", pocos)
        monkeypatch.setattr(sqlite, "PRIMER_TROZO", 3)
        for base in (sqlite, postgresql):
            monkeypatch.setattr(base, "SEGUNDOS_DE_UNA_VEZ", PACIENCIA)
        for q in ("hola ", "luz roja ", '"luz roja"', "n1*", "ro", "nada "):
            terminos = leer(q)
            donde_busca = donde.donde_busca("ana", None)
            referencia = llano.Llano().hallar(donde_busca, terminos, filtros, None, 100)
            pedido = _Pedido(donde_busca, terminos, filtros)
            hallados = pedido.hallar(None, 100)
            assert [h.id for h in hallados.encontrados] == [h.id for h in referencia.encontrados], q
            assert hallados.sigue is None


@pytest.mark.parametrize("q", ["hola ", "luz hola ", '"luz roja"', "n1*", "nada "])
def test_en_todas_se_halla_lo_de_cualquiera(
    decir: Any, q: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lo más nuevo primero, por trozos o de una vez, y aunque PostgreSQL no sepa cuánto hay."""
    ajena = Conversacion.objects.create(tipo="grupal")
    for i in range(20):
        id_ = decir("ana", f"hola {'luz roja' * (i % 2)} n{i}").mensaje_id
        de_quien = {"conversacion": ajena, "remitente": None} if i % 3 else {}
        Mensaje.objects.filter(pk=id_).update(
            fecha_envio=CUANDO - timedelta(hours=7 * i * i), secuencia=i + 1, **de_quien
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_class SET reltuples = -1 WHERE oid = 'mensajeria_mensaje'::regclass"
            )
    referencia = llano.Llano().hallar(donde.EN_TODAS, leer(q), Filtros(), None, 100).encontrados
    monkeypatch.setattr(sqlite, "PRIMER_TROZO", 3)
    for de_una_vez in (PACIENCIA, -1.0):
        for base in (sqlite, postgresql):
            monkeypatch.setattr(base, "SEGUNDOS_DE_UNA_VEZ", de_una_vez)
        monkeypatch.setattr(busqueda, "SEGUNDOS_EN_TODAS", PACIENCIA)
        todos = ([h.id for h in referencia], False)
        assert busqueda.buscar_en_todas(q, 100) == todos
        ids, hay_mas = busqueda.buscar_en_todas(q, 2)
        assert (ids, hay_mas) == (todos[0][:2], len(referencia) > 2)


def test_se_contesta_con_lo_mirado_y_se_sigue(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un tope de lo que se mira de una vez: la página puede no traer nada, y dice que hay más."""
    if connection.vendor == "mongodb":
        pytest.skip("allí no hay tope")
    decir("ana", "hola roja")
    for i in range(12):
        decir("ana", f"roja hola {i}")
    monkeypatch.setattr(donde, "POCOS_MENSAJES", -1)
    monkeypatch.setattr(sqlite, "PRIMER_TROZO", 5)
    monkeypatch.setattr(sqlite, "SEGUNDOS_DE_UNA_VEZ", -1.0)
    monkeypatch.setattr(postgresql, "SEGUNDOS_DE_UNA_VEZ", -1.0)
    monkeypatch.setattr(postgresql, "DE_UNA_VEZ", 0)
    monkeypatch.setattr(postgresql, "HOLGURA", 0)
    Mensaje.objects.filter(texto="hola roja").update(fecha_envio=ahora() - timedelta(hours=12))
    vistos: list[str] = []
    paginas, cursor = 0, None
    while not paginas or cursor is not None:
        pagina = consultas.buscar("ana", '"hola roja"', Filtros(), cursor=cursor)
        vistos += [h.mensaje.contenido.texto for h in pagina.hallados]
        paginas, cursor = paginas + 1, pagina.sigue
    assert vistos == ["hola roja"]
    assert paginas > 1


def test_a_quien_tiene_poco_lo_ajeno_no_le_cuesta(decir: Any, carla: Usuario) -> None:
    """El índice es de todos: cuánto tarda diría qué palabras usan los demás."""
    decir("ana", "despido")
    for quien in ("ana", "carla"):
        with CaptureQueriesContext(connection) as hechas:
            assert len(_pedido(quien, "desp").hallar(None, 50).encontrados) == (quien == "ana")
        del_indice = ("mensajeria_hallable_fts", "mensajeria_terminos")
        assert not any(nombre in hecha["sql"] for hecha in hechas for nombre in del_indice)


def _pedido(quien: str, q: str) -> _Pedido:
    return _Pedido(donde.donde_busca(quien, None), leer(q), Filtros())


def test_la_que_tarda_se_corta(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("en PostgreSQL lo corta la base")
    for i in range(30):
        decir("ana", f"hola {i}")
    monkeypatch.setattr(donde, "POCOS_MENSAJES", -1)
    monkeypatch.setattr(sqlite, "SEGUNDOS", -1.0)
    monkeypatch.setattr(sqlite, "_PASOS", 10)
    with pytest.raises(ErrorMensajeria) as lanzado:
        hallar("hola ")
    assert (lanzado.value.codigo, lanzado.value.reintentar_en) == ("UNAVAILABLE", 1.0)
    monkeypatch.undo()
    assert len(hallar("hola ")) == 30
