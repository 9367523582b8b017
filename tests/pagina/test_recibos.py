"""Quién recibió y quién leyó un mensaje de un grupo."""

from __future__ import annotations

import asyncio

from playwright.async_api import ViewportSize, expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA


@TAMANOS
async def test_se_ve_quien_lo_recibio_y_quien_lo_leyo_segun_pasa(
    servidor: Servidor, llegar: Llegar, axe: str, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Aviso", gente.ana, gente.beto, gente.carla)
    enviado = servidor.enviar(gente.ana, conversacion, "Mañana se corta el agua")
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(servidor.conversacion("Otra", gente.beto, gente.carla))
    recibos = f"mensajes/{enviado['_id']}/recibos/"
    async with asyncio.timeout(PACIENCIA):
        while not servidor.pedir(gente.ana, "GET", recibos)["recibido"]:
            await asyncio.sleep(0.05)
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina = ana.pagina
    await ana.abrir(conversacion)
    await ana.accion("Mañana se corta el agua", "Información")
    cuerpo = pagina.locator("#mensaje-cuerpo")
    lista = cuerpo.locator("ul.personas")
    await expect(cuerpo).to_contain_text("Nadie todavía.")
    await expect(cuerpo).to_contain_text("Recibido por")
    await expect(lista).to_contain_text("Beto Bravo")
    await sin_violaciones(pagina, axe, "recibos")
    # Lo lee, y con la información a la vista se ve.
    await beto.abrir(conversacion)
    await expect(cuerpo).not_to_contain_text("Recibido por")
    await expect(cuerpo.locator("h3", has_text="Leído por")).to_contain_text("1 persona")
    await expect(lista.locator("time")).to_have_count(1)
    await expect(lista).not_to_contain_text("Carla Cano")


async def test_con_la_informacion_a_la_vista_aparece_quien_lo_recibe(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Aunque otros falten: que lo reciba uno no se avisa a nadie."""
    conversacion = servidor.conversacion("Aviso", gente.ana, gente.beto, gente.carla)
    servidor.enviar(gente.ana, conversacion, "Mañana se corta el agua")
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await ana.accion("Mañana se corta el agua", "Información")
    cuerpo = ana.pagina.locator("#mensaje-cuerpo")
    await expect(cuerpo).to_contain_text("Nadie todavía.")
    await expect(cuerpo).not_to_contain_text("Recibido por")
    await llegar(servidor, gente.carla)
    await expect(cuerpo).to_contain_text("Recibido por")
    await expect(cuerpo.locator("ul.personas")).to_contain_text("Carla Cano")
