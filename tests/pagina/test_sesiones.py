"""Las sesiones abiertas: se ven, se cierran una a una, y quien estaba en ellas sale."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import Page, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS, Persona
from tests.pagina.servidor import Servidor


async def _abrir(persona: Persona) -> None:
    await persona.pagina.locator("#abrir-menu").click()
    await persona.pagina.get_by_role("menuitem", name="Sesiones abiertas").click()


@TAMANOS
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


async def _otra_pestana(persona: Persona, servidor: Servidor) -> Page:
    otra = await persona.contexto.new_page()
    await otra.goto(servidor.url)
    return otra


async def test_se_entra_y_se_sale_en_todas_las_pestanas(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    otra = await _otra_pestana(ana, servidor)
    await expect(otra.locator("#ingreso")).to_be_visible()
    await ana.ingresar()
    await expect(otra.locator("#mensajeria")).to_be_visible()
    tercera = await _otra_pestana(ana, servidor)
    await expect(tercera.locator("#mensajeria")).to_be_visible()
    assert len(servidor.pedir(gente.ana, "GET", "sesiones/")) == 1
    await tercera.locator("#abrir-menu").click()
    await tercera.get_by_role("menuitem", name="Cerrar sesión").click()
    for pagina in (ana.pagina, otra, tercera):
        await expect(pagina.locator("#ingreso")).to_be_visible()
        await expect(pagina.locator("#ingreso-error")).to_be_hidden()


async def test_dos_pestanas_que_renuevan_a_la_vez_gastan_un_solo_token(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.ingresar()
    guardar = "localStorage.getItem('servitech.sesion')"
    antes = json.loads(await ana.pagina.evaluate(guardar))
    otra = await _otra_pestana(ana, servidor)
    await expect(otra.locator("#mensajeria")).to_be_visible()
    gastados: list[str | None] = []
    ana.contexto.on(
        "request", lambda p: gastados.append(p.post_data) if "refresh" in p.url else None
    )
    renovar: Any = """async () => {
      const { Sesion } = await import("/static/mensajeria/cliente/sesion.js");
      const una = new Sesion(location.origin, localStorage);
      await una.renovar();
    }"""
    await asyncio.gather(ana.pagina.evaluate(renovar), otra.evaluate(renovar))
    assert json.loads(await ana.pagina.evaluate(guardar))["refresh"] != antes["refresh"]
    # La segunda encontró hecho lo de la primera, o renovó ya con lo nuevo.
    assert len(set(gastados)) == len(gastados) > 0
    for pagina in (ana.pagina, otra):
        await expect(pagina.locator("#mensajeria")).to_be_visible()


async def test_una_sesion_acabada_en_otro_sitio_se_dice_una_vez(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Se acabó", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.ingresar()
    await ana.abrir(conversacion)
    await ana.pagina.evaluate(
        """() => {
          window.vistos = [];
          new MutationObserver((cambios) =>
            vistos.push(...cambios.flatMap((c) => [...c.addedNodes]).map((n) => n.textContent)),
          ).observe(document.querySelector("#avisos"), { childList: true });
        }"""
    )
    servidor.revocar(gente.ana)
    await expect(ana.pagina.locator("#ingreso-error")).to_contain_text("Tu sesión terminó")
    assert await ana.pagina.evaluate("vistos") == []
    await expect(ana.pagina.get_by_label("Usuario")).to_be_focused()
