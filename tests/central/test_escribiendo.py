"""Quien deja de escribir se sabe, aunque nadie lo diga."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from mensajeria.central import escribiendo
from mensajeria.central.escribiendo import ENVIO, Escribientes, Teclado, aviso
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.nodo import Nodo
from tests.central.gente import entrar


@pytest.fixture
def dicho() -> list[tuple[str, bool]]:
    return []


@pytest.fixture
def teclado(dicho: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch) -> Teclado:
    """Calla tras 0,2 s de silencio; lo que anuncia queda en `dicho`."""
    monkeypatch.setattr(escribiendo, "SEGUNDOS_DE_SILENCIO", 0.2)

    def emitir(sobres: list[Sobre]) -> None:
        for sobre in sobres:
            assert sobre.salvo_usuario == "ana"
            dicho.append((sobre.conversacion, msgspec.json.decode(sobre.datos)["escribiendo"]))

    return Teclado(emitir)


async def test_se_dice_al_empezar_y_tras_el_silencio(
    teclado: Teclado, dicho: list[tuple[str, bool]]
) -> None:
    for _ in range(3):
        teclado.teclea("ana", "c1")
    assert dicho == [("c1", True)]
    await asyncio.sleep(0.4)
    assert dicho == [("c1", True), ("c1", False)]
    teclado.calla("c1")
    assert len(dicho) == 2


async def test_un_mensaje_solo_se_lee_donde_alguien_escribe() -> None:
    """Es el camino de cada mensaje: con alguien escribiendo en otra parte, ni se mira."""
    repartidos: list[str] = []
    de_todos = Escribientes(lambda sobres: repartidos.extend(s.conversacion for s in sobres))
    assert de_todos.cambia(aviso("c1", "ana", True))
    ilegible = Sobre(evento=ENVIO, datos=b"", alcance=Alcance.UNIDOS, conversacion="c2")
    de_todos.envio(ilegible)
    de_otro = b'{"mensaje":{"remitente":{"_id":"beto"}}}'
    de_todos.envio(Sobre(evento=ENVIO, datos=de_otro, alcance=Alcance.UNIDOS, conversacion="c1"))
    assert repartidos == []
    suyo = b'{"mensaje":{"remitente":{"_id":"ana"}}}'
    de_todos.envio(Sobre(evento=ENVIO, datos=suyo, alcance=Alcance.UNIDOS, conversacion="c1"))
    assert repartidos == ["c1"]
    assert de_todos.cambia(aviso("c1", "ana", False))


async def test_quien_se_va_calla_en_todas(teclado: Teclado, dicho: list[tuple[str, bool]]) -> None:
    teclado.teclea("ana", "c1")
    teclado.teclea("ana", "c2")
    teclado.calla_del_todo()
    assert dicho[2:] == [("c1", False), ("c2", False)]


async def test_mientras_sigue_se_repite_de_vez_en_cuando(
    teclado: Teclado, dicho: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Los demás procesos dan por callado a quien no se renueva."""
    monkeypatch.setattr(escribiendo, "SEGUNDOS_DE_RENOVACION", 0.0)
    teclado.teclea("ana", "c1")
    teclado.teclea("ana", "c1")
    assert dicho == [("c1", True), ("c1", True)]
    teclado.calla_del_todo()


@pytest.mark.django_db(transaction=True)
async def test_quien_deja_de_renovar_que_escribe_deja_de_escribir(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Como si su proceso hubiera muerto, o el aviso del fin se hubiera perdido."""
    monkeypatch.setattr(escribiendo, "CADUCA", 0.2)
    ana = await entrar(nodo, "ana")

    def visto() -> list[bool]:
        return [d["escribiendo"] for e, d in ana.recibidos if e == "usuario_escribiendo"]

    for _ in range(3):
        nodo.reparto.repartir([escribiendo.aviso("conv", "beto", True)])
    await ana.hasta(lambda _: visto() == [True, False])
    nodo.reparto.repartir([escribiendo.aviso("conv", "beto", False)])
    assert visto() == [True, False]
