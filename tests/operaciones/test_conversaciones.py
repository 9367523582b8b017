from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Notificacion, Participante, Usuario
from mensajeria.operaciones.conversaciones import Existente
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

pytestmark = pytest.mark.bd


def con(*quienes: str, **mas: Any) -> cargas.CrearConversacion:
    participantes = [cargas.ParticipanteNuevo(usuario_id=q) for q in quienes]
    return cargas.CrearConversacion(participantes=participantes, **mas)


def rechazo(pedir: Any, quien: str, carga: Any) -> ErrorMensajeria:
    with pytest.raises(ErrorMensajeria) as error:
        pedir(quien, carga)
    return error.value


def test_crear_individual(pedir: Any, ana: Usuario, beto: Usuario, sobres: list[Sobre]) -> None:
    creada = pedir("ana", con("beto"))
    fila = Conversacion.objects.get(pk=creada.conversacion_id)
    assert (fila.tipo, fila.ultimo_cambio, fila.ultima_secuencia) == ("individual", 1, 0)
    assert re.fullmatch(r"CONV-\d{13}-[A-Z0-9]{6}", fila.codigo)
    assert set(fila.participantes.values_list("usuario_id", "puede_moderar")) == {
        ("ana", False),
        ("beto", False),
    }
    assert [s.evento for s in sobres] == ["notificacion", "conversacion_creada"]
    assert sobres[1].miembros == {"ana": True, "beto": True}
    assert Notificacion.objects.get().usuario_id == "beto"


def test_la_segunda_individual_devuelve_la_primera(pedir: Any, ana: Any, beto: Any) -> None:
    primera = pedir("ana", con("beto"))
    for quien, otro in (("ana", "beto"), ("beto", "ana")):
        otra = pedir(quien, con(otro))
        assert isinstance(otra, Existente)
        assert otra.conversacion_id == primera.conversacion_id
    con_asesoria = pedir("ana", con("beto", asesoria="a1"))
    assert con_asesoria.conversacion_id != primera.conversacion_id


def _sale(pedir: Any, quien: str, conversacion_id: str) -> None:
    pedir(quien, cargas.RemoverParticipante(conversacion_id=conversacion_id, usuario_id=quien))


def test_quien_salio_de_una_individual_vuelve_al_pedirla(
    pedir: Any, ana: Any, beto: Any, sobres: list[Sobre]
) -> None:
    primera = pedir("ana", con("beto")).conversacion_id
    de_beto = Participante.objects.get(conversacion=primera, usuario="beto")
    Participante.objects.filter(pk=de_beto.pk).update(puede_enviar=False)
    _sale(pedir, "beto", primera)
    sobres.clear()
    vuelta = pedir("beto", con("ana"))
    assert vuelta == Existente(conversacion_id=primera)
    de_beto.refresh_from_db()
    # Salir y volver no devuelve el permiso que se le quitó.
    assert (de_beto.activo, de_beto.puede_enviar) == (True, False)
    assert [(s.evento, s.miembros) for s in sobres] == [("participante_agregado", {"beto": False})]


@pytest.mark.parametrize("quien", ["ana", "beto"])
@pytest.mark.parametrize("antes", ["salieron los dos", "salió el otro", "se cerró"])
def test_con_el_otro_fuera_o_cerrada_se_empieza_otra(
    pedir: Any, ana: Any, beto: Any, antes: str, quien: str
) -> None:
    primera = pedir("ana", con("beto")).conversacion_id
    otro = "beto" if quien == "ana" else "ana"
    if antes == "se cerró":
        Conversacion.objects.filter(pk=primera).update(activa=False)
    else:
        _sale(pedir, otro, primera)
    if antes == "salieron los dos":
        _sale(pedir, quien, primera)
    nueva = pedir(quien, con(otro)).conversacion_id
    assert nueva != primera
    assert pedir(otro, con(quien)).conversacion_id == nueva
    assert Conversacion.objects.get(pk=primera).clave_pareja is None


def test_crear_grupal_da_la_moderacion_a_quien_crea(
    pedir: Any, ana: Any, beto: Any, carla: Any
) -> None:
    Usuario.objects.filter(pk="beto").update(es_experto=True)
    configuracion = cargas.ConfiguracionEnviada(nombre_personalizado="Obra")
    id_ = pedir(
        "ana", con("beto", "carla", tipo="grupal", configuracion=configuracion)
    ).conversacion_id
    filas = Participante.objects.filter(conversacion=id_)
    assert set(filas.values_list("usuario_id", "rol", "puede_moderar")) == {
        ("ana", "cliente", True),
        ("beto", "experto", False),
        ("carla", "cliente", False),
    }
    assert Conversacion.objects.get(pk=id_).nombre_personalizado == "Obra"


