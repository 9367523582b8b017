"""Ver archivos: imágenes que no mueven nada al llegar, el visor, el audio y lo que se descarga."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, ViewportSize, expect

from tests.archivos import muestras
from tests.gente import Gente
from tests.pagina.archivos import fotos, pegar_video, se_ven
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS
from tests.pagina.servidor import Servidor

HOSTIL = "<img src=x onerror=\"document.body.dataset.roto='1'\">.png"


SE_VE = "async (v) => { while (!v.played.length) await new Promise(requestAnimationFrame); }"
SE_CORTA_Y_SIGUE = """
(v) => new Promise((bien) => {
  v.addEventListener("playing", () => bien(true), { once: true });
  setTimeout(() => bien(false), 20_000);
  v.dispatchEvent(new Event("error"));
})
"""


@pytest.fixture
def album(servidor: Servidor, gente: Gente) -> str:
    """Tres imágenes de ana con cosas entre medias, y un vídeo al final."""
    ana = gente.ana
    conversacion = servidor.conversacion("Álbum", ana, gente.beto)
    servidor.enviar_archivo(ana, conversacion, "uno.png", muestras.imagen("PNG", (900, 600)))
    for n in range(60):
        servidor.enviar(ana, conversacion, f"entre medias {n}")
    servidor.enviar_archivo(ana, conversacion, "dos.jpg", muestras.foto(), "el pasillo")
    servidor.enviar(ana, conversacion, "bien")
    servidor.enviar_archivo(ana, conversacion, "tres.gif", muestras.animacion(lado=(300, 200)))
    servidor.enviar_archivo(ana, conversacion, "obra.mp4", muestras.mp4())
    return conversacion


async def _visto(pagina: Page, nombre: str) -> None:
    await expect(pagina.locator("#visor-titulo")).to_have_text(nombre)


@TAMANOS
async def test_el_visor_con_el_teclado(
    servidor: Servidor, llegar: Llegar, axe: str, album: str, tamano: ViewportSize, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await ana.abrir(album)
    await se_ven(pagina, 2)
    dos = pagina.get_by_role("button", name="Ver la imagen dos.jpg")
    # Con las flechas hasta su mensaje, y con el tabulador hasta ella.
    await pagina.locator("#hilo").focus()
    await tecla.press("End")
    for _ in range(3):
        await tecla.press("ArrowUp")
    await tecla.press("Tab")
    await expect(dos).to_be_focused()
    await tecla.press("Enter")
    await _visto(pagina, "dos.jpg")
    await expect(pagina.locator("#visor-texto")).to_have_text("el pasillo")
    imagen = pagina.locator(".visor-imagen:not(.borrosa)")
    # La entera, con su enlace.
    await expect(imagen).to_have_attribute("src", re.compile(r"/contenido/\?firma="))
    await sin_violaciones(pagina, axe, "visor")
    await tecla.press("ArrowRight")
    await _visto(pagina, "tres.gif")
    await tecla.press("ArrowRight")
    await _visto(pagina, "obra.mp4")
    await expect(pagina.locator(".visor-video")).to_have_attribute("src", re.compile("firma="))
    # Lo que este navegador no sabe abrir se puede bajar.
    await expect(pagina.locator("#visor-aviso")).to_contain_text("Descárgalo para verlo")
    await tecla.press("ArrowRight")
    await expect(pagina.locator("#visor-aviso")).to_have_text("No hay ninguna más.")
    for nombre in ("tres.gif", "dos.jpg", "uno.png"):
        await tecla.press("ArrowLeft")
        await _visto(pagina, nombre)
    await tecla.press("ArrowLeft")
    await expect(pagina.locator("#visor-aviso")).to_have_text("No hay ninguna anterior.")
    # El foco da la vuelta dentro, en los dos sentidos.
    for vuelta in ("Tab", "Shift+Tab"):
        for _ in range(7):
            await tecla.press(vuelta)
            assert await pagina.locator("#visor").evaluate(
                "v => v.contains(document.activeElement)"
            )
    await tecla.press("Escape")
    await expect(pagina.locator("#visor")).to_be_hidden()
    await expect(dos).to_be_focused()


async def test_ampliada_se_recorre_con_las_flechas(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Plano", gente.ana, gente.beto)
    plano = muestras.imagen("PNG", (2600, 1800))
    servidor.enviar_archivo(gente.beto, conversacion, "plano.png", plano)
    ana = await llegar(servidor, gente.ana)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await ana.abrir(conversacion)
    await pagina.get_by_role("button", name="Ver la imagen plano.png").click()
    await expect(pagina.locator(".visor-imagen:not(.borrosa)")).to_be_visible()
    await pagina.get_by_role("button", name="Ampliar").press("Enter")
    marco = pagina.locator("#visor-marco")
    antes = await marco.evaluate("m => [m.scrollLeft, m.scrollTop]")
    # Empieza por el centro: hay a los dos lados.
    assert min(antes) > 80
    for flecha in ("ArrowRight", "ArrowDown"):
        await tecla.press(flecha)
    assert await marco.evaluate("m => [m.scrollLeft, m.scrollTop]") == [n + 80 for n in antes]
    await expect(pagina.locator("#visor-aviso")).to_be_hidden()
    for _ in range(8):
        await tecla.press("Tab")
        if await marco.evaluate("m => m === document.activeElement"):
            break
    await expect(marco).to_be_focused()
    await sin_violaciones(pagina, axe, "ampliada")
    await pagina.get_by_role("button", name="Ampliar").press("Enter")
    await tecla.press("ArrowRight")
    await expect(pagina.locator("#visor-aviso")).to_have_text("No hay ninguna más.")


async def test_un_video_cuyo_enlace_caduca_mas_de_una_vez_sigue(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Vídeo", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await pegar_video(pagina)
    await pagina.locator("#enviar").click()
    await pagina.get_by_role("button", name="Ver el vídeo obra.webm").click()
    video = pagina.locator(".visor-video")
    await video.evaluate(SE_VE)
    for _ in range(3):
        await expect(pagina.locator("#visor-aviso")).to_be_hidden()
        assert await video.evaluate(SE_CORTA_Y_SIGUE)


async def test_el_hueco_es_el_justo_y_se_ve_el_borron(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Hueco", gente.ana, gente.beto)
    for lado in ((1600, 500), (9, 400)):
        crudo = muestras.imagen("PNG", lado)
        servidor.enviar_archivo(gente.beto, conversacion, "foto.png", crudo, f"de {lado}")
    ana = await llegar(servidor, gente.ana)
    ya = asyncio.Event()

    async def retener(ruta: Route) -> None:
        await ya.wait()
        await ruta.continue_()

    await ana.pagina.route(re.compile(r"/(pequena|mediana)/"), retener)
    await ana.abrir(conversacion)
    borrosas = ana.pagina.locator(".foto.borrosa img")
    await expect(borrosas).to_have_count(2)
    assert "data:image/webp" in (await borrosas.first.get_attribute("src") or "")
    filas = ana.pagina.locator("#mensajes .fila")
    antes = [await filas.nth(n).bounding_box() for n in range(2)]
    ya.set()
    await se_ven(ana.pagina, 2)
    assert [await filas.nth(n).bounding_box() for n in range(2)] == antes


async def test_lo_que_ya_no_se_puede_ver_se_dice(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Retirada", gente.ana, gente.beto)
    uno = servidor.enviar_archivo(gente.beto, conversacion, "uno.png", muestras.imagen())
    ana = await llegar(servidor, gente.ana)
    await ana.pagina.route(
        re.compile(r"/(pequena|mediana|contenido)/"),
        lambda ruta: ruta.fulfill(status=404, json={"code": "NOT_FOUND", "message": "No existe"}),
    )
    await ana.abrir(conversacion)
    await expect(ana.pagina.locator(".foto-rota")).to_have_text("No se puede ver")
    # Y si se elimina mientras se mira, el visor se cierra y lo dice.
    await ana.pagina.locator(".foto").click()
    await expect(ana.pagina.locator("#visor")).to_be_visible()
    servidor.pedir(gente.beto, "DELETE", f"mensajes/{uno['_id']}/")
    await expect(ana.pagina.locator("#visor")).to_be_hidden()
    await expect(ana.pagina.locator(".aviso")).to_contain_text("Se eliminó lo que estabas viendo")


async def test_el_audio_se_oye_aunque_caduque_su_enlace(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Audios", gente.ana, gente.beto)
    for nombre in ("primera.wav", "segunda.wav"):
        servidor.enviar_archivo(gente.beto, conversacion, nombre, muestras.wav(30))
    ana = await llegar(servidor, gente.ana)
    caducados: list[str] = []

    async def caducar(ruta: Route) -> None:
        if caducados:
            return await ruta.continue_()
        caducados.append(ruta.request.url)
        await ruta.fulfill(status=401, json={"code": "TOKEN_EXPIRED", "message": "Caducó"})

    await ana.pagina.route(re.compile("firma="), caducar)
    await ana.abrir(conversacion)
    primera = ana.pagina.get_by_role("group", name="Audio: primera.wav")
    segunda = ana.pagina.get_by_role("group", name="Audio: segunda.wav")
    await expect(primera.locator(".audio-tiempo")).to_have_text("0:30")
    await primera.get_by_role("button", name="Reproducir").click()
    barra = primera.get_by_role("slider")
    await expect(barra).to_have_attribute("aria-valuetext", re.compile(r"0:0[1-9] de 0:30"))
    assert caducados
    await expect(primera.get_by_role("button", name="Pausar")).to_be_visible()
    await sin_violaciones(ana.pagina, axe, "audio")
    # Un mensaje que llega y una reacción no lo paran; otro audio, sí.
    mensaje = servidor.enviar(gente.beto, conversacion, "¿lo oyes?")
    servidor.pedir(gente.beto, "POST", f"mensajes/{mensaje['_id']}/reacciones/", {"tipo": "like"})
    await expect(ana.pagina.locator(".reaccion")).to_be_visible()
    await barra.focus()
    await ana.pagina.keyboard.press("End")
    await expect(primera.get_by_role("button", name="Reproducir")).to_be_visible()
    await segunda.get_by_role("button", name="Reproducir").click()
    await expect(segunda.get_by_role("button", name="Pausar")).to_be_visible()
    await segunda.get_by_role("button", name="Velocidad: 1").click()
    await expect(primera.get_by_role("button", name="Velocidad: 1,5")).to_be_visible()


async def test_lo_demas_se_descarga_con_su_nombre(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Papeles", gente.ana, gente.beto)
    servidor.enviar_archivo(gente.beto, conversacion, "contrato d.pdf", muestras.pdf())
    ana = await llegar(servidor, gente.ana)
    fila = ana.pagina.locator(f'#lista a[href="#/c/{conversacion}"] .fila-ultimo')
    await expect(fila).to_contain_text("contrato d.pdf")
    await ana.abrir(conversacion)
    tarjeta = ana.pagina.locator(".adjunto-tarjeta")
    await expect(tarjeta).to_contain_text("PDF · ")
    await sin_violaciones(ana.pagina, axe, "tarjeta")
    async with ana.pagina.expect_download() as bajada:
        await tarjeta.get_by_role("button", name="Descargar contrato d.pdf").click()
    descarga = await bajada.value
    assert descarga.suggested_filename == "contrato d.pdf"
    assert (await descarga.path()).read_bytes() == muestras.pdf()
    # Ya retirado: el navegador no diría nada.
    await ana.pagina.route(
        re.compile(r"/archivos/[0-9a-f]{24}/$"),
        lambda ruta: ruta.fulfill(status=404, json={"code": "NOT_FOUND", "message": "No existe"}),
    )
    await tarjeta.get_by_role("button", name="Descargar contrato d.pdf").click()
    await expect(ana.pagina.locator(".aviso")).to_contain_text("No existe o no está a tu alcance")


async def test_un_nombre_hostil_es_texto_y_nada_se_pide_fuera(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Hostil", gente.ana, gente.beto)
    servidor.enviar_archivo(gente.beto, conversacion, HOSTIL, muestras.imagen())
    servidor.enviar_archivo(gente.beto, conversacion, HOSTIL, muestras.wav())
    ana = await llegar(servidor, gente.ana)
    pedidas: list[str] = []
    ana.pagina.on("request", lambda peticion: pedidas.append(peticion.url))
    await ana.abrir(conversacion)
    await se_ven(ana.pagina, 1)
    await expect(ana.pagina.locator("#hilo img")).to_have_count(1)
    await expect(ana.pagina.locator(".audio-nombre")).to_contain_text("<img src=x")
    await fotos(ana.pagina).click()
    await expect(ana.pagina.locator("#visor-titulo")).to_contain_text("<img src=x")
    assert await ana.pagina.evaluate("document.body.dataset.roto") is None
    assert all(url.startswith((servidor.url, "ws", "data:")) for url in pedidas)


async def test_responder_a_una_imagen_la_nombra(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Cita", gente.ana, gente.beto)
    imagen = servidor.enviar_archivo(gente.beto, conversacion, "uno.png", muestras.imagen())
    servidor.enviar(gente.ana, conversacion, "Qué bien", respuestaA=imagen["_id"])
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await expect(ana.mensaje("Qué bien").locator(".cita-texto")).to_have_text("Imagen")
