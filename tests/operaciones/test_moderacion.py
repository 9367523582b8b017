from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from mensajeria.consultas import cambios_desde, presentar_mensajes
from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Reaccion, Usuario
from mensajeria.operaciones.autenticacion import Credencial, usuario_de
from mensajeria.operaciones.grupo import PERMISOS, moderacion
from mensajeria.operaciones.resumen import cifras_del_dia
from mensajeria.operaciones.usuarios import guardar
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


@pytest.fixture
def mod(base: None) -> Usuario:
    return Usuario.objects.create_user(username="mod", id="mod", password="demo", is_staff=True)


@pytest.fixture
def mesa(pedir: Any, mod: Usuario) -> Any:
    """`mesa(carga)`: la pide el moderador, que no participa en nada."""
    return lambda carga: pedir("mod", carga, personal=True)


def ocultar(id_: str) -> Carga:
    return cargas.OcultarMensaje(mensaje_id=id_, razon="spam")


def restaurar(id_: str) -> Carga:
    return cargas.RestaurarMensaje(mensaje_id=id_, razon="error mío")


def desactivar(quien: str) -> Carga:
    return cargas.DesactivarUsuario(usuario_id=quien, razon="spam")


def reactivar(quien: str) -> Carga:
    return cargas.ReactivarUsuario(usuario_id=quien, razon="ya está")


def rechazo(pedir: Any, *args: Any, **mas: Any) -> CodigoError:
    with pytest.raises(ErrorMensajeria) as error:
        pedir(*args, **mas)
    return error.value.codigo


def visto(id_: str) -> dict[str, Any]:
    fila = Mensaje.objects.select_related("remitente", "respuesta_a__remitente").get(pk=id_)
    return msgspec.to_builtins(presentar_mensajes([fila])[0])


