"""Enviar archivos: se pegan, se sueltan o se eligen, se ven antes, y llegan una vez."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from typing import Any

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.archivos import muestras
from tests.gente import Gente
from tests.pagina.archivos import (
    Suelto,
    arrastrar,
    elegir,
    foto,
    grande,
    pegar,
    se_ven,
)
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.corte import Corte
from tests.pagina.persona import TELEFONO, Persona
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA

ADJUNTOS = "#adjuntos .adjunto"
PUERTA = re.compile(r"/ws/mensajeria/$")
SUBIDA = re.compile(r"/archivos/$")


async def test_se_pega_se_quita_y_se_envia_con_un_texto(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Pegada", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    beto = await llegar(servidor, gente.beto)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    captura = Suelto("image.png", "image/png", foto().crudo)
    await pegar(pagina, captura, foto(1))
    await expect(pagina.locator(ADJUNTOS)).to_have_count(2)
    await expect(pagina.locator(ADJUNTOS).first).to_contain_text("Imagen pegada")
    await expect(pagina.locator(f"{ADJUNTOS} canvas")).to_have_count(2)
    await sin_violaciones(pagina, axe, "por enviar")
    await pagina.get_by_role("button", name="Quitar foto 1.png").click()
    await expect(pagina.locator(ADJUNTOS)).to_have_count(1)
    await expect(pagina.locator(ADJUNTOS).get_by_role("button")).to_be_focused()

    await ana.enviar("Mira cómo quedó")
    await expect(pagina.locator(ADJUNTOS)).to_have_count(0)
    for persona in (ana, beto):
        await se_ven(persona.pagina, 1)
        await persona.ve("Mira cómo quedó")
    await expect(pagina.locator("#pendientes .fila")).to_have_count(0)
    await expect(pagina.locator("#vivo")).to_contain_text("png, enviado")


async def test_se_sueltan_varias_y_se_ven_en_rejilla(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Obra", gente.ana, gente.beto, gente.carla)
    ana = await llegar(servidor, gente.ana)
    beto = await llegar(servidor, gente.beto, tamano=TELEFONO)
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    await arrastrar(ana.pagina, *(foto(n) for n in range(3)))
    await expect(ana.pagina.locator(ADJUNTOS)).to_have_count(3)
    await ana.enviar("Las tres de hoy")
    for persona in (ana, beto):
        await se_ven(persona.pagina, 3)
        await expect(persona.pagina.locator("#mensajes .mosaico")).to_have_count(3)
        await persona.ve("Las tres de hoy")
    # En orden: en una mesa caben tres en una línea; en un teléfono, dos.
    for persona, lineas in ((ana, 1), (beto, 2)):
        marcos = persona.pagina.locator(".pieza-marco")
        cajas = [await marcos.nth(n).bounding_box() for n in range(3)]
        puestas = [(round(c["y"]), c["x"]) for c in cajas if c]
        assert puestas == sorted(puestas)
        assert len({y for y, _ in puestas}) == lineas
        await sin_violaciones(persona.pagina, axe, "rejilla")
    nombres = await beto.pagina.locator(".foto").evaluate_all("fs => fs.map(f => f.ariaLabel)")
    assert nombres == [f"Ver la imagen foto {n}.png" for n in range(3)]
    # La de en medio se elimina: las otras dos se recolocan.
    await ana.pagina.locator(".mosaico").nth(1).hover()
    await ana.pagina.locator(".mosaico").nth(1).locator(".boton-acciones").click()
    await ana.pagina.get_by_role("menuitem", name="Eliminar").click()
    await ana.pagina.get_by_role("button", name="Eliminar").click()
    await expect(beto.pagina.locator(".lapida")).to_have_count(1)
    await expect(beto.pagina.locator("#mensajes .mosaico")).to_have_count(0)
    await se_ven(beto.pagina, 2)


async def test_el_rollo_de_un_telefono(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Rollo", gente.ana, gente.beto)
    tactil: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    ana = await llegar(servidor, gente.ana, tamano=TELEFONO, **tactil)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    for nombre in ("adjuntar", "grabar"):
        caja = await pagina.locator(f"#{nombre}").bounding_box()
        assert caja is not None
        assert min(caja["width"], caja["height"]) >= 44
    await pagina.locator("#adjuntar").tap()
    await expect(pagina.get_by_role("menuitem", name="Cámara")).to_be_visible()
    await sin_violaciones(pagina, axe, "de dónde adjuntar")
    camara = pagina.locator("#elegir-camara")
    assert await camara.get_attribute("capture") == "environment"
    async with pagina.expect_file_chooser() as elector:
        await pagina.get_by_role("menuitem", name="Fotos y vídeos").tap()
    del_rollo = await elector.value
    assert del_rollo.is_multiple()
    aceptados = await pagina.locator("#elegir-fotos").get_attribute("accept")
    assert aceptados is not None
    assert "image/jpeg" in aceptados
    hechas = [Suelto(f"IMG_{n}.jpg", "image/jpeg", muestras.foto()) for n in (1, 2)]
    await del_rollo.set_files([una.elegido for una in hechas])
    await expect(pagina.locator(ADJUNTOS)).to_have_count(2)
    await pagina.locator("#enviar").tap()
    await se_ven(pagina, 2)


async def _una_y_entera(ana: Persona, servidor: Servidor, quien: str, conversacion: str) -> None:
    """Llegó, y una sola vez."""
    tarjeta = ana.pagina.locator("#mensajes .adjunto-tarjeta")
    # Tras una caída, se puede tardar veinte segundos en volver a intentarlo.
    await expect(tarjeta).to_contain_text("planos.txt", timeout=PACIENCIA * 1_000)
    await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
    pagina = servidor.pedir(quien, "GET", f"conversaciones/{conversacion}/mensajes/")
    archivos = [a for m in pagina["results"] if (a := m["contenido"]["archivo"])]
    assert [(a["nombre"], a["tamano"]) for a in archivos] == [("planos.txt", len(grande().crudo))]


async def test_un_corte_al_sesenta_por_ciento(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Cortada", gente.ana, gente.beto)
    async with Corte(servidor.puerto, hasta=len(grande().crudo) * 60 // 100) as corte:
        ana = await llegar(servidor, gente.ana, por=corte.url)
        await ana.abrir(conversacion)
        await elegir(ana.pagina, grande())
        await ana.pagina.locator("#enviar").click()
        barra = ana.pagina.get_by_role("progressbar", name="Subiendo planos.txt")
        await expect(barra).to_be_visible()
        await asyncio.wait_for(corte.parada.wait(), PACIENCIA)
        await expect(ana.pagina.locator(".subida-estado")).to_contain_text(
            re.compile(r"\d %|Compr")
        )
        await sin_violaciones(ana.pagina, axe, "subiendo")
        # Lo que se escribe después no espera al archivo.
        await ana.enviar("ya va")
        await expect(ana.mensaje("ya va")).to_be_visible()
        corte.cortar()
        await _una_y_entera(ana, servidor, gente.ana, conversacion)
        assert corte.subidas == 2


async def test_el_servidor_muere_a_mitad_de_una_subida(
    servidor_propio: Servidor, llegar: Llegar
) -> None:
    conversacion = servidor_propio.conversacion("Reinicio", "ana", "beto")
    async with Corte(servidor_propio.puerto, hasta=len(grande().crudo) // 2) as corte:
        ana = await llegar(servidor_propio, "ana", por=corte.url)
        await ana.abrir(conversacion)
        await elegir(ana.pagina, grande())
        await ana.pagina.locator("#enviar").click()
        await asyncio.wait_for(corte.parada.wait(), PACIENCIA)
        servidor_propio.parar(signal.SIGKILL)
        corte.cortar()
        await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(1)
        await expect(ana.pagina.locator("#vivo")).to_contain_text("Se enviará en cuanto se pueda")
        servidor_propio.arrancar()
        await _una_y_entera(ana, servidor_propio, "ana", conversacion)


async def test_el_acuse_se_pierde_y_el_mensaje_no_se_dobla(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Acuse", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, fuera=True)
    perdidos: list[str] = []
    cierres: set[asyncio.Future[None]] = set()

    def pasar(puerta: WebSocketRoute) -> None:
        del_servidor = puerta.connect_to_server()
        puerta.on_message(del_servidor.send)

        def llega(marco: Any) -> None:
            if not perdidos and '"mensajeId"' in str(marco) and '"respuesta"' in str(marco):
                perdidos.append(str(marco))
                cierres.add(asyncio.ensure_future(puerta.close()))
            elif perdidos or json.loads(marco)["evento"] != "nuevo_mensaje":
                puerta.send(marco)

        del_servidor.on_message(llega)

    await ana.pagina.route_web_socket(PUERTA, pasar)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.abrir(conversacion)
    await elegir(ana.pagina, grande(megas=1)._replace(nombre="planos.txt"))
    await ana.pagina.locator("#enviar").click()
    await expect(ana.pagina.locator("#mensajes .adjunto-tarjeta")).to_have_count(1)
    await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
    assert perdidos
    pagina = servidor.pedir(gente.ana, "GET", f"conversaciones/{conversacion}/mensajes/")
    assert len(pagina["results"]) == 1


async def test_la_respuesta_de_una_subida_se_pierde_y_no_deja_copias(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Y lo mismo, adjuntado dos veces queriendo, son dos mensajes."""
    conversacion = servidor.conversacion("Perdida", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    perdidas: list[int] = []

    async def perder(ruta: Route) -> None:
        if len(perdidas) == 2:
            await ruta.continue_()
            return
        perdidas.append((await ruta.fetch()).status)
        await ruta.abort("connectionreset")

    await ana.pagina.route("**/archivos/", perder)
    await ana.abrir(conversacion)
    await elegir(ana.pagina, *[grande(megas=1)._replace(nombre="planos.txt")] * 2)
    await ana.pagina.locator("#enviar").click()
    await expect(ana.pagina.locator("#mensajes .adjunto-tarjeta")).to_have_count(2)
    await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
    assert perdidas == [201, 201]
    assert servidor.pedir(gente.ana, "GET", "archivos/") == []


async def test_se_cancela_y_no_queda_nada(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    conversacion = servidor.conversacion("Cancelada", gente.ana, gente.beto)
    async with Corte(servidor.puerto, hasta=1_000_000) as corte:
        ana = await llegar(servidor, gente.ana, por=corte.url)
        await ana.abrir(conversacion)
        await elegir(ana.pagina, grande(), foto(1))
        await ana.pagina.locator("#enviar").click()
        await asyncio.wait_for(corte.parada.wait(), PACIENCIA)
        await ana.pagina.get_by_role("button", name="Cancelar planos.txt").click()
        # La que esperaba detrás, sale.
        await se_ven(ana.pagina, 1)
        await expect(ana.pagina.locator("#pendientes .fila")).to_have_count(0)
        pagina = servidor.pedir(gente.ana, "GET", f"conversaciones/{conversacion}/mensajes/")
        assert [m["contenido"]["archivo"]["nombre"] for m in pagina["results"]] == ["foto 1.png"]


NEGADOS = {
    "dibujo.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no se admite"),
    "rota.png": (muestras.imagen("PNG", (300, 300))[:400], "dañado o incompleto"),
    "enorme.png": (muestras.bomba(), "demasiado al abrirlo"),
    "doble.png": (muestras.imagen() + muestras.comprimido(a="b"), "otro formato dentro"),
}


async def test_cada_negativa_dice_que_hacer(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Negadas", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    # Lo que ya se sabe no se sube.
    pesado = Suelto("pesado.zip", "application/zip", b"x" * (10 * 2**20 + 1))
    await elegir(pagina, pesado, Suelto("nada.txt", "text/plain", b""))
    await expect(pagina.locator(".aviso-error")).to_contain_text(
        ["\u2069» ocupa 10,0 MB, y caben 10 MB. Redúcelo", "«\u2068nada.txt\u2069» está vacío"]
    )
    await expect(pagina.locator(ADJUNTOS)).to_have_count(0)
    await elegir(pagina, *(Suelto(n, "image/png", crudo) for n, (crudo, _) in NEGADOS.items()))
    await pagina.locator("#enviar").click()
    fallidas = pagina.locator(".fallida")
    await expect(fallidas).to_have_count(len(NEGADOS))
    for nombre, (_, frase) in NEGADOS.items():
        await expect(fallidas.filter(has_text=nombre)).to_contain_text(frase)
    await expect(fallidas.get_by_role("button", name="Reintentar")).to_have_count(0)
    await expect(pagina.locator("#vivo-urgente")).to_contain_text("png: No se envió.")
    await sin_violaciones(pagina, axe, "negadas")
    for _ in NEGADOS:
        await fallidas.first.get_by_role("button", name="Descartar").click()
    await expect(fallidas).to_have_count(0)


@pytest.mark.parametrize("admitido", [True, False])
async def test_el_antivirus_lo_mira_antes_de_enviarlo(
    servidor: Servidor, llegar: Llegar, admitido: bool, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Antivirus", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    mirado = asyncio.Event()

    async def subida(ruta: Route) -> None:
        respuesta = await ruta.fetch()
        await ruta.fulfill(json={**await respuesta.json(), "estado": "en_revision"}, status=201)

    async def despues(ruta: Route) -> None:
        await mirado.wait()
        if admitido:
            return await ruta.continue_()
        await ruta.fulfill(status=404, json={"code": "NOT_FOUND", "message": "No existe"})

    await ana.pagina.route(SUBIDA, subida)
    await ana.pagina.route(re.compile(r"/archivos/[0-9a-f]{24}/$"), despues)
    await ana.abrir(conversacion)
    await elegir(ana.pagina, grande(megas=1))
    await ana.pagina.locator("#enviar").click()
    await expect(ana.pagina.locator(".subida-estado")).to_contain_text("Lo revisa el antivirus")
    mirado.set()
    if admitido:
        await expect(ana.pagina.locator("#mensajes .adjunto-tarjeta")).to_be_visible()
    else:
        fallida = ana.pagina.locator(".fallida")
        await expect(fallida).to_contain_text("El antivirus no admitió el archivo, o no pudo")
