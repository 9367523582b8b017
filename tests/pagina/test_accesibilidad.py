"""axe-core sin violaciones, y todo con el teclado."""

from __future__ import annotations

import pytest
from playwright.async_api import ViewportSize, expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import MESA, TAMANOS, TELEFONO
from tests.pagina.servidor import Servidor
from tests.pagina.vistas import vistas


@pytest.fixture
def variada(servidor: Servidor, gente: Gente) -> str:
    """Una conversación con un poco de todo."""
    ana, beto, carla = gente.ana, gente.beto, gente.carla
    conversacion = servidor.conversacion("De todo un poco", ana, beto, carla)
    primero = servidor.enviar(beto, conversacion, "Hola a todas")
    servidor.enviar(ana, conversacion, "Hola", respuestaA=primero["_id"])
    urgente = servidor.enviar(carla, conversacion, "Corre", prioridad="urgente")
    servidor.enviar(beto, conversacion, "Sin prisa: https://example.com", prioridad="alta")
    lugar = {"metadatos": {"ubicacion": {"latitud": 4.6, "longitud": -74, "direccion": "Bogotá"}}}
    servidor.enviar(beto, conversacion, "", contenido=lugar, tipo="ubicacion", prioridad="baja")
    servidor.pedir(ana, "POST", f"mensajes/{urgente['_id']}/reacciones/", {"tipo": "love"})
    servidor.pedir(beto, "POST", f"mensajes/{urgente['_id']}/reacciones/", {"tipo": "like"})
    servidor.pedir(beto, "PATCH", f"mensajes/{primero['_id']}/", {"texto": "Hola a todos"})
    borrado = servidor.enviar(ana, conversacion, "ups")
    servidor.pedir(ana, "DELETE", f"mensajes/{borrado['_id']}/", {"razon": "error"})
    return conversacion


@TAMANOS
async def test_axe_no_encuentra_nada(
    servidor: Servidor, llegar: Llegar, axe: str, variada: str, tamano: ViewportSize, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True, tamano=tamano)
    pagina = ana.pagina
    await pagina.goto(servidor.url)
    await pagina.get_by_role("button", name="Ingresar").click()
    await sin_violaciones(pagina, axe, "entrada con error")
    await ana.ingresar()
    await expect(pagina.locator(".fila-ultimo", has_text="eliminado").first).to_be_visible()
    await ana.abrir(variada)
    await expect(pagina.locator(".reaccion")).to_have_count(2)
    fila = ana.mensaje("Hola")
    await fila.hover()
    await fila.locator(".boton-acciones").click()
    await sin_violaciones(pagina, axe, "menú del mensaje")
    await pagina.get_by_role("menuitem", name="Información").click()
    await expect(pagina.locator("#mensaje-cuerpo .datos")).to_be_visible()
    await sin_violaciones(pagina, axe, "información")
    await pagina.keyboard.press("Escape")
    await ana.abrir_cajon()
    await sin_violaciones(pagina, axe, "registro")
    await pagina.get_by_role("tab", name="Enviar eventos").click()
    await pagina.locator('[data-evento="enviar_mensaje"] summary').click()
    await sin_violaciones(pagina, axe, "formularios")


# Los otros dos cruces los recorre `make capturas`.
@pytest.mark.parametrize(
    ("tamano", "lengua"), [(TELEFONO, "es-ES"), (MESA, "en-GB")], ids=["telefono-es", "mesa-en"]
)
async def test_axe_no_encuentra_nada_en_ninguna_vista(
    servidor: Servidor,
    llegar: Llegar,
    axe: str,
    variada: str,
    tamano: ViewportSize,
    lengua: str,
    gente: Gente,
) -> None:
    ana = await llegar(servidor, gente.ana, tamano=tamano, lengua=lengua)
    async for vista in vistas(ana, variada, "hola"):
        await sin_violaciones(ana.pagina, axe, vista)


async def test_una_conversacion_solo_con_el_teclado(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Teclado", gente.ana, gente.beto)
    servidor.enviar(gente.beto, conversacion, "¿Hay alguien?")
    ana = await llegar(servidor, gente.ana, fuera=True)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await pagina.goto(servidor.url)
    await expect(pagina.get_by_label("Usuario")).to_be_focused()
    await tecla.type(gente.ana)
    await tecla.press("Tab")
    await tecla.type("demo")
    await tecla.press("Enter")
    await ana.ya_esta()

    enlace = pagina.locator(f'#lista a[href="#/c/{conversacion}"]')
    for _ in range(40):
        await tecla.press("Tab")
        if await enlace.evaluate("e => e === document.activeElement"):
            break
    await tecla.press("Enter")
    await expect(pagina.locator("#redactor-texto")).to_be_focused()
    await tecla.type("Aquí estoy")
    await tecla.press("Enter")
    await expect(ana.mensaje("Aquí estoy")).to_be_visible()

    # Al hilo, y al mensaje anterior con las flechas; Intro abre sus acciones.
    while not await pagina.locator("#hilo").evaluate("e => e.contains(document.activeElement)"):
        await tecla.press("Shift+Tab")
    await pagina.locator("#hilo").focus()
    await tecla.press("End")
    await tecla.press("ArrowUp")
    await expect(ana.mensaje("¿Hay alguien?")).to_be_focused()
    await tecla.press("Enter")
    await expect(pagina.get_by_role("menuitemradio", name="Me gusta", exact=True)).to_be_focused()
    await tecla.press("Enter")
    await expect(ana.mensaje("¿Hay alguien?").locator(".reaccion")).to_have_text("1")

    await pagina.locator("#redactor-texto").focus()
    await tecla.press("ArrowUp")
    await expect(pagina.locator("#contexto-titulo")).to_have_text("Editando el mensaje")
    await tecla.type(" ya")
    await tecla.press("Enter")
    await expect(ana.mensaje("Aquí estoy ya")).to_be_visible()
    await tecla.press("ArrowUp")
    await tecla.press("Escape")
    await expect(pagina.locator("#contexto")).to_be_hidden()


async def test_el_tema_elegido_se_recuerda(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, color_scheme="light")
    claro = await ana.pagina.evaluate("getComputedStyle(document.body).backgroundColor")
    await ana.pagina.locator("#abrir-menu").click()
    await ana.pagina.get_by_role("menuitemradio", name="Oscuro").click()
    await ana.pagina.reload()
    await ana.ya_esta()
    assert await ana.pagina.evaluate("getComputedStyle(document.body).backgroundColor") != claro
