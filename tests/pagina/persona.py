"""Una persona ante la página: lo que hace y lo que ve."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from playwright.async_api import BrowserContext, Locator, Page, ViewportSize, expect

TELEFONO = ViewportSize(width=390, height=844)
MESA = ViewportSize(width=1280, height=800)
# La mesa, que es lo de casi todas las demás, va con `make test RUTA=tests/pagina`.
TAMANOS = pytest.mark.parametrize(
    "tamano",
    [
        pytest.param(TELEFONO, id="telefono"),
        pytest.param(MESA, id="mesa", marks=pytest.mark.aparte),
    ],
)


class Persona:
    def __init__(self, contexto: BrowserContext, pagina: Page, origen: str, nombre: str) -> None:
        self.contexto = contexto
        self.pagina = pagina
        self.nombre = nombre
        self._origen = origen
        # Nada de lo que hace una persona debe romper la página.
        self.errores: list[str] = []
        pagina.on("pageerror", lambda error: self.errores.append(str(error)))
        pagina.on("console", self._anotar)

    def _anotar(self, mensaje: object) -> None:
        texto = getattr(mensaje, "text", "")
        if "Content Security Policy" in texto or "TrustedHTML" in texto:
            self.errores.append(texto)

    async def entrar(self, tokens: dict[str, str]) -> None:
        """Llega con la sesión ya abierta, como quien vuelve a cargar la página."""
        guardar = f"localStorage.setItem('servitech.sesion', {json.dumps(json.dumps(tokens))})"
        una_vez = "localStorage.llego ||= '1'"
        await self.contexto.add_init_script(f"if (!localStorage.llego) {{ {una_vez}; {guardar} }}")
        await self.pagina.goto(self._origen)
        await self.ya_esta()

    async def ingresar(self) -> None:
        await self.pagina.goto(self._origen)
        await self.pagina.get_by_label("Usuario").fill(self.nombre)
        await self.pagina.get_by_label("Contraseña", exact=True).fill("demo")
        await self.pagina.get_by_role("button", name="Ingresar").click()
        await self.ya_esta()

    async def ya_esta(self) -> None:
        """Espera a ver su lista, aunque sea para decir que está vacía."""
        filas, vacia = self.pagina.locator("#lista li"), self.pagina.locator("#lista-aviso p")
        await expect(filas.or_(vacia).first).to_be_visible()

    async def abrir(self, conversacion: str) -> None:
        await self.pagina.locator(f'#lista a[href="#/c/{conversacion}"]').click()
        await expect(self.pagina.locator("#redactor-texto")).to_be_visible()

    async def abrir_cajon(self) -> None:
        """Por su botón, o en un teléfono por el menú de la cuenta."""
        boton = self.pagina.locator("#abrir-cajon")
        if await boton.is_visible():
            return await boton.click()
        await self.pagina.locator("#volver").click()
        await self.pagina.locator("#abrir-menu").click()
        await self.pagina.get_by_role("menuitem", name="Herramientas de desarrollo").click()

    async def escribir(self, texto: str) -> None:
        await self.pagina.locator("#redactor-texto").fill(texto)

    async def enviar(self, texto: str) -> None:
        await self.escribir(texto)
        await self.pagina.locator("#enviar").click()

    def mensaje(self, texto: str) -> Locator:
        """La fila cuyo texto es ese."""
        del_texto = self.pagina.locator(".texto").get_by_text(texto, exact=True)
        return self.pagina.locator("#mensajes .fila").filter(has=del_texto)

    async def accion(
        self, texto: str, accion: str, rol: Literal["menuitem", "menuitemradio"] = "menuitem"
    ) -> None:
        """Abre el menú de un mensaje y elige."""
        fila = self.mensaje(texto)
        await fila.hover()
        await fila.locator(".boton-acciones").click()
        await self.pagina.get_by_role(rol, name=accion, exact=True).click()

    async def textos(self) -> list[str]:
        """Los textos de los mensajes que se ven, en orden, y los que faltan por enviar."""
        return await self.pagina.locator(".hilo .texto").all_inner_texts()

    async def ve(self, *textos: str) -> None:
        """Espera a ver exactamente esos mensajes, en ese orden."""
        await expect(self.pagina.locator(".hilo .texto")).to_have_text(list(textos))
