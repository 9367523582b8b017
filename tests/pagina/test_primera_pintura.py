"""Lo que cuesta ver la página: con mala red se espera por cada petición y por cada byte."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.async_api import Response, expect

from mensajeria.pagina.paquete import piezas
from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

# Lo que hace falta para verla, sin sus datos: HTML, hoja, guion, módulos, icono, y el inglés.
MAX_PETICIONES = 6
# Con 50 KB/s, dos segundos y medio; y lo que se pinta primero (HTML, hoja y guion), medio.
MAX_BYTES = 125_000
MAX_PINTURA = 25_000


@pytest.mark.parametrize("lengua", ["es-ES", "en-GB"])
async def test_se_ve_con_pocas_peticiones_y_pocos_bytes(
    servidor: Servidor, llegar: Llegar, gente: Gente, lengua: str
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True, lengua=lengua)
    respuestas: list[Response] = []
    ana.pagina.on("response", lambda r: respuestas.append(r))
    await ana.pagina.goto(servidor.url)
    await expect(ana.pagina.locator("#ingresar")).to_be_enabled()
    await ana.pagina.wait_for_load_state("networkidle")
    pesos = {r.url: (await r.request.sizes())["responseBodySize"] for r in respuestas}
    assert len(respuestas) <= MAX_PETICIONES, list(pesos)
    assert sum(pesos.values()) < MAX_BYTES, pesos
    pintan = [p for url, p in pesos.items() if not re.search(r"/(pagina|ingles)\.\w+\.js$", url)]
    assert sum(pintan) < MAX_PINTURA, pesos


async def test_lo_que_se_ve_mientras_llegan_los_modulos(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Con sesión, la lista por llenar; sin ella, la entrada, que aún no se puede enviar."""
    ana = await llegar(servidor, gente.ana)
    await ana.pagina.route(re.compile(r"/paquete/pagina\.\w+\.js$"), lambda ruta: ruta.abort())
    await ana.pagina.reload()
    await expect(ana.pagina.locator("#lista-aviso .esqueleto-fila").first).to_be_visible()
    await expect(ana.pagina.locator("#ingreso")).to_be_hidden()
    await ana.pagina.evaluate("localStorage.removeItem('servitech.sesion')")
    await ana.pagina.reload()
    await expect(ana.pagina.locator("#ingreso")).to_be_visible()
    await expect(ana.pagina.locator("#mensajeria")).to_be_hidden()
    await expect(ana.pagina.locator("#ingresar")).to_be_disabled()


async def test_uno_a_uno_los_modulos_hacen_lo_mismo(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    conversacion = servidor.conversacion("Sueltos", gente.ana, gente.beto)
    await ana.entrar(servidor.tokens(gente.ana))
    await ana.pagina.goto(f"{servidor.url}/?modulos")
    await ana.abrir(conversacion)
    await ana.enviar("Hola")
    await expect(ana.mensaje("Hola")).to_be_visible()
    assert await ana.pagina.locator("script[src$='pagina/principal.js']").count() == 1


def test_lo_que_se_carga_se_guarda_para_siempre_y_va_comprimido(servidor: Servidor) -> None:
    html = requests.get(servidor.url, headers={"Accept": "text/html"}, timeout=10)
    assert html.headers["Content-Encoding"] == "gzip"
    rutas = re.findall(r'"(/paquete/[^"]+)"', html.text)
    assert {r.rsplit(".", 1)[1] for r in rutas} == {"css", "js", "json"}
    for ruta in rutas:
        pieza = requests.get(servidor.url + ruta, timeout=10)
        assert pieza.headers["Content-Encoding"] == "gzip"
        assert pieza.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in pieza.headers["Vary"]
        sin = requests.get(servidor.url + ruta, headers={"Accept-Encoding": ""}, timeout=10)
        assert "Content-Encoding" not in sin.headers
        assert sin.content == pieza.content


def test_lo_que_se_pide_despues_no_repite_lo_que_ya_esta() -> None:
    entera, aparte = (
        piezas().por_nombre[n].crudo.decode() for n in ("pagina.js", "ajustes_de_avisos.js")
    )
    assert ("{ // pagina/dom.js" in entera, "{ // pagina/dom.js" in aparte) == (True, False)
    suyo = "{ // pagina/dispositivos.js"
    assert (suyo in entera, suyo in aparte) == (False, True)


def test_la_de_otra_version_es_la_de_ahora_y_no_se_guarda(servidor: Servidor) -> None:
    vieja = requests.get(f"{servidor.url}/paquete/pagina.000000000000.css", timeout=10)
    assert vieja.status_code == 200
    assert vieja.headers["Cache-Control"] == "no-store"
    assert requests.get(f"{servidor.url}/paquete/nada.0.js", timeout=10).status_code == 404
