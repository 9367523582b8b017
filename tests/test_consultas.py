from __future__ import annotations

from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.consultas import cambios
from mensajeria.models import Conversacion, Mensaje, Participante, epoca_actual
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

pytestmark = pytest.mark.bd


def test_poner_al_dia_trae_lo_cambiado_una_vez_y_en_orden(decir: Any, pedir: Any) -> None:
    ids = [decir("ana", t).mensaje_id for t in ("uno", "dos", "tres")]
    pedir("ana", cargas.EditarMensaje(mensaje_id=ids[0], texto="UNO"))
    pedir("beto", cargas.AgregarReaccion(mensaje_id=ids[1], tipo="like"))

    puesta = consultas.poner_al_dia("beto", {"conv": 2})["conv"]
    assert [(m.id, m.secuencia_cambio) for m in puesta.cambios] == [
        (ids[2], 4),
        (ids[0], 5),
        (ids[1], 6),
    ]
    assert (puesta.hasta, puesta.ultimo_cambio, puesta.completa) == (6, 6, True)
    assert puesta.cambios[2].reacciones[0].usuario == "beto"


def test_sin_cursor_no_trae_nada_y_al_dia_tampoco(decir: Any) -> None:
    decir("ana")
    for cursor in (None, 2):
        puesta = consultas.poner_al_dia("beto", {"conv": cursor})["conv"]
        assert (puesta.cambios, puesta.hasta, puesta.completa) == ([], 2, True)


def test_con_un_cursor_del_futuro_o_de_otra_epoca_todo_de_nuevo(decir: Any) -> None:
    suyos = [decir("ana").mensaje_id for _ in range(2)]
    esta = epoca_actual()
    for cursor, epoca in ((99, None), (99, esta), (3, "otra"), (0, "otra"), (1, "")):
        puesta = consultas.poner_al_dia("beto", {"conv": cursor}, epoca)["conv"]
        assert [m.id for m in puesta.cambios] == suyos
        assert (puesta.reiniciada, puesta.completa, puesta.epoca) == (True, True, esta)
        assert (puesta.hasta, puesta.conversacion.epoca) == (3, esta)
    al_dia: list[tuple[int | None, str | None]] = [(3, None), (3, esta), (None, "otra")]
    for hasta, epoca in al_dia:
        puesta = consultas.poner_al_dia("beto", {"conv": hasta}, epoca)["conv"]
        assert (puesta.reiniciada, puesta.cambios) == (False, [])


def test_lo_ajeno_no_esta(decir: Any) -> None:
    decir("ana")
    assert consultas.poner_al_dia("carla", {"conv": 0, "no-existe": 0}) == {}
    for buscar in (consultas.conversacion_de, consultas.mensajes_de):
        for id_ in ("conv", "no-existe"):
            with pytest.raises(ErrorMensajeria) as error:
                buscar("carla", id_)
            assert error.value.codigo is CodigoError.NOT_FOUND


def _muchos(conversacion: Conversacion, cuantos: int, texto: str) -> None:
    Mensaje.objects.bulk_create(
        Mensaje(
            conversacion=conversacion,
            remitente_id="ana",
            texto=texto,
            secuencia=i,
            secuencia_cambio=i + 1,
            numero_de_remitente=i,
        )
        for i in range(1, cuantos + 1)
    )
    Conversacion.objects.update(ultima_secuencia=cuantos, ultimo_cambio=cuantos + 1)


@pytest.mark.parametrize(("texto", "caben"), [("x", 20), ("x" * 4000, 13)])
def test_lo_que_no_cabe_queda_incompleto_y_se_sigue(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch, texto: str, caben: int
) -> None:
    monkeypatch.setattr(cambios, "MAX_CAMBIOS", 20)
    monkeypatch.setattr(cambios, "MAX_BYTES_DE_CAMBIOS", 60_000)
    cuantos = 70
    _muchos(conversacion, cuantos, texto)
    vistos: list[int] = []
    cursor, completa = 0, False
    while not completa:
        puesta = consultas.poner_al_dia("beto", {"conv": cursor})["conv"]
        if not vistos:
            assert len(puesta.cambios) == caben
        vistos += [m.secuencia for m in puesta.cambios]
        assert puesta.hasta > cursor
        cursor, completa = puesta.hasta, puesta.completa
    assert vistos == list(range(1, cuantos + 1))


def test_reanudar_doscientas_cuesta_lo_mismo_que_una(
    conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    for n in range(200):
        fila = Conversacion.objects.create(
            id=f"c{n}", ultimo_cambio=2, ultima_secuencia=1, secuencia_cambio=1
        )
        Participante.objects.create(conversacion=fila, usuario_id="beto")
        Mensaje.objects.create(
            conversacion=fila, remitente_id="ana", texto="x", secuencia=1, secuencia_cambio=2
        )
    with django_assert_max_num_queries(9):
        puestas = consultas.poner_al_dia("beto", {f"c{n}": 0 for n in range(200)})
    assert len(puestas) == 200
    assert all(len(p.cambios) == 1 and p.completa for p in puestas.values())


def test_cambios_desde_dice_quien_pertenece(decir: Any, pedir: Any) -> None:
    decir("ana")
    cambios = consultas.cambios_desde({"conv": 1})["conv"]
    assert (cambios.hasta, cambios.conversacion) == (2, None)
    assert cambios.miembros == {"ana": True, "beto": True}
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    decir("ana")
    cambios = consultas.cambios_desde({"conv": 2})["conv"]
    assert cambios.conversacion is not None
    assert cambios.miembros == {"ana": True, "beto": None}
    assert [m.secuencia for m in cambios.mensajes] == [2]
    assert consultas.cambios_desde({"no-existe": 0}) == {}


def test_por_donde_va_cada_una(decir: Any) -> None:
    decir("ana")
    assert consultas.ultimos_cambios(["conv", "no-existe"]) == {"conv": 2}


def test_la_lista_de_conversaciones_no_consulta_por_fila(
    conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        fila = Conversacion.objects.create(id=f"c{n}")
        for quien in ("ana", "beto"):
            Participante.objects.create(conversacion=fila, usuario_id=quien)
    with django_assert_max_num_queries(2):
        formas = consultas.presentar_conversaciones(list(consultas.conversaciones_de("ana")), "ana")
    assert len(formas) == 31


def test_con_no_leidos(decir: Any, pedir: Any) -> None:
    decir("ana")

    def cuantas(quien: str) -> int:
        filtro = consultas.Filtro(no_leidos=True)
        return len(consultas.listar_conversaciones(quien, filtro, True, None, 50))

    assert (cuantas("ana"), cuantas("beto")) == (0, 1)
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    assert cuantas("beto") == 0
