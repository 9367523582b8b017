"""`make capturas`: las imágenes del README, hechas con el producto en marcha."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw
from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from tests.pagina.persona import Persona
from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ

CARPETA = RAIZ / "docs/imagenes"
VENTANA = ViewportSize(width=900, height=720)
MESA = ViewportSize(width=1280, height=760)
CHARLA = (
    ("ana", "Hola, Beto. ¿Llegaste a ver lo de la cocina?"),
    ("beto", "Sí. Los azulejos de la pared del fondo están sueltos; hay que cambiarlos."),
    ("ana", "¿Se puede aprovechar alguno?"),
    ("beto", "Los de arriba, seguro. Te mando cómo quedaría."),
)


def azulejos() -> bytes:
    """Una pared, para no depender de la foto de nadie."""
    lado, junta = 64, 4
    imagen = Image.new("RGB", (640, 420), "#dfe7e4")
    lienzo = ImageDraw.Draw(imagen)
    colores = ("#0b6e5f", "#3d9484", "#8cc5b8", "#f1b961", "#e7efec")
    for fila in range(7):
        for columna in range(11):
            x, y = columna * lado - (fila % 2) * lado // 2, fila * lado
            color = colores[(fila * 3 + columna * 2 + columna * fila) % len(colores)]
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
            await navegador.close()


if __name__ == "__main__":
    asyncio.run(capturar(Path(sys.argv[1]) if len(sys.argv) > 1 else CARPETA))
