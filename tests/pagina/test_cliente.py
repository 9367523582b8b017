"""El cliente ante una red que calla, repite y desordena, y ante el límite de ritmo."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA

PUERTA = re.compile(r"/ws/mensajeria/$")


async def test_una_conexion_muda_se_da_por_muerta(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Muda", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    muda = False

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        puerta.on_message(lambda m: None if muda else del_servidor.send(m))
        del_servidor.on_message(lambda m: None if muda else puerta.send(m))

    await ana.pagina.route_web_socket(PUERTA, pasar)
    await ana.pagina.clock.install()
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await expect(ana.pagina.locator("#subtitulo")).to_contain_text("en línea")
    muda = True
    servidor.enviar(gente.beto, conversacion, "¿me oyes?")
    await ana.pagina.clock.fast_forward(25_000)
    await ana.pagina.clock.fast_forward(10_500)
    muda = False
    await ana.pagina.clock.fast_forward(2_000)
    await ana.ve("¿me oyes?")


async def test_nada_repetido_ni_desordenado(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Cada mensaje llega dos veces, y cada pareja del revés."""
    conversacion = servidor.conversacion("Revuelta", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    retenido: list[str] = []

    def revolver(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        puerta.on_message(del_servidor.send)

        def llega(marco: Any) -> None:
            if json.loads(marco)["evento"] != "nuevo_mensaje":
                puerta.send(marco)
            elif not retenido:
                retenido.append(marco)
            else:
                for m in (marco, retenido.pop(), marco):
                    puerta.send(m)

        del_servidor.on_message(llega)

    await ana.pagina.route_web_socket(PUERTA, revolver)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    textos = [f"número {n}" for n in range(6)]
    for texto in textos:
        servidor.enviar(gente.beto, conversacion, texto)
    await ana.ve(*textos)


@pytest.mark.parametrize("cae_otra_vez", [False, True])
async def test_lo_que_llega_antes_que_reanudado(
    servidor: Servidor, llegar: Llegar, gente: Gente, cae_otra_vez: bool
) -> None:
    """Ni se pierde, ni se dobla, ni adelanta el cursor, responda `reanudar` tarde o nunca."""
    conversacion = servidor.conversacion("Reanudada", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    puertas: list[WebSocketRoute] = []
    cursores: asyncio.Queue[int] = asyncio.Queue()
    retenidas: list[Any] = []
    mudas: list[WebSocketRoute] = []
    # Desde que se corta, y desde que en la que vuelve se pide `reanudar`.
    retener = retiene = False
    contestado, llego, reanudado = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        puertas.append(puerta)

        def sale(marco: Any) -> None:
            nonlocal retiene
            dicho = json.loads(marco)
            if dicho["evento"] == "reanudar" and puerta not in mudas:
                cursores.put_nowait(dicho["datos"]["cursores"][conversacion])
                retiene = retener
            del_servidor.send(marco)

        def entra(marco: Any) -> None:
            if puerta in mudas:
                return
            dicho = json.loads(marco)
            evento = dicho["evento"]
            if retiene and evento in ("respuesta", "reanudado"):
                retenidas.append(marco)
                contestado.set()
                return
            puerta.send(marco)
            if retiene and evento == "nuevo_mensaje":
                llego.set()
            if evento == "respuesta" and "pendientes" in dicho.get("datos", ()):
                reanudado.set()

        puerta.on_message(sale)
        del_servidor.on_message(entra)

    async def cortar() -> int:
        """El cursor con que se pide `reanudar` en la conexión que sigue."""
        mudas.append(puertas[-1])
        while not cursores.empty():
            cursores.get_nowait()
        await puertas[-1].close()
        return await asyncio.wait_for(cursores.get(), PACIENCIA)

    await ana.pagina.route_web_socket(PUERTA, pasar)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    servidor.enviar(gente.beto, conversacion, "antes")
    await ana.ve("antes")
    mudas.append(puertas[-1])
    servidor.enviar(gente.beto, conversacion, "perdido")
    retener = True
    cursor = await cortar()
    # Antes, iría en lo que se contesta a `reanudar`.
    await asyncio.wait_for(contestado.wait(), PACIENCIA)
    await asyncio.to_thread(servidor.enviar, gente.beto, conversacion, "vivo")
    await asyncio.wait_for(llego.wait(), PACIENCIA)
    retener = retiene = False
    if cae_otra_vez:
        assert await cortar() == cursor
        # Lo perdido la página lo lee también por REST, y se ve antes.
        await asyncio.wait_for(reanudado.wait(), PACIENCIA)
    else:
        for marco in retenidas:
            puertas[-1].send(marco)
    await ana.ve("antes", "perdido", "vivo")
    assert await cortar() == cursor + 2
    await ana.ve("antes", "perdido", "vivo")


@pytest.mark.parametrize("con_foco", [False, True])
async def test_lo_que_llega_a_media_pulsacion_no_se_lleva_el_clic(
    servidor: Servidor, llegar: Llegar, con_foco: bool, gente: Gente
) -> None:
    """Tampoco si al pulsar pierde el foco el campo en el que se estaba."""
    conversacion = servidor.conversacion("Pulsada", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    llego = asyncio.Event()

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        puerta.on_message(del_servidor.send)

        def llega(marco: Any) -> None:
            puerta.send(marco)
            if json.loads(marco)["evento"] == "nuevo_mensaje":
                llego.set()

        del_servidor.on_message(llega)

    await ana.pagina.route_web_socket(PUERTA, pasar)
    await ana.entrar(servidor.tokens(gente.ana))
    if con_foco:
        await ana.pagina.locator("#filtro").focus()
    await ana.pagina.locator(f'#lista a[href="#/c/{conversacion}"] .fila-titulo').hover()
    await ana.pagina.mouse.down()
    await asyncio.to_thread(servidor.enviar, gente.beto, conversacion, "¿estás?")
    await asyncio.wait_for(llego.wait(), PACIENCIA)
    await ana.pagina.evaluate("new Promise((h) => setTimeout(() => requestAnimationFrame(h), 100))")
    await ana.pagina.mouse.up()
    await ana.ve("¿estás?")


async def test_sin_permiso_y_cerrada_se_dicen(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Permisos", gente.ana, gente.beto)
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    ruta = f"conversaciones/{conversacion}/participantes/{gente.beto}/"
    servidor.pedir(gente.ana, "PATCH", ruta, {"permisos": {"puedeEnviar": False}})
    await expect(beto.pagina.locator("#sin-permiso")).to_contain_text("No tienes permiso")
    await expect(beto.pagina.locator("#redactor")).to_be_hidden()
    servidor.pedir(gente.ana, "PATCH", f"conversaciones/{conversacion}/", {"activa": False})
    await expect(beto.pagina.locator("#sin-permiso")).to_have_text("La conversación está cerrada.")


async def test_un_mensaje_que_no_sale_se_puede_descartar(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Rechazo", gente.ana, gente.beto)
    beto = await llegar(servidor, gente.beto, fuera=True)
    de_camino: asyncio.Queue[Callable[[], None]] = asyncio.Queue()

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        del_servidor.on_message(puerta.send)

        def sale(marco: Any) -> None:
            if json.loads(marco)["evento"] == "enviar_mensaje":
                de_camino.put_nowait(partial(del_servidor.send, marco))
            else:
                del_servidor.send(marco)

        puerta.on_message(sale)

    await beto.pagina.route_web_socket(PUERTA, pasar)
    await beto.entrar(servidor.tokens(gente.beto))
    await beto.abrir(conversacion)
    # Mientras lo escrito va de camino, deja de poder.
    await beto.enviar("no puedo")
    llega = await asyncio.wait_for(de_camino.get(), PACIENCIA)
    ruta = f"conversaciones/{conversacion}/participantes/{gente.beto}/"
    servidor.pedir(gente.ana, "PATCH", ruta, {"permisos": {"puedeEnviar": False}})
    llega()
    fallido = beto.pagina.locator(".fallida")
    await expect(fallido).to_contain_text("Sin permisos para enviar")
    await fallido.get_by_role("button", name="Descartar").click()
    await expect(fallido).to_have_count(0)
