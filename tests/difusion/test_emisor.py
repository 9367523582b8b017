"""Emitir desde cualquier hilo, antes de arrancar, en marcha y ya detenido."""

from __future__ import annotations

import asyncio
import threading

from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Alcance, Sobre


def sobre(evento: str) -> Sobre:
    return Sobre(evento=evento, datos=b"{}", alcance=Alcance.USUARIOS)


async def test_desde_otro_hilo_se_reparte_en_el_bucle() -> None:
    emisor, llega = Emisor(), asyncio.Event()
    hilos: list[int] = []

    def repartir(sobres: list[Sobre]) -> None:
        hilos.append(threading.get_ident())
        llega.set()

    emisor.arrancar(repartir)
    await asyncio.to_thread(emisor.emitir, [sobre("uno")])
    await asyncio.wait_for(llega.wait(), 10)
    assert hilos == [threading.get_ident()]


async def test_detenerse_reparte_lo_ya_emitido_y_nada_mas() -> None:
    emisor = Emisor()
    repartidos: list[str] = []
    emisor.arrancar(lambda sobres: repartidos.extend(s.evento for s in sobres))
    emisor.emitir([sobre("antes")])
    await emisor.detener()
    emisor.emitir([sobre("después")])
    await asyncio.sleep(0)
    assert repartidos == ["antes"]


def test_con_su_bucle_cerrado_no_falla() -> None:
    emisor = Emisor()

    async def arrancar() -> None:
        emisor.arrancar(lambda _: None)

    asyncio.run(arrancar())
    emisor.emitir([sobre("tarde")])
