from __future__ import annotations

from typing import Any

import pytest

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Notificacion, Participante, Usuario
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

pytestmark = pytest.mark.bd


def agregar(quien: str) -> cargas.AgregarParticipante:
    return cargas.AgregarParticipante(conversacion_id="conv", usuario_id=quien)


def remover(quien: str) -> cargas.RemoverParticipante:
    return cargas.RemoverParticipante(conversacion_id="conv", usuario_id=quien)


def permisos(quien: str, **cuales: bool) -> cargas.CambiarParticipante:
    return cargas.CambiarParticipante(
        conversacion_id="conv", usuario_id=quien, permisos=cargas.PermisosEnviados(**cuales)
    )


def rechazo(pedir: Any, quien: str, carga: Any) -> CodigoError:
    with pytest.raises(ErrorMensajeria) as error:
        pedir(quien, carga)
    return error.value.codigo


def test_agregar_anuncia_y_sube_la_version(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    pedir("ana", agregar("carla"))
    fila = Participante.objects.get(usuario="carla")
    assert (fila.activo, fila.secuencia_cambio) == (True, 2)
    assert Usuario.objects.get(pk="carla").version == 1
    assert [s.evento for s in sobres] == ["notificacion", "participante_agregado"]
    assert sobres[1].miembros == {"carla": True}


def test_el_aviso_lleva_con_que_decirlo_en_otra_lengua(
    pedir: Any, conversacion: Conversacion
) -> None:
    Conversacion.objects.update(nombre_personalizado="Obra")
    pedir("ana", agregar("carla"))
    pedir("ana", remover("carla"))
    avisos = Notificacion.objects.filter(usuario="carla")
    assert len(avisos) == 2
    for aviso in avisos:
        assert aviso.datos == {
            "conversacionId": "conv",
            "tipoConversacion": conversacion.tipo,
            "nombre": "Obra",
            "quien": "Ana Prueba",
        }
        assert "Ana Prueba" in aviso.mensaje


@pytest.mark.parametrize("hacer", [agregar("carla"), permisos("ana"), remover("ana")])
def test_solo_quien_modera(pedir: Any, conversacion: Conversacion, hacer: Any) -> None:
    assert rechazo(pedir, "beto", hacer) is CodigoError.PERMISSION_DENIED
    assert rechazo(pedir, "carla", hacer) is CodigoError.NOT_FOUND


def test_no_se_agrega_dos_veces_ni_a_nadie(pedir: Any, conversacion: Conversacion) -> None:
    assert rechazo(pedir, "ana", agregar("beto")) is CodigoError.CONFLICT
    assert rechazo(pedir, "ana", agregar("nadie")) is CodigoError.NOT_FOUND
    Conversacion.objects.update(tipo="individual")
    assert rechazo(pedir, "ana", agregar("carla")) is CodigoError.VALIDATION_ERROR


def test_salir_y_volver_empieza_en_lo_mas_nuevo(pedir: Any, decir: Any) -> None:
    decir("beto")
    pedir("beto", remover("beto"))
    assert rechazo(pedir, "beto", remover("beto")) is CodigoError.NOT_FOUND
    decir("ana")
    pedir("ana", agregar("beto"))
    fila = Participante.objects.get(usuario="beto")
    assert (fila.activo, fila.leido_hasta, fila.entregado_hasta) == (True, 2, 2)
    assert (fila.enviados, fila.enviados_leidos) == (1, 1)
    assert decir("beto").secuencia == 3


def test_removido_no_envia_ni_lee(pedir: Any, decir: Any, sobres: list[Sobre]) -> None:
    pedir("ana", remover("beto"))
    assert sobres[-1].miembros == {"beto": None}
    assert sobres[-1].evento == "participante_removido"
    with pytest.raises(ErrorMensajeria) as error:
        decir("beto")
    assert error.value.codigo is CodigoError.NOT_FOUND


def test_quitar_un_permiso_se_anuncia(pedir: Any, decir: Any, sobres: list[Sobre]) -> None:
    pedir("ana", permisos("beto", puede_enviar=False, puede_eliminar=True))
    fila = Participante.objects.get(usuario="beto")
    assert (fila.puede_enviar, fila.puede_eliminar, fila.puede_moderar) == (False, True, False)
    assert (sobres[-1].evento, sobres[-1].miembros) == ("conversacion_actualizada", {"beto": False})
    with pytest.raises(ErrorMensajeria) as error:
        decir("beto")
    assert error.value.codigo is CodigoError.PERMISSION_DENIED


def test_cambiar_el_rol(pedir: Any, conversacion: Conversacion) -> None:
    pedir(
        "ana",
        cargas.CambiarParticipante(conversacion_id="conv", usuario_id="beto", rol="experto"),
    )
    assert Participante.objects.get(usuario="beto").rol == "experto"
    assert rechazo(pedir, "ana", permisos("carla")) is CodigoError.NOT_FOUND
