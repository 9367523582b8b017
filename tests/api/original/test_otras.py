"""Sus cifras, su salud, su prueba y su búsqueda."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.models import Conversacion, Mensaje, Usuario
from tests.api.original.test_rutas import API
from tests.api.test_rutas import cliente

pytestmark = pytest.mark.bd


def test_las_cifras_de_cada_cual_y_las_de_todos(decir: Any) -> None:
    decir("ana")
    suyas = cliente("beto").get(f"{API}estadisticas?usuarioId=beto&incluirGlobales=true").json()
    ultima = Conversacion.objects.get().fecha_ultima_actividad
    assert suyas["estadisticasUsuario"] == {
        "totalConversaciones": 1,
        "conversacionesActivas": 1,
        "totalMensajesNoLeidos": 1,
        "ultimaActividad": int(ultima.timestamp() * 1000),
    }
    assert suyas["estadisticasGlobales"] is None
    ninguna = cliente("carla").get(f"{API}estadisticas?usuarioId=carla").json()
    assert ninguna["estadisticasUsuario"]["ultimaActividad"] is None
    Usuario.objects.filter(pk="carla").update(is_staff=True)
    carla = cliente("carla")
    [grupales] = carla.get(f"{API}estadisticas?incluirGlobales=true").json()["estadisticasGlobales"]
    assert (grupales["_id"], grupales["total"], grupales["totalMensajes"]) == ("grupal", 1, 1)
    salud = carla.get(f"{API}health").json()["estadisticas"]
    assert salud == {"conversacionesActivas": 1, "mensajesActivos": 1}
    assert cliente(None).get(f"{API}health").json()["estadisticas"] is None


def test_la_prueba_no_finge(ana: Usuario) -> None:
    for accion in ("crear-conversacion-test", "enviar-mensaje-test"):
        respuesta = cliente(None).post(f"{API}test", {"accion": accion}, format="json")
        assert (respuesta.status_code, respuesta.json()["success"]) == (403, False)
    assert not Conversacion.objects.exists()


def test_buscar_en_lo_mio(decir: Any) -> None:
    textos = ("El año ÑANDÚ", "otra cosa", "un ñandú eliminado", "¿Ñandú, dices?")
    ids = [decir("ana", texto).mensaje_id for texto in textos]
    Mensaje.objects.filter(pk=ids[2]).update(eliminado=True)

    def hallados(quien: str, consulta: str) -> list[str]:
        datos = cliente(quien).get(f"{API}buscar?usuarioId={quien}&{consulta}").json()
        assert datos["total"] == len(datos["resultados"])
        return [m["_id"] for m in datos["resultados"]]

    assert hallados("beto", "q=ñandú") == hallados("ana", "q=ÑanDÚ") == [ids[3], ids[0]]
    assert hallados("beto", "q=ñandú&limite=1") == [ids[3]]
    assert (
        hallados("beto", "q=%25a") == hallados("beto", "q=.*") == hallados("carla", "q=ñandú") == []
    )
    for corta in ("", "q=", "q=a", "q=%20%20a"):
        negada = cliente("ana").get(f"{API}buscar?usuarioId=ana&{corta}")
        assert (negada.status_code, negada.json()["campo"]) == (400, "q")
