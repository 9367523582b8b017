from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mensajeria import consultas
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.models import Conversacion, Lectura, Mensaje, Participante, Usuario
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


def no_leidos(quien: str) -> int:
    fila = consultas.conversacion_de(quien, "conv")
    [forma] = consultas.presentar_conversaciones([fila], quien)
    assert set(forma.estadisticas.mensajes_no_leidos) == {quien}
    return forma.estadisticas.mensajes_no_leidos[quien]


def presentado(id_: str) -> Any:
    fila = consultas.con_lo_que_cita(Mensaje.objects.filter(pk=id_)).get()
    return consultas.presentar_mensajes([fila])[0]


def leer_todo(pedir: Any, quien: str) -> None:
    pedir(quien, cargas.MarcarLeido(conversacion_id="conv"))


def test_lo_propio_nunca_queda_sin_leer(decir: Any) -> None:
    for quien in ("ana", "ana", "beto"):
        decir(quien)
    assert (no_leidos("ana"), no_leidos("beto")) == (1, 2)


def test_leer_todo_pone_a_cero_y_sigue_contando(decir: Any, pedir: Any) -> None:
    decir("ana")
    decir("beto")
    leer_todo(pedir, "beto")
    assert no_leidos("beto") == 0
    decir("ana")
    decir("beto")
    assert no_leidos("beto") == 1


def test_leer_hasta_uno_cuenta_solo_lo_ajeno_que_sigue(decir: Any, pedir: Any) -> None:
    quienes = ("ana", "beto", "ana", "beto", "beto", "ana")
    acuses = [decir(quien) for quien in quienes]
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=acuses[2].mensaje_id))
    assert no_leidos("beto") == 1
    fila = Participante.objects.get(usuario="beto")
    assert (fila.leido_hasta, fila.enviados_leidos) == (3, 1)


def test_leer_nunca_retrocede(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    primero = decir("ana").mensaje_id
    decir("ana")
    leer_todo(pedir, "beto")
    sobres.clear()
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=primero))
    pedir("beto", cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=1))
    assert Participante.objects.get(usuario="beto").leido_hasta == 2
    assert sobres == []


def test_el_estado_avanza_y_avisa_a_quien_escribio(
    decir: Any, pedir: Any, sobres: list[Sobre]
) -> None:
    id_ = decir("ana").mensaje_id
    assert presentado(id_).estado == "enviado"
    sobres.clear()

    pedir("beto", cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=99))
    recibido = presentado(id_)
    assert (recibido.estado, recibido.lecturas) == ("entregado", [])
    assert recibido.fecha_entrega is not None
    [aviso] = sobres
    assert (aviso.evento, aviso.alcance, aviso.usuarios) == (
        "mensaje_actualizado",
        Alcance.USUARIOS,
        ["ana"],
    )
    datos = msgspec.json.decode(aviso.datos)
    assert (datos["mensajeId"], datos["hastaSecuencia"], datos["estado"]) == (id_, 1, "entregado")

    leer_todo(pedir, "beto")
    leido = presentado(id_)
    assert leido.estado == "leido"
    assert [lectura.usuario for lectura in leido.lecturas] == ["beto"]
    assert leido.fecha_entrega == recibido.fecha_entrega


def test_a_quien_escribio_se_le_avisa_una_vez_por_lote(
    decir: Any, conversacion: Conversacion, carla: Any, pedir: Any, sobres: list[Sobre]
) -> None:
    """Y lo recibido, si llega más allá de lo leído, antes: quien los aplique en orden acierta."""
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    ids = [decir("ana").mensaje_id for _ in range(3)]
    sobres.clear()
    ejecutar(
        [
            orden
            for quien in ("beto", "carla")
            for orden in (
                Orden(
                    Actor(quien),
                    cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=hasta),
                )
                for hasta in (1, 3)
            )
        ]
        + [
            Orden(Actor(quien), cargas.MarcarLeido(conversacion_id="conv", mensaje_id=ids[1]))
            for quien in ("beto", "carla")
        ]
    )
    avisos = [msgspec.json.decode(s.datos) for s in sobres if s.usuarios == ["ana"]]
    assert [(a["estado"], a["mensajeId"], a["hastaSecuencia"]) for a in avisos] == [
        ("entregado", ids[2], 3),
        ("leido", ids[1], 2),
    ]


def test_quien_lee_hasta_un_mensaje_se_anuncia_tambien_a_su_conexion(
    decir: Any, pedir: Any, sobres: list[Sobre]
) -> None:
    id_ = decir("ana").mensaje_id
    decir("ana")
    sobres.clear()
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=id_), conexion="s9")
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"), conexion="s9")
    lecturas = [s for s in sobres if s.alcance is Alcance.UNIDOS]
    assert [s.evento for s in lecturas] == ["mensaje_leido", "todos_mensajes_leidos"]
    assert [s.salvo_conexion for s in lecturas] == ["", "s9"]
    assert msgspec.json.decode(lecturas[0].datos)["leidoPor"] == "beto"


