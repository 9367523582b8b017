"""La documentación en el navegador: se busca, se prueba un evento, y la página a pelo habla."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from mensajeria.protocolo.eventos import CLIENTE
from tests.fragmentos import fragmentos
from tests.pagina.axe import sin_violaciones
from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ


async def test_se_busca_y_se_llega_al_apartado(servidor: Servidor, navegador: Browser) -> None:
    pagina = await navegador.new_page()
    await pagina.goto(f"{servidor.url}/docs/")
    buscador = pagina.get_by_label("Buscar en la documentación")
    await buscador.fill("limites de RITMO")
    await buscador.press("Enter")
    await pagina.get_by_role("link", name="Límites de ritmo").first.click()
    await expect(pagina.get_by_role("heading", name="Límites de ritmo")).to_be_in_viewport()
    await pagina.close()


async def test_cada_evento_se_prueba_por_un_socket_vivo(
    servidor: Servidor, navegador: Browser
) -> None:
    pagina = await navegador.new_page()
    fallos: list[str] = []
    pagina.on("pageerror", lambda fallo: fallos.append(str(fallo)))
    await pagina.goto(f"{servidor.url}/docs/eventos/")
    pruebas = pagina.locator(".probar")
    await expect(pruebas).to_have_count(len(CLIENTE))
    enviar = pagina.locator(".probar", has_text="Probar enviar_mensaje")
    await enviar.locator("summary").click()
    await enviar.get_by_role("button").click()
    await expect(enviar.locator(".resultado")).to_contain_text('"mensajeId"')
    assert fallos == []
    await pagina.close()


async def test_la_pagina_a_pelo_habla_desde_el_disco(
    servidor: Servidor, navegador: Browser, tmp_path: Path
) -> None:
    [receta] = [f for f in fragmentos(RAIZ / "docs/recetas.md") if f.lenguaje == "html"]
    archivo = tmp_path / "receta.html"
    archivo.write_text(receta.codigo.replace("localhost:3000", f"localhost:{servidor.puerto}"))
    pagina = await navegador.new_page()
    await pagina.goto(archivo.as_uri())
    await pagina.get_by_label("Mensaje").fill("A pelo")
    await pagina.get_by_role("button", name="Enviar").click()
    await expect(pagina.get_by_text("Usuario: A pelo")).to_be_visible()
    await pagina.close()


async def test_se_puede_leer(servidor: Servidor, navegador: Browser, axe: str) -> None:
    contexto = await navegador.new_context()
    pagina = await contexto.new_page()
    for camino in ("/docs/", "/docs/eventos/", "/docs/?q=mensaje"):
        await pagina.goto(servidor.url + camino)
        await sin_violaciones(pagina, axe, camino)
    await contexto.close()
