"""`make capturas`: las imágenes del README, hechas con el producto en marcha.

Y en `capturas/`, para mirarlas, cada vista en cada tamaño, idioma y tema.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw
from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from tests.pagina.axe import sin_violaciones
from tests.pagina.persona import TELEFONO, Persona
from tests.pagina.servidor import Servidor
from tests.pagina.vistas import vistas
from tests.servicios import RAIZ

CARPETA = RAIZ / "docs/imagenes"
LENGUAS = ("es-ES", "en-GB")
TEMAS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
VENTANA = ViewportSize(width=900, height=720)
MESA = ViewportSize(width=1280, height=760)
VISTAS = RAIZ / "capturas"
CHARLA = (
    ("ana", "Hola, Beto. ¿Llegaste a ver lo de la cocina?"),
    ("beto", "Sí. Los azulejos de la pared del fondo están sueltos; hay que cambiarlos."),
    ("ana", "¿Se puede aprovechar alguno?"),
    ("beto", "Los de arriba, seguro. Te mando cómo quedaría."),
)


class Modo(NamedTuple):
    tamano: ViewportSize
    lengua: str
    tema: Literal["light", "dark"]

    @property
    def nombre(self) -> str:
        tamano = "telefono" if self.tamano is TELEFONO else "mesa"
        return f"{tamano}-{self.lengua[:2]}-{'claro' if self.tema == 'light' else 'oscuro'}"


MODOS = list(map(Modo._make, itertools.product((TELEFONO, MESA), LENGUAS, TEMAS)))


def azulejos() -> bytes:
    """Una pared, para no depender de la foto de nadie."""
    lado, junta = 64, 4
    imagen = Image.new("RGB", (640, 420), "#dfe7e4")
    lienzo = ImageDraw.Draw(imagen)
    colores = ("#0b6e5f", "#3d9484", "#8cc5b8", "#f1b961", "#e7efec")
    for fila in range(7):
        for columna in range(11):
            x, y = columna * lado - (fila % 2) * lado // 2, fila * lado
            color = colores[(fila * fila + columna * 2) % len(colores)]
            lienzo.rounded_rectangle((x, y, x + lado - junta, y + lado - junta), 8, fill=color)
    crudo = io.BytesIO()
    imagen.save(crudo, "JPEG", quality=92)
    return crudo.getvalue()


def conversar(servidor: Servidor) -> str:
    """Lo que se ve: una charla con una cita, una reacción, una foto y un mensaje fijado."""
    conv = servidor.conversacion("Reforma de la cocina", "ana", "beto")
    dichos = [servidor.enviar(quien, conv, texto) for quien, texto in CHARLA]
    servidor.enviar_archivo("beto", conv, "azulejos.jpg", azulejos())
    servidor.enviar("ana", conv, "¡Me encanta! ¿Para cuándo?", respuestaA=dichos[3]["_id"])
    servidor.pedir("ana", "POST", f"mensajes/{dichos[1]['_id']}/fijado/")
    servidor.pedir("ana", "POST", f"mensajes/{dichos[3]['_id']}/reacciones/", {"tipo": "love"})
    servidor.pedir("ana", "PATCH", f"mensajes/{dichos[2]['_id']}/", {"texto": "¿Se salva alguno?"})
    servidor.enviar("beto", conv, "El jueves a primera hora, si te viene bien.")
    # Así se abre por el final, y no por lo primero sin leer.
    for quien in ("ana", "beto"):
        servidor.pedir(quien, "POST", f"conversaciones/{conv}/leer/")
    return conv


async def dos_personas(navegador: Browser, servidor: Servidor, conv: str) -> Image.Image:
    """Ana, en claro, y Beto, en oscuro y escribiendo, uno junto a otro."""
    personas = []
    temas: dict[str, Literal["light", "dark"]] = {"ana": "light", "beto": "dark"}
    for nombre, tema in temas.items():
        contexto = await navegador.new_context(
            viewport=VENTANA, locale="es-ES", color_scheme=tema, reduced_motion="reduce"
        )
        persona = Persona(contexto, await contexto.new_page(), servidor.url, nombre)
        await persona.entrar(servidor.tokens(nombre))
        await persona.abrir(conv)
        await persona.pagina.wait_for_load_state("networkidle")
        personas.append(persona)
    ana, beto = personas
    await beto.escribir("Llevo yo")
    await expect(ana.pagina.locator("#escriben")).to_contain_text("está escribiendo")
    fotos = [Image.open(io.BytesIO(await p.pagina.screenshot())) for p in personas]
    junta = Image.new("RGB", (2 * VENTANA["width"] + 16, VENTANA["height"]), "white")
    for i, foto in enumerate(fotos):
        junta.paste(foto, (i * (VENTANA["width"] + 16), 0))
    return junta


async def la_mesa(navegador: Browser, servidor: Servidor, conv: str) -> Image.Image:
    """La transcripción que ve quien modera."""
    contexto = await navegador.new_context(viewport=MESA, locale="es-ES", color_scheme="light")
    pagina = await contexto.new_page()
    await pagina.goto(f"{servidor.url}/admin/")
    await pagina.fill("#id_username", "mod")
    await pagina.fill("#id_password", "demo")
    await pagina.press("#id_password", "Enter")
    await pagina.wait_for_load_state()
    await pagina.goto(f"{servidor.url}/admin/mensajeria/conversacion/{conv}/transcripcion/")
    await pagina.wait_for_load_state("load")
    return Image.open(io.BytesIO(await pagina.screenshot()))


async def un_recorrido(
    navegador: Browser, servidor: Servidor, conv: str, modo: Modo, axe: str
) -> Image.Image:
    """Todas las vistas de Ana en un mosaico; ninguna con algo que axe señale."""
    contexto = await navegador.new_context(
        viewport=modo.tamano,
        locale=modo.lengua,
        color_scheme=modo.tema,
        reduced_motion="reduce",
    )
    ana = Persona(contexto, await contexto.new_page(), servidor.url, "ana")
    await ana.entrar(servidor.tokens("ana"))
    fotos = []
    async for vista in vistas(ana, conv, "azulejos"):
        await sin_violaciones(ana.pagina, axe, vista)
        await ana.pagina.emulate_media(color_scheme=modo.tema)
        fotos.append(Image.open(io.BytesIO(await ana.pagina.screenshot())))
    await contexto.close()
    ancho, alto = modo.tamano["width"], modo.tamano["height"]
    mosaico = Image.new("RGB", (4 * ancho, -(-len(fotos) // 4) * alto), "white")
    for i, foto in enumerate(fotos):
        mosaico.paste(foto, (i % 4 * ancho, i // 4 * alto))
    return mosaico


async def capturar(carpeta: Path) -> None:
    """Las escribe en esa carpeta."""
    carpeta.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as suya, Servidor(Path(suya)) as servidor:
        conv = conversar(servidor)
        async with async_playwright() as juego:
            navegador = await juego.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            for nombre, imagen in (
                ("conversacion", await dos_personas(navegador, servidor, conv)),
                ("mesa", await la_mesa(navegador, servidor, conv)),
            ):
                # Con pocos colores pesa la tercera parte, y no se nota.
                imagen.convert("RGB").quantize(200).save(carpeta / f"{nombre}.png", optimize=True)
            VISTAS.mkdir(exist_ok=True)
            axe = (RAIZ / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
            for modo in MODOS:
                mosaico = await un_recorrido(navegador, servidor, conv, modo, axe)
                mosaico.save(VISTAS / f"{modo.nombre}.png")
            await navegador.close()


if __name__ == "__main__":
    asyncio.run(capturar(Path(sys.argv[1]) if len(sys.argv) > 1 else CARPETA))
