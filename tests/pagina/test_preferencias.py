"""Silenciar, anclar y archivar: para uno mismo, en todos sus dispositivos."""

from __future__ import annotations

from playwright.async_api import Locator, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS, Persona
from tests.pagina.servidor import Servidor


def _fila(persona: Persona, conversacion: str) -> Locator:
    return persona.pagina.locator(f'#lista [data-id="{conversacion}"]')


async def _elegir(persona: Persona, *opciones: str) -> None:
    """En el menú de la conversación abierta."""
    await persona.pagina.locator("#abrir-opciones").click()
    for opcion in opciones:
        await persona.pagina.get_by_role("menuitem", name=opcion, exact=True).click()


async def _a_la_lista(persona: Persona) -> None:
    volver = persona.pagina.locator("#volver")
    if await volver.is_visible():
        await volver.click()


@TAMANOS
async def test_se_ancla_se_silencia_y_se_archiva_en_todos_los_dispositivos(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    vieja = servidor.conversacion("Vieja", gente.ana, gente.beto)
    nueva = servidor.conversacion("Nueva", gente.ana, gente.beto)
    servidor.enviar(gente.beto, vieja, "uno")
    servidor.enviar(gente.beto, nueva, "dos")
    aqui = await llegar(servidor, gente.ana, tamano=tamano)
    alli = await llegar(servidor, gente.ana)
    primera = alli.pagina.locator("#lista li").first
    await expect(primera).to_contain_text("Nueva")

    await aqui.abrir(vieja)
    await aqui.pagina.locator("#abrir-opciones").click()
    await sin_violaciones(aqui.pagina, axe, "opciones")
    await aqui.pagina.keyboard.press("Escape")
    await _elegir(aqui, "Anclar arriba")
    await expect(primera).to_contain_text("Vieja")
    await expect(primera).to_contain_text("Anclada")
    await _elegir(aqui, "Silenciar…", "8 horas")
    await expect(primera).to_contain_text("En silencio")
    await _a_la_lista(aqui)
    await expect(aqui.pagina.locator("#lista li").first).to_contain_text("Vieja")
    await sin_violaciones(aqui.pagina, axe, "lista con señales")

    # Archivada sale de la lista, en los dos; un mensaje no la saca, y se ve que lo hay.
    await aqui.abrir(nueva)
    await expect(_fila(alli, nueva).locator(".insignia")).to_have_count(0)
    await _elegir(aqui, "Archivar")
    await _a_la_lista(aqui)
    # Quien la mira la lee.
    await aqui.abrir(vieja)
    for persona in (aqui, alli):
        await expect(persona.pagina.locator("#archivadas-texto")).to_have_text("Archivadas")
    await expect(_fila(alli, nueva)).to_have_count(0)
    servidor.enviar(gente.beto, nueva, "tres")
    await expect(alli.pagina.locator("#archivadas")).to_contain_text("1 sin leer")
    await expect(_fila(alli, nueva)).to_have_count(0)
    await alli.pagina.reload()
    await alli.ya_esta()
    await expect(alli.pagina.locator("#archivadas")).to_contain_text("1 sin leer")
    await alli.pagina.locator("#archivadas").click()
    await expect(_fila(alli, nueva)).to_be_visible()
    await expect(_fila(alli, vieja)).to_have_count(0)
    await sin_violaciones(alli.pagina, axe, "archivadas")

    # Con el botón derecho, desde su fila.
    await _fila(alli, nueva).locator("a").click(button="right")
    await alli.pagina.get_by_role("menuitem", name="Sacar de archivadas").click()
    await expect(alli.pagina.locator("#archivadas")).to_be_hidden()
    await expect(_fila(alli, nueva)).to_be_visible()
    await expect(_fila(alli, vieja)).to_contain_text("En silencio")
    await _fila(alli, vieja).locator("a").click(button="right")
    await alli.pagina.get_by_role("menuitem", name="Quitar el silencio").click()
    await expect(_fila(alli, vieja)).not_to_contain_text("En silencio")


async def test_lo_de_uno_no_le_pasa_al_otro(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("De los dos", gente.ana, gente.beto)
    beto = await llegar(servidor, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await _elegir(ana, "Anclar arriba")
    await _elegir(ana, "Archivar")
    await expect(ana.pagina.locator("#archivadas")).to_be_visible()
    servidor.enviar(gente.ana, conversacion, "sigo aquí")
    await expect(_fila(beto, conversacion)).to_contain_text("sigo aquí")
    await expect(_fila(beto, conversacion)).not_to_contain_text("Anclada")
    await expect(beto.pagina.locator("#archivadas")).to_be_hidden()


async def test_lo_silenciado_no_cuenta_en_el_titulo(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Callada", gente.ana, gente.beto)
    servidor.enviar(gente.beto, conversacion, "psst")
    ana = await llegar(servidor, gente.ana)
    await expect(ana.pagina).to_have_title("(1) Servitech Mensajería")
    await _fila(ana, conversacion).locator("a").click(button="right")
    await ana.pagina.get_by_role("menuitem", name="Silenciar…").click()
    await ana.pagina.get_by_role("menuitem", name="Siempre").click()
    await expect(_fila(ana, conversacion)).to_contain_text("1 sin leer")
    await expect(ana.pagina).to_have_title("Servitech Mensajería")
