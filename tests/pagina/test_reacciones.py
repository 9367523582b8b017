"""Reaccionar con lo que la casa añade, y ver lo que otra persona puso."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TELEFONO
from tests.pagina.servidor import Servidor

DE_LA_CASA = ["🎉", "constructor", '"hecho"', "campana"]


async def test_se_ofrecen_las_de_la_casa_y_el_otro_las_ve(
    llegar: Llegar, axe: str, tmp_path: Path, gente: Gente
) -> None:
    with Servidor(tmp_path, REACCIONES=",".join(DE_LA_CASA)) as servidor:
        conversacion = servidor.conversacion("Fiesta", gente.ana, gente.beto)
        servidor.enviar(gente.ana, conversacion, "Aprobado")
        ana = await llegar(servidor, gente.ana)
        beto = await llegar(servidor, gente.beto, tamano=TELEFONO)
        for persona in (ana, beto):
            await persona.abrir(conversacion)

        await beto.mensaje("Aprobado").locator(".boton-acciones").click()
        ofrecidas = beto.pagina.get_by_role("group", name="Reaccionar").get_by_role("menuitemradio")
        await expect(ofrecidas).to_have_count(7 + len(DE_LA_CASA))
        await expect(ofrecidas.filter(has_text="🎉")).to_have_text("🎉")
        await sin_violaciones(beto.pagina, axe, "menú con las de la casa")
        await ofrecidas.filter(has_text="🎉").click()

        suya = ana.mensaje("Aprobado").get_by_role("button", name="🎉: 1", exact=True)
        await expect(suya.locator("bdi")).to_have_text("🎉")
        await suya.focus()
        await ana.pagina.keyboard.press("Enter")
        juntas = beto.mensaje("Aprobado").get_by_label("🎉: 2, incluida la tuya")
        await expect(juntas).to_be_visible()
        # Un texto cualquiera se ve como es, y el foco sigue en él cuando la fila se rehace.
        for texto in DE_LA_CASA[1:]:
            await ana.accion("Aprobado", texto, "menuitemradio")
            boton = ana.mensaje("Aprobado").get_by_label(f"{texto}: 1, incluida la tuya")
            await expect(boton.locator("bdi")).to_have_text(texto)
            otro = beto.mensaje("Aprobado").get_by_role("button", name=f"{texto}: 1", exact=True)
            await otro.focus()
            await beto.pagina.keyboard.press("Enter")
            dos = beto.mensaje("Aprobado").get_by_label(f"{texto}: 2, incluida la tuya")
            await expect(dos).to_be_focused()
        await sin_violaciones(ana.pagina, axe, "reacciones de la casa")


async def test_las_que_ya_no_se_admiten_se_ven_y_no_se_ofrecen(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Antes", gente.ana, gente.beto)
    mensaje = servidor.enviar(gente.ana, conversacion, "Recuerdo")["_id"]
    servidor.pedir(gente.beto, "POST", f"mensajes/{mensaje}/reacciones/", {"tipo": "like"})
    servidor.guion(f"models.Reaccion.objects.filter(mensaje='{mensaje}').update(tipo='🚀')")
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    suya = beto.mensaje("Recuerdo").get_by_label("🚀: 1, incluida la tuya")
    await expect(suya).to_have_text("🚀 1")
    await beto.mensaje("Recuerdo").locator(".boton-acciones").click()
    await expect(beto.pagina.get_by_role("menuitemradio")).to_have_count(7)
    await beto.pagina.keyboard.press("Escape")
    await suya.click()
    await expect(beto.mensaje("Recuerdo").locator(".reaccion")).to_have_count(0)
