"""Lo que axe-core encuentra en la página, en claro y en oscuro."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

ETIQUETAS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def _violaciones(pagina: Page, axe: str, que: list[str]) -> list[str]:
    # La política de la página prohíbe `eval`; esto entra por el depurador, no por la página.
    if not await pagina.evaluate("!!window.axe"):
        await pagina.evaluate(axe)
    orden = f"axe.run(document, {{runOnly: {que!r}, resultTypes: ['violations']}})"
    resultado: dict[str, Any] = await pagina.evaluate(orden)
    return [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in resultado["violations"]
        for n in v["nodes"]
    ]


async def sin_violaciones(pagina: Page, axe: str, donde: str) -> None:
    """En claro, todas las reglas; en oscuro solo cambian los colores."""
    await pagina.emulate_media(color_scheme="dark")
    oscuras = await _violaciones(pagina, axe, ["color-contrast"])
    assert not oscuras, f"{donde}, en oscuro: {oscuras}"
    await pagina.emulate_media(color_scheme="light")
    claras = await _violaciones(pagina, axe, ETIQUETAS)
    assert not claras, f"{donde}: {claras}"
