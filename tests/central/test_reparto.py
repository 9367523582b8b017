"""A quién le toca cada sobre de los que están aquí."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.central.asistencia import Asistencia
from mensajeria.central.reparto import Reparto
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.consultas import Participacion
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.protocolo.empujes import UsuarioConectado
from tests.central.gente import ReceptorFalso


@pytest.fixture
def reparto() -> Reparto:
    return Reparto(Asistencia(lambda _: None), Suscripciones())


def esta(reparto: Reparto, usuario: str, *conversaciones: str) -> ReceptorFalso:
    """Con una conexión más, unida a esas conversaciones."""
    receptor = ReceptorFalso(usuario)
    reparto.agregar(receptor)
    for id_ in conversaciones:
        reparto.abrir(id_).esperar(receptor)
        reparto.unir(receptor, {id_: Participacion(True, 0, 0)})
    return receptor


def dar(reparto: Reparto, alcance: Alcance, evento: str = "e", **mas: Any) -> None:
    reparto.repartir([Sobre(evento=evento, datos=b"{}", alcance=alcance, **mas)])


def eventos(*receptores: ReceptorFalso) -> list[list[str]]:
    return [[evento for evento, _ in r.recibidos] for r in receptores]


async def test_a_cada_alcance_los_suyos(reparto: Reparto) -> None:
    ana, beto = esta(reparto, "ana", "c", "d"), esta(reparto, "beto", "c", "d")
    mod = esta(reparto, "mod")
    dar(reparto, Alcance.UNIDOS, "unidos", conversacion="d")
    dar(reparto, Alcance.USUARIOS, "usuarios", usuarios=["ana", "nadie"])
    # Comparten dos conversaciones, y lo saben una vez.
    dar(reparto, Alcance.VECINOS, "vecinos", conversaciones=["c", "d"], salvo_usuario="beto")
    assert eventos(ana, beto, mod) == [["unidos", "usuarios", "vecinos"], ["unidos"], []]


async def test_quien_llega_lo_sabe_tambien_quien_aun_se_esta_uniendo(reparto: Reparto) -> None:
    ana, beto = esta(reparto, "ana", "c", "sola"), ReceptorFalso("beto")
    reparto.agregar(beto)
    reparto.abrir("c").esperar(beto)
    empuje = UsuarioConectado(conversacion_id="", usuario_id="ana")
    suyas = ["c", "sola", "ajena"]
    reparto.repartir([sobre(empuje, Alcance.UNIDOS, conversaciones=suyas, salvo_usuario="ana")])
    assert eventos(ana, beto) == [[], []]
    reparto.unir(beto, {"c": Participacion(True, 0, 0)})
    assert eventos(ana, beto) == [[], ["usuario_conectado"]]
    assert beto.recibidos[0][1].items() >= {"conversacionId": "c", "usuarioId": "ana"}.items()


async def test_quien_sale_lo_sabe_y_no_recibe_mas(reparto: Reparto) -> None:
    ana, beto = esta(reparto, "ana", "c"), esta(reparto, "beto", "c")
    dar(reparto, Alcance.MIEMBROS, "fuera", conversacion="c", cambio=1, miembros={"beto": None})
    dar(reparto, Alcance.UNIDOS, "despues", conversacion="c", cambio=2)
    assert eventos(ana, beto) == [["fuera", "despues"], ["fuera"]]
    assert reparto.puede_enviar("beto", "c") is None
    assert not reparto.sostiene(Clave("beto", "c")) and reparto.sostiene(Clave("beto"))


async def test_quien_entra_queda_unido_con_todas_sus_conexiones(reparto: Reparto) -> None:
    una, otra = esta(reparto, "ana"), esta(reparto, "ana")
    dar(reparto, Alcance.MIEMBROS, "dentro", conversacion="c", cambio=5, miembros={"ana": False})
    dar(reparto, Alcance.UNIDOS, "despues", conversacion="c", cambio=6)
    assert eventos(una, otra) == [["dentro", "despues"]] * 2
    assert reparto.puede_enviar("ana", "c") is False


async def test_sin_nadie_la_sala_se_cierra(reparto: Reparto) -> None:
    ana, beto = esta(reparto, "ana", "c"), esta(reparto, "beto", "c")
    assert reparto.quitar(ana)
    assert not reparto.quitar(ana)
    assert set(reparto.salas) == {"c"} and reparto.salas_de("ana") == set()
    assert reparto.quitar(beto)
    assert not reparto.salas and not reparto.receptores
    dar(reparto, Alcance.UNIDOS, conversacion="c")
    assert eventos(ana, beto) == [[], []]


async def test_a_los_miembros_la_misma_emision_si_no_lleva_su_cuenta(
    reparto: Reparto, monkeypatch: pytest.MonkeyPatch
) -> None:
    emisiones: list[Emision] = []
    entregar = ReceptorFalso.entregar

    def apuntar(receptor: ReceptorFalso, emision: Emision) -> None:
        emisiones.append(emision)
        entregar(receptor, emision)

    monkeypatch.setattr(ReceptorFalso, "entregar", apuntar)
    ana, beto = esta(reparto, "ana", "c"), esta(reparto, "beto", "c")
    dar(reparto, Alcance.MIEMBROS, conversacion="c", cambio=1)
    assert emisiones[0] is emisiones[1] and eventos(ana, beto) == [["e"], ["e"]]
