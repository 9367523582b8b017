"""Páginas por REST: una tras otra, por una conexión."""

from __future__ import annotations

import itertools
import time

from bancos.carga.peticiones import Peticiones
from bancos.escenarios.vez import Figuras, Vez
from bancos.servidores import token

RAIZ = "/api/mensajeria/conversaciones/"


async def _paginas(vez: Vez, usuario: str, caminos: list[str], segundos: float) -> Figuras:
    """Las figuras por página de pedir esas por turnos durante ese rato."""
    async with Peticiones(vez.servidor.puerto, token(usuario)) as peticiones:
        for camino in caminos:
            await peticiones.pedir("GET", camino)
        gasto, hechas = vez.gasto(), 0
        fin = time.perf_counter() + segundos
        for camino in itertools.cycle(caminos):
            if time.perf_counter() > fin:
                break
            await peticiones.pedir("GET", camino)
            hechas += 1
        reloj, cpu, cpu_base = gasto.hasta_ahora()
    return {
        "ms": cpu / hechas * 1e3,
        "ms_base": cpu_base / hechas * 1e3,
        "por_segundo": hechas / reloj,
    }


def _historia(conversacion: str, mensajes: int) -> list[str]:
    """Lo más nuevo, y una página de la mitad."""
    camino = f"{RAIZ}{conversacion}/mensajes/"
    return [camino, f"{camino}?antes={mensajes // 2}"]


async def historia(vez: Vez, *, conversacion: str, mensajes: int) -> Figuras:
    return await _paginas(
        vez, f"{conversacion}-u0", _historia(conversacion, mensajes), vez.segundos
    )


async def lista(vez: Vez, *, usuario: str) -> Figuras:
    return await _paginas(vez, usuario, [RAIZ], vez.segundos)


async def historia_con(vez: Vez, *, tamanos: dict[str, tuple[str, int]]) -> Figuras:
    """CPU (servidor y base) de una página, según cuántos mensajes tiene la conversación."""
    figuras = {}
    for nombre, (conversacion, mensajes) in tamanos.items():
        caminos = _historia(conversacion, mensajes)
        una = await _paginas(vez, f"{conversacion}-u0", caminos, vez.segundos)
        figuras[f"ms_{nombre}"] = una["ms"] + una["ms_base"]
    return figuras


async def lista_con(vez: Vez, *, usuarios: dict[str, str]) -> Figuras:
    """CPU (servidor y base) de la primera página, según en cuántas conversaciones se está."""
    figuras = {}
    for nombre, usuario in usuarios.items():
        una = await _paginas(vez, usuario, [RAIZ], vez.segundos)
        figuras[f"ms_{nombre}"] = una["ms"] + una["ms_base"]
    return figuras
