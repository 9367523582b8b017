"""La página hace caso de `?next=`, si lleva a otra página suya."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import expect

from tests.gente import Gente
from tests.pagina.servidor import Servidor

PROPIAS = {
    "/api/docs/": "/api/docs/",
    "/#/c/conv_test": "/#/c/conv_test",
    "/admin/?q=1#2": "/admin/?q=1#2",
    "/a/../admin/": "/admin/",
}
AJENAS = (
    "https://ajeno.example/",
    "//ajeno.example/",
    "/\\ajeno.example/",
    "/\t/ajeno.example/",
    "javascript:alert(1)",
    "data:text/html,hola",
    "admin/",
    "//",
    "",
)


async def test_solo_lleva_a_lo_de_aqui(servidor: Servidor, llegar: Any, gente: Gente) -> None:
    ana = await llegar(servidor, gente.ana)
    casos = {**PROPIAS, **dict.fromkeys(AJENAS)}
    guion = f"""async () => {{
        const {{ siguienteDe }} = await import("/static/mensajeria/pagina/siguiente.js");
        return {json.dumps(list(casos))}.map(
            (dicho) => siguienteDe(location.origin + "/?next=" + encodeURIComponent(dicho)));
    }}"""
    assert await ana.pagina.evaluate(guion) == list(casos.values())
    # Al recargarla, ya dentro.
    await ana.pagina.goto(f"{servidor.url}/?next=/api/docs/")
    await expect(ana.pagina).to_have_url(f"{servidor.url}/api/docs/")
