"""Notas de voz: se graban, se oyen antes, se envían o se tiran, y si no se puede, se dice."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import ViewportSize, expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS
from tests.pagina.servidor import Servidor


@TAMANOS
async def test_se_graba_se_oye_y_se_envia(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Voz", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    beto = await llegar(servidor, gente.beto)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await pagina.get_by_role("button", name="Grabar una nota de voz").click()
    await expect(pagina.locator("#grabadora-tiempo")).to_have_text("0:01")
    await sin_violaciones(pagina, axe, "grabando")
    await pagina.get_by_role("button", name="Parar y escuchar").click()
    oir = pagina.locator("#grabadora-oir")
    await expect(oir).to_be_focused()
    await expect(oir).to_have_attribute("aria-label", "Escuchar")
    await oir.click()
    await expect(oir).to_have_attribute("aria-label", "Pausar")
    await sin_violaciones(pagina, axe, "por enviar")
    await pagina.get_by_role("button", name="Enviar la nota de voz").click()
    await expect(pagina.locator("#redactor-texto")).to_be_focused()

    fila = beto.pagina.locator(f'#lista a[href="#/c/{conversacion}"] .fila-ultimo')
    await expect(fila).to_contain_text(re.compile(r"Nota de voz \(0:0?[1-9]"))
    await beto.abrir(conversacion)
    nota = beto.pagina.get_by_role("group", name="Nota de voz")
    await nota.get_by_role("button", name="Reproducir").click()
    await expect(nota.get_by_role("button", name="Pausar")).to_be_visible()
    # Hasta el final, y vuelve a empezar.
    await expect(nota.get_by_role("button", name="Reproducir")).to_be_visible()
    await expect(nota.locator(".fallo")).to_have_count(0)


async def test_se_tira_y_no_se_envia_nada(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    conversacion = servidor.conversacion("Tirada", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await ana.pagina.locator("#grabar").click()
    await expect(ana.pagina.locator("#grabadora-parar")).to_be_focused()
    await ana.pagina.keyboard.press("Escape")
    await expect(ana.pagina.locator("#grabadora")).to_be_hidden()
    await ana.enviar("mejor lo escribo")
    await ana.ve("mejor lo escribo")
    await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
    assert servidor.textos(gente.ana, conversacion) == ["mejor lo escribo"]


async def test_al_cambiar_de_conversacion_no_se_pierde(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    una = servidor.conversacion("Una", gente.ana, gente.beto)
    otra = servidor.conversacion("Otra", gente.ana, gente.carla)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(una)
    await ana.pagina.locator("#grabar").click()
    await expect(ana.pagina.locator("#grabadora-tiempo")).to_have_text("0:01")
    await ana.abrir(otra)
    await expect(ana.pagina.locator("#grabadora")).to_be_hidden()
    await expect(ana.pagina.locator("#adjuntos .adjunto")).to_have_count(0)
    await ana.abrir(una)
    await expect(ana.pagina.locator("#adjuntos .adjunto")).to_contain_text("Nota de voz")


# Como si el servidor dijera que caben 72 kilobytes.
CABE_POCO = """
document.addEventListener(
  "readystatechange",
  () => (document.getElementById("redactor").dataset.maximo = "72000"),
  { once: true },
);
"""


async def test_la_que_ya_no_cabe_se_para_sola(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Larga", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.contexto.add_init_script(CABE_POCO)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await ana.pagina.locator("#grabar").click()
    await expect(ana.pagina.locator(".aviso")).to_contain_text("Ya ocupa lo que cabe")
    await expect(ana.pagina.locator("#grabadora-oir")).to_be_visible()
    await ana.pagina.get_by_role("button", name="Enviar la nota de voz").click()
    await expect(ana.pagina.get_by_role("group", name="Nota de voz")).to_be_visible()


SIN_MICROFONO = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
"""


@pytest.mark.parametrize(
    ("guion", "frase"),
    [
        (SIN_MICROFONO, "No hay permiso para usar el micrófono"),
        ("delete window.MediaRecorder", "Este navegador no puede grabar"),
    ],
    ids=["sin permiso", "sin grabadora"],
)
async def test_si_no_se_puede_se_dice(
    servidor: Servidor, llegar: Llegar, guion: str, frase: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Sin voz", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.contexto.add_init_script(guion)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await ana.pagina.locator("#grabar").click()
    await expect(ana.pagina.locator(".aviso-error")).to_contain_text(frase)
    await expect(ana.pagina.locator("#redactor-texto")).to_be_visible()
