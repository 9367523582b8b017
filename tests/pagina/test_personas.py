"""Encontrar a alguien, quién es cada cual, y cómo se ve uno mismo."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from playwright.async_api import Locator, Page, Route, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.archivos import foto
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS, Persona
from tests.pagina.servidor import Servidor


async def _nueva(persona: Persona) -> Locator:
    """Abre el diálogo, y da el campo en el que se busca."""
    await persona.pagina.locator("#abrir-nueva").click()
    campo = persona.pagina.get_by_role("combobox", name="Con quién")
    await expect(campo).to_be_focused()
    return campo


def _opciones(pagina: Page) -> Locator:
    return pagina.get_by_role("listbox", name="Personas").get_by_role("option")


async def _elegir(pagina: Page, campo: Locator, quien: str) -> None:
    await campo.fill(quien)
    await expect(_opciones(pagina)).to_have_count(1)
    await expect(_opciones(pagina)).to_contain_text(f"@{quien}")
    await _opciones(pagina).click()


async def _poner_foto(pagina: Page, raiz: str) -> None:
    await pagina.locator(f"{raiz} input[type=file]").set_input_files(foto().elegido)
    await pagina.get_by_role("button", name="Usar la foto").click()
    await expect(pagina.locator("#dialogo-recorte")).to_be_hidden()


@TAMANOS
async def test_se_escribe_a_alguien_solo_con_el_teclado(
    servidor: Servidor, llegar: Llegar, tamano: ViewportSize, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    campo = await _nueva(ana)
    opciones, elegidas = _opciones(pagina), pagina.locator(".elegida bdi")

    # Sin acentos ni mayúsculas, y por el usuario: hay muchas con el mismo nombre.
    await tecla.type(gente.beto.upper())
    await expect(opciones).to_have_count(1)
    await expect(opciones).to_contain_text("Beto Bravo")
    await expect(opciones).to_contain_text("Experto")
    await tecla.press("ArrowDown")
    activa = await campo.get_attribute("aria-activedescendant")
    assert activa == await opciones.get_attribute("id")
    await tecla.press("Enter")
    await expect(elegidas).to_have_text("Beto Bravo")
    await expect(campo).to_have_value("")
    await tecla.press("Backspace")
    await expect(elegidas).to_have_count(0)
    await tecla.type(gente.beto)
    await expect(opciones).to_have_count(1)
    await tecla.press("Enter")
    await expect(elegidas).to_have_count(1)
    await tecla.press("Enter")
    await expect(pagina.locator("#titulo")).to_have_text("Beto Bravo")


async def test_individual_es_con_una_y_sin_nadie_se_dice(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    campo = await _nueva(ana)
    await pagina.get_by_role("button", name="Empezar").click()
    await expect(pagina.locator("#nueva-error")).to_have_text("Elige con quién quieres hablar.")
    await _elegir(pagina, campo, gente.beto)
    await expect(pagina.locator("#nueva-error")).to_be_hidden()
    await _elegir(pagina, campo, gente.carla)
    await expect(pagina.locator(".elegida bdi")).to_have_text("Carla Cano")
    await campo.fill("zzzz")
    aviso = pagina.locator("#nueva-personas .selector-aviso")
    await expect(aviso).to_contain_text(re.compile("Nadie coincide con «.?zzzz.?»"))
    # Escape borra lo escrito, y después cierra.
    await pagina.keyboard.press("Escape")
    await expect(campo).to_have_value("")
    await pagina.keyboard.press("Escape")
    await expect(pagina.locator("#dialogo-nueva")).to_be_hidden()
    await expect(pagina.locator("#abrir-nueva")).to_be_focused()


@TAMANOS
async def test_un_grupo_con_nombre_y_foto_que_los_demas_ven(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    beto = await llegar(servidor, gente.beto, tamano=tamano)
    pagina = ana.pagina
    campo = await _nueva(ana)
    await pagina.get_by_role("radio", name="Grupo").check()
    for quien in (gente.beto, gente.carla):
        await _elegir(pagina, campo, quien)
    await expect(pagina.locator(".elegida")).to_have_count(2)
    await pagina.get_by_label("Nombre (opcional)").fill("Mudanza")
    await _poner_foto(pagina, "#nueva-retrato")
    await sin_violaciones(pagina, axe, "nueva conversación")
    await pagina.get_by_role("button", name="Empezar").click()
    await expect(pagina.locator("#titulo")).to_have_text("Mudanza")
    await expect(pagina.locator("#avatar-conversacion img")).to_be_visible()

    fila = beto.pagina.locator("#lista li", has_text="Mudanza")
    await expect(fila.locator(".avatar img")).to_be_visible()
    aviso = beto.pagina.locator(".aviso", has_text="Mudanza")
    await expect(aviso).to_contain_text("Ana Alonso")

    # Quien modera lo cambia, y los demás lo ven al momento.
    await pagina.locator("#abrir-detalles").click()
    await sin_violaciones(pagina, axe, "detalles")
    await pagina.locator("#detalles-nombre").fill("Mudanza del sábado")
    await pagina.locator("#detalles-renombrar-guardar").click()
    await expect(pagina.locator("#titulo")).to_have_text("Mudanza del sábado")
    await expect(pagina.locator("#detalles-renombrar-guardar")).to_be_hidden()
    await pagina.locator("#detalles-retrato").get_by_role("button", name="Quitar la foto").click()
    await expect(pagina.locator("#detalles-retrato img")).to_have_count(0)
    renombrada = beto.pagina.locator("#lista li", has_text="Mudanza del sábado")
    await expect(renombrada.locator(".avatar.grupo")).to_have_text("MS")
    await expect(renombrada.locator(".avatar img")).to_have_count(0)


async def test_se_agrega_a_varias_y_no_se_ofrece_a_quien_esta(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Con más", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await pagina.locator("#abrir-detalles").click()
    await pagina.locator("#detalles-abrir-agregar").click()
    campo = pagina.get_by_role("combobox", name="Agregar personas")
    await campo.fill(gente.beto)
    aviso = pagina.locator("#detalles-personas .selector-aviso")
    await expect(aviso).to_contain_text("Nadie coincide")
    await _elegir(pagina, campo, gente.carla)
    await pagina.get_by_role("button", name="Agregar a la conversación").click()
    personas = pagina.locator("#detalles-participantes li")
    await expect(personas).to_have_count(3)
    await expect(personas.filter(has_text="Carla Cano")).to_be_visible()
    await expect(pagina.locator("#detalles-abrir-agregar")).to_be_focused()


async def test_si_la_lista_de_personas_no_llega_se_dice_y_se_reintenta(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    personas = re.compile(r"/usuarios/\?")
    await pagina.route(personas, lambda ruta: ruta.abort())
    await _nueva(ana)
    aviso = pagina.locator("#nueva-personas .selector-aviso")
    await expect(aviso).to_contain_text("Comprueba tu conexión")
    await pagina.unroute(personas)
    await aviso.get_by_role("button", name="Reintentar").click()
    await expect(_opciones(pagina).first).to_be_visible()


async def test_a_quien_no_ve_a_nadie_se_le_dice_que_hacer(
    llegar: Llegar, axe: str, tmp_path: Path, gente: Gente
) -> None:
    with Servidor(tmp_path, VISIBILIDAD="compartida") as servidor:
        carla = await llegar(servidor, gente.carla)
        pagina = carla.pagina
        await pagina.get_by_role("button", name="Nueva conversación").last.click()
        aviso = pagina.locator("#nueva-personas .selector-aviso")
        await expect(aviso).to_contain_text("Aún no hay nadie a quien puedas escribir")
        await expect(aviso).to_contain_text(gente.carla)
        await expect(aviso.get_by_role("button", name="Copiar mi usuario")).to_be_visible()
        await sin_violaciones(pagina, axe, "nadie a quien escribir")


@TAMANOS
async def test_el_perfil_propio_se_cambia_y_los_demas_lo_ven(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Con cara", gente.ana, gente.beto)
    servidor.enviar(gente.ana, conversacion, "Hola")
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina = ana.pagina
    await expect(pagina.locator("#abrir-menu")).to_have_attribute(
        "aria-label", "Tu cuenta, Ana Alonso"
    )
    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Tu perfil").click()
    await expect(pagina.locator("#perfil-usuario")).to_have_text(f"@{gente.ana}")
    await pagina.locator("#perfil-retrato input[type=file]").set_input_files(foto().elegido)
    await sin_violaciones(pagina, axe, "recorte")
    # Se mueve y se acerca con el teclado.
    await pagina.locator("#recorte-lienzo").focus()
    antes = await pagina.evaluate("document.getElementById('recorte-lienzo').toDataURL()")
    await pagina.locator("#recorte-zoom").focus()
    await pagina.keyboard.press("ArrowRight")
    await pagina.get_by_role("button", name="Usar la foto").click()
    assert antes.startswith("data:image/png")
    await expect(pagina.locator("#mi-avatar img")).to_be_visible()
    await sin_violaciones(pagina, axe, "perfil")
    await pagina.locator("#perfil-nombre").fill("Anabel")
    await pagina.get_by_role("button", name="Guardar").click()
    await expect(pagina.locator("#dialogo-perfil")).to_be_hidden()
    await expect(pagina.locator("#abrir-menu")).to_have_attribute(
        "aria-label", "Tu cuenta, Anabel Alonso"
    )

    beto = await llegar(servidor, gente.beto, tamano=tamano)
    await beto.abrir(conversacion)
    await expect(beto.mensaje("Hola").locator(".avatar img")).to_be_visible()
    await expect(beto.mensaje("Hola").locator(".autor")).to_have_text("Anabel Alonso")

    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Tu perfil").click()
    await pagina.get_by_role("button", name="Quitar la foto").click()
    await expect(pagina.locator("#mi-avatar img")).to_have_count(0)
    await expect(pagina.get_by_role("button", name="Poner una foto")).to_be_focused()


async def test_lo_que_no_es_una_imagen_se_dice(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Y dicho queda, aunque el perfil acabe de leerse después."""
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    dicho = asyncio.Event()

    async def leer_despues(ruta: Route) -> None:
        await dicho.wait()
        await ruta.continue_()

    await pagina.route("**/usuarios/yo/", leer_despues)
    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Tu perfil").click()
    roto = {"name": "roto.png", "mimeType": "image/png", "buffer": b"no soy un PNG"}
    await pagina.locator("#perfil-retrato input[type=file]").set_input_files(roto)  # type: ignore[arg-type]
    error = pagina.locator("#perfil-error")
    await expect(error).to_contain_text("No se pudo abrir esa imagen")
    async with pagina.expect_response("**/usuarios/yo/") as leido:
        dicho.set()
    await (await leido.value).finished()
    await pagina.evaluate("new Promise(requestAnimationFrame)")
    await expect(error).to_contain_text("No se pudo abrir esa imagen")


@TAMANOS
async def test_la_ficha_de_otra_persona_y_escribirle(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("En grupo", gente.ana, gente.beto)
    beto = await llegar(servidor, gente.beto)
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await pagina.locator("#abrir-detalles").click()
    await (
        pagina.locator("#detalles-participantes")
        .get_by_role("button", name=re.compile("^Beto Bravo"))
        .click()
    )
    ficha = pagina.locator("#dialogo-persona")
    await expect(ficha).to_contain_text("Beto Bravo")
    await expect(ficha).to_contain_text(f"@{gente.beto}")
    await expect(ficha).to_contain_text("Experto")
    await expect(ficha).to_contain_text("En línea")
    await sin_violaciones(pagina, axe, "ficha")
    await ficha.get_by_role("button", name="Enviar un mensaje").click()
    await expect(pagina.locator("#titulo")).to_have_text("Beto Bravo")
    await expect(pagina.locator("#subtitulo")).to_have_text("En línea")
    await expect(pagina.locator("dialog[open]")).to_have_count(0)

    # Se va: la cabecera dice cuándo estuvo.
    await beto.pagina.close()
    await expect(pagina.locator("#subtitulo")).to_have_text("Última vez hace un momento")
