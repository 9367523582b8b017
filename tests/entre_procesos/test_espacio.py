"""Dos sistemas en un mismo Redis no se oyen ni se cuentan, aunque usen otro número de base."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import redis as cliente_redis

from mensajeria import metricas
from mensajeria.difusion.capa import CapaDeCanales
from mensajeria.entre_procesos import espacio
from mensajeria.entre_procesos.compartido import Compartido
from mensajeria.entre_procesos.enlace import llave

BASE, SECRETO = "0" * 24, "s" * 40


@pytest.fixture(autouse=True)
def _sin_espacio() -> Iterator[None]:
    yield
    espacio.dejar()


def _nombre(identidad: str, secreto: str) -> str:
    espacio.tomar(identidad, secreto)
    return llave("x")


def test_el_espacio_sale_de_la_base_y_del_secreto() -> None:
    uno = _nombre(BASE, SECRETO)
    assert uno.startswith("servitech:")
    assert uno == _nombre(BASE, SECRETO)
    assert len({uno, _nombre("1" * 24, SECRETO), _nombre(BASE, "otro"), "servitech:x"}) == 4
    assert SECRETO not in uno


def test_lo_de_uno_no_le_cuenta_al_otro(r: cliente_redis.Redis, redis: str) -> None:
    for secreto in (SECRETO, "otro"):
        espacio.tomar(BASE, secreto)
        suyo = Compartido(redis, "a")
        assert suyo.presencia.latir() == ([], [])
        assert suyo.ventanas.gastar(1, {"ana": 1})["ana"].cabidas == 1
        assert suyo.turnos.tomar("resumen", 60)
        assert suyo.cuentas is not None
        assert suyo.cuentas.contar({"u|ana": 1}) == {"u|ana": 1}
        suyo.cubos.de("ana").gastar()
        suyo.cubos.igualar()
        assert espacio.llave_de_cache("k", "servitech:cache", 1).startswith("servitech:cache:")
    espacios = {str(clave).split(":")[1] for clave in r.keys("servitech:*")}
    assert len(espacios) == 2


def test_lo_que_no_firmo_este_sistema_no_vale() -> None:
    espacio.tomar(BASE, SECRETO)
    firmado = espacio.firmar(b"hola")
    assert espacio.comprobar(firmado) == b"hola"
    for malo in (b"", b"hola", firmado[:-1] + b"A", b"\0" + firmado[1:], firmado + b"x"):
        with pytest.raises(espacio.Ajeno):
            espacio.comprobar(malo)
    espacio.tomar(BASE, "otro")
    with pytest.raises(espacio.Ajeno):
        espacio.comprobar(firmado)


async def test_lo_publicado_por_otro_ni_se_oye_ni_se_atiende(
    r: cliente_redis.Redis, redis: str
) -> None:
    espacio.tomar(BASE, "otro")
    otra = CapaDeCanales(hosts=[redis.replace("/0", "/5")], prefix="p")
    await otra.enviar({})
    del_otro = otra._get_layer().prefix
    espacio.tomar(BASE, SECRETO)
    una = CapaDeCanales(hosts=[redis], prefix="p")
    canal = await una.new_channel()
    await una.escuchar(["g"], canal)
    grupo = una._get_layer()._get_group_channel_name("g")
    assert del_otro not in grupo
    ajenos = metricas.AJENOS._value.get()
    falso = otra._serializer.serialize({"n": 0})
    assert r.publish(f"{del_otro}__group__g", falso) == 0
    assert r.publish(grupo, falso) == 1
    assert r.publish(grupo, espacio.firmar(b"\xff")[1:]) == 1
    await una.enviar({"g": {"n": 1}})
    async with asyncio.timeout(5):
        assert await una.receive(canal) == {"n": 1}
    assert metricas.AJENOS._value.get() == ajenos + 2
    await una.flush()
    await otra.flush()
