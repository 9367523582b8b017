"""El orden de una conversación, sin base de datos ni bucle de eventos."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mensajeria.central.conectado import Conectado
from mensajeria.central.sala import Sala
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.operaciones.autenticacion import Credencial


class ReceptorDeSala:
    mira: str | None = ""

    def __init__(self, usuario_id: str = "ana", id_: str = "s1") -> None:
        self.id = id_
        self.usuario_id = usuario_id
        self.credencial: Credencial | None = None
        self.por_confirmar: dict[str, int] = {}
        self.cambios: list[int] = []

    def entregar(self, emision: Emision) -> None:
        assert emision.sobre is not None
        self.cambios.append(emision.sobre.cambio)

    def enviado_hasta(self, conversacion: str, secuencia: int) -> None: ...

    def expulsar(self) -> None: ...

    def cambiar_de_epoca(self, aviso: Emision) -> None: ...

    def conectado(self, salas: int) -> Conectado:
        raise NotImplementedError


def cambio(n: int, **mas: Any) -> Sobre:
    return Sobre(
        evento="nuevo_mensaje",
        datos=b"{}",
        alcance=Alcance.UNIDOS,
        conversacion="c",
        cambio=n,
        secuencia=n,
        **mas,
    )


def llega(sala: Sala, sobre: Sobre) -> None:
    for listo in sala.en_su_turno(sobre):
        sala.repartir(Emision("e", b"{}", listo), listo, sala.destinatarios)


def con_uno(hasta: int = 0) -> tuple[Sala, ReceptorDeSala]:
    sala, receptor = Sala("c"), ReceptorDeSala()
    sala.esperar(receptor)
    sala.unir(receptor, hasta, hasta)
    return sala, receptor


@given(st.permutations(range(1, 13)), st.lists(st.integers(1, 12)))
def test_llegue_como_llegue_se_reparte_una_vez_y_en_orden(
    orden: list[int], repetidos: list[int]
) -> None:
    sala, receptor = con_uno()
    for n in [*orden, *repetidos]:
        llega(sala, cambio(n))
    assert receptor.cambios == list(range(1, 13))
    assert not sala.con_hueco


def test_con_un_hueco_espera() -> None:
    sala, receptor = con_uno()
    llega(sala, cambio(1))
    llega(sala, cambio(3))
    assert (receptor.cambios, sala.con_hueco) == ([1], True)
    sala.saltar_a(3, 3)
    assert not sala.con_hueco
    llega(sala, cambio(4))
    assert receptor.cambios == [1, 4]


def test_lo_que_no_ocupa_cambio_pasa_siempre() -> None:
    sala, receptor = con_uno(hasta=5)
    llega(sala, cambio(0))
    assert receptor.cambios == [0]


def test_quien_se_une_recibe_lo_que_su_respuesta_no_cubre() -> None:
    sala, viejo = con_uno()
    nuevo = ReceptorDeSala("beto", "s2")
    sala.esperar(nuevo)
    for n in (1, 2, 3):
        llega(sala, cambio(n))
    assert nuevo.cambios == []
    sala.unir(nuevo, 2, 2)
    llega(sala, cambio(4))
    assert nuevo.cambios == [3, 4]
    assert viejo.cambios == [1, 2, 3, 4]


def test_se_sabe_lo_que_paso_antes_de_que_esperase() -> None:
    sala, _ = con_uno()
    llega(sala, cambio(1))
    nuevo = ReceptorDeSala("beto", "s2")
    sala.esperar(nuevo)
    assert sala.se_le_escapo(nuevo, 0)
    assert not sala.se_le_escapo(nuevo, 1)
    llega(sala, cambio(2))
    assert not sala.se_le_escapo(nuevo, 1)
    # Otro leyó más: la sala lo da por repartido, y a este no le espera.
    sala.saltar_a(4, 4)
    assert sala.se_le_escapo(nuevo, 1)
    assert not sala.se_le_escapo(nuevo, 4)
    assert not sala.se_le_escapo(nuevo, 9)


def test_quien_se_une_sabiendo_mas_no_recibe_repetido() -> None:
    sala, viejo = con_uno()
    nuevo = ReceptorDeSala("beto", "s2")
    sala.esperar(nuevo)
    sala.unir(nuevo, 2, 2)
    for n in (1, 2, 3):
        llega(sala, cambio(n))
    assert (viejo.cambios, nuevo.cambios) == ([1, 2, 3], [3])


def test_lo_que_llega_antes_de_la_primera_lectura_se_guarda() -> None:
    sala, receptor = Sala("c"), ReceptorDeSala()
    sala.esperar(receptor)
    for n in (4, 5, 6):
        llega(sala, cambio(n))
    sala.unir(receptor, 5, 5)
    for listo in sala.los_que_siguen():
        sala.repartir(Emision("e", b"{}", listo), listo, sala.destinatarios)
    assert receptor.cambios == [6]
    assert not sala.con_hueco


def test_excepciones_de_conexion_y_de_usuario() -> None:
    sala, ana = con_uno()
    llega(sala, cambio(1, salvo_conexion="s1"))
    llega(sala, cambio(2, salvo_usuario="ana"))
    llega(sala, cambio(3))
    assert ana.cambios == [3]


def test_quien_no_pudo_volver_a_unirse_sigue_donde_estaba() -> None:
    sala, receptor = con_uno()
    sala.esperar(receptor)
    llega(sala, cambio(1))
    sala.volver(receptor)
    llega(sala, cambio(2))
    assert receptor.cambios == [1, 2]


def test_cada_marco_se_hace_una_vez() -> None:
    hechos: list[str] = []

    def enmarcar(evento: str, datos: bytes) -> str:
        hechos.append(evento)
        return f"{evento}:{datos.decode()}"

    emision = Emision("e", b"{}")
    assert {emision.marcos[enmarcar] for _ in range(3)} == {"e:{}"}
    assert hechos == ["e"]
