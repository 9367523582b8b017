"""Conectar y entrar, y lo que cuesta quedarse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bancos.carga.ascenso import Ascenso
from bancos.escenarios.vez import Figuras, Vez
from bancos.estadistica import percentil
from bancos.servidores import token
from bancos.sistema import memoria

# Lo que llega después de entrar (presencia, apuntes) también es conectar.
REPOSO = 1.0


async def conectar(
    vez: Vez, *, prefijo: str, cuantas: int, a_la_vez: int = 10, ascenso: bool = False
) -> Figuras:
    """Entran `cuantas` personas, la primera de cada grupo, unas pocas a la vez."""
    turnos = asyncio.Semaphore(a_la_vez)
    tardan: list[float] = []
    gasto = vez.gasto()

    async def una(g: int) -> Callable[[], None]:
        usuario, conversacion = f"{prefijo}{g}-u0", f"{prefijo}{g}-c0"
        async with turnos:
            inicio = time.perf_counter()
            cortar = await _entrar(vez, usuario, conversacion, ascenso)
            tardan.append(time.perf_counter() - inicio)
            return cortar

    abiertas = await asyncio.gather(*(una(g) for g in range(cuantas)))
    reloj, _, _ = gasto.hasta_ahora()
    await asyncio.sleep(REPOSO)
    _, cpu, cpu_base = gasto.hasta_ahora()
    for cortar in abiertas:
        cortar()
    await asyncio.sleep(REPOSO)
    return {
        "ms": cpu / cuantas * 1e3,
        "ms_base": cpu_base / cuantas * 1e3,
        "por_segundo": cuantas / reloj,
        "p50_ms": percentil(tardan, 0.5) * 1e3,
        "p99_ms": percentil(tardan, 0.99) * 1e3,
    }


async def _entrar(vez: Vez, usuario: str, conversacion: str, ascenso: bool) -> Callable[[], None]:
    """Cómo cortar la conexión que acaba de entrar."""
    if not ascenso:
        return (await vez.abrir(usuario, conversacion)).transporte.abort
    conexion = Ascenso(vez.servidor.puerto, token(usuario), conversacion)
    await conexion.entrar()
    return conexion.cortar


def _quienes(prefijo: str, grupos: int, personas: int) -> list[tuple[str, str]]:
    return [
        (f"{prefijo}{g}-u{i}", f"{prefijo}{g}-c0") for g in range(grupos) for i in range(personas)
    ]


async def ocupan(vez: Vez, *, prefijo: str, grupos: int, personas: int) -> Figuras:
    """Cuánta memoria más ocupa el servidor por cada conexión que no hace nada."""
    # Lo que se carga una sola vez ya está cargado.
    async with vez.conexiones(_quienes(f"{prefijo}calienta", 1, personas)):
        await asyncio.sleep(REPOSO)
    antes = memoria(vez.servidor.pids)
    quienes = _quienes(prefijo, grupos, personas)
    async with vez.conexiones(quienes):
        await asyncio.sleep(3 * REPOSO)
        return {"kb": (memoria(vez.servidor.pids) - antes) / len(quienes) / 1024}


async def ociosas(vez: Vez, *, prefijo: str, grupos: int, personas: int) -> Figuras:
    """Qué parte de un núcleo gastan el servidor y la base con todas quietas."""
    async with vez.conexiones(_quienes(prefijo, grupos, personas)) as todas:
        await asyncio.sleep(3 * REPOSO)
        gasto = vez.gasto()
        await asyncio.sleep(vez.segundos)
        reloj, cpu, cpu_base = gasto.hasta_ahora()
        if any(c.cerrada.done() for c in todas):
            raise RuntimeError("Alguna conexión se cerró")
        return {"pct": cpu / reloj * 100, "pct_base": cpu_base / reloj * 100}


async def una_ociosa(vez: Vez, *, poco: str, mucho: str) -> Figuras:
    """Lo mismo con una conexión sola, de quien está en pocas conversaciones y en muchas."""
    figuras = {}
    for cuantas, usuario in (("pocas", poco), ("muchas", mucho)):
        async with vez.conexiones([(usuario, "")]):
            await asyncio.sleep(3 * REPOSO)
            gasto = vez.gasto()
            await asyncio.sleep(vez.segundos)
            reloj, cpu, cpu_base = gasto.hasta_ahora()
            figuras[f"pct_{cuantas}"] = cpu / reloj * 100
            figuras[f"pct_base_{cuantas}"] = cpu_base / reloj * 100
    return figuras


async def entrar_con(vez: Vez, *, usuarios: dict[str, str], cuantas: int) -> Figuras:
    """CPU (servidor y base) de entrar, según en cuántas conversaciones se está."""
    figuras = {}
    for nombre, usuario in usuarios.items():
        gasto = vez.gasto()
        for _ in range(cuantas):
            async with vez.conexiones([(usuario, "")]):
                pass
        _, cpu, cpu_base = gasto.hasta_ahora()
        figuras[f"ms_{nombre}"] = (cpu + cpu_base) / cuantas * 1e3
    return figuras
