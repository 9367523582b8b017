from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_init

from mensajeria import consultas
from mensajeria.consultas import Puesta, cambios
from mensajeria.consultas.coste import Coste
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario, epoca_actual
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_MARCO, MAX_NOMBRE, MAX_PARTICIPANTES, MAX_TEXTO

pytestmark = pytest.mark.bd


def _puesta(puestas: dict[str, Puesta | None], id_: str = "conv") -> Puesta:
    puesta = puestas[id_]
    assert puesta is not None
    return puesta


def test_poner_al_dia_trae_lo_cambiado_una_vez_y_en_orden(decir: Any, pedir: Any) -> None:
    ids = [decir("ana", t).mensaje_id for t in ("uno", "dos", "tres")]
    pedir("ana", cargas.EditarMensaje(mensaje_id=ids[0], texto="UNO"))
    pedir("beto", cargas.AgregarReaccion(mensaje_id=ids[1], tipo="like"))

    puesta = _puesta(consultas.poner_al_dia("beto", {"conv": 2}))
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
        puesta = _puesta(consultas.poner_al_dia("beto", {"conv": cursor}))
        assert (puesta.cambios, puesta.hasta, puesta.completa) == ([], 2, True)


def test_con_un_cursor_del_futuro_o_de_otra_epoca_todo_de_nuevo(decir: Any) -> None:
    suyos = [decir("ana").mensaje_id for _ in range(2)]
    esta = epoca_actual()
    for cursor, epoca in ((99, None), (99, esta), (3, "otra"), (0, "otra"), (1, "")):
        puesta = _puesta(consultas.poner_al_dia("beto", {"conv": cursor}, epoca))
        assert [m.id for m in puesta.cambios] == suyos
        assert (puesta.reiniciada, puesta.completa, puesta.epoca) == (True, True, esta)
        assert (puesta.hasta, puesta.conversacion.epoca) == (3, esta)
    al_dia: list[tuple[int | None, str | None]] = [(3, None), (3, esta), (None, "otra")]
    for hasta, epoca in al_dia:
        puesta = _puesta(consultas.poner_al_dia("beto", {"conv": hasta}, epoca))
        assert (puesta.reiniciada, puesta.cambios) == (False, [])


def test_lo_ajeno_no_esta(decir: Any) -> None:
    decir("ana")
    assert consultas.poner_al_dia("carla", {"conv": 0, "no-existe": 0}) == {}
    for buscar in (consultas.conversacion_de, consultas.mensajes_de):
        for id_ in ("conv", "no-existe"):
            with pytest.raises(ErrorMensajeria) as error:
                buscar("carla", id_)
            assert error.value.codigo is CodigoError.NOT_FOUND


def test_de_lo_ajeno_no_se_lee_nada(decir: Any, django_assert_num_queries: Any) -> None:
    """Lo que tarda en negarse no dice si existe, ni cuánto ocupa."""
    ajeno = decir("ana").mensaje_id
    leidos: list[Any] = []

    def apuntar(instance: Any, **_: Any) -> None:
        leidos.append(instance)

    def negada(leer: Any, *args: str) -> None:
        coste = Coste()
        with django_assert_num_queries(1), pytest.raises(ErrorMensajeria) as error:
            coste.contar(leer, "carla", *args)
        assert error.value.codigo is CodigoError.NOT_FOUND
        assert (coste.filas, leidos) == (0, [])

    post_init.connect(apuntar, sender=Mensaje)
    try:
        for id_ in (ajeno, "no-existe"):
            negada(consultas.mensaje_de, id_)
        for id_ in ("conv", "no-existe"):
            negada(consultas.Historia, id_)
    finally:
        post_init.disconnect(apuntar, sender=Mensaje)
    assert consultas.mensaje_de("beto", ajeno).pk == ajeno
    Participante.objects.filter(usuario="beto").update(activo=False)
    with pytest.raises(ErrorMensajeria):
        consultas.mensaje_de("beto", ajeno)
    with pytest.raises(ErrorMensajeria):
        consultas.Historia("beto", "conv")


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


@pytest.mark.parametrize(("texto", "caben"), [("x", 20), ("x" * 4000, 12)])
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
        puesta = _puesta(consultas.poner_al_dia("beto", {"conv": cursor}))
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
    assert all(p and len(p.cambios) == 1 and p.completa for p in puestas.values())


MUCHO = "😀"


