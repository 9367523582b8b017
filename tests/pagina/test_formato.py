"""Enlaces y formato ligero: nodos, nunca HTML."""

from __future__ import annotations

import pytest

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

CASOS = [
    ("mira www.example.com/a.", 'mira <a href="https://www.example.com/a">www.example.com/a</a>.'),
    ("(https://a.es/x)", '(<a href="https://a.es/x">https://a.es/x</a>)'),
    ("a ana@obra.example, ya", 'a <a href="mailto:ana@obra.example">ana@obra.example</a>, ya'),
    ("**muy** bien", "<strong>muy</strong> bien"),
    ("_quizá_ sí", "<em>quizá</em> sí"),
    ("**_las dos_**", "<strong><em>las dos</em></strong>"),
    ("usa `rm -rf **`", 'usa <code class="codigo-suelto">rm -rf **</code>'),
    ("un_nombre_largo y 2 ** 3 ** 4", "un_nombre_largo y 2 ** 3 ** 4"),
    ("**<img src=x>**", "<strong>&lt;img src=x&gt;</strong>"),
    ("https://a.es/con_guion_bajo", '<a href="https://a.es/con_guion_bajo">'),
    ("www. nada", "www. nada"),
]


@pytest.mark.parametrize(("texto", "html"), CASOS)
async def test_cada_cosa_es_su_nodo(
    servidor: Servidor, llegar: Llegar, gente: Gente, texto: str, html: str
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.pagina.goto(servidor.url)
    sale = await ana.pagina.evaluate(
        """async (texto) => {
          const { parrafo } = await import("/static/mensajeria/pagina/contenido.js");
          return parrafo(texto).innerHTML;
        }""",
        texto,
    )
    limpio = sale.replace(' target="_blank" rel="noopener noreferrer nofollow"', "")
    assert limpio.startswith(html) if html.endswith(">") and "guion" in html else limpio == html


async def test_un_texto_hostil_no_cuelga_la_pagina(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.pagina.goto(servidor.url)
    tarda = await ana.pagina.evaluate(
        """async () => {
          const { parrafo } = await import("/static/mensajeria/pagina/contenido.js");
          const antes = performance.now();
          for (const trozo of ["**a", "_a ", "`", "a@", "a.", "www.a", "*", "_", "https://"])
            parrafo(trozo.repeat(5000 / trozo.length));
          return performance.now() - antes;
        }"""
    )
    assert tarda < 3_000