def test_se_lee_hasta_un_mensaje_sin_nombrar_su_conversacion(
    decir: Any, pedir: Any, conversacion: Conversacion, carla: Usuario
) -> None:
    id_ = decir("ana").mensaje_id
    decir("ana")
    pedir("beto", cargas.MarcarLeido(mensaje_id=id_))
    assert conversacion.participantes.get(usuario="beto").leido_hasta == 1
    for quien, carga in (
        ("carla", cargas.MarcarLeido(mensaje_id=id_)),
        ("beto", cargas.MarcarLeido(mensaje_id="no-existe")),
    ):
        with pytest.raises(ErrorMensajeria) as error:
            pedir(quien, carga)
        assert (error.value.codigo, error.value.campo) == (CodigoError.NOT_FOUND, "mensajeId")


def test_en_grupo_manda_el_mas_atrasado(
    decir: Any, pedir: Any, conversacion: Conversacion, carla: Any
) -> None:
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    id_ = decir("ana").mensaje_id
    leer_todo(pedir, "beto")
    assert presentado(id_).estado == "enviado"
    pedir("carla", cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=1))
    assert presentado(id_).estado == "entregado"
    leer_todo(pedir, "carla")
    assert presentado(id_).estado == "leido"


def test_el_estado_no_retrocede_cuando_alguien_sale(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    leer_todo(pedir, "beto")
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    assert presentado(id_).estado == "leido"
    assert presentado(decir("ana").mensaje_id).estado == "enviado"


def test_sale_el_atrasado_y_el_estado_avanza(decir: Any, pedir: Any, carla: Any) -> None:
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    id_ = decir("ana").mensaje_id
    leer_todo(pedir, "beto")
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="carla"))
    assert presentado(id_).estado == "leido"


def test_quien_llega_no_figura_leyendo_lo_anterior(decir: Any, pedir: Any, carla: Any) -> None:
    viejo = decir("ana").mensaje_id
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    assert no_leidos("carla") == 0
    nuevo = decir("ana").mensaje_id
    leer_todo(pedir, "carla")
    assert [x.usuario for x in presentado(nuevo).lecturas] == ["carla"]
    assert presentado(viejo).lecturas == []


def test_marcar_mil_cuesta_lo_mismo_que_marcar_uno(
    pedir: Any, conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    for cuantos in (1, 1000):
        fila = Conversacion.objects.get(pk="conv")
        Mensaje.objects.bulk_create(
            Mensaje(
                conversacion=fila,
                remitente_id="ana",
                texto="x",
                secuencia=fila.ultima_secuencia + i,
                secuencia_cambio=fila.ultimo_cambio + i,
                numero_de_remitente=fila.ultima_secuencia + i,
            )
            for i in range(1, cuantos + 1)
        )
        Conversacion.objects.update(
            ultima_secuencia=fila.ultima_secuencia + cuantos,
            ultimo_cambio=fila.ultimo_cambio + cuantos,
        )
        Participante.objects.filter(usuario="ana").update(enviados=fila.ultima_secuencia + cuantos)
        with django_assert_max_num_queries(11):
            leer_todo(pedir, "beto")
        assert no_leidos("beto") == 0
    assert Lectura.objects.count() == 4


def test_el_ajeno_no_acusa(pedir: Any, decir: Any) -> None:
    decir("ana")
    for carga in (
        cargas.MarcarLeido(conversacion_id="conv"),
        cargas.MarcarEntregado(conversacion_id="conv", hasta_secuencia=1),
    ):
        with pytest.raises(ErrorMensajeria) as error:
            pedir("carla", carga)
        assert error.value.codigo is CodigoError.NOT_FOUND


def test_un_mensaje_de_otra_conversacion_no_vale(pedir: Any, decir: Any) -> None:
    decir("ana")
    otra = Conversacion.objects.create(id="otra")
    Participante.objects.create(conversacion=otra, usuario_id="beto")
    ajeno = Mensaje.objects.create(conversacion=otra, texto="x", secuencia=1, secuencia_cambio=1)
    with pytest.raises(ErrorMensajeria) as error:
        pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=ajeno.pk))
    assert error.value.codigo is CodigoError.NOT_FOUND


def test_eliminar_lo_que_no_se_leyo_lo_quita_de_la_cuenta(decir: Any, pedir: Any) -> None:
    ids = [decir(quien).mensaje_id for quien in ("ana", "ana", "beto", "ana")]
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=ids[0]))
    assert (no_leidos("ana"), no_leidos("beto")) == (1, 2)
    # Lo leído y lo propio no contaban.
    pedir("ana", cargas.EliminarMensaje(mensaje_id=ids[0]))
    pedir("beto", cargas.EliminarMensaje(mensaje_id=ids[2]))
    assert (no_leidos("ana"), no_leidos("beto")) == (0, 2)
    for _ in range(2):
        pedir("ana", cargas.EliminarMensaje(mensaje_id=ids[3]))
        assert no_leidos("beto") == 1
    # Leer hasta la mitad, y luego todo: lo que queda por detrás ya no cuenta.
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=ids[1]))
    assert no_leidos("beto") == 0
    decir("ana")
    assert no_leidos("beto") == 1
    leer_todo(pedir, "beto")
    decir("ana")
    assert no_leidos("beto") == 1
    assert Participante.objects.get(usuario="beto").retirados_sin_leer == 0


def test_lo_eliminado_no_deja_la_conversacion_entre_las_no_leidas(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    filtro = consultas.Filtro(no_leidos=True)
    assert consultas.listar_conversaciones("beto", filtro, True, None, 9)
    pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
    assert consultas.listar_conversaciones("beto", filtro, True, None, 9) == []
