"""Dos personas hablan de principio a fin, en un teléfono y en una mesa."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import ViewportSize, expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.persona import TAMANOS, Persona
from tests.pagina.servidor import Servidor


async def _presentarse(ana: Persona, beto: Persona, conversacion: str) -> None:
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    await expect(ana.pagina.locator("#subtitulo")).to_have_text("2 participantes · 2 en línea")
    await expect(ana.pagina.locator("#hilo-aviso")).to_contain_text("Aún no hay mensajes")


@TAMANOS
async def test_una_conversacion_entera(
    servidor: Servidor, llegar: Llegar, tamano: ViewportSize, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Obra en curso", gente.ana, gente.beto)
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    beto = await llegar(servidor, gente.beto, tamano=tamano)
    await _presentarse(ana, beto, conversacion)

    await ana.pagina.locator("#redactor-texto").press_sequentially("¿Vienes?")
    await expect(beto.pagina.locator("#escriben")).to_contain_text("está escribiendo")
    await ana.pagina.locator("#enviar").click()
    await beto.ve("¿Vienes?")
    await expect(beto.pagina.locator("#escriben")).to_be_empty()
    await expect(ana.mensaje("¿Vienes?").locator(".marca-leido")).to_be_visible()

    await beto.accion("¿Vienes?", "Responder")
    await beto.enviar("Voy")
    await expect(ana.mensaje("Voy").locator(".cita-texto")).to_have_text("¿Vienes?")

    await ana.accion("Voy", "Me encanta", "menuitemradio")
    reaccion = beto.mensaje("Voy").locator(".reaccion")
    await expect(reaccion).to_have_attribute("aria-label", "Me encanta: 1")
    await reaccion.click()
    await expect(ana.mensaje("Voy").locator(".reaccion")).to_have_text("2")

    await ana.pagina.locator("#prioridad").select_option("urgente")
    await ana.enviar("Trae la llave")
    await expect(beto.mensaje("Trae la llave").locator(".prioridad-urgente")).to_be_visible()

    await ana.accion("Trae la llave", "Editar")
    await ana.enviar("Trae las llaves")
    await expect(beto.mensaje("Trae las llaves").locator(".pie")).to_contain_text("Editado")

    await ana.accion("¿Vienes?", "Eliminar")
    await ana.pagina.get_by_label("Razón").fill("repetido")
    await ana.pagina.get_by_role("button", name="Eliminar").click()
    await beto.ve("Mensaje eliminado: repetido", "Voy", "Trae las llaves")
    await expect(beto.mensaje("Voy").locator(".cita-texto")).to_have_text("Mensaje eliminado")
    await ana.ve("Eliminaste este mensaje: repetido", "Voy", "Trae las llaves")


async def test_lo_que_no_es_texto_y_los_valores_del_original(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Sitios", gente.ana, gente.beto, tipo="asesoria")

    def enviar(tipo: str, texto: str = "", prioridad: str = "normal", **metadatos: Any) -> str:
        contenido = {"texto": texto, "metadatos": metadatos}
        campos = {"contenido": contenido, "tipo": tipo, "prioridad": prioridad}
        return str(servidor.enviar(gente.beto, conversacion, "", **campos)["_id"])

    enviar(
        "ubicacion", ubicacion={"latitud": 4.6, "longitud": -74, "direccion": "La <b>esquina</b>"}
    )
    enviar("contacto", contacto={"nombre": "Notaría", "telefono": "300 1"})
    mensaje = enviar("texto", "Cuando puedas", "baja")
    for quien, tipo in ((gente.ana, "thumbs_down"), (gente.beto, "angry")):
        servidor.pedir(quien, "POST", f"mensajes/{mensaje}/reacciones/", {"tipo": tipo})
    vacio, sistema = enviar("texto", "se irá"), enviar("texto", "Caso abierto")
    servidor.guion(
        f"models.Mensaje.objects.filter(pk='{sistema}').update(tipo='sistema');"
        f"models.Mensaje.objects.filter(pk='{vacio}').update(texto='')"
    )
    ana = await llegar(servidor, gente.ana)
    fila = ana.pagina.locator(f'#lista a[href="#/c/{conversacion}"]')
    await expect(fila.locator(".fila-ultimo")).to_have_text("Caso abierto")
    await ana.abrir(conversacion)
    lugar, contacto = ana.pagina.locator(".archivo").nth(0), ana.pagina.locator(".archivo").nth(1)
    await expect(lugar.get_by_role("link", name="La <b>esquina</b>")).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=4.6&mlon=-74#map=16/4.6/-74"
    )
    await expect(lugar).to_contain_text("4.6, -74")
    await expect(contacto).to_have_text("Notaría300 1")
    await expect(ana.pagina.locator(".sistema")).to_have_text("Caso abierto")
    await expect(ana.mensaje("Mensaje sin texto")).to_have_count(1)
    await expect(ana.mensaje("Cuando puedas").locator(".prioridad")).to_have_text("Prioridad baja")
    for etiqueta in ("No me gusta: 1, incluida la tuya", "Me enfada: 1"):
        await expect(ana.mensaje("Cuando puedas").get_by_label(etiqueta)).to_be_visible()
    await ana.accion("Cuando puedas", "Me enfada", "menuitemradio")
    juntas = ana.mensaje("Cuando puedas").get_by_label("Me enfada: 2, incluida la tuya")
    await expect(juntas).to_be_visible()
    await ana.pagina.locator("#abrir-detalles").click()
    await expect(ana.pagina.locator("#detalles-datos")).to_contain_text("Asesoría")
    await ana.pagina.keyboard.press("Escape")
    await ana.pagina.locator("#prioridad").select_option("baja")
    await ana.enviar("Yo tampoco corro")
    await expect(ana.mensaje("Yo tampoco corro").locator(".prioridad-baja")).to_be_visible()


async def test_no_leidos_divisor_y_titulo(servidor: Servidor, llegar: Llegar, gente: Gente) -> None:
    conversacion = servidor.conversacion("Avisos", gente.ana, gente.beto)
    beto = await llegar(servidor, gente.beto)
    for n in range(3):
        servidor.enviar(gente.ana, conversacion, f"aviso {n}")
    fila = beto.pagina.locator(f'#lista a[href="#/c/{conversacion}"]')
    await expect(fila.locator(".insignia")).to_contain_text("3 sin leer")
    await expect(fila.locator(".fila-ultimo")).to_contain_text("aviso 2")
    await expect(beto.pagina).to_have_title(re.compile(r"^\(\d+\) "))
    await beto.abrir(conversacion)
    await expect(beto.pagina.locator(".divisor")).to_have_count(1)
    await expect(beto.mensaje("aviso 0").locator(".divisor")).to_have_text("Mensajes nuevos")
    await expect(fila.locator(".insignia")).to_have_count(0)


async def test_nueva_conversacion_notificacion_y_salida(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana)
    carla = await llegar(servidor, gente.carla)
    await ana.pagina.locator("#abrir-nueva").click()
    await ana.pagina.get_by_role("radio", name="Grupo").check()
    for quien in (gente.carla, gente.beto):
        await ana.pagina.get_by_label("Con quién").fill(quien)
        await ana.pagina.get_by_role("option", name=f"@{quien}").click()
    await ana.pagina.locator("#nueva-nombre").fill("Mudanza")
    await ana.pagina.get_by_role("button", name="Empezar").click()
    await expect(ana.pagina.locator("#titulo")).to_have_text("Mudanza")

    aviso = carla.pagina.locator(".aviso", has_text="Mudanza")
    await aviso.get_by_role("button", name="Abrir").click()
    await expect(carla.pagina.locator("#titulo")).to_have_text("Mudanza")
    await ana.enviar("Bienvenida")
    await carla.ve("Bienvenida")

    await ana.pagina.locator("#abrir-detalles").click()
    await ana.pagina.get_by_role("button", name="Quitar a Carla Cano").click()
    await expect(carla.pagina.locator("#sin-texto")).to_have_text(
        "Ya no participas en esta conversación."
    )


async def test_lo_que_sale_mal_se_dice_con_palabras(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    await ana.pagina.goto(servidor.url)
    await ana.pagina.get_by_label("Usuario").fill(gente.ana)
    await ana.pagina.get_by_label("Contraseña", exact=True).fill("otra")
    await ana.pagina.keyboard.press("Enter")
    await expect(ana.pagina.locator("#ingreso-error")).to_have_text(
        "Usuario o contraseña incorrectos"
    )
    await ana.ingresar()
    await ana.pagina.goto(f"{servidor.url}/#/c/conv_ajena")
    await expect(ana.pagina.locator("#sin-texto")).to_have_text("No existe o no está a tu alcance.")


async def test_revocar_en_todas_partes_devuelve_a_la_entrada(
    servidor: Servidor, llegar: Llegar
) -> None:
    uno = await llegar(servidor, "mod", fuera=True)
    await uno.pagina.goto(servidor.url)
    await uno.pagina.locator("[data-cuenta=mod]").click()
    await expect(uno.pagina.locator("#lista-aviso")).to_contain_text("Aún no tienes conversaciones")
    servidor.revocar("mod")
    await expect(uno.pagina.locator("#ingreso-error")).to_have_text(
        "Tu sesión terminó; ingresa de nuevo"
    )
