"""Fijar y desfijar: la barra, la lista, el salto al mensaje y quién puede."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Route, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA


@TAMANOS
async def test_lo_fijado_se_ve_arriba_y_lleva_al_mensaje(
    servidor: Servidor, llegar: Llegar, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Con fijados", gente.ana, gente.beto)
    primero = servidor.enviar(gente.beto, conversacion, "La llave está en el bar")
    for n in range(120):
        servidor.enviar(gente.ana, conversacion, f"relleno {n}")
    for quien in (gente.ana, gente.beto):  # con todo leído se abre por el final
        servidor.pedir(quien, "POST", f"conversaciones/{conversacion}/leer/")
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    beto = await llegar(servidor, gente.beto, tamano=tamano)
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    barra, suya = ana.pagina.locator("#fijados"), beto.pagina.locator("#fijados")
    await expect(barra).to_be_hidden()

    # Uno que ninguno de los dos ha cargado llega igual, y pulsarlo lo carga y lo enseña.
    servidor.pedir(gente.ana, "POST", f"mensajes/{primero['_id']}/fijado/")
    for cada in (barra, suya):
        await expect(cada.locator(".fijado-autor")).to_have_text("Beto Bravo")
        await expect(cada.locator(".fijado-texto")).to_have_text("La llave está en el bar")
    await expect(beto.pagina.locator("#fijados-ver")).to_be_hidden()
    await suya.locator("#fijados-ultimo").click()
    fila = beto.mensaje("La llave está en el bar")
    await expect(fila).to_be_in_viewport()
    await expect(fila).to_be_focused()
    await expect(fila.locator(".icono-fijar")).to_be_visible()

    await ana.accion("relleno 119", "Fijar")
    await expect(suya.locator("#fijados-ultimo .fijado-texto")).to_have_text("relleno 119")
    await expect(suya.locator("#fijados-cuenta")).to_have_text("2")

    # Quien no modera los ve todos y no los quita; quien modera, con el teclado.
    await suya.locator("#fijados-ver").click()
    todos = beto.pagina.locator("#fijados-todos li")
    await expect(todos.locator(".fijado-texto")).to_have_text(
        ["relleno 119", "La llave está en el bar"]
    )
    await expect(todos.get_by_role("button", name="Desfijar")).to_have_count(0)
    await todos.nth(0).locator(".fijado").click()
    await expect(beto.mensaje("relleno 119")).to_be_focused()
    await ana.pagina.locator("#fijados-ver").focus()
    await ana.pagina.keyboard.press("Enter")
    await ana.pagina.get_by_role("button", name="Desfijar").first.focus()
    await ana.pagina.keyboard.press("Enter")
    await expect(suya.locator("#fijados-ultimo .fijado-texto")).to_have_text(
        "La llave está en el bar"
    )
    await ana.pagina.keyboard.press("Escape")
    await ana.accion("relleno 118", "Fijar")
    await ana.accion("relleno 118", "Desfijar")

    servidor.pedir(gente.beto, "DELETE", f"mensajes/{primero['_id']}/", {})
    for cada in (barra, suya):
        await expect(cada).to_be_hidden()


async def test_solo_fija_quien_puede(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    grupo = servidor.conversacion("Sin moderar", gente.ana, gente.beto)
    servidor.enviar(gente.ana, grupo, "del grupo")
    pareja = servidor.conversacion("A dos", gente.ana, gente.beto, tipo="individual")
    servidor.enviar(gente.ana, pareja, "de los dos")
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(grupo)
    await beto.mensaje("del grupo").hover()
    await beto.mensaje("del grupo").locator(".boton-acciones").click()
    await expect(beto.pagina.get_by_role("menuitem", name="Responder")).to_be_visible()
    await expect(beto.pagina.get_by_role("menuitem", name="Fijar")).to_have_count(0)
    await beto.pagina.keyboard.press("Escape")
    await beto.abrir(pareja)
    await beto.accion("de los dos", "Fijar")
    await expect(beto.pagina.locator("#fijados .fijado-texto")).to_have_text("de los dos")
    await beto.pagina.reload()
    await expect(beto.pagina.locator("#fijados .fijado-texto")).to_have_text("de los dos")


async def test_lo_fijado_sin_conexion_aparece_al_volver(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("A ratos", gente.ana, gente.beto)
    uno = servidor.enviar(gente.ana, conversacion, "importante")
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    await beto.ve("importante")
    await beto.contexto.set_offline(True)
    servidor.pedir(gente.ana, "POST", f"mensajes/{uno['_id']}/fijado/")
    await beto.contexto.set_offline(False)
    await expect(beto.pagina.locator("#fijados .fijado-texto")).to_have_text("importante")


async def test_los_que_no_caben_en_una_respuesta_tambien(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Siguen donde dice `Link`; aquí, de dos en dos."""
    conversacion = servidor.conversacion("Con muchos fijados", gente.ana, gente.beto)
    for n in range(5):
        uno = servidor.enviar(gente.ana, conversacion, f"fijado {n}")
        servidor.pedir(gente.ana, "POST", f"mensajes/{uno['_id']}/fijado/")
    ana = await llegar(servidor, gente.ana, fuera=True)
    pedidas: list[str] = []

    async def de_dos_en_dos(ruta: Route) -> None:
        url = ruta.request.url
        pedidas.append(url)
        await ruta.continue_(url=f"{url}{'&' if '?' in url else '?'}limite=2")

    await ana.pagina.route(re.compile("/fijados/"), de_dos_en_dos)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await expect(ana.pagina.locator("#fijados-cuenta")).to_have_text("5")
    async with asyncio.timeout(PACIENCIA):
        while len(pedidas) < 3:
            await asyncio.sleep(0.02)
    assert ["cursor=" in url for url in pedidas] == [False, True, True]
