"""Lo que distingue una casa de una muestra: nada se tapa, nada se pierde, nada se dice mal."""

from __future__ import annotations

import re
from pathlib import Path

import requests
from playwright.async_api import Locator, ViewportSize, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS
from tests.pagina.servidor import Servidor


async def _se_tapan(uno: Locator, otro: Locator) -> bool:
    a, b = await uno.bounding_box(), await otro.bounding_box()
    assert a and b
    aparte = (
        a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
        or a["y"] + a["height"] <= b["y"]
        or b["y"] + b["height"] <= a["y"]
    )
    return not aparte


def _ocultar(servidor: Servidor, mensaje: str) -> None:
    """Desde la mesa, como el personal."""
    mesa = requests.Session()
    entrada = f"{servidor.url}/admin/login/"
    mesa.get(entrada, timeout=10)

    def enviar(donde: str, **datos: str) -> requests.Response:
        testigo = {"csrfmiddlewaretoken": mesa.cookies["csrftoken"]}
        return mesa.post(donde, data={**testigo, **datos}, timeout=10)

    enviar(entrada, username="admin", password="demo", next="/admin/")
    hecho = enviar(
        f"{servidor.url}/admin/mensajeria/mensaje/accion/ocultar/",
        ids=mensaje,
        motivo="no procede",
        confirmar="1",
        siguiente="/admin/",
    )
    assert hecho.ok