def test_lo_que_no_se_puede_crear(pedir: Any, ana: Any, beto: Any, carla: Any) -> None:
    assert rechazo(pedir, "ana", con("ana")).codigo is CodigoError.VALIDATION_ERROR
    assert rechazo(pedir, "ana", con("beto", "carla")).codigo is CodigoError.VALIDATION_ERROR
    assert rechazo(pedir, "ana", con("nadie")).codigo is CodigoError.NOT_FOUND
    moderador = cargas.CrearConversacion(
        participantes=[cargas.ParticipanteNuevo(usuario_id="beto", rol="moderador")]
    )
    assert rechazo(pedir, "ana", moderador).codigo is CodigoError.PERMISSION_DENIED
    Usuario.objects.filter(pk="beto").update(is_active=False)
    assert rechazo(pedir, "ana", con("beto")).codigo is CodigoError.NOT_FOUND
    assert not Conversacion.objects.exists()


def test_actualizar_solo_quien_modera(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    carga = cargas.ActualizarConversacion(
        conversacion_id="conv",
        configuracion=cargas.ConfiguracionEnviada(
            descripcion="La obra", configuracion_privacidad={"$ref": 1}
        ),
    )
    assert rechazo(pedir, "beto", carga).codigo is CodigoError.PERMISSION_DENIED
    assert rechazo(pedir, "carla", carga).codigo is CodigoError.NOT_FOUND
    pedir("ana", carga)
    conversacion.refresh_from_db()
    assert (conversacion.descripcion, conversacion.ultimo_cambio) == ("La obra", 2)
    assert conversacion.configuracion_privacidad == {"$ref": 1}
    [emitido] = sobres
    assert (emitido.evento, emitido.cambio) == ("conversacion_actualizada", 2)


def test_cada_lector_ve_su_cuenta_en_el_mismo_evento(
    pedir: Any, decir: Any, sobres: list[Sobre]
) -> None:
    trampa: dict[str, Any] = {"mensajesNoLeidos": {}}
    decir("ana")
    carga = cargas.ActualizarConversacion(
        conversacion_id="conv",
        configuracion=cargas.ConfiguracionEnviada(configuracion_privacidad=trampa),
    )
    pedir("ana", carga)
    for quien, cuenta in (("ana", 0), ("beto", 1)):
        forma = msgspec.json.decode(sobres[-1].datos_para(quien))["conversacion"]
        assert forma["estadisticas"]["mensajesNoLeidos"] == {quien: cuenta}
        assert forma["configuracion"]["configuracionPrivacidad"] == trampa


def test_cerrar_y_reabrir(pedir: Any, decir: Any, sobres: list[Sobre]) -> None:
    pedir("ana", cargas.ActualizarConversacion(conversacion_id="conv", activa=False))
    assert sobres[-1].miembros == {"ana": False, "beto": False}
    with pytest.raises(ErrorMensajeria) as error:
        decir("ana")
    assert error.value.codigo is CodigoError.CONVERSATION_CLOSED
    pedir("ana", cargas.ActualizarConversacion(conversacion_id="conv", activa=True))
    assert decir("ana").secuencia == 1


def test_el_personal_modera_sin_participar(pedir: Any, conversacion: Conversacion) -> None:
    carga = cargas.ActualizarConversacion(conversacion_id="conv", activa=False)
    pedir("carla", carga, personal=True)
    conversacion.refresh_from_db()
    assert conversacion.activa is False


def test_se_dice_quien_la_creo_por_su_nombre(
    pedir: Any, ana: Usuario, beto: Usuario, carla: Usuario, sobres: list[Sobre]
) -> None:
    def avisos(quien: str) -> list[str]:
        filas = Notificacion.objects.filter(usuario=quien).order_by("fecha", "pk")
        return list(filas.values_list("mensaje", flat=True))

    pedir("ana", con("beto"))
    nombre = cargas.ConfiguracionEnviada(nombre_personalizado="Obra\u202e")
    obra = pedir("ana", con("beto", tipo="grupal", configuracion=nombre)).conversacion_id
    pedir("ana", con("beto", tipo="grupal"))
    assert avisos("beto") == [
        "Ana Prueba te escribió",
        "Ana Prueba te agregó a «Obra»",
        "Ana Prueba te agregó a una conversación",
    ]
    creada = msgspec.json.decode(next(s for s in sobres if s.evento == "conversacion_creada").datos)
    assert creada["creadaPor"] == {
        "_id": "ana",
        "nombre": "Ana",
        "apellido": "Prueba",
        "avatar_url": "",
    }
    de_carla = {"conversacion_id": obra, "usuario_id": "carla"}
    pedir("ana", cargas.AgregarParticipante(**de_carla))
    pedir("ana", cargas.RemoverParticipante(**de_carla))
    pedir("mod", cargas.AgregarParticipante(**de_carla), personal=True)
    assert avisos("carla") == [
        "Ana Prueba te agregó a «Obra»",
        "Ana Prueba te quitó de «Obra»",
        "Te han agregado a «Obra»",
    ]
