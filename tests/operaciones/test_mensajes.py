from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Participante, Reaccion, Usuario
from mensajeria.operaciones.mensajes import MAX_EDICIONES, PLAZO_DE_EDICION
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


def codigo(error: pytest.ExceptionInfo[ErrorMensajeria]) -> CodigoError:
    return error.value.codigo


def test_enviar_numera_guarda_y_anuncia(
    decir: Any, sobres: list[Sobre], conversacion: Conversacion
) -> None:
    acuse = decir("ana", "hola", id_cliente="c1", prioridad="urgente")

    fila = Mensaje.objects.get(pk=acuse.mensaje_id)
    assert (fila.texto, fila.secuencia, fila.secuencia_cambio) == ("hola", 1, 2)
    assert (acuse.secuencia, acuse.estado, acuse.id_cliente) == (1, "enviado", "c1")
    conversacion.refresh_from_db()
    assert (conversacion.ultima_secuencia, conversacion.ultimo_cambio) == (1, 2)
    [emitido] = sobres
    assert (emitido.evento, emitido.cambio, emitido.secuencia) == ("nuevo_mensaje", 2, 1)
    mensaje = msgspec.json.decode(emitido.datos)["mensaje"]
    assert mensaje["contenido"]["texto"] == "hola"
    assert mensaje["remitente"]["_id"] == "ana"
    assert mensaje["prioridad"] == "urgente"


def test_el_tipo_de_arriba_gana_al_del_contenido(pedir: Any, conversacion: Conversacion) -> None:
    def tipo(arriba: Any, dentro: Any) -> str:
        contenido = cargas.ContenidoEnviado(texto="x", tipo=dentro)
        carga = cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido, tipo=arriba)
        return Mensaje.objects.get(pk=pedir("ana", carga).mensaje_id).tipo

    assert tipo("imagen", "audio") == "imagen"
    assert tipo(None, "audio") == "audio"
    assert tipo(None, None) == "texto"


def test_las_secuencias_no_tienen_huecos_ni_entre_conversaciones(decir: Any) -> None:
    assert [decir(quien).secuencia for quien in ("ana", "beto", "ana")] == [1, 2, 3]


def test_el_ajeno_no_envia_y_nada_se_escribe(decir: Any, sobres: list[Sobre]) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        decir("carla")
    assert codigo(error) is CodigoError.NOT_FOUND
    assert not Mensaje.objects.exists()
    assert sobres == []


def test_sin_permiso_no_se_envia(decir: Any) -> None:
    Participante.objects.filter(usuario="beto").update(puede_enviar=False)
    with pytest.raises(ErrorMensajeria) as error:
        decir("beto")
    assert codigo(error) is CodigoError.PERMISSION_DENIED
    assert error.value.mensaje == "Sin permisos para enviar"


def test_en_una_cerrada_no_se_envia(decir: Any) -> None:
    Conversacion.objects.update(activa=False)
    with pytest.raises(ErrorMensajeria) as error:
        decir("ana")
    assert codigo(error) is CodigoError.CONVERSATION_CLOSED


def test_un_usuario_inactivo_no_envia(decir: Any) -> None:
    Usuario.objects.filter(pk="beto").update(is_active=False)
    with pytest.raises(ErrorMensajeria) as error:
        decir("beto")
    assert codigo(error) is CodigoError.NOT_FOUND


def test_el_reintento_devuelve_el_primer_acuse(decir: Any, sobres: list[Sobre]) -> None:
    primero = decir("ana", "hola", id_cliente="c1")
    segundo = decir("ana", "hola", id_cliente="c1")
    assert (segundo.mensaje_id, segundo.secuencia) == (primero.mensaje_id, primero.secuencia)
    assert Mensaje.objects.count() == 1
    assert len(sobres) == 1


def test_el_mismo_id_con_otro_cuerpo_choca(decir: Any) -> None:
    decir("ana", "hola", id_cliente="c1")
    with pytest.raises(ErrorMensajeria) as error:
        decir("ana", "otra cosa", id_cliente="c1")
    assert (codigo(error), error.value.campo) == (CodigoError.CONFLICT, "idCliente")


def test_el_mismo_id_con_lo_mismo_dicho_de_otro_modo_es_un_reintento(
    pedir: Any, decir: Any
) -> None:
    def enviar(fuera: Any, **contenido: Any) -> str:
        carga = cargas.EnviarMensaje(
            conversacion_id="conv",
            contenido=cargas.ContenidoEnviado(texto="hola", **contenido),
            tipo=fuera,
            id_cliente="c1",
        )
        return str(pedir("ana", carga).mensaje_id)

    primero = enviar(None, metadatos={"a": 1, "b": {"c": 2, "d": 3}})
    assert enviar("texto", metadatos={"b": {"d": 3, "c": 2}, "a": 1}) == primero
    assert enviar(None, tipo="texto", metadatos={"a": 1, "b": {"c": 2, "d": 3}}) == primero


def test_el_id_de_cliente_es_de_cada_remitente(decir: Any) -> None:
    assert decir("ana", id_cliente="c1").mensaje_id != decir("beto", id_cliente="c1").mensaje_id


