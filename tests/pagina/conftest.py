from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, async_playwright, expect
from pytest_asyncio import is_async_test

from tests.pagina.persona import MESA, Persona
from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ

OPCIONES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Un micrófono que suena siempre igual, y permiso para usarlo.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

# De sobra también en una máquina ocupada: lo que se espera ver se ve mucho antes.
expect.set_options(timeout=20_000)

AQUI = Path(__file__).parent

Llegar = Callable[..., Awaitable[Persona]]


# Lo que de la página depende de la base; lo demás es del navegador, y corre una sola vez.
CON_CADA_BASE = {"test_historial_largo.py", "test_reinicio.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Un solo bucle para todas: el navegador se abre una vez y no una por prueba."""
    for item in items:
        if AQUI in item.path.parents and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if item.path.name not in CON_CADA_BASE:
                item.add_marker("elige_base")


@pytest.fixture(scope="session")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """El de toda la sesión; cada prueba usa su gente y su conversación."""
    with Servidor(tmp_path_factory.mktemp("pagina")) as uno:
        yield uno


@pytest.fixture
def servidor_propio(tmp_path: Path) -> Iterator[Servidor]:
    """Uno que la prueba puede matar."""
    with Servidor(tmp_path) as uno:
        yield uno


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def navegador() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
        navegador = await playwright.chromium.launch(executable_path=chromium, args=OPCIONES)
        yield navegador
        await navegador.close()


@pytest_asyncio.fixture(loop_scope="session")
async def llegar(navegador: Browser) -> AsyncIterator[Llegar]:
    """`await llegar(servidor, gente.ana, tamano=…)`: alguien ya dentro, en su navegador.

    Con `por`, llega al servidor por esa dirección; `lengua` es la de su navegador.
    """
    llegadas: list[Persona] = []

    async def entrar(
        servidor: Servidor,
        nombre: str,
        *,
        tamano: ViewportSize = MESA,
        fuera: bool = False,
        por: str = "",
        lengua: str = "es-ES",
        **opciones: Any,
    ) -> Persona:
        contexto = await navegador.new_context(
            viewport=tamano,
            locale=lengua,
            reduced_motion="reduce",
            **opciones,
        )
        persona = Persona(contexto, await contexto.new_page(), por or servidor.url, nombre)
        llegadas.append(persona)
        if not fuera:
            await persona.entrar(servidor.tokens(nombre))
        return persona

    yield entrar
    for persona in llegadas:
        assert persona.errores == []
        await persona.contexto.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """El código de axe-core, que instala `npm ci`."""
    return (RAIZ / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