class TestOcultar:
    def test_es_una_lapida_y_el_contenido_sigue_guardado(
        self, decir: Any, pedir: Any, mesa: Any, sobres: list[Sobre]
    ) -> None:
        id_ = decir("ana", "feo").mensaje_id
        pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="muy feo"))
        pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="sad"))
        cita = decir("beto", "¿eh?", respuesta_a=id_).mensaje_id
        mesa(ocultar(id_))

        assert (sobres[-1].evento, sobres[-1].cambio) == ("mensaje_eliminado", 6)
        forma = visto(id_)
        assert forma["contenido"]["texto"] == ""
        assert (forma["reacciones"], forma["editado"]["historial"]) == ([], [])
        assert forma["secuenciaCambio"] == 6
        lapida = forma["eliminado"]
        assert (lapida["eliminado"], lapida["eliminadoPor"], lapida["razon"]) == (
            True,
            "mod",
            "spam",
        )
        assert visto(cita)["respuestaA"]["texto"] == ""
        fila = Mensaje.objects.get(pk=id_)
        assert (fila.texto, fila.oculto, fila.eliminado) == ("muy feo", True, False)
        assert Reaccion.objects.count() == 1

    def test_restaurar_lo_devuelve_entero_con_otro_numero(
        self, decir: Any, pedir: Any, mesa: Any, sobres: list[Sobre]
    ) -> None:
        id_ = decir("ana", "bonito", respuesta_a=decir("beto").mensaje_id).mensaje_id
        pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="love"))
        antes = visto(id_)
        mesa(ocultar(id_))
        mesa(restaurar(id_))
        assert (sobres[-1].evento, sobres[-1].cambio) == ("mensaje_editado", 6)
        mensaje = msgspec.json.decode(sobres[-1].datos)["mensaje"]
        assert mensaje == visto(id_) == {**antes, "secuenciaCambio": 6}

    def test_quien_se_perdio_el_evento_lo_lee_como_lapida(self, decir: Any, mesa: Any) -> None:
        id_ = decir("ana", "feo").mensaje_id
        mesa(ocultar(id_))
        cambios = cambios_desde({"conv": 2})["conv"]
        [mensaje] = cambios.mensajes
        assert (mensaje.id, mensaje.eliminado.eliminado, mensaje.contenido.texto) == (id_, True, "")

    def test_repetirlo_y_lo_imposible_chocan_sin_ocupar_numeros(
        self, decir: Any, mesa: Any, conversacion: Conversacion
    ) -> None:
        id_ = decir("ana").mensaje_id
        assert rechazo(mesa, restaurar(id_)) is CodigoError.CONFLICT
        mesa(ocultar(id_))
        assert rechazo(mesa, ocultar(id_)) is CodigoError.CONFLICT
        mesa(cargas.EliminarMensaje(mensaje_id=id_, razon="spam"))
        for carga in (
            ocultar(id_),
            restaurar(id_),
            cargas.EliminarMensaje(mensaje_id=id_, razon="spam"),
        ):
            assert rechazo(mesa, carga) is CodigoError.CONFLICT
        assert rechazo(mesa, ocultar("nada")) is CodigoError.NOT_FOUND
        conversacion.refresh_from_db()
        assert conversacion.ultimo_cambio == 4

    @pytest.mark.parametrize("quien", ["ana", "beto", "carla"])
    def test_sin_ser_del_personal_no(self, decir: Any, pedir: Any, quien: str) -> None:
        id_ = decir("ana").mensaje_id
        assert rechazo(pedir, quien, ocultar(id_)) is CodigoError.PERMISSION_DENIED
        assert rechazo(pedir, quien, restaurar(id_)) is CodigoError.PERMISSION_DENIED

    def test_su_autor_ya_no_lo_cambia_ni_borra_lo_guardado(
        self, decir: Any, pedir: Any, mesa: Any
    ) -> None:
        id_ = decir("ana", "prueba del delito").mensaje_id
        mesa(ocultar(id_))
        editar = cargas.EditarMensaje(mensaje_id=id_, texto="nada")
        assert rechazo(pedir, "ana", editar) is CodigoError.CONFLICT
        reaccion = cargas.AgregarReaccion(mensaje_id=id_, tipo="like")
        assert rechazo(pedir, "beto", reaccion) is CodigoError.CONFLICT
        pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
        assert Mensaje.objects.get(pk=id_).texto == "prueba del delito"

    def test_en_una_cerrada_tambien(self, decir: Any, mesa: Any) -> None:
        id_ = decir("ana").mensaje_id
        mesa(cargas.ActualizarConversacion(conversacion_id="conv", activa=False))
        mesa(ocultar(id_))
        assert Mensaje.objects.get(pk=id_).oculto

    def test_muchos_a_la_vez_y_el_malo_falla_solo(
        self, decir: Any, mod: Usuario, sobres: list[Sobre]
    ) -> None:
        ids = [decir("ana").mensaje_id for _ in range(5)]
        actor = Actor("mod", personal=True)
        ordenes = [Orden(actor, ocultar(i), motivo="spam") for i in [*ids, ids[0], "nada"]]
        resultados = ejecutar(ordenes)
        malos = [r.codigo for r in resultados if isinstance(r, ErrorMensajeria)]
        assert malos == [CodigoError.CONFLICT, CodigoError.NOT_FOUND]
        assert Mensaje.objects.filter(oculto=True).count() == 5
        assert [s.cambio for s in sobres[-5:]] == [7, 8, 9, 10, 11]
        assert LogEntry.objects.count() == 5


