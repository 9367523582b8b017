"""Lo que escribe una persona es texto, y nada más, también en la barra de título."""

from __future__ import annotations

from playwright.async_api import expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

HOSTILES = [
    "<img src=x onerror=\"document.body.dataset.roto='1'\">",
    "<script>document.body.dataset.roto='1'</script>",
    "javascript:document.body.dataset.roto='1'",
    "[pulsa](javascript:alert(1))",
    "\u202egnp.exe\u202c y sigue",
    "</script><svg onload=alert(1)>",
    "{{ 7*7 }} ${7*7} {% debug %}",
]
NOMBRE = "<b>Obra</b>\u202e odacifirev \u2066"


async def test_el_texto_hostil_se_queda_en_texto(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion(NOMBRE, gente.ana, gente.beto)
    for texto in HOSTILES:
        servidor.enviar(gente.ana, conversacion, texto)
    archivo = {"nombre": HOSTILES[0], "url": "/x", "tamano": 1, "tipo": "image/png"}
    servidor.pedir(
        gente.ana,
        "POST",
        f"conversaciones/{conversacion}/mensajes/",
        {"contenido": {"texto": "con archivo", "archivo": archivo}, "tipo": "archivo"},
    )
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    await beto.ve(*HOSTILES, "con archivo")

    hilo = beto.pagina.locator("#hilo")
    await expect(hilo.locator("img, script, iframe, b")).to_have_count(0)
    await expect(hilo.locator('a[href^="javascript"]')).to_have_count(0)
    await expect(beto.pagina.locator(".archivo-nombre")).to_have_text(HOSTILES[0])
    assert await beto.pagina.evaluate("document.body.dataset.roto") is None
    # El control de dirección queda encerrado en su párrafo.
    parrafo = beto.mensaje(HOSTILES[4]).locator(".texto")
    assert await parrafo.evaluate("e => getComputedStyle(e).unicodeBidi") == "isolate"
    assert await parrafo.get_attribute("dir") == "auto"

    titulo = await beto.pagina.title()
    assert "<b>Obra</b> odacifirev" in titulo
    assert not any(c in titulo for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


async def test_ninguna_direccion_escrita_por_alguien_se_pide(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Abrir una conversación no pide nada de fuera: ni imágenes, ni avatares, ni enlaces."""
    conversacion = servidor.conversacion("Imágenes", gente.ana, gente.beto)
    privada = f"{servidor.url}/privada.png"
    servidor.pedir(
        gente.ana,
        "PATCH",
        f"conversaciones/{conversacion}/",
        {"configuracion": {"avatar": privada}},
    )
    urls = (privada, "http://10.0.0.1/privada.png", "/privada.png")
    for url in urls:
        archivo = {"nombre": "foto", "url": url, "tamano": 1, "tipo": "image/png"}
        servidor.pedir(
            gente.ana,
            "POST",
            f"conversaciones/{conversacion}/mensajes/",
            {"contenido": {"texto": f"mira {url}", "archivo": archivo}, "tipo": "imagen"},
        )
    beto = await llegar(servidor, gente.beto)
    pedidas: list[str] = []
    beto.pagina.on("request", lambda peticion: pedidas.append(peticion.url))
    await beto.abrir(conversacion)
    await beto.ve(*(f"mira {url}" for url in urls))
    assert [url for url in pedidas if "privada" in url] == []
    assert all(url.startswith((servidor.url, "ws", "data:")) for url in pedidas)


async def test_los_enlaces_de_la_web_no_dan_la_pagina(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Enlaces", gente.ana, gente.beto)
    servidor.enviar(gente.ana, conversacion, "mira https://example.com/a?b=1 y javascript:alert(1)")
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    enlaces = beto.pagina.locator("#mensajes a")
    await expect(enlaces).to_have_count(1)
    await expect(enlaces).to_have_attribute("href", "https://example.com/a?b=1")
    await expect(enlaces).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_la_politica_es_estricta(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    respuesta = await ana.pagina.goto(servidor.url)
    assert respuesta is not None
    politica = (await respuesta.all_headers())["content-security-policy"]
    assert "default-src 'self'" in politica
    assert "unsafe" not in politica
    assert "img-src 'self' data:;" in politica
    assert "media-src 'self' blob:;" in politica
    ajenos = ana.pagina.locator("[style], script:not([src]):not([type='application/json'])")
    await expect(ajenos).to_have_count(0)