async def test_lo_que_oculta_moderacion_no_lo_elimino_una_cuenta_eliminada(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Moderada", gente.ana, gente.beto)
    mensaje = servidor.enviar(gente.beto, conversacion, "una barbaridad")
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await expect(ana.mensaje("una barbaridad")).to_be_visible()
    _ocultar(servidor, mensaje["_id"])
    lapida = ana.pagina.locator(".lapida .texto")
    await expect(lapida).to_contain_text("Mensaje eliminado por moderación")


async def test_la_lista_dice_de_lo_ultimo_lo_mismo_que_el_hilo(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Marcas", gente.ana, gente.beto)
    ana, beto = await llegar(servidor, gente.ana), await llegar(servidor, gente.beto)
    await ana.abrir(conversacion)
    await ana.enviar("¿lo ves?")
    await beto.abrir(conversacion)
    await expect(ana.mensaje("¿lo ves?").locator(".marca-leido")).to_be_visible()
    await expect(ana.pagina.locator("#lista .marca-leido")).to_be_visible()


async def test_los_mensajes_nuevos_son_los_de_los_demas(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Nuevos", gente.ana, gente.beto)
    servidor.enviar(gente.ana, conversacion, "mío, desde otro sitio")
    servidor.enviar(gente.beto, conversacion, "suyo")
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await expect(ana.mensaje("suyo").locator(".divisor")).to_be_visible()
    await expect(ana.pagina.locator(".divisor")).to_have_count(1)


@TAMANOS
async def test_sin_red_hay_un_solo_reintentar_y_nada_se_tapa(
    servidor: Servidor, llegar: Llegar, gente: Gente, tamano: ViewportSize
) -> None:
    conversacion = servidor.conversacion("Sin red", gente.ana, gente.beto)
    for n in range(3):
        servidor.enviar(gente.beto, conversacion, f"mensaje {n}")
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    pagina = ana.pagina
    await expect(pagina.locator("#lista .fila-ultimo", has_text="mensaje 2")).to_be_visible()
    await ana.contexto.set_offline(True)
    await expect(pagina.locator("#banda")).to_be_visible()
    await ana.abrir(conversacion)
    tarjeta = pagina.locator("#hilo-aviso")
    await expect(tarjeta).to_contain_text("No se pudieron cargar los mensajes")
    await expect(pagina.get_by_role("button", name="Reintentar")).to_have_count(1)
    assert not await _se_tapan(pagina.locator("#banda"), tarjeta)
    assert not await _se_tapan(pagina.locator("#banda"), pagina.locator(".barra-conversacion"))
    # Al volver, se cargan sin que nadie pulse nada.
    await ana.contexto.set_offline(False)
    await expect(ana.mensaje("mensaje 0")).to_be_visible()
    await expect(tarjeta).to_be_hidden()


@TAMANOS
async def test_un_aviso_no_tapa_la_caja_y_se_va_al_abrir_lo_suyo(
    servidor: Servidor, llegar: Llegar, gente: Gente, tamano: ViewportSize
) -> None:
    vieja = servidor.conversacion("La de antes", gente.ana, gente.beto)
    carla = await llegar(servidor, gente.ana, tamano=tamano)
    pagina = carla.pagina
    await carla.abrir(vieja)
    nueva = servidor.conversacion("Mudanza", gente.beto, gente.ana)
    aviso = pagina.locator(".aviso", has_text="Mudanza")
    await expect(aviso).to_be_visible()
    assert not await _se_tapan(aviso, pagina.locator("#redactor"))
    await pagina.evaluate(f"location.hash = '#/c/{nueva}'")
    await expect(pagina.locator("#titulo")).to_have_text("Mudanza")
    await expect(aviso).to_have_count(0)
    await expect(pagina.locator("#punto-notificaciones")).to_be_hidden()


async def test_lo_que_el_ritmo_retrasa_dice_cuando_saldra(tmp_path: Path, llegar: Llegar) -> None:
    with Servidor(tmp_path, MENSAJES_POR_MINUTO="2") as servidor:
        conversacion = servidor.conversacion("Deprisa", "ana", "beto")
        ana = await llegar(servidor, "ana")
        await ana.abrir(conversacion)
        for n in range(3):
            await ana.enviar(f"mensaje {n}")
        nota = ana.pagina.locator("#pendientes .envio-nota")
        await expect(nota).to_have_text(re.compile(r"Se enviará en \d+ s\.$"))
        primera = await nota.inner_text()
        await expect(nota).not_to_have_text(primera)
        await expect(nota).to_have_text(re.compile(r"Se enviará en \d+ s\.$"))


async def test_lo_que_no_salio_sale_aunque_se_cierre_la_pestana(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Cola", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana)
    await ana.abrir(conversacion)
    await ana.contexto.set_offline(True)
    await ana.enviar("desde el túnel")
    await expect(ana.pagina.locator(".por-enviar")).to_have_count(1)
    cierre = "e => !dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await ana.pagina.evaluate(cierre)
    await ana.pagina.close(run_before_unload=False)
    await ana.contexto.set_offline(False)
    otra = await ana.contexto.new_page()
    await otra.goto(f"{servidor.url}/#/c/{conversacion}")
    await expect(otra.locator("#mensajes .texto", has_text="desde el túnel")).to_be_visible()
    assert servidor.textos(gente.beto, conversacion) == ["desde el túnel"]


async def test_un_borrador_sobrevive_a_recargar_y_se_borra_al_salir(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    una = servidor.conversacion("A medias", gente.ana, gente.beto)
    otra = servidor.conversacion("Otra", gente.ana, gente.carla)
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    await ana.abrir(una)
    await ana.escribir("aún no he term")
    await pagina.reload()
    await expect(pagina.locator("#redactor-texto")).to_have_value("aún no he term")
    await ana.abrir(otra)
    await expect(pagina.locator("#redactor-texto")).to_have_value("")
    fila = pagina.locator(f'#lista a[href="#/c/{una}"]')
    await expect(fila).to_contain_text("Borrador: aún no he term")
    await ana.abrir(una)
    await ana.enviar("ya está")
    await expect(ana.mensaje("ya está")).to_be_visible()
    await pagina.reload()
    await expect(pagina.locator("#redactor-texto")).to_have_value("")
    await ana.escribir("secreto")
    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Cerrar sesión").click()
    await expect(pagina.locator("#ingreso")).to_be_visible()
    assert "secreto" not in str(await pagina.evaluate("({ ...localStorage })"))


async def test_al_entrar_el_foco_no_se_queda_en_ninguna_parte(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.ingresar()
    await expect(ana.pagina.locator("#inicio")).to_be_focused()
    await ana.pagina.keyboard.press("Tab")
    await expect(ana.pagina.locator("#salto")).to_be_focused()