class TestCuentas:
    def test_desactivada_no_entra_y_sus_tokens_no_vuelven(
        self, mesa: Any, ana: Usuario, mod: Usuario
    ) -> None:
        antes = Credencial("ana", time.time() - 1, time.time() + 60)
        mesa(desactivar("ana"))
        fila = Usuario.objects.get(pk="ana")
        assert (fila.is_active, fila.version) == (False, 1)
        assert rechazo(usuario_de, antes) is CodigoError.AUTH_INVALID
        mesa(reactivar("ana"))
        assert rechazo(usuario_de, antes) is CodigoError.AUTH_INVALID
        assert usuario_de(Credencial("ana", time.time() + 1, time.time() + 60)).version == 2

    def test_negativas(self, pedir: Any, mesa: Any, ana: Usuario, beto: Usuario) -> None:
        assert rechazo(pedir, "ana", desactivar("beto")) is CodigoError.PERMISSION_DENIED
        assert rechazo(mesa, desactivar("mod")) is CodigoError.VALIDATION_ERROR
        assert rechazo(mesa, desactivar("nadie")) is CodigoError.NOT_FOUND
        assert rechazo(mesa, reactivar("ana")) is CodigoError.CONFLICT
        mesa(desactivar("ana"))
        assert rechazo(mesa, desactivar("ana")) is CodigoError.CONFLICT

    def test_al_personal_solo_lo_toca_quien_administra(
        self, pedir: Any, mesa: Any, ana: Usuario, beto: Usuario
    ) -> None:
        Usuario.objects.filter(pk="ana").update(is_staff=True)
        Usuario.objects.filter(pk="beto").update(is_superuser=True)
        assert rechazo(mesa, desactivar("ana")) is CodigoError.PERMISSION_DENIED
        assert rechazo(mesa, desactivar("beto")) is CodigoError.PERMISSION_DENIED
        pedir("beto", desactivar("ana"), personal=True)
        assert not Usuario.objects.get(pk="ana").is_active

    def test_otra_clave_revoca_y_rehacer_su_resumen_no(self, ana: Usuario) -> None:
        ana.set_password("otra")
        ana.save()
        ana.refresh_from_db()
        assert (ana.version, ana.tokens_desde is None) == (1, False)
        ana.password = "md5$viejo"
        ana.save(update_fields=["password"])
        assert Usuario.objects.get(pk="ana").version == 1
        ana.set_unusable_password()
        ana.save()
        assert Usuario.objects.get(pk="ana").version == 2

    def test_ascender_o_degradar_revoca_y_lo_demas_no(self, ana: Usuario) -> None:
        ana.nombre, ana.version = "Anabel", 99
        guardar(ana, ["nombre", "groups"])
        guardada = Usuario.objects.get(pk="ana")
        assert (guardada.nombre, guardada.version, guardada.tokens_desde) == ("Anabel", 0, None)
        ana.is_staff = True
        guardar(ana, ["is_staff"])
        guardada.refresh_from_db()
        assert (guardada.is_staff, guardada.version) == (True, 1)
        assert guardada.tokens_desde is not None


class TestHistoria:
    CARGAS = [
        (cargas.ActualizarConversacion(conversacion_id="conv", activa=False), "cerrada", "conv"),
        (
            cargas.CambiarParticipante(
                conversacion_id="conv",
                usuario_id="beto",
                rol="moderador",
                permisos=cargas.PermisosEnviados(puede_enviar=False),
            ),
            "rol: Moderador, puede enviar: no",
            None,
        ),
        (cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"), "quitado", None),
        (desactivar("carla"), "desactivado", "carla"),
    ]

    @pytest.mark.parametrize(("carga", "que", "objeto"), CARGAS)
    def test_quien_que_y_por_que(
        self, conversacion: Conversacion, mod: Usuario, carga: Carga, que: str, objeto: str | None
    ) -> None:
        [resultado] = ejecutar(
            [Orden(Actor("mod", personal=True), carga, motivo="porque <b>sí</b>")]
        )
        assert not isinstance(resultado, ErrorMensajeria)
        [entrada] = LogEntry.objects.all()
        assert entrada.user_id == "mod"
        assert que in entrada.change_message
        assert entrada.change_message.endswith("Motivo: porque <b>sí</b>")
        assert objeto in (None, entrada.object_id)
        assert entrada.get_edited_object()

    def test_lo_que_no_se_hizo_no_se_anota(self, conversacion: Conversacion, mod: Usuario) -> None:
        abrir = cargas.ActualizarConversacion(conversacion_id="conv", activa=True)
        [resultado] = ejecutar([Orden(Actor("mod", personal=True), abrir, motivo="x")])
        assert isinstance(resultado, ErrorMensajeria)
        assert not LogEntry.objects.exists()


def test_las_cifras_del_dia(
    decir: Any, mesa: Any, conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    ids = [decir("ana").mensaje_id for _ in range(4)]
    mesa(ocultar(ids[0]))
    mesa(cargas.EliminarMensaje(mensaje_id=ids[1], razon="spam"))
    with django_assert_max_num_queries(7):
        hoy = cifras_del_dia()
    assert (hoy.actividad.mensajes_enviados, hoy.actividad.conversaciones_activas) == (4, 1)
    assert (hoy.usuarios_nuevos, hoy.ocultos, hoy.eliminados) == (4, 1, 1)


def test_el_grupo_se_crea_una_vez_y_se_respeta(base: None) -> None:
    grupo = moderacion()
    dados = set(grupo.permissions.values_list("codename", flat=True))
    assert dados == set().union(*PERMISOS.values())
    grupo.permissions.clear()
    assert moderacion().permissions.count() == 0
    assert Group.objects.filter(name=grupo.name).count() == 1
    grupo.delete()
    moderacion()