def test_el_reintento_no_gasta_limite(decir: Any, settings: Any) -> None:
    settings.MENSAJES_POR_MINUTO = 1
    decir("ana", id_cliente="c1")
    decir("ana", id_cliente="c1")
    with pytest.raises(ErrorMensajeria) as error:
        decir("ana", id_cliente="c2")
    assert codigo(error) is CodigoError.RATE_LIMITED
    assert error.value.mensaje == "Límite de mensajes excedido"
    assert 0 < (error.value.reintentar_en or 0) <= 60


def test_responder_cita_y_solo_dentro_de_la_conversacion(
    decir: Any, sobres: list[Sobre], carla: Usuario
) -> None:
    primero = decir("ana", "pregunta")
    decir("beto", "respuesta", respuesta_a=primero.mensaje_id)
    cita = msgspec.json.decode(sobres[-1].datos)["mensaje"]["respuestaA"]
    assert cita == {
        "_id": primero.mensaje_id,
        "contenido": {"texto": "pregunta"},
        "texto": "pregunta",
        "remitente": {"_id": "ana", "nombre": "Ana", "apellido": "Prueba", "avatar_url": ""},
    }
    otra = Conversacion.objects.create(id="otra")
    ajeno = Mensaje.objects.create(conversacion=otra, texto="x", secuencia=1, secuencia_cambio=1)
    for citado in (ajeno.pk, "no-existe"):
        acuse = decir("beto", respuesta_a=citado, id_cliente=citado)
        assert msgspec.json.decode(sobres[-1].datos)["mensaje"]["respuestaA"] is None
        for dicho in (acuse, decir("beto", respuesta_a=citado, id_cliente=citado)):
            [advertencia] = dicho.advertencias
            assert (advertencia.code, advertencia.campo) == (CodigoError.NOT_FOUND, "respuestaA")
    assert decir("beto", respuesta_a=primero.mensaje_id).advertencias is msgspec.UNSET


@pytest.mark.parametrize("con_cuenta", [True, False])
def test_repetido_tras_salir_no_dice_nada_que_pasara_despues(
    decir: Any, pedir: Any, con_cuenta: bool
) -> None:
    primero = decir("beto", "hola", id_cliente="c1")
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    if not con_cuenta:
        # De antes de guardar con qué cambio se envió: como mucho, el de su salida.
        Mensaje.objects.update(cambio_de_envio=0)
    pedir("ana", cargas.MarcarLeido(conversacion_id="conv"))
    pedir("ana", cargas.AgregarReaccion(mensaje_id=primero.mensaje_id, tipo="like"))
    pedir("ana", cargas.EliminarMensaje(mensaje_id=primero.mensaje_id))
    otra_vez = decir("beto", "hola", id_cliente="c1")
    if con_cuenta:
        assert msgspec.structs.replace(otra_vez, timestamp=primero.timestamp) == primero
    else:
        assert otra_vez.secuencia_cambio == primero.secuencia_cambio + 1
        assert otra_vez.estado == "enviado"


def test_editar_guarda_el_historial_y_lo_anuncia(
    decir: Any, pedir: Any, sobres: list[Sobre]
) -> None:
    id_ = decir("ana", "uno").mensaje_id
    pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="dos"))
    respuesta = pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="tres"))

    assert respuesta.mensaje.contenido.texto == "tres"
    assert [v.texto for v in respuesta.mensaje.editado.historial] == ["uno", "dos"]
    assert respuesta.secuencia_cambio == 4
    assert [s.evento for s in sobres] == ["nuevo_mensaje", "mensaje_editado", "mensaje_editado"]


def test_solo_edita_quien_escribio(decir: Any, pedir: Any) -> None:
    id_ = decir("beto").mensaje_id
    for quien, esperado in (
        ("ana", CodigoError.PERMISSION_DENIED),
        ("carla", CodigoError.NOT_FOUND),
    ):
        with pytest.raises(ErrorMensajeria) as error:
            pedir(quien, cargas.EditarMensaje(mensaje_id=id_, texto="x"))
        assert codigo(error) is esperado
    assert Mensaje.objects.get(pk=id_).texto == "hola"


def test_el_plazo_de_edicion_termina(decir: Any, pedir: Any) -> None:
    fila = Mensaje.objects.get(pk=decir("ana").mensaje_id)
    Mensaje.objects.update(fecha_envio=fila.fecha_envio - PLAZO_DE_EDICION - timedelta(seconds=1))
    with pytest.raises(ErrorMensajeria) as error:
        pedir("ana", cargas.EditarMensaje(mensaje_id=fila.pk, texto="x"))
    assert codigo(error) is CodigoError.EDIT_WINDOW_CLOSED


def test_las_ediciones_son_contadas(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    Mensaje.objects.filter(pk=id_).update(
        historial=[{"texto": "x", "fecha": "2026-01-01T00:00:00.000Z"}] * MAX_EDICIONES
    )
    with pytest.raises(ErrorMensajeria) as error:
        pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="x"))
    assert codigo(error) is CodigoError.EDIT_WINDOW_CLOSED


