"""Una conversación que pasa de cien participantes y vuelve: cuántos hay, y quiénes son."""

from __future__ import annotations

from playwright.async_api import expect

from tests.gente import BULTO, Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor


async def test_quienes_son_se_lee_al_mirarlo(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Multitud", gente.ana, *BULTO[:99])
    ruta = f"conversaciones/{conversacion}/participantes/"
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    subtitulo = ana.pagina.locator("#subtitulo")
    await expect(subtitulo).to_have_text("100 participantes · 1 en línea")
    servidor.pedir(gente.ana, "POST", ruta, {"usuarioId": gente.beto})
    await expect(subtitulo).to_have_text("101 participantes · 1 en línea")
    await llegar(servidor, gente.beto)
    await expect(subtitulo).to_have_text("101 participantes · 2 en línea")

    await ana.pagina.locator("#abrir-detalles").click()
    filas, mas = (
        ana.pagina.locator("#detalles-participantes li"),
        ana.pagina.locator("#detalles-mas"),
    )
    await expect(filas).to_have_count(100)
    await mas.click()
    await expect(filas).to_have_count(101)
    await expect(mas).to_be_hidden()
    servidor.pedir(gente.ana, "DELETE", ruta + f"{gente.beto}/")
    await expect(filas).to_have_count(100)
    await expect(subtitulo).to_have_text("100 participantes · 1 en línea")
