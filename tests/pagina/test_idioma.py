"""La página, en español y en inglés."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.async_api import expect

from mensajeria.protocolo.errores import CodigoError
from mensajeria.templatetags.idioma import ingles
from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor
from tests.servicios import RAIZ

PAGINA = RAIZ / "static/mensajeria/pagina"
PLANTILLAS = RAIZ / "templates/mensajeria"

_LITERAL = r'"((?:[^"\\]|\\.)*)"'
_EN_MODULO = re.compile(rf"\bt\(\s*{_LITERAL}")
_PLURAL = re.compile(rf"\btn\((?:[^\"()]|\([^()]*\))*?,\s*{_LITERAL},\s*{_LITERAL}")
_EN_PLANTILLA = re.compile(rf"{{% t {_LITERAL} %}}")


def usadas() -> set[str]:
    """Todas las frases que la página puede decir."""
    modulos = "\n".join(m.read_text("utf-8") for m in sorted(PAGINA.glob("*.js")))
    plantillas = "\n".join(p.read_text("utf-8") for p in sorted(PLANTILLAS.glob("*.html")))
    frases = {*_EN_MODULO.findall(modulos), *_EN_PLANTILLA.findall(plantillas)}
    for una, varias in _PLURAL.findall(modulos):
        frases |= {una, varias}
    return frases


def test_cada_frase_tiene_su_ingles_y_no_sobra_ninguna() -> None:
    dichas = {frase for frase in ingles() if not frase.startswith("error.")}
    assert dichas == usadas()


def test_el_diccionario_va_en_orden_para_que_dos_cambios_no_choquen() -> None:
    assert list(ingles()) == sorted(ingles())


def test_el_ingles_lleva_los_mismos_datos() -> None:
    huecos = re.compile(r"\{(\w+)\}")
    distintas = [f for f, i in ingles().items() if {*huecos.findall(f)} != {*huecos.findall(i)}]
    assert [f for f in distintas if not f.startswith("error.")] == []


def test_la_pagina_sabe_decir_cada_error_sin_el_texto_del_servidor() -> None:
    textos = (PAGINA / "textos.js").read_text("utf-8")
    propias = set(re.findall(r"^  ([A-Z_]+):", textos, re.MULTILINE))
    deducidas = {f.removeprefix("error.") for f in ingles() if f.startswith("error.")}
    errores = (RAIZ / "static/mensajeria/cliente/errores.js").read_text("utf-8")
    del_cliente = set(re.findall(r'^export const [A-Z_]+ = "([A-Z_]+)"', errores, re.MULTILINE))
    assert {*CodigoError, *del_cliente} - propias == deducidas


@pytest.mark.parametrize(
    ("pide", "sale"),
    [
        ("", "es"),
        ("es-CO,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,en;q=0.9,es;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8,es;q=0.7", "en"),
        ("de", "es"),
        ("en;q=0.1,es;q=0.2", "es"),
    ],
)
def test_el_html_llega_ya_en_el_idioma_del_navegador(
    servidor: Servidor, pide: str, sale: str
) -> None:
    cabeceras = {"Accept": "text/html", "Accept-Language": pide}
    respuesta = requests.get(servidor.url, headers=cabeceras, timeout=10)
    assert f'<html lang="{sale}">' in respuesta.text
    assert respuesta.headers["Content-Language"] == sale
    assert {"Accept", "Accept-Language"} <= {*respuesta.headers["Vary"].split(", ")}


async def test_una_persona_que_lee_ingles_lo_ve_todo_en_ingles(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("", gente.ana, gente.beto, gente.carla)
    servidor.enviar(gente.beto, conversacion, "Hello", prioridad="urgente")
    ana = await llegar(servidor, gente.ana, fuera=True, lengua="en-GB")
    pagina = ana.pagina
    await pagina.goto(servidor.url)
    await pagina.get_by_label("User name").fill(gente.ana)
    await pagina.get_by_label("Password", exact=True).fill("no es esta")
    await pagina.get_by_role("button", name="Sign in").click()
    await expect(pagina.locator("#ingreso-error")).to_have_text("Wrong user name or password")
    await pagina.get_by_label("Password", exact=True).fill("demo")
    await pagina.get_by_role("button", name="Sign in").click()
    await ana.ya_esta()
    await ana.abrir(conversacion)
    await expect(pagina.locator("#subtitulo")).to_have_text("3 participants · 1 online")
    await expect(ana.mensaje("Hello").locator(".prioridad")).to_have_text("Urgent")
    await expect(pagina.locator(".dia")).to_have_text("Today")
    await ana.accion("Hello", "Love", rol="menuitemradio")
    await expect(pagina.get_by_role("button", name="Love: 1, yours included")).to_be_visible()
    await pagina.get_by_placeholder("Write a message").fill("x" * 5001)
    await expect(pagina.locator("#cuenta")).to_have_text("1 character too many")


async def test_lo_que_se_notifica_se_dice_en_ingles(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    beto = await llegar(servidor, gente.beto, lengua="en-GB")
    pagina, aviso = beto.pagina, beto.pagina.locator(".aviso")
    grupo = servidor.conversacion("Obra", gente.ana, gente.beto, gente.carla)
    await expect(aviso.filter(has_text="“\u2068Obra\u2069”")).to_contain_text(
        "New conversation. \u2068Ana Alonso\u2069 added you to “\u2068Obra\u2069”"
    )
    servidor.conversacion("", gente.ana, gente.beto, tipo="individual")
    await expect(aviso.filter(has_text="wrote to you")).to_be_visible()
    servidor.pedir(gente.ana, "DELETE", f"conversaciones/{grupo}/participantes/{gente.beto}/")
    await expect(aviso.filter(has_text="removed you from")).to_be_visible()
    # Una que la página no conoce, y una de antes, sin sus datos: como las escribió el servidor.
    servidor.guion(
        f"models.Notificacion.objects.create(usuario_id='{gente.beto}', tipo='recordatorio',"
        " titulo='Mañana', mensaje='Cita a las diez');"
        f"models.Notificacion.objects.create(usuario_id='{gente.beto}',"
        " tipo='participante_agregado', titulo='De antes', mensaje='Te agregaron',"
        " datos={'conversacionId': 'x'});"
        f"models.Notificacion.objects.create(usuario_id='{gente.beto}', tipo='mensaje_nuevo',"
        " titulo='Ana en «Obra»', mensaje='Hola (2 sin leer)', datos={'conversacionId': 'y',"
        " 'quien': 'Ana', 'nombre': 'Obra', 'texto': 'Hola', 'cuantos': 2})"
    )
    await pagina.reload()
    await beto.ya_esta()
    await pagina.locator("#abrir-notificaciones").click()
    dichas = pagina.locator("#notificaciones .notificacion")
    for texto in (
        "You are no longer in it",
        "\u2068Ana Alonso\u2069 removed you from “\u2068Obra\u2069”",
        "\u2068Ana Alonso\u2069 wrote to you",
        "Cita a las diez",
        "Te agregaron",
        "\u2068Ana\u2069 in “\u2068Obra\u2069”",
        "Hola (2 unread)",
    ):
        await expect(dichas.filter(has_text=texto)).to_have_count(1)


async def test_los_dialogos_en_ingles_y_en_oscuro_no_tienen_violaciones(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente
) -> None:
    conversacion = servidor.conversacion("Dialogs", gente.ana, gente.beto)
    servidor.enviar(gente.beto, conversacion, "Where is the estimate?")
    ana = await llegar(servidor, gente.ana, lengua="en-GB")
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    await pagina.locator("#abrir-nueva").click()
    await expect(
        pagina.get_by_role("listbox", name="People").get_by_role("option").first
    ).to_be_visible()
    await sin_violaciones(pagina, axe, "nueva")
    await tecla.press("Escape")
    await pagina.locator("#abrir-menu").click()
    await pagina.get_by_role("menuitem", name="Your profile").click()
    await expect(pagina.locator("#perfil-usuario")).to_have_text(f"@{gente.ana}")
    await sin_violaciones(pagina, axe, "perfil")
    await tecla.press("Escape")
    await tecla.press("/")
    await pagina.locator("#busqueda-texto").fill("estimate")
    await expect(pagina.locator("#resultados .resultado")).to_have_count(1)
    await pagina.locator("#busqueda-filtrar").click()
    await sin_violaciones(pagina, axe, "búsqueda")
    await pagina.locator("#busqueda-cerrar").click()
    await ana.abrir(conversacion)
    await pagina.locator("#abrir-detalles").click()
    otra = pagina.locator("#detalles-participantes").get_by_role("button", name=re.compile("^Beto"))
    await otra.click()
    await expect(pagina.locator("#dialogo-persona")).to_contain_text("Expert")
    await sin_violaciones(pagina, axe, "persona")