def test_eliminar_deja_una_lapida_vacia(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    id_ = decir("ana", "secreto").mensaje_id
    pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="secreto 2"))
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    pedir("ana", cargas.EliminarMensaje(mensaje_id=id_, razon="me equivoqué"))

    fila = Mensaje.objects.get(pk=id_)
    assert (fila.texto, fila.archivo, fila.metadatos, fila.historial) == ("", None, {}, [])
    assert (fila.eliminado, fila.eliminado_por) == (True, "ana")
    assert fila.razon_eliminacion == "me equivoqué"
    assert not Reaccion.objects.exists()
    assert sobres[-1].evento == "mensaje_eliminado"
    assert b"secreto" not in sobres[-1].datos


def test_quien_puede_eliminar(decir: Any, pedir: Any) -> None:
    de_beto, de_ana = decir("beto").mensaje_id, decir("ana").mensaje_id
    pedir("ana", cargas.EliminarMensaje(mensaje_id=de_beto))
    for quien, esperado in (
        ("beto", CodigoError.PERMISSION_DENIED),
        ("carla", CodigoError.NOT_FOUND),
    ):
        with pytest.raises(ErrorMensajeria) as error:
            pedir(quien, cargas.EliminarMensaje(mensaje_id=de_ana))
        assert codigo(error) is esperado
    Participante.objects.filter(usuario="beto").update(puede_eliminar=True)
    pedir("beto", cargas.EliminarMensaje(mensaje_id=de_ana))


def test_eliminar_dos_veces_no_cambia_nada(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    id_ = decir("ana").mensaje_id
    primera = pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
    segunda = pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
    assert primera.secuencia_cambio == segunda.secuencia_cambio
    assert len(sobres) == 2


def test_un_eliminado_no_se_edita_ni_recibe_reacciones(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
    for carga in (
        cargas.EditarMensaje(mensaje_id=id_, texto="x"),
        cargas.AgregarReaccion(mensaje_id=id_, tipo="like"),
    ):
        with pytest.raises(ErrorMensajeria) as error:
            pedir("ana", carga)
        assert codigo(error) is CodigoError.CONFLICT


def test_lo_citado_se_vacia_al_eliminarlo(decir: Any, pedir: Any) -> None:
    citado = decir("ana", "secreto").mensaje_id
    id_ = decir("beto", "respuesta", respuesta_a=citado).mensaje_id
    pedir("ana", cargas.EliminarMensaje(mensaje_id=citado))
    editado = pedir("beto", cargas.EditarMensaje(mensaje_id=id_, texto="otra"))
    assert editado.mensaje.respuesta_a.texto == ""


def test_lo_citado_tampoco_sale_si_se_elimina_en_el_mismo_lote(
    decir: Any, sobres: list[Sobre]
) -> None:
    citado = decir("ana", "secreto").mensaje_id
    id_ = decir("ana", "respuesta", respuesta_a=citado).mensaje_id
    sobres.clear()
    ana = Actor("ana")
    ejecutar(
        [
            Orden(ana, cargas.EliminarMensaje(mensaje_id=citado)),
            Orden(ana, cargas.EditarMensaje(mensaje_id=id_, texto="otra")),
        ]
    )
    assert [s.evento for s in sobres] == ["mensaje_eliminado", "mensaje_editado"]
    assert b"secreto" not in b"".join(s.datos for s in sobres)


def test_el_socket_se_guarda_y_no_se_envia(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    carga = cargas.EnviarMensaje(
        conversacion_id="conv", contenido=cargas.ContenidoEnviado(texto="x")
    )
    id_ = pedir("ana", carga, conexion="s1", ip="10.9.8.7", agente="navegador").mensaje_id
    fila = Mensaje.objects.get(pk=id_)
    assert (fila.socket_id, fila.ip, fila.agente) == ("s1", "10.9.8.7", "navegador")
    assert b"10.9.8.7" not in sobres[0].datos


@pytest.mark.parametrize(
    "texto",
    [
        "ñandú",
        "e\u0301 NFD",
        "👩‍👩‍👧",
        "\u202eoculto",
        "<img onerror=alert(1)>",
        "x" * 5000,
        "a\n\tb ",
    ],
)
def test_el_texto_vuelve_identico(decir: Any, texto: str, sobres: list[Sobre]) -> None:
    id_ = decir("ana", texto).mensaje_id
    assert Mensaje.objects.get(pk=id_).texto == texto
    assert msgspec.json.decode(sobres[0].datos)["mensaje"]["contenido"]["texto"] == texto


@pytest.mark.parametrize(
    "metadatos", [{"$ref": "a", "$id": "b"}, {"a.b": {"": [1, 2.5, None, True]}}, {}]
)
def test_los_metadatos_vuelven_identicos(
    pedir: Any, conversacion: Conversacion, metadatos: dict[str, Any]
) -> None:
    contenido = cargas.ContenidoEnviado(texto="x", metadatos=metadatos)
    carga = cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido)
    assert Mensaje.objects.get(pk=pedir("ana", carga).mensaje_id).metadatos == metadatos
