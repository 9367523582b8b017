"""Las herramientas de quien desarrolla: el registro y un formulario por evento."""

from __future__ import annotations

from playwright.async_api import expect

from mensajeria.protocolo.eventos import CLIENTE
from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor


async def test_el_registro_dice_todo_salvo_los_tokens(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Registro", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await ana.abrir_cajon()
    await ana.enviar("al registro")
    registro = ana.pagina.locator("#registro")
    await expect(registro.locator(".marco-salida", has_text="enviar_mensaje").first).to_be_visible()
    await expect(registro.locator(".marco-entrada", has_text="nuevo_mensaje").first).to_be_visible()
    await ana.pagina.get_by_label("Filtrar por evento").fill("autenticar")
    await registro.locator(".marco-salida summary").click()
    await expect(registro.locator("pre")).to_contain_text('"token": "…"')


async def test_hay_un_formulario_por_evento_y_funciona(servidor: Servidor, llegar: Llegar) -> None:
    """Con la gente del ejemplo, que los formularios vienen rellenos para su conversación."""
    ana = await llegar(servidor, "ana")
    await ana.abrir("conv_test")
    await ana.abrir_cajon()
    await ana.pagina.get_by_role("tab", name="Enviar eventos").click()
    eventos = ana.pagina.locator("#panel-eventos .evento")
    await expect(eventos).to_have_count(len(CLIENTE))
    enviar = ana.pagina.locator('[data-evento="enviar_mensaje"]')
    await enviar.locator("summary").click()
    await expect(enviar.locator("[name=texto]")).to_have_value("Hola, ¿cómo estás?")
    await enviar.get_by_role("button").click()
    await expect(enviar.locator(".resultado")).to_contain_text('"ok": true')
    await expect(ana.mensaje("Hola, ¿cómo estás?").last).to_be_visible()
    await enviar.locator("[name=conversacionId]").fill("ajena")
    await enviar.get_by_role("button").click()
    await expect(enviar.locator(".resultado")).to_contain_text("NOT_FOUND")


async def test_otra_identidad_en_la_conexion_se_deshace(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Identidades", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await ana.abrir_cajon()
    await ana.pagina.get_by_role("tab", name="Enviar eventos").click()
    autenticar = ana.pagina.locator('[data-evento="autenticar"]')
    await autenticar.locator("summary").click()
    await autenticar.get_by_role("button").click()
    await expect(ana.pagina.locator(".aviso")).to_contain_text(
        f"se vuelve a abrir como {gente.ana}"
    )
    await ana.enviar("sigo siendo ana")
    await expect(ana.mensaje("sigo siendo ana").and_(ana.pagina.locator(".propia"))).to_be_visible()


async def test_se_habla_igual_por_la_otra_puerta(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Puertas", gente.ana, gente.beto)
    ana, beto = await llegar(servidor, gente.ana), await llegar(servidor, gente.beto)
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    await ana.abrir_cajon()
    await ana.pagina.locator("#cajon select").select_option(label="Socket.IO")
    await ana.enviar("por Socket.IO")
    await expect(beto.mensaje("por Socket.IO")).to_be_visible()
    await beto.enviar("por WebSocket")
    await expect(ana.mensaje("por WebSocket")).to_be_visible()
