"""Las sesiones abiertas: se ven, se cierran una a una, y quien estaba en ellas sale."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import ViewportSize, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.persona import MESA, TELEFONO, Persona
from tests.pagina.servidor import Servidor


async def _abrir(persona: Persona) -> None:
    await persona.pagina.locator("#abrir-menu").click()
    await persona.pagina.get_by_role("menuitem", name="Sesiones abiertas").click()


@pytest.mark.parametrize("tamano", [TELEFONO, MESA], ids=["telefono", "mesa"])
async def test_se_cierra_la_de_otro_dispositivo(
    servidor: Servidor, llegar: Llegar, tamano: ViewportSize, gente: Gente
) -> None:
    aqui = await llegar(servidor, gente.ana, fuera=True, tamano=tamano)
    alli = await llegar(servidor, gente.ana, fuera=True, user_agent="Mozilla/5.0 (iPad) CriOS/131")
    for persona in (aqui, alli):
        await persona.ingresar()
    await _abrir(aqui)
    filas = aqui.pagina.locator("#sesiones li")
    await expect(filas).to_have_count(2)
    await expect(filas.nth(0)).to_contain_text("Esta sesión")
    await expect(filas.nth(0).get_by_role("button")).to_have_count(0)
    await expect(filas.nth(1)).to_contain_text("Chrome en iPad")
    await aqui.pagina.get_by_role("button", name="Cerrar la sesión de Chrome en iPad").focus()
    await aqui.pagina.keyboard.press("Enter")
    await expect(filas).to_have_count(1)
    await expect(aqui.pagina.locator("#dialogo-sesiones [data-cerrar]")).to_be_focused()
    await expect(aqui.pagina.locator("#sesiones-demas")).to_be_hidden()
    await expect(alli.pagina.locator("#ingreso-error")).to_contain_text("Tu sesión terminó")
    await expect(aqui.pagina.locator("#ingreso")).to_be_hidden()


async def test_todas_menos_esta_y_salir_acaba_la_propia(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    aqui, alli = [await llegar(servidor, gente.ana, fuera=True) for _ in range(2)]
    for persona in (aqui, alli):
        await persona.ingresar()
    await _abrir(aqui)
    await aqui.pagina.locator("#sesiones-demas").click()
    await expect(alli.pagina.locator("#ingreso-error")).to_contain_text("Tu sesión terminó")
    await aqui.pagina.keyboard.press("Escape")
    await aqui.pagina.locator("#abrir-menu").click()
    async with aqui.pagina.expect_request_finished(lambda p: p.method == "DELETE"):
        await aqui.pagina.get_by_role("menuitem", name="Cerrar sesión").click()
    assert servidor.pedir(gente.ana, "GET", "sesiones/") == []


async def test_la_pestana_duplicada_sigue_cuando_la_otra_renueva(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Tiene copia de los mismos tokens: la que renueva se los da."""
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.ingresar()
    guardar = "sessionStorage.getItem('servitech.sesion')"
    tokens = json.loads(await ana.pagina.evaluate(guardar))
    copia = await ana.contexto.new_page()
    poner = f"sessionStorage.setItem('servitech.sesion', {json.dumps(json.dumps(tokens))})"
    await copia.add_init_script(f"if (!sessionStorage.length) {poner}")
    await copia.goto(servidor.url)
    await expect(copia.locator("#mensajeria")).to_be_visible()
    # Solo esa petición: el token de acceso de antes sigue valiendo.
    renovar: Any = """async () => {
      const { Sesion } = await import("/static/mensajeria/cliente/sesion.js");
      await new Sesion(location.origin, sessionStorage).renovar();
    }"""
    await ana.pagina.evaluate(renovar)
    nuevos = await ana.pagina.evaluate(guardar)
    assert json.loads(nuevos)["refresh"] != tokens["refresh"]
    await copia.wait_for_function(f"(nuevos) => {guardar} === nuevos", arg=nuevos)
