"""Lo que una persona hace con archivos ante la página: pegarlos, soltarlos, elegirlos."""

from __future__ import annotations

import base64
from typing import NamedTuple

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.archivos import muestras

PNG = "image/png"


class Suelto(NamedTuple):
    nombre: str
    tipo: str
    crudo: bytes

    @property
    def elegido(self) -> FilePayload:
        return FilePayload(name=self.nombre, mimeType=self.tipo, buffer=self.crudo)


_DATOS = """
(archivos) => {
  const datos = new DataTransfer();
  for (const [nombre, tipo, en64] of archivos) {
    const bytes = Uint8Array.from(atob(en64), (c) => c.charCodeAt(0));
    datos.items.add(new File([bytes], nombre, { type: tipo }));
  }
  return datos;
}
"""


def foto(n: int = 0, lado: tuple[int, int] = (1200, 800)) -> Suelto:
    """Una de un color que la distingue."""
    return Suelto(f"foto {n}.png", PNG, muestras.imagen("PNG", lado))


def grande(nombre: str = "planos.txt", megas: int = 8) -> Suelto:
    return Suelto(nombre, "text/plain", b"texto de relleno\n" * (megas * 2**20 // 17))


def _en_64(sueltos: tuple[Suelto, ...]) -> list[list[str]]:
    return [[s.nombre, s.tipo, base64.b64encode(s.crudo).decode()] for s in sueltos]


async def pegar(pagina: Page, *sueltos: Suelto) -> None:
    """Como Ctrl+V en la caja de escribir."""
    await pagina.evaluate(
        f"""(archivos) => {{
          const clipboardData = ({_DATOS})(archivos);
          const opciones = {{ clipboardData, bubbles: true, cancelable: true }};
          document.getElementById("redactor-texto").focus();
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", opciones));
        }}""",
        _en_64(sueltos),
    )


_VIDEO = """
async () => {
  const lienzo = document.createElement("canvas");
  const pincel = lienzo.getContext("2d");
  const grabador = new MediaRecorder(lienzo.captureStream(30), { mimeType: "video/webm" });
  const partes = [];
  grabador.ondataavailable = ({ data }) => partes.push(data);
  grabador.start();
  for (let n = 0; n < 20; n++) {
    pincel.fillStyle = `hsl(${n * 18} 60% 50%)`;
    pincel.fillRect(0, 0, 300, 150);
    await new Promise(requestAnimationFrame);
  }
  await new Promise((bien) => {
    grabador.onstop = bien;
    grabador.stop();
  });
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(partes, "obra.webm", { type: "video/webm" }));
  const opciones = { clipboardData, bubbles: true, cancelable: true };
  document.getElementById("redactor-texto").dispatchEvent(new ClipboardEvent("paste", opciones));
}
"""


async def pegar_video(pagina: Page) -> None:
    """Uno de 300 por 150, `obra.webm`, que este navegador hace y sabe abrir."""
    await pagina.evaluate(_VIDEO)


async def arrastrar(pagina: Page, *sueltos: Suelto) -> None:
    """Los lleva sobre el hilo, y los suelta cuando se ve dónde."""
    datos = await pagina.evaluate_handle(_DATOS, _en_64(sueltos))
    hilo = pagina.locator("#hilo")
    for evento in ("dragenter", "dragover"):
        await hilo.dispatch_event(evento, {"dataTransfer": datos})
    await expect(pagina.locator("#zona")).to_be_visible()
    await hilo.dispatch_event("drop", {"dataTransfer": datos})
    await expect(pagina.locator("#zona")).to_be_hidden()


async def elegir(pagina: Page, *sueltos: Suelto) -> None:
    """Por el botón, en una mesa."""
    async with pagina.expect_file_chooser() as elector:
        await pagina.locator("#adjuntar").click()
    await (await elector.value).set_files([suelto.elegido for suelto in sueltos])


def fotos(pagina: Page) -> Locator:
    """Las que se ven en el hilo, ya con su imagen y no su borrón."""
    return pagina.locator("#mensajes .foto:not(.borrosa) img")


async def se_ven(pagina: Page, cuantas: int) -> None:
    await expect(fotos(pagina)).to_have_count(cuantas)
    for n in range(cuantas):
        src = await fotos(pagina).nth(n).get_attribute("src")
        assert src is not None
        assert src.startswith("data:image/webp")