def _la_mayor(id_: str, participantes: list[Usuario]) -> Conversacion:
    """Con lo más grande que los límites permiten, y un mensaje igual."""
    fila = Conversacion.objects.create(
        id=id_,
        nombre_personalizado=MUCHO * MAX_NOMBRE,
        descripcion=MUCHO * 1_000,
        avatar=MUCHO * 2_048,
        configuracion_privacidad={"a": "x" * 8_000},
        ultima_secuencia=40,
        ultimo_cambio=41,
    )
    Participante.objects.bulk_create(
        Participante(conversacion=fila, usuario=u) for u in participantes
    )
    return fila


def _los_mayores(conversacion: Conversacion, autor: str, cuantos: int) -> None:
    version = {"texto": MUCHO * MAX_TEXTO, "fecha": "2025-07-06T10:30:00.000Z"}
    archivo = {"nombre": MUCHO * 200, "url": "/" + MUCHO * 2_047, "tamano": 1, "tipo": MUCHO * 200}
    for n in range(1, cuantos + 1):
        Mensaje.objects.create(
            id=f"{conversacion.pk}-{n}",
            conversacion=conversacion,
            remitente_id=autor,
            texto=MUCHO * MAX_TEXTO,
            archivo=archivo,
            metadatos={"a": "x" * 8_000},
            historial=[version] * 20,
            editado=True,
            respuesta_a_id=f"{conversacion.pk}-{n - 1}" if n > 1 else None,
            secuencia=n,
            secuencia_cambio=n + 1,
        )


@pytest.fixture
def gigantes(conversacion: Conversacion) -> list[Usuario]:
    largo = {"nombre": MUCHO * 200, "apellido": MUCHO * 200, "avatar_url": MUCHO * 2_048}
    Usuario.objects.filter(pk="beto").update(**largo)
    nuevos = [Usuario(id=f"u{n}", username=f"u{n}", **largo) for n in range(MAX_PARTICIPANTES - 1)]
    return [*Usuario.objects.bulk_create(nuevos), Usuario.objects.get(pk="beto")]


def test_lo_mayor_que_los_limites_permiten_cabe_en_una_respuesta(gigantes: list[Usuario]) -> None:
    grandes = [_la_mayor(f"g{n}", gigantes) for n in range(3)]
    for fila in grandes:
        _los_mayores(fila, "beto", 12)
    faltan = {fila.pk: 0 for fila in grandes}
    while faltan:
        puestas = consultas.poner_al_dia("beto", faltan)
        assert puestas.keys() == faltan.keys()
        dadas = {id_: p for id_, p in puestas.items() if p is not None}
        assert dadas
        forma = {id_: (p.conversacion, p.cambios) for id_, p in dadas.items()}
        assert len(codificar(forma)) < MAX_MARCO - 100_000
        for p in dadas.values():
            assert p.conversacion.participantes[-1].usuario.id == "beto"
            assert p.conversacion.total_participantes == MAX_PARTICIPANTES
        faltan = {
            id_: p.hasta if p else faltan[id_]
            for id_, p in puestas.items()
            if p is None or not p.completa
        }


def test_las_conversaciones_que_no_caben_se_piden_otra_vez(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        fila = Conversacion.objects.create(id=f"c{n}", ultimo_cambio=1)
        Participante.objects.create(conversacion=fila, usuario_id="beto")
    monkeypatch.setattr(cambios, "MAX_BYTES_DE_CONVERSACIONES", 3_000)
    faltan = [f"c{n}" for n in range(9)] + ["conv", "no-existe"]
    vistas: list[str] = []
    while faltan:
        puestas = consultas.poner_al_dia("beto", dict.fromkeys(faltan, 0))
        assert "no-existe" not in puestas
        vistas += [id_ for id_, puesta in puestas.items() if puesta]
        faltan = [id_ for id_, puesta in puestas.items() if puesta is None]
    assert sorted(vistas) == sorted([f"c{n}" for n in range(9)] + ["conv"])


@pytest.mark.parametrize("tanda", [7, 20])
def test_leer_por_tandas_no_pierde_ni_repite(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch, tanda: int
) -> None:
    monkeypatch.setattr(cambios, "TANDA", tanda)
    tienen = {f"c{n}": cuantos for n, cuantos in enumerate((3, 0, 11, 7, 1, 20))}
    for id_, cuantos in tienen.items():
        fila = Conversacion.objects.create(id=id_)
        Participante.objects.create(conversacion=fila, usuario_id="beto")
        _muchos(fila, cuantos, "x")
    for id_, cuantos in tienen.items():
        Conversacion.objects.filter(pk=id_).update(ultimo_cambio=cuantos + 1)
    puestas = consultas.poner_al_dia("beto", dict.fromkeys(tienen, 0))
    for id_, cuantos in tienen.items():
        puesta = _puesta(puestas, id_)
        assert [m.secuencia for m in puesta.cambios] == list(range(1, cuantos + 1))
        assert puesta.completa


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
