"""Cada vista de la página, una tras otra, en el idioma y el tamaño que sean."""

from __future__ import annotations

from collections.abc import AsyncIterator

from playwright.async_api import expect

from tests.pagina.persona import Persona


async def vistas(persona: Persona, conversacion: str, dicho: str) -> AsyncIterator[str]:
    """Las enseña y dice cuál es la que se ve; en `conversacion` alguien dijo esa palabra."""
    pagina = persona.pagina

    async def volver(*botones: str) -> None:
        await pagina.keyboard.press("Escape")
        for boton in botones:
            if await pagina.locator(boton).is_visible():
                await pagina.locator(boton).click()

    yield "lista"
    await persona.abrir(conversacion)
    await expect(pagina.locator("#mensajes .fila").first).to_be_visible()
    yield "hilo"
    await pagina.locator("#abrir-detalles").click()
    await expect(pagina.locator("#detalles-participantes li").first).to_be_visible()
    yield "detalles"
    await volver("#volver")
    await pagina.locator("#abrir-busqueda").click()
    await pagina.locator("#busqueda-texto").fill(dicho)
    await expect(pagina.locator("#resultados .resultado").first).to_be_visible()
    yield "búsqueda"
    await volver("#busqueda-cerrar")
    await pagina.locator("#abrir-nueva").click()
    await expect(pagina.locator("#dialogo-nueva [role=option]").first).to_be_visible()
    yield "nueva conversación"
    await volver()
    await pagina.locator("#abrir-menu").click()
    await expect(pagina.locator("[role=menu]")).to_be_visible()
    yield "ajustes"
    await pagina.locator("[role=menu] [role=menuitem]").first.click()
    await expect(pagina.locator("#perfil-usuario")).to_contain_text("@")
    yield "perfil"
    await volver()
