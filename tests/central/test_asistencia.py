"""Quién llega y quién se va, sin parpadeos ni base de datos."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import Any

import pytest

from mensajeria.central import asistencia as modulo
from mensajeria.central.asistencia import Asistencia
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.operaciones import presencia

ANA, BETO = Clave("ana"), Clave("beto")


class Redis:
    """Lo que se le dice a Redis, que contesta con un anuncio; parado, tarda en volver."""

    def __init__(self) -> None:
        self.sostenidas = {ANA, BETO}
        self.sigue = threading.Event()
        self.sigue.set()
        self.anunciado: list[str] = []
        self._cambio = threading.Condition()
        self._dicho: list[str] = []

    def llegar(self, claves: Collection[Clave], _vecinas: Any) -> list[Any]:
        return self._decir("llega", claves)

    def irse(self, claves: Collection[Clave]) -> list[Any]:
        return self._decir("se va", claves)

    def _decir(self, que: str, claves: Collection[Clave]) -> list[Any]:
        dicho = [f"{que} {c.usuario}" for c in sorted(claves)]
        with self._cambio:
            self._dicho += dicho
            self._cambio.notify_all()
        assert self.sigue.wait(10)
        return dicho

    def emitir(self, sobres: list[Any]) -> None:
        with self._cambio:
            self.anunciado += sobres
            self._cambio.notify_all()

    async def hasta(self, cumple: Callable[[], bool]) -> None:
        def esperar() -> bool:
            with self._cambio:
                return self._cambio.wait_for(cumple, 10)

        assert await asyncio.to_thread(esperar)

    async def sabe(self, dicho: str) -> None:
        await self.hasta(lambda: dicho in self._dicho)

    async def se_anuncio(self, *anuncios: str) -> None:
        await self.hasta(lambda: set(anuncios) <= set(self.anunciado))
        assert self.anunciado == list(anuncios)


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Redis:
    uno = Redis()
    monkeypatch.setattr(presencia, "llegar", uno.llegar)
    monkeypatch.setattr(presencia, "irse", uno.irse)
    monkeypatch.setattr(presencia, "latir", list)
    monkeypatch.setattr(modulo, "GRACIA", 0.01)
    return uno


def en_marcha(redis: Redis) -> Asistencia:
    asistencia = Asistencia(redis.emitir)
    asistencia.arrancar(redis.sostenidas.__contains__, lambda _: ())
    return asistencia


async def test_llega_una_vez_y_se_va_una_vez(redis: Redis) -> None:
    asistencia = en_marcha(redis)
    asistencia.llegan([ANA])
    asistencia.llegan([ANA])
    await redis.se_anuncio("llega ana")
    redis.sostenidas.clear()
    asistencia.quiza_se_van([ANA])
    asistencia.quiza_se_van([ANA])
    await redis.se_anuncio("llega ana", "se va ana")
    await asistencia.soltar_todo()
    assert redis.anunciado == ["llega ana", "se va ana"]


async def test_sus_conversaciones_se_miran_una_vez_y_no_una_por_cada_una(redis: Redis) -> None:
    """Con diez mil, entrar costaba medio segundo."""
    mirados: list[str] = []

    def salas_de(usuario: str) -> list[str]:
        mirados.append(usuario)
        return []

    asistencia = Asistencia(redis.emitir)
    asistencia.arrancar(redis.sostenidas.__contains__, salas_de)
    asistencia.llegan([ANA, *(Clave("ana", f"c{i}") for i in range(20))])
    await redis.sabe("llega ana")
    assert mirados == ["ana"]
    await asistencia.soltar_todo()


async def test_quien_vuelve_en_la_gracia_no_se_habia_ido(redis: Redis) -> None:
    asistencia = en_marcha(redis)
    asistencia.llegan([ANA])
    asistencia.llegan([BETO])
    asistencia.quiza_se_van([ANA])
    redis.sostenidas.discard(BETO)
    asistencia.quiza_se_van([BETO])
    # La gracia de beto acaba después que la de ana.
    await redis.se_anuncio("llega ana", "llega beto", "se va beto")
    # Al detenerse el proceso, lo que aún sostenía.
    await asistencia.soltar_todo()
    assert redis.anunciado[3:] == ["se va ana"]


async def test_quien_viene_y_se_va_sin_que_redis_conteste_no_queda_de_fantasma(
    redis: Redis,
) -> None:
    asistencia = en_marcha(redis)
    redis.sigue.clear()
    asistencia.llegan([BETO])
    await redis.sabe("llega beto")
    asistencia.llegan([ANA])
    redis.sostenidas.discard(ANA)
    asistencia.quiza_se_van([ANA])
    async with asyncio.timeout(10):
        while ANA in asistencia._sostenidas:
            await asyncio.sleep(0.001)
    redis.sigue.set()
    await redis.se_anuncio("llega beto")
    await asistencia.soltar_todo()
    assert redis.anunciado == ["llega beto", "se va beto"]


async def test_quien_se_va_justo_al_detenerse_se_anuncia(redis: Redis) -> None:
    """Redis ya no sabe de ana: nadie más lo va a decir."""
    asistencia = en_marcha(redis)
    asistencia.llegan([ANA])
    asistencia.llegan([BETO])
    await redis.se_anuncio("llega ana", "llega beto")
    redis.sigue.clear()
    redis.sostenidas.discard(ANA)
    asistencia.quiza_se_van([ANA])
    await redis.sabe("se va ana")
    final = asyncio.create_task(asistencia.soltar_todo())
    await asyncio.sleep(0)
    redis.sigue.set()
    await final
    await redis.se_anuncio("llega ana", "llega beto", "se va ana", "se va beto")
