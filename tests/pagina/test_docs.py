"""La documentación en el navegador: se busca, se prueba un evento, y la página a pelo habla."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, WebSocket, expect

from mensajeria.protocolo.eventos import CLIENTE
from tests.fragmentos import fragmentos
from tests.pagina.axe import sin_violaciones
from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ

RECETAS = list(fragmentos(RAIZ / "docs/recetas.md"))


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
    [receta] = [f for f in RECETAS if f.titulo == "Una página, a pelo"]
    archivo = tmp_path / "receta.html"
    archivo.write_text(receta.codigo.replace("localhost:3000", f"localhost:{servidor.puerto}"))
    pagina = await navegador.new_page()
    await pagina.goto(archivo.as_uri())
    await pagina.get_by_label("Mensaje").fill("A pelo")
    await pagina.get_by_role("button", name="Enviar").click()
    await expect(pagina.get_by_text("Usuario: A pelo")).to_be_visible()
    await pagina.close()


async def test_los_fragmentos_del_cliente_corren_en_una_pagina_del_servidor(
    servidor: Servidor, navegador: Browser
) -> None:
    codigos = {(f.titulo, f.lenguaje): f.codigo for f in fragmentos(RAIZ / "docs/cliente.md")}
    pagina = await navegador.new_page(bypass_csp=True)
    dicho: list[str] = []
    pagina.on("console", lambda linea: dicho.append(linea.text))
    pagina.on("pageerror", lambda fallo: dicho.append(f"Fallo: {fallo}"))
    await pagina.goto(f"{servidor.url}/docs/")
    async with pagina.expect_console_message(lambda linea: "mensajeId" in linea.text):
        await pagina.set_content(codigos["El cliente de JavaScript", "html"])
    assert "Dentro: ana" in dicho

    await pagina.evaluate("localStorage.clear()")
    await pagina.goto(f"{servidor.url}/docs/")
    await pagina.route(
        "**/mi-sistema/token-de-mensajeria", lambda r: r.fulfill(body=servidor.token("beto"))
    )
    con_token = codigos["Entrar con el token de otro sistema", "js"]
    async with pagina.expect_console_message(lambda linea: linea.text == "Dentro: beto"):
        await pagina.set_content(
            f"""<input type="file" id="campo"><script type="module">
            import {{ ClienteMensajeria }} from "/static/mensajeria/cliente.js";
            {con_token.replace("http://localhost:3000", servidor.url)}
            globalThis.cliente = cliente;
            globalThis.pintar = (fraccion) => console.log(`Va ${{fraccion}}`);</script>"""
        )
    nota = FilePayload(name="nota.txt", mimeType="text/plain", buffer=b"hola")
    await pagina.set_input_files("#campo", [nota])
    enviar = codigos["Archivos", "js"] + 'console.log("Confirmado");'
    async with pagina.expect_console_message(lambda linea: linea.text == "Confirmado"):
        await pagina.add_script_tag(content=enviar, type="module")
    assert "Va 1" in dicho
    assert [d for d in dicho if d.startswith("Fallo")] == []
    await pagina.close()


# Por su título: de cada lenguaje, su archivo; y lo que, añadido al de entrada, deja desmontarla.
MARCOS = {
    "React": (
        {"html": "index.html", "jsx": "src/main.jsx"},
        "globalThis.receta = { cliente, desmontar: () => raiz.unmount() };",
    ),
    "Vue": (
        {"html": "index.html", "js": "src/main.js", "vue": "src/Conversacion.vue"},
        'import { cliente } from "./Conversacion.vue";'
        "globalThis.receta = { cliente, desmontar: () => app.unmount() };",
    ),
}
# Cuántos oyentes suyos quedan: cada uno mira de qué conversación es el aviso.
OYENTES = """() => {
  let cuantos = 0;
  receta.cliente.avisar("mensajes", { get conversacionId() { return ++cuantos && "otra"; } });
  return cuantos;
}"""


class _Sitio(SimpleHTTPRequestHandler):
    """Como el de Vite: los módulos, con su tipo."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".jsx": "text/javascript"}

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def servida(carpeta: Path) -> Iterator[str]:
    atiende = functools.partial(_Sitio, directory=str(carpeta))
    with ThreadingHTTPServer(("127.0.0.1", 0), atiende) as sitio:
        threading.Thread(target=sitio.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{sitio.server_port}/"
        sitio.shutdown()


def juntar(titulo: str, carpeta: Path, puerto: int) -> Path:
    """La receta, escrita donde dice y hecha un sitio, con lo que deja desmontarla."""
    archivos, mas = MARCOS[titulo]
    (carpeta / "src").mkdir()
    for receta in (f for f in RECETAS if f.titulo == titulo):
        codigo = receta.codigo.replace("localhost:3000", f"127.0.0.1:{puerto}")
        (carpeta / archivos[receta.lenguaje]).write_text(codigo)
    [entrada] = carpeta.glob("src/main.*")
    with entrada.open("a") as archivo:
        archivo.write(mas)
    sitio = carpeta / "sitio"
    junto = sitio / "src" / entrada.name
    subprocess.run(["node", RAIZ / "tests/pagina/montar.mjs", entrada, junto], check=True)
    (carpeta / "index.html").rename(sitio / "index.html")
    (sitio / "favicon.ico").touch()
    return sitio


@pytest.mark.parametrize("titulo", MARCOS)
async def test_en_un_marco_habla_dice_lo_negado_y_no_deja_nada(
    servidor: Servidor, navegador: Browser, tmp_path: Path, titulo: str
) -> None:
    pagina = await navegador.new_page()
    fallos: list[str] = []
    pagina.on("pageerror", lambda fallo: fallos.append(str(fallo)))
    pagina.on("console", lambda dicho: fallos.append(dicho.text) if dicho.type == "error" else None)
    sockets: list[WebSocket] = []
    pagina.on("websocket", lambda socket: sockets.append(socket))
    with servida(juntar(titulo, tmp_path, servidor.puerto)) as sitio:
        await pagina.goto(sitio)
        campo = pagina.get_by_label("Mensaje")
        for texto in (f"Hola desde {titulo}", f"Otra vez desde {titulo}"):
            await campo.fill(texto)
            await pagina.get_by_role("button", name="Enviar").click()
            await expect(pagina.get_by_role("listitem").filter(has_text=texto)).to_have_count(1)
        await expect(pagina.get_by_role("alert")).to_have_count(0)

        await campo.fill("   ")
        await pagina.get_by_role("button", name="Enviar").click()
        await expect(pagina.get_by_role("alert")).not_to_be_empty()
        await expect(campo).to_have_value("   ")

        assert await pagina.evaluate(OYENTES) == 1
        await pagina.evaluate("receta.desmontar()")
        assert await pagina.evaluate(OYENTES) == 0
        [unico] = sockets
        assert not unico.is_closed()
        async with unico.expect_event("close"):
            await pagina.evaluate("receta.cliente.salir()")
    assert fallos == []
    await pagina.close()


async def test_se_puede_leer(servidor: Servidor, navegador: Browser, axe: str) -> None:
    contexto = await navegador.new_context()
    pagina = await contexto.new_page()
    for camino in ("/docs/", "/docs/eventos/", "/docs/?q=mensaje"):
        await pagina.goto(servidor.url + camino)
        await sin_violaciones(pagina, axe, camino)
    await contexto.close()
