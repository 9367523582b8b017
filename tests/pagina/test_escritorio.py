"""Avisos fuera de la página: pedidos, de una sola pestaña, y nunca de lo que se está mirando."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

# Lo que se notifica y lo que suena, en lugar de hacerlo.
ESPIAR = """
window.notificado = [];
window.sonado = 0;
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(titulo, { body, tag }) { notificado.push([titulo, body, tag]); }
  close() {}
};
const empezar = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...que) { sonado++; return empezar.apply(this, que); };
// Dos pestañas de una prueba no pueden tener el foco a la vez.
document.hasFocus = () => window.conFoco ?? false;
"""


async def _pedir(pagina: Page) -> None:
    """Las dos cosas, en los ajustes de los avisos; este servidor no avisa con la página cerrada."""
    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Tus avisos").click()
    dialogo = pagina.locator("#dialogo-avisos")
    await dialogo.get_by_role("button", name="Activar los avisos aquí").click()
    await expect(dialogo).to_contain_text("Mientras la página siga abierta")
    await dialogo.get_by_label("Sonido al llegar un mensaje").check()
    await pagina.keyboard.press("Escape")


@pytest.mark.parametrize("mira", [False, True], ids=["nadie-mira", "otra-la-mira"])
async def test_avisa_una_pestana_si_ninguna_la_mira(
    servidor: Servidor, llegar: Llegar, gente: Gente, mira: bool
) -> None:
    conversacion = servidor.conversacion("Avisos", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.contexto.add_init_script(ESPIAR)
    await ana.entrar(servidor.tokens(gente.ana))
    otra = await ana.contexto.new_page()
    await otra.goto(f"{servidor.url}/#/c/{conversacion}")
    await expect(otra.locator("#redactor-texto")).to_be_visible()
    servidor.enviar(gente.beto, conversacion, "sin pedirlo")
    await expect(otra.locator(".texto", has_text="sin pedirlo")).to_be_visible()
    await _pedir(ana.pagina)
    de_probar = await ana.pagina.evaluate("sonado")
    await otra.evaluate("(mira) => { window.conFoco = mira; }", mira)
    servidor.enviar(gente.beto, conversacion, "ya pedido")
    await expect(otra.locator(".texto", has_text="ya pedido")).to_be_visible()
    fila = ana.pagina.locator("#lista .fila-ultimo")
    await expect(fila).to_have_text(re.compile("ya pedido$"))
    # Pasada la cortesía, quien tuviera que avisar ya avisó.
    await ana.pagina.wait_for_timeout(1_000)
    notificado = [*await ana.pagina.evaluate("notificado"), *await otra.evaluate("notificado")]
    sonado = await ana.pagina.evaluate("sonado") + await otra.evaluate("sonado") - de_probar
    aviso = ["Beto Bravo · Avisos", "ya pedido", conversacion]
    assert (notificado, sonado) == (([], 0) if mira else ([aviso], 2))
