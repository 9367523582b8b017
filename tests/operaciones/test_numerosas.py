"""Con más de cien participantes, ni van todos en cada evento ni se publican cientos de veces."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mensajeria import consultas
from mensajeria.difusion import emisor
from mensajeria.difusion.grupos import TODOS
from mensajeria.difusion.sobre import Alcance, Sobre, desempaquetar, empaquetar
from mensajeria.models import Conversacion, Participante
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import MAX_ENUMERADOS
from tests.numerosas import poblar

pytestmark = pytest.mark.bd


def datos(sobre: Sobre, lector: str) -> dict[str, Any]:
    """Lo que recibe ese lector, también si el sobre viene de otro proceso."""
    [viajado] = desempaquetar(empaquetar([sobre]))
    assert viajado.datos_para(lector) == sobre.datos_para(lector)
    leidos: dict[str, Any] = msgspec.json.decode(sobre.datos_para(lector))
    return leidos


def van(conversacion: dict[str, Any]) -> list[str]:
    return [p["usuario"]["_id"] for p in conversacion["participantes"]]


def agregar(quien: str) -> cargas.AgregarParticipante:
    return cargas.AgregarParticipante(conversacion_id="conv", usuario_id=quien)


def remover(quien: str) -> cargas.RemoverParticipante:
    return cargas.RemoverParticipante(conversacion_id="conv", usuario_id=quien)


def actualizar(descripcion: str) -> cargas.ActualizarConversacion:
    return cargas.ActualizarConversacion(
        conversacion_id="conv", configuracion=cargas.ConfiguracionEnviada(descripcion=descripcion)
    )


def test_quien_hace_ciento_uno_va_el_con_quien_lee(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    poblar(conversacion, MAX_ENUMERADOS)
    pedir("ana", agregar("carla"))
    [sobre] = [s for s in sobres if s.evento == "participante_agregado"]
    for lector, esperados in (
        ("ana", ["ana", "carla"]),
        ("u050", ["u050", "carla"]),
        ("carla", ["carla"]),
    ):
        forma = datos(sobre, lector)["conversacion"]
        assert van(forma) == esperados
        assert (forma["totalParticipantes"], forma["totalConectados"]) == (MAX_ENUMERADOS + 1, 0)
        assert list(forma["estadisticas"]["mensajesNoLeidos"]) == [lector]


def test_con_cien_no_cambia_nada(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    poblar(conversacion, MAX_ENUMERADOS - 1)
    pedir("ana", agregar("carla"))
    [sobre] = [s for s in sobres if s.evento == "participante_agregado"]
    assert not sobre.propias
    forma = datos(sobre, "beto")["conversacion"]
    assert len(forma["participantes"]) == forma["totalParticipantes"] == MAX_ENUMERADOS
    assert "totalConectados" not in forma


def test_quien_deja_cien_hace_que_se_diga_quienes_son(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    poblar(conversacion, MAX_ENUMERADOS + 2)
    for quien in ("u010", "u011"):
        pedir("ana", remover(quien))
    uno, otro, despues = [s for s in sobres if s.evento != "notificacion"]
    assert uno.evento == otro.evento == "participante_removido"
    assert datos(uno, "ana")["totalParticipantes"] == MAX_ENUMERADOS + 1
    assert "totalParticipantes" not in datos(otro, "ana")
    assert despues.evento == "conversacion_actualizada"
    assert despues.cambio == otro.cambio + 1
    forma = datos(despues, "u050")["conversacion"]
    activos = [p for p in forma["participantes"] if p["activo"]]
    assert len(activos) == forma["totalParticipantes"] == MAX_ENUMERADOS
    assert "totalConectados" not in forma
    assert Conversacion.objects.get().ultimo_cambio == despues.cambio


def test_a_quien_se_le_cambia_un_permiso_va_con_quien_lee(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    poblar(conversacion, 120)
    permisos = cargas.PermisosEnviados(puede_enviar=False)
    pedir(
        "ana",
        cargas.CambiarParticipante(conversacion_id="conv", usuario_id="u001", permisos=permisos),
    )
    forma = datos(sobres[0], "beto")["conversacion"]
    assert van(forma) == ["beto", "u001"]
    assert not forma["participantes"][1]["permisos"]["puedeEnviar"]


def test_un_evento_no_crece_con_los_participantes(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    tamanos = []
    for cuantos in (120, 480):
        poblar(conversacion, cuantos)
        sobres.clear()
        pedir("ana", actualizar("d"))
        tamanos.append(len(sobres[0].datos_para("beto")))
        # Una publicación, y no una por participante con todo dentro.
        assert list(emisor._grupos_de(sobres[0])) == [TODOS]
    assert abs(tamanos[1] - tamanos[0]) < 20
    assert tamanos[1] < 3_000


def test_lo_que_escriba_alguien_no_se_toma_por_los_participantes(
    pedir: Any, conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    malicia = '"participantes":[],"mensajesNoLeidos":{}'
    Conversacion.objects.update(
        codigo=malicia,
        nombre_personalizado=malicia,
        configuracion_privacidad={"participantes": [], "mensajesNoLeidos": {}},
    )
    poblar(conversacion, 120)
    pedir("ana", actualizar(malicia))
    forma = datos(sobres[0], "beto")["conversacion"]
    assert van(forma) == ["beto"]
    assert forma["codigoConversacion"] == forma["configuracion"]["descripcion"] == malicia
    privacidad = forma["configuracion"]["configuracionPrivacidad"]
    assert privacidad == {"participantes": [], "mensajesNoLeidos": {}}
    assert forma["estadisticas"]["mensajesNoLeidos"] == {"beto": 0}


def test_de_quienes_salieron_van_los_ultimos_cien(pedir: Any, conversacion: Conversacion) -> None:
    poblar(conversacion, 340)
    Participante.objects.filter(usuario__gte="u001", usuario__lte="u300").update(activo=False)
    [forma] = consultas.presentar_conversaciones([conversacion], "beto")
    assert forma.total_participantes == 40
    assert [p.activo for p in forma.participantes].count(True) == 40
    assert len(forma.participantes) == 40 + MAX_ENUMERADOS


def test_reanudar_y_unirse_traen_lo_propio(conversacion: Conversacion) -> None:
    poblar(conversacion, 300)
    otra = Conversacion.objects.create(id="otra", tipo="grupal")
    for quien in ("ana", "beto", "carla"):
        Participante.objects.create(conversacion=otra, usuario_id=quien)
    puestas = consultas.poner_al_dia("u200", {"conv": 0})
    assert [p.usuario.id for p in puestas["conv"].conversacion.participantes] == ["u200"]  # type: ignore[union-attr]
    formas = consultas.presentar_conversaciones([conversacion, otra], "beto")
    assert [len(f.participantes) for f in formas] == [1, 3]
    assert [f.total_participantes for f in formas] == [300, 3]


def test_de_una_numerosa_no_se_leen_todos(
    conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    poblar(conversacion, 480)
    with django_assert_max_num_queries(3):
        consultas.presentar_conversaciones([conversacion], "beto")


def test_lo_que_repone_la_reparacion_lleva_lo_de_cada_uno(
    pedir: Any, conversacion: Conversacion
) -> None:
    poblar(conversacion, 120)
    pedir("ana", actualizar("perdida"))
    cambios = consultas.cambios_desde({"conv": conversacion.ultimo_cambio})["conv"]
    assert cambios.conversacion is not None and cambios.conversacion.participantes == []
    sobre = Sobre(
        evento="conversacion_actualizada",
        datos=msgspec.json.encode({"conversacion": cambios.conversacion}),
        alcance=Alcance.MIEMBROS,
        no_leidos=cambios.no_leidos,
        propias=cambios.propias,
    )
    assert van(datos(sobre, "u099")["conversacion"]) == ["u099"]
    assert len(cambios.propias) == 120
