"""`test_mensajeria_completa.html`, abierta con dos clics: busca el servidor y lleva a su página."""

from __future__ import annotations

from playwright.async_api import Browser, Page, Route, expect

from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ, puerto_libre

ARCHIVO = (RAIZ / "test_mensajeria_completa.html").as_uri()
ICONO = (RAIZ / "static/mensajeria/icono.svg").read_text(encoding="utf-8")


async def _abrir(navegador: Browser, puerto: int | None) -> Page:
    """Con alguien en ese puerto de los de siempre, y en los demás nadie."""
    pagina = await (await navegador.new_context()).new_page()

    async def contestar(ruta: Route) -> None:
        if puerto is None or f":{puerto}/" not in ruta.request.url:
            await ruta.abort()
        elif ruta.request.url.endswith(f":{puerto}/"):
            await ruta.fulfill(body="<h1>La página</h1>", content_type="text/html; charset=utf-8")
        else:
            await ruta.fulfill(body=ICONO, content_type="image/svg+xml")

    await pagina.route("http://localhost:*/**", contestar)
    await pagina.goto(ARCHIVO)
    return pagina


async def test_lo_encuentra_en_los_puertos_de_siempre(navegador: Browser) -> None:
    for puerto in (3000, 3001):
        pagina = await _abrir(navegador, puerto)
        await expect(pagina).to_have_url(f"http://localhost:{puerto}/")
        await pagina.context.close()


async def test_sin_ninguno_dice_que_hacer_y_deja_escribir_la_direccion(
    navegador: Browser, servidor: Servidor
) -> None:
    pagina = await _abrir(navegador, None)
    estado = pagina.get_by_role("status")
    await expect(estado).to_contain_text("No contesta en http://localhost:3000")
    await expect(pagina.get_by_text("make run", exact=True)).to_be_visible()
    direccion = pagina.get_by_label("Dirección del servidor")
    await direccion.fill(f"127.0.0.1:{puerto_libre()}")
    await direccion.press("Enter")
    await expect(estado).to_contain_text("No contesta en http://127.0.0.1")
    await direccion.fill(f"{servidor.url}/")
    await direccion.press("Enter")
    await expect(pagina).to_have_url(f"{servidor.url}/")
    # La próxima vez, lo primero.
    await pagina.goto(ARCHIVO)
    await expect(pagina).to_have_url(f"{servidor.url}/")
    await pagina.context.close()
