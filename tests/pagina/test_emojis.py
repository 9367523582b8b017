"""El selector de emoji: buscar, elegir con el teclado y encontrar lo reciente."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor


@pytest.mark.parametrize(
    ("lengua", "busca", "nombre"),
    [("es-ES", "llorando risa", "cara llorando de risa"), ("en-GB", "avion", "airplane")],
)
async def test_se_busca_y_se_elige_solo_con_el_teclado(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente, lengua: str, busca: str, nombre: str
) -> None:
    conversacion = servidor.conversacion("Emojis", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, lengua=lengua)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await ana.abrir(conversacion)
    await ana.escribir("ab")
    await tecla.press("ArrowLeft")
    await pagina.locator("#abrir-emojis").focus()
    await tecla.press("Enter")
    await expect(pagina.locator("#emojis-buscar")).to_be_focused()
    await sin_violaciones(pagina, axe, "emojis")
    await tecla.type(busca)
    elegido = pagina.get_by_role("button", name=nombre, exact=True)
    await expect(elegido).to_be_visible()
    emoji = await elegido.inner_text()
    await tecla.press("Tab")
    while not await elegido.evaluate("e => e === document.activeElement"):
        await tecla.press("ArrowRight")
    await tecla.press("Enter")
    await expect(pagina.locator("#redactor-texto")).to_have_value(f"a{emoji}b")
    await expect(pagina.locator("#redactor-texto")).to_be_focused()
    # El último que se usó, el primero.
    await pagina.locator("#abrir-emojis").click()
    await expect(pagina.locator("#emojis-rejilla button").first).to_have_text(emoji)
    await tecla.press("ArrowDown")
    await tecla.press("ArrowDown")
    await expect(pagina.locator(".emoji:focus")).not_to_have_text(emoji)
    await tecla.press("Escape")
    await expect(pagina.locator("#emojis")).to_be_hidden()
    await expect(pagina.locator("#abrir-emojis")).to_be_focused()
