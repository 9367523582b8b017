"""Lo que aún no se ha enviado: se ve y se oye antes, no ocupa de más, y no se pierde sin avisar."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.archivos import muestras
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.pagina.archivos import Suelto, elegir, foto, grande, pegar, pegar_video
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.corte import Corte
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA

ADJUNTOS = "#adjuntos .adjunto"
PUERTA = re.compile(r"/ws/mensajeria/$")
SUBIDA = re.compile(r"/archivos/$")
NOTA = Suelto("nota.wav", "audio/wav", muestras.wav(30))

# Cuántas imágenes se abren, y cuántas a la vez.
ESPIAR = """
(() => {
  const abrir = createImageBitmap;
  window.abiertas = { todas: 0, ahora: 0, mas: 0 };
  window.createImageBitmap = async (...que) => {
    abiertas.todas++;
    abiertas.mas = Math.max(abiertas.mas, ++abiertas.ahora);
    try {
      return await abrir(...que);
    } finally {
      abiertas.ahora--;
    }
  };
})();
"""


async def test_doce_fotos_y_un_texto_no_esperan_al_minuto(tmp_path: Path, llegar: Llegar) -> None:
    """Los mensajes que llevan un archivo subido no gastan del límite de los que se escriben."""
    with Servidor(tmp_path, MENSAJES_POR_MINUTO="10") as servidor:
        conversacion = servidor.conversacion("Doce", "ana", "beto")
        ana = await llegar(servidor, "ana")
        await ana.abrir(conversacion)
        await pegar(ana.pagina, *(foto(n, (600, 400)) for n in range(12)))
        desde = Cronometro()
        await ana.pagina.locator("#enviar").click()
        await ana.enviar("y ya están todas")
        await expect(ana.mensaje("y ya están todas")).to_be_visible()
        await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
        assert desde.segundos() < 5
        leidos = servidor.pedir("ana", "GET", f"conversaciones/{conversacion}/mensajes/?limite=50")
        archivos = [m["contenido"]["archivo"] for m in reversed(leidos["results"])]
        assert [a["nombre"] for a in archivos if a] == [f"foto {n}.png" for n in range(12)]


async def test_las_fotos_se_abren_de_una_en_una_y_una_vez(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("De una en una", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.contexto.add_init_script(ESPIAR)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    ya = asyncio.Event()

    async def retener(ruta: Route) -> None:
        await ya.wait()
        await ruta.continue_()

    await ana.pagina.route(SUBIDA, retener)
    await pegar(ana.pagina, *(foto(n) for n in range(6)))
    await expect(ana.pagina.locator(f"{ADJUNTOS} canvas")).to_have_count(6)
    await ana.pagina.locator("#enviar").click()
    await expect(ana.pagina.locator("#pendientes .subida canvas")).to_have_count(6)
    abiertas = await ana.pagina.evaluate("abiertas")
    assert (abiertas["todas"], abiertas["mas"]) == (6, 1)
    ya.set()
    await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)


async def test_un_audio_se_oye_y_un_video_se_ve(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Antes", gente.ana, gente.beto)
    servidor.enviar_archivo(gente.beto, conversacion, "suya.wav", muestras.wav(30))
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    roto = Suelto("roto.mp4", "video/mp4", b"no es un video")
    await pegar(pagina, NOTA, roto)
    await pegar_video(pagina)
    await expect(pagina.locator(ADJUNTOS)).to_have_count(3)
    audio, video = pagina.locator(f"{ADJUNTOS} audio"), pagina.locator(f"{ADJUNTOS} video")
    await expect(audio).to_have_js_property("duration", 30)
    await expect(video).to_have_js_property("videoWidth", 300)
    # El que no se puede abrir se queda en su dibujo.
    await expect(pagina.locator(ADJUNTOS).nth(1).locator(".icono-video")).to_be_visible()
    await sin_violaciones(pagina, axe, "audio y vídeo por enviar")
    # Suena uno solo: el que se va a enviar o el que ya se envió.
    oir = pagina.get_by_role("button", name="Oír nota.wav")
    await oir.click()
    await expect(pagina.get_by_role("button", name="Pausar nota.wav")).to_contain_text("0:01")
    await pagina.get_by_role("button", name="Ver obra.webm").click()
    await expect(oir).to_be_visible()
    await oir.click()
    await expect(oir).to_be_hidden()
    await pagina.get_by_role("button", name="Reproducir").click()
    await expect(oir).to_be_visible()
    await oir.click()
    await expect(pagina.get_by_role("button", name="Reproducir")).to_be_visible()

    await pagina.get_by_role("button", name="Quitar roto.mp4").click()
    await pagina.locator("#enviar").click()
    await expect(pagina.locator("#mensajes .audio")).to_have_count(2)
    await expect(pagina.locator("#mensajes .video")).to_have_count(1)
    await expect(pagina.locator(".medio")).to_have_count(0)


async def _pregunta_al_cerrar(pagina: Page) -> bool:
    return bool(
        await pagina.evaluate(
            """() => {
              const cierre = new Event("beforeunload", { cancelable: true });
              dispatchEvent(cierre);
              return cierre.defaultPrevented;
            }"""
        )
    )


async def test_cerrar_la_pagina_con_algo_sin_enviar_pregunta(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    una = servidor.conversacion("Con foto", gente.ana, gente.beto)
    otra = servidor.conversacion("Sin nada", gente.ana, gente.carla)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(una)
    assert not await _pregunta_al_cerrar(pagina)
    await pegar(pagina, foto())
    await ana.abrir(otra)
    assert await _pregunta_al_cerrar(pagina)
    await ana.abrir(una)
    await pagina.get_by_role("button", name="Quitar foto 0.png").click()
    assert not await _pregunta_al_cerrar(pagina)
    # Grabando, y con la nota hecha y sin enviar.
    await pagina.get_by_role("button", name="Grabar una nota de voz").click()
    await expect(pagina.locator("#grabadora-tiempo")).to_have_text("0:01")
    assert await _pregunta_al_cerrar(pagina)
    await pagina.get_by_role("button", name="Parar y escuchar").click()
    await expect(pagina.locator("#grabadora-oir")).to_be_visible()
    assert await _pregunta_al_cerrar(pagina)
    await pagina.get_by_role("button", name="Descartar la nota de voz").click()
    assert not await _pregunta_al_cerrar(pagina)


async def test_con_el_visor_abierto_no_se_adjunta_por_detras(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Por detrás", gente.ana, gente.beto)
    servidor.enviar_archivo(gente.beto, conversacion, "uno.png", muestras.imagen())
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await pagina.get_by_role("button", name="Ver la imagen uno.png").click()
    await expect(pagina.locator("#visor")).to_be_visible()
    datos = await pagina.evaluate_handle(
        "() => { const d = new DataTransfer(); d.items.add(new File(['x'], 'a.txt')); return d; }"
    )
    for evento in ("dragenter", "dragover", "drop"):
        await pagina.locator("#visor").dispatch_event(evento, {"dataTransfer": datos})
        await expect(pagina.locator("#zona")).to_be_hidden()
    await pegar(pagina, foto())
    await pagina.keyboard.press("Escape")
    await expect(pagina.locator("#visor")).to_be_hidden()
    await expect(pagina.locator(ADJUNTOS)).to_have_count(0)


async def test_un_nombre_al_reves_no_da_la_vuelta_al_aviso(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Al revés", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await pegar(ana.pagina, Suelto("\u2069gpj.\u202eexe", "text/plain", b""))
    aviso = ana.pagina.locator(".aviso-error p")
    await expect(aviso).to_contain_text("«\u2068gpj.exe\u2069» está vacío")


DE_IPHONE = {"IMG_1.HEIC": "Más compatible", "IMG_2.MOV": "Guárdalo como MP4"}


async def test_lo_de_un_iphone_dice_como(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    conversacion = servidor.conversacion("iPhone", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    heic, mov = (muestras.caja(b"ftyp", m) for m in (b"heic\0\0\0\0mif1heic", b"qt  \0\0\0\0qt  "))
    await pegar(
        ana.pagina,
        Suelto("IMG_1.HEIC", "image/heic", heic),
        Suelto("IMG_2.MOV", "video/quicktime", mov),
    )
    await ana.pagina.locator("#enviar").click()
    fallidas = ana.pagina.locator(".fallida")
    await expect(fallidas).to_have_count(2)
    for nombre, frase in DE_IPHONE.items():
        await expect(fallidas.filter(has_text=nombre)).to_contain_text(frase)


async def test_al_recargar_se_dice_lo_que_se_perdio(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Un archivo a medias no sobrevive a la página; lo que se escribió, sí."""
    conversacion = servidor.conversacion("Recargada", gente.ana, gente.beto)
    async with Corte(servidor.puerto, hasta=1_000_000) as corte:
        ana = await llegar(servidor, gente.ana, por=corte.url)
        await ana.abrir(conversacion)
        await elegir(ana.pagina, grande())
        await ana.enviar("el plano")
        await asyncio.wait_for(corte.parada.wait(), PACIENCIA)
        ana.pagina.on("dialog", lambda dialogo: dialogo.accept())
        await ana.pagina.reload()
        fallida = ana.pagina.locator(".fallida")
        await expect(fallida).to_contain_text("ya no está a mano")
        await expect(fallida).to_contain_text("el plano")


async def test_lo_subido_que_ya_no_esta_se_dice(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Subido, sin enviar y borrado, tras recargar: reintentarlo no serviría de nada."""
    conversacion = servidor.conversacion("Caducada", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    retenidos = asyncio.Event()

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        del_servidor.on_message(puerta.send)

        def sale(marco: Any) -> None:
            if "enviar_mensaje" not in str(marco) or retenidos.is_set():
                return del_servidor.send(marco)
            retenidos.set()

        puerta.on_message(sale)

    await ana.pagina.route_web_socket(PUERTA, pasar)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await elegir(ana.pagina, grande(megas=1))
    await ana.pagina.locator("#enviar").click()
    await asyncio.wait_for(retenidos.wait(), PACIENCIA)
    (subido,) = servidor.pedir(gente.ana, "GET", "archivos/")
    servidor.pedir(gente.ana, "DELETE", f"archivos/{subido['_id']}/")
    await ana.pagina.reload()
    fallida = ana.pagina.locator(".fallida")
    await expect(fallida).to_contain_text("ya no está a mano")
    await expect(fallida.get_by_role("button")).to_have_text(["Descartar"])
