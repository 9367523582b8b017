"""Encontrar un mensaje, en todo o en una conversación, y saltar a él."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.async_api import Locator, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.archivos import grande
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS, Persona
from tests.pagina.servidor import Servidor


def _resultados(persona: Persona) -> Locator:
    return persona.pagina.locator("#resultados .resultado")


async def _buscar(persona: Persona, texto: str) -> None:
    await persona.pagina.locator("#busqueda-texto").fill(texto)


@TAMANOS
async def test_se_busca_en_todo_y_se_salta_con_el_teclado(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    obra = servidor.conversacion("Obra", gente.ana, gente.beto)
    servidor.enviar(gente.beto, obra, "El presupuesto está en la carpeta azul")
    for n in range(150):
        servidor.enviar(gente.beto, obra, f"relleno {n}")
    servidor.enviar(gente.ana, obra, "¿Y los PRESUPUESTOS del tejado?")
    pareja = servidor.conversacion("", gente.ana, gente.carla, tipo="individual")
    servidor.enviar(gente.carla, pareja, "Otro presupuesto más")
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina, tecla = ana.pagina, ana.pagina.keyboard

    await tecla.press("/")
    await expect(pagina.locator("#busqueda-texto")).to_be_focused()
    await sin_violaciones(pagina, axe, "búsqueda sin empezar")
    await tecla.type("presupuestó")
    await expect(_resultados(ana)).to_have_count(3)
    await expect(_resultados(ana).locator("mark")).to_have_text(
        ["presupuesto", "PRESUPUESTOS", "presupuesto"]
    )
    await expect(_resultados(ana).nth(0)).to_contain_text("Carla Cano")
    await expect(_resultados(ana).nth(1)).to_contain_text("Obra")
    await expect(_resultados(ana).nth(1)).to_contain_text("Tú:")
    await expect(pagina.locator("#resultados-cuenta")).to_have_text("3 resultados")
    await sin_violaciones(pagina, axe, "resultados")

    # Con las flechas hasta el último, que es de hace mucho: se carga con lo de alrededor.
    for _ in range(3):
        await tecla.press("ArrowDown")
    await tecla.press("Enter")
    fila = ana.mensaje("El presupuesto está en la carpeta azul")
    await expect(fila).to_be_in_viewport()
    await expect(fila).to_be_focused()
    await expect(ana.mensaje("relleno 0")).to_be_visible()
    await expect(pagina.locator("#paso-texto")).to_contain_text("3 de 3")
    await sin_violaciones(pagina, axe, "salto a lo hallado")
    await expect(pagina.locator("#paso-siguiente")).to_be_disabled()

    await tecla.press("Shift+F3")
    await expect(ana.mensaje("¿Y los PRESUPUESTOS del tejado?")).to_be_focused()
    await expect(pagina.locator("#paso-texto")).to_contain_text("2 de 3")
    # El anterior es de otra conversación.
    await tecla.press("Shift+F3")
    await expect(pagina.locator("#titulo")).to_have_text("Carla Cano")
    await expect(ana.mensaje("Otro presupuesto más")).to_be_focused()
    await tecla.press("F3")
    await expect(ana.mensaje("¿Y los PRESUPUESTOS del tejado?")).to_be_focused()
    await tecla.press("Escape")
    await expect(pagina.locator("#paso")).to_be_hidden()
    await expect(pagina.locator("#busqueda")).to_be_hidden()


@TAMANOS
async def test_se_busca_en_una_conversacion(
    servidor: Servidor, llegar: Llegar, tamano: ViewportSize, gente: Gente
) -> None:
    obra = servidor.conversacion("Obra", gente.ana, gente.beto)
    otra = servidor.conversacion("Otra", gente.ana, gente.beto)
    servidor.enviar(gente.beto, obra, "La llave del portal")
    servidor.enviar(gente.beto, otra, "La llave del coche")
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await ana.abrir(obra)
    await tecla.press("Control+f")
    await expect(pagina.locator("#busqueda-titulo")).to_contain_text("Obra")
    await tecla.type("llave")
    await expect(_resultados(ana)).to_have_count(1)
    await expect(_resultados(ana)).to_contain_text("Beto Bravo")
    await pagina.get_by_role("button", name="Buscar en todo").click()
    await expect(_resultados(ana)).to_have_count(2)
    await expect(pagina.locator("#busqueda-donde")).to_be_hidden()
    await tecla.press("Escape")
    await expect(pagina.locator("#busqueda")).to_be_hidden()
    await expect(ana.mensaje("La llave del portal")).to_be_visible()

    # Por su menú, que en un teléfono es el único botón.
    await pagina.locator("#abrir-opciones").click()
    await pagina.get_by_role("menuitem", name="Buscar aquí").click()
    await _buscar(ana, "llave")
    await expect(_resultados(ana)).to_have_count(1)
    await _resultados(ana).click()
    await expect(ana.mensaje("La llave del portal")).to_be_focused()


async def test_los_filtros(servidor: Servidor, llegar: Llegar, axe: str, gente: Gente) -> None:
    obra = servidor.conversacion("Obra", gente.ana, gente.beto)
    servidor.enviar(gente.ana, obra, "Los planos, mañana")
    servidor.enviar(gente.beto, obra, "Los planos, hoy")
    servidor.enviar_archivo(gente.beto, obra, "planos.txt", grande(megas=1).crudo)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await pagina.locator("#abrir-busqueda").click()
    await _buscar(ana, "planos")
    # También por el nombre de un archivo.
    await expect(_resultados(ana)).to_have_count(3)
    filtrar = pagina.locator("#busqueda-filtrar")
    await filtrar.click()
    await sin_violaciones(pagina, axe, "filtros")
    await pagina.get_by_label("Solo lo que envié").check()
    await expect(_resultados(ana)).to_have_count(1)
    await expect(_resultados(ana)).to_contain_text("mañana")
    await expect(filtrar).to_have_attribute("aria-label", "Filtros, 1 puestos")
    await pagina.get_by_label("Solo lo que envié").uncheck()
    await pagina.get_by_label("Con archivo").check()
    await expect(_resultados(ana)).to_have_count(1)
    await expect(_resultados(ana)).to_contain_text("planos.txt")
    await pagina.get_by_label("Con archivo").uncheck()

    campo = pagina.get_by_role("combobox", name="De quién")
    await campo.fill(gente.beto)
    await expect(pagina.locator("#busqueda-de").get_by_role("option")).to_have_count(1)
    await campo.press("Enter")
    await expect(_resultados(ana)).to_have_count(2)
    await pagina.get_by_label("Qué es").select_option("texto")
    await expect(_resultados(ana)).to_have_count(1)
    await expect(_resultados(ana)).to_contain_text("hoy")
    ayer = date.today() - timedelta(days=1)
    await pagina.get_by_label("Hasta").fill(ayer.isoformat())
    await expect(pagina.locator("#resultados-aviso")).to_contain_text("Ningún mensaje coincide")
    await pagina.get_by_role("button", name="Quitar los filtros").click()
    await expect(_resultados(ana)).to_have_count(3)
    await expect(filtrar).to_have_attribute("aria-label", "Filtros")


async def test_lo_hallado_nunca_es_html(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    obra = servidor.conversacion("<b>Obra</b>", gente.ana, gente.beto)
    hostil = "<mark>aguja</mark> <img src=x onerror=\"document.body.dataset.roto='1'\">"
    servidor.enviar(gente.beto, obra, hostil)
    ana = await llegar(servidor, gente.ana)
    await ana.pagina.locator("#filtro").fill("aguja")
    await ana.pagina.locator("#buscar-lo-filtrado").click()
    fragmento = _resultados(ana).locator(".resultado-fragmento")
    await expect(fragmento).to_contain_text("<mark>aguja</mark> <img")
    await expect(fragmento.locator("mark")).to_have_text("aguja")
    await expect(fragmento.locator("img")).to_have_count(0)
    assert await ana.pagina.evaluate("document.body.dataset.roto") is None


async def test_por_paginas_y_el_siguiente_trae_mas(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    obra = servidor.conversacion("Obra", gente.ana, gente.beto)
    for n in range(23):
        servidor.enviar(gente.beto, obra, f"tornillo {n}")
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await pagina.locator("#abrir-busqueda").click()
    await _buscar(ana, "tornillos")
    await expect(_resultados(ana)).to_have_count(20)
    await expect(pagina.locator("#resultados-cuenta")).to_have_text("20+ resultados")
    await _resultados(ana).last.click()
    await expect(pagina.locator("#paso-texto")).to_contain_text("20 de 20+")
    await pagina.locator("#paso-siguiente").click()
    await expect(ana.mensaje("tornillo 2")).to_be_focused()
    await expect(pagina.locator("#paso-texto")).to_contain_text("21 de 23")
    await expect(pagina.locator("#resultados-mas")).to_be_hidden()


async def test_si_no_hay_nada_o_falla_se_dice(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await pagina.keyboard.press("Control+k")
    await _buscar(ana, "inencontrable")
    aviso = pagina.locator("#resultados-aviso")
    await expect(aviso).to_contain_text(re.compile("Ningún mensaje coincide con «.?inencontrable"))
    buscar = re.compile(r"/buscar/\?")
    await pagina.route(buscar, lambda ruta: ruta.abort())
    await _buscar(ana, "otra cosa")
    await expect(aviso).to_contain_text("Comprueba tu conexión")
    await pagina.unroute(buscar)
    await aviso.get_by_role("button", name="Reintentar").click()
    await expect(aviso).to_contain_text("Ningún mensaje coincide")


async def test_lo_eliminado_ya_no_se_halla(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    obra = servidor.conversacion("Obra", gente.ana, gente.beto)
    secreto = servidor.enviar(gente.beto, obra, "la clave es azucena")
    ana = await llegar(servidor, gente.ana)
    await ana.pagina.locator("#abrir-busqueda").click()
    await _buscar(ana, "azucena")
    await expect(_resultados(ana)).to_have_count(1)
    servidor.pedir(gente.beto, "DELETE", f"mensajes/{secreto['_id']}/", {})
    await _buscar(ana, "azucena ")
    await ana.pagina.keyboard.press("Enter")
    await expect(_resultados(ana)).to_have_count(0)
