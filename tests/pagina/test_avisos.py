"""Los avisos en la página: el permiso, el trabajador de servicio, los ajustes y la insignia."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, ViewportSize, expect

from tests.avisos.servicio import Servicio
from tests.gente import Gente
from tests.pagina.axe import sin_violaciones
from tests.pagina.conftest import Llegar
from tests.pagina.empuje import Empuje, ensenadas, llega, se_ensena
from tests.pagina.persona import MESA, TAMANOS, TELEFONO, Persona
from tests.pagina.servidor import Servidor

CLAVE = "3KzvKasA2SoCxsp0iIG_o9B0Ozvl1XDwI63JRKNIWBM"
# Como al pasar a otra pestaña, que un navegador sin ventana no sabe hacer.
PASAR = """(estado) => {
  Object.defineProperty(document, "visibilityState", { get: () => estado, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


# Como quien pulsa la notificación de esa conversación: nadie más que el navegador puede de verdad.
PULSAR = """async (conversacionId) => {
  const todas = await registration.getNotifications();
  const notification = todas.find((n) => n.data?.conversacionId === conversacionId);
  dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
# Y abrir una ventana solo se le deja a quien pulsa: se da la que habría abierto.
PULSAR_SIN_PAGINA = f"""(conversacionId) => new Promise((abierta) => {{
  clients.openWindow = async (direccion) => abierta(direccion);
  ({PULSAR})(conversacionId);
}})"""


@pytest.fixture(scope="module")
def que_empuja(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Un servidor que avisa por Web Push, también a esta máquina."""
    carpeta = tmp_path_factory.mktemp("avisos")
    ajustes = {
        "VAPID_CLAVE": CLAVE,
        "SALIENTES_ADMITIDAS": "127.0.0.1",
        "AVISOS": "servir",
        "CORREO_DE_AVISOS": "avisos@ejemplo.com",
    }
    with Servidor(carpeta, **ajustes) as uno:
        yield uno


@pytest.fixture
def servicio() -> Iterator[Servicio]:
    with Servicio() as uno:
        yield uno


@pytest.fixture
def con_empuje(que_empuja: Servidor, servicio: Servicio, llegar: Llegar, navegador: Browser) -> Any:
    async def entrar(quien: str, **opciones: Any) -> tuple[Persona, Empuje]:
        persona = await llegar(que_empuja, quien, fuera=True, **opciones)
        empuje = Empuje(persona, que_empuja.url, servicio)
        await empuje.preparar(navegador)
        await persona.ingresar()
        return persona, empuje

    return entrar


async def _ajustes(persona: Persona) -> Locator:
    await persona.pagina.locator("#abrir-menu").click()
    await persona.pagina.get_by_role("menuitem", name="Tus avisos").click()
    dialogo = persona.pagina.locator("#dialogo-avisos")
    await expect(dialogo).to_be_visible()
    return dialogo


async def _activar(persona: Persona) -> None:
    dialogo = await _ajustes(persona)
    await dialogo.get_by_role("button", name="Activar los avisos aquí").click()
    await expect(dialogo).to_contain_text("Aquí se te avisa")
    await persona.pagina.keyboard.press("Escape")


# El permiso


@TAMANOS
async def test_el_permiso_pedido_denegado_concedido_y_retirado(
    que_empuja: Servidor, con_empuje: Any, axe: str, gente: Gente, tamano: ViewportSize
) -> None:
    ana, empuje = await con_empuje(gente.ana, tamano=tamano)
    pagina = ana.pagina
    dialogo = await _ajustes(ana)
    estado, activar = dialogo.locator(".ajustes-aqui"), "Activar los avisos aquí"
    await expect(estado).to_contain_text("Aquí no se te avisa")
    assert await pagina.evaluate("[pedidas, Notification.permission]") == [0, "default"]

    empuje.contesta = "denied"
    await estado.get_by_role("button", name=activar).click()
    await expect(estado).to_contain_text("El navegador tiene bloqueados los avisos")
    await expect(estado.get_by_role("button")).to_have_count(0)
    await sin_violaciones(pagina, axe, "bloqueados")
    assert await pagina.evaluate("pedidas") == 1

    # Lo desbloquea fuera de la página, y aquí se ve; activarlos sigue siendo cosa suya.
    empuje.contesta = "granted"
    await empuje.permitir("granted")
    await expect(estado).to_contain_text("Aquí no se te avisa")
    assert que_empuja.pedir(gente.ana, "GET", "dispositivos/") == []
    await estado.get_by_role("button", name=activar).click()
    await expect(estado).to_contain_text("Aquí se te avisa")
    await expect(dialogo.locator(".ajustes-dispositivos li")).to_contain_text("Este navegador")
    [suyo] = que_empuja.pedir(gente.ana, "GET", "dispositivos/")
    assert suyo["canal"] == "webpush"
    await sin_violaciones(pagina, axe, "activos")

    await empuje.permitir("denied")
    await expect(estado).to_contain_text("Se retiró el permiso a los avisos")
    await pagina.keyboard.press("Escape")
    async with pagina.expect_response(re.compile("/preferencias/")):
        await _ajustes(ana)
    assert que_empuja.pedir(gente.ana, "GET", "dispositivos/") == []
    await empuje.permitir("granted")
    await expect(estado).to_contain_text("Aquí se te avisa")

    await estado.get_by_role("button", name="Dejar de avisar aquí").click()
    await expect(estado).to_contain_text("Aquí no se te avisa")
    assert que_empuja.pedir(gente.ana, "GET", "dispositivos/") == []
    assert await pagina.evaluate("localStorage.getItem('prueba.suscrita')") is None


async def test_quien_vuelve_sigue_avisado_y_no_se_le_vuelve_a_pedir(
    que_empuja: Servidor, con_empuje: Any, gente: Gente
) -> None:
    ana, _ = await con_empuje(gente.ana)
    await _activar(ana)
    antes = que_empuja.pedir(gente.ana, "GET", "dispositivos/")
    pagina = ana.pagina
    # El navegador la cambió: al volver, se registra la nueva.
    await pagina.evaluate("localStorage.setItem('prueba.suscrita', 'https://otra.ejemplo/1')")
    async with pagina.expect_response(re.compile("/dispositivos/$")):
        await pagina.reload()
    assert await pagina.evaluate("pedidas") == 0
    ahora = que_empuja.pedir(gente.ana, "GET", "dispositivos/")
    assert {d["_id"] for d in ahora} > {d["_id"] for d in antes}


# Lo que llega


async def test_llega_sustituye_y_al_pulsar_abre_la_conversacion(
    que_empuja: Servidor, con_empuje: Any, gente: Gente
) -> None:
    conversacion = que_empuja.conversacion("Obra", gente.beto, gente.ana)
    otra_conversacion = que_empuja.conversacion("Compra", gente.beto, gente.ana)
    ana, empuje = await con_empuje(gente.ana)
    await _activar(ana)
    # La página, cerrada.
    pagina = ana.pagina
    await pagina.goto(f"{que_empuja.url}/docs/")
    que_empuja.enviar(gente.beto, conversacion, "¿Vienes?", prioridad="alta")
    dicho = await empuje.llegado(1)
    titulo, de_nadie = "Beto Bravo en «Obra»", f"127.0.0.1:{que_empuja.puerto}"
    await llega(empuje, pagina, dicho, [titulo, "¿Vienes?"])
    que_empuja.enviar(gente.beto, conversacion, "Ya estamos", prioridad="alta")
    otra = await empuje.llegado(2)
    await llega(empuje, pagina, otra, [titulo, "Ya estamos (2 sin leer)"])
    # Lo que no se entiende se avisa sin decir nada.
    vistas = [titulo, "Ya estamos (2 sin leer)"], [de_nadie, ""]
    await llega(empuje, pagina, "no es un aviso", *vistas)

    # Y uno de otra conversación.
    de_otra = {"titulo": "Beto", "cuerpo": "¿Y eso?", "conversacionId": otra_conversacion}
    await llega(empuje, pagina, {**de_otra, "etiqueta": "otra"}, *vistas, ["Beto", "¿Y eso?"])

    # Al pulsar, sin ninguna abierta, se abre una en su conversación.
    [trabajador] = ana.contexto.service_workers
    direccion = await trabajador.evaluate(PULSAR_SIN_PAGINA, conversacion)
    assert direccion == f"{que_empuja.url}/#/c/{conversacion}"
    await se_ensena(pagina, [de_nadie, ""], ["Beto", "¿Y eso?"])
    otra_pagina = await ana.contexto.new_page()
    await otra_pagina.goto(direccion)
    await expect(otra_pagina.locator("#titulo")).to_have_text("Obra")

    # Con una abierta, va ella.
    await trabajador.evaluate(f"(id) => {{ ({PULSAR})(id); }}", otra_conversacion)
    await expect(otra_pagina.locator("#titulo")).to_have_text("Compra")
    await se_ensena(otra_pagina, [de_nadie, ""])


async def test_leida_en_otro_dispositivo_deja_de_verse(
    que_empuja: Servidor, con_empuje: Any, llegar: Llegar, gente: Gente
) -> None:
    conversacion = que_empuja.conversacion("Compra", gente.beto, gente.ana)
    ana, empuje = await con_empuje(gente.ana)
    await _activar(ana)
    pagina = ana.pagina
    await pagina.goto(f"{que_empuja.url}/docs/")
    que_empuja.enviar(gente.beto, conversacion, "Pan", prioridad="alta")
    await empuje.entregar(pagina, await empuje.llegado(1))
    await pagina.goto(que_empuja.url)
    await ana.ya_esta()
    await se_ensena(pagina, ["Beto Bravo en «Compra»", "Pan"])
    telefono = await llegar(que_empuja, gente.ana, tamano=TELEFONO)
    await telefono.abrir(conversacion)
    await se_ensena(pagina)


async def test_otra_cuenta_en_el_mismo_navegador_no_ve_nada_de_la_primera(
    que_empuja: Servidor, con_empuje: Any, servicio: Servicio, gente: Gente
) -> None:
    conversacion = que_empuja.conversacion("Privada", gente.carla, gente.ana)
    ana, empuje = await con_empuje(gente.ana)
    await _activar(ana)
    pagina = ana.pagina
    await pagina.goto(f"{que_empuja.url}/docs/")
    que_empuja.enviar(gente.carla, conversacion, "Secreto", prioridad="alta")
    await llega(empuje, pagina, await empuje.llegado(1), ["Carla Cano en «Privada»", "Secreto"])

    await pagina.goto(que_empuja.url)
    await ana.ya_esta()
    await pagina.locator("#abrir-menu").click()
    async with pagina.expect_request_finished(lambda p: p.method == "DELETE"):
        await pagina.get_by_role("menuitem", name="Cerrar sesión").click()
    await se_ensena(pagina)
    assert await pagina.evaluate("localStorage.getItem('prueba.suscrita')") is None
    assert que_empuja.pedir(gente.ana, "GET", "dispositivos/") == []

    beto = Persona(ana.contexto, pagina, que_empuja.url, gente.beto)
    await beto.ingresar()
    dialogo = await _ajustes(beto)
    await expect(dialogo).to_contain_text("Aquí no se te avisa")
    await pagina.keyboard.press("Escape")
    await _activar(beto)
    suyo = await pagina.evaluate("localStorage.getItem('servitech.avisos.navegador')")
    assert gente.beto in suyo

    # Sin despedirse: con la página cerrada, quien entra es otra persona.
    await pagina.goto(f"{que_empuja.url}/docs/")
    de_carla = {"titulo": "Para Beto", "cuerpo": "y nadie más", "conversacionId": conversacion}
    await llega(empuje, pagina, de_carla, ["Para Beto", "y nadie más"])
    await pagina.evaluate("localStorage.removeItem('servitech.sesion')")
    carla = Persona(ana.contexto, pagina, que_empuja.url, gente.carla)
    await carla.ingresar()
    await se_ensena(pagina)
    assert await pagina.evaluate("localStorage.getItem('prueba.suscrita')") is None


async def test_a_quien_esta_en_la_pagina_no_se_le_ensena_dos_veces(
    que_empuja: Servidor, con_empuje: Any, gente: Gente
) -> None:
    ana, empuje = await con_empuje(gente.ana)
    await _activar(ana)
    await ana.pagina.bring_to_front()
    suyo = {"titulo": "Beto", "cuerpo": "Hola", "conversacionId": "x", "etiqueta": "e"}
    await empuje.entregar(ana.pagina, suyo)
    await llega(
        empuje,
        ana.pagina,
        {"titulo": "Mensajería", "cuerpo": "De prueba"},
        ["Mensajería", "De prueba"],
    )


async def test_dice_que_se_ve_y_lo_recuerda_al_reconectar(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana, fuera=True)
    enviados: list[str] = []
    ana.pagina.on("websocket", lambda ws: ws.on("framesent", lambda d: enviados.append(str(d))))

    def dichos() -> list[Any]:
        datos = [json.loads(d)["datos"] for d in enviados if '"visibilidad"' in d]
        return [d.get("conversacionId", "nada") if d["visible"] else False for d in datos]

    una = servidor.conversacion("Una", gente.ana, gente.beto)
    await ana.entrar(servidor.tokens(gente.ana))
    assert dichos() == [None]
    await ana.abrir(una)
    await ana.ya_esta()
    assert dichos() == [None, una]
    enviados.clear()
    await ana.pagina.evaluate(PASAR, "hidden")
    await ana.contexto.set_offline(True)
    await expect(ana.pagina.locator("#banda")).to_be_visible()
    await ana.contexto.set_offline(False)
    await expect(ana.pagina.locator("#banda")).to_be_hidden()
    await ana.pagina.evaluate(PASAR, "visible")
    await ana.ya_esta()
    assert dichos() == [False, False, una]


# Probar


async def test_probar_dice_que_paso_en_cada_sitio(
    que_empuja: Servidor, con_empuje: Any, servicio: Servicio, gente: Gente
) -> None:
    ana, empuje = await con_empuje(gente.ana)
    await _activar(ana)
    dialogo = await _ajustes(ana)
    fila, hecho = dialogo.locator(".ajustes-dispositivos li"), dialogo.locator(".ajustes-hecho")
    probar = fila.get_by_role("button", name=re.compile("^Probar en"))

    await probar.click()
    await expect(hecho).to_have_text("Enviado: tendría que verse ya")
    await expect(fila).to_contain_text("Último aviso")
    await llega(
        empuje,
        ana.pagina,
        await empuje.llegado(1),
        ["Mensajería", "Los avisos llegan a este dispositivo"],
    )

    servicio.contesta.append((403, {}, b"clave equivocada"))
    await probar.click()
    await expect(hecho).to_contain_text("El servicio de avisos contestó 403: clave equivocada")
    await expect(fila.locator(".fallo")).to_contain_text("clave equivocada")

    aplicacion = dialogo.locator("[data-canal=aplicacion]")
    await aplicacion.locator("summary").click()
    await aplicacion.get_by_role("button", name="Probar").click()
    aviso = ana.pagina.locator(".aviso", has_text="Los avisos llegan a esta página")
    await expect(aviso).to_have_count(1)
    correo = dialogo.locator("[data-canal=correo]")
    await correo.locator("summary").click()
    await correo.get_by_role("button", name="Probar").click()
    await expect(hecho).to_have_text("No se pudo enviar: Tu cuenta no tiene correo")

    # El servicio ya no lo conoce: se olvida.
    servicio.contesta.append((410, {}, b""))
    await probar.click()
    await expect(fila).to_have_text("En ninguno, todavía.")


async def test_olvidar_otro_dispositivo(
    que_empuja: Servidor, con_empuje: Any, gente: Gente
) -> None:
    aqui, _ = await con_empuje(gente.ana)
    alli, _ = await con_empuje(gente.ana, user_agent="Mozilla/5.0 (iPad) CriOS/131")
    for persona in (aqui, alli):
        await _activar(persona)
    dialogo = await _ajustes(aqui)
    filas = dialogo.locator(".ajustes-dispositivos li")
    await expect(filas).to_have_count(2)
    await dialogo.get_by_role("button", name="Olvidar Chrome en iPad").focus()
    await aqui.pagina.keyboard.press("Enter")
    await expect(filas).to_have_count(1)
    await expect(filas).to_contain_text("Este navegador")
    await expect(filas.get_by_role("button").first).to_be_focused()


# Los ajustes


@pytest.mark.parametrize(
    ("tamano", "lengua"),
    [
        pytest.param(TELEFONO, "en-GB", id="telefono-en"),
        pytest.param(MESA, "es-CO", id="mesa-es"),
        pytest.param(TELEFONO, "es-CO", id="telefono-es", marks=pytest.mark.aparte),
        pytest.param(MESA, "en-GB", id="mesa-en", marks=pytest.mark.aparte),
    ],
)
async def test_los_ajustes_se_guardan_y_valen_en_todos_los_dispositivos(
    que_empuja: Servidor,
    llegar: Llegar,
    axe: str,
    gente: Gente,
    tamano: ViewportSize,
    lengua: str,
) -> None:
    ingles = lengua.startswith("en")
    aqui = await llegar(
        que_empuja, gente.ana, tamano=tamano, lengua=lengua, timezone_id="America/Bogota"
    )
    pagina = aqui.pagina
    # Desde la campana.
    await pagina.locator("#abrir-notificaciones").click()
    await pagina.locator("#notificaciones-ajustes").click()
    dialogo = pagina.locator("#dialogo-avisos")
    await expect(dialogo).to_be_visible()
    alli = await llegar(que_empuja, gente.ana)
    otro = await _ajustes(alli)
    await sin_violaciones(pagina, axe, "ajustes")

    # Con el teclado.
    correo = dialogo.locator("[data-canal=correo]")
    await correo.locator("summary").focus()
    await pagina.keyboard.press("Enter")
    etiquetas = (
        ("Messages", "What it shows", "One e-mail at most every")
        if ingles
        else ("Mensajes", "Qué enseña", "Un correo como mucho cada")
    )
    mensajes, ensena, cada = [correo.get_by_label(e, exact=True) for e in etiquetas]
    await mensajes.select_option("nunca")
    await ensena.select_option("nada")
    await cada.select_option("240")
    await dialogo.locator("input[type=time]").first.fill("22:30")
    await dialogo.locator("input[type=time]").last.fill("07:15")
    await dialogo.get_by_role("button", name=re.compile("Bogota")).click()
    await expect(dialogo.locator(".ajustes-hecho")).to_have_text("Saved" if ingles else "Guardado")
    await sin_violaciones(pagina, axe, "ajustes abiertos")

    await expect(otro.locator("input[type=time]").first).to_have_value("22:30")
    await otro.locator("[data-canal=correo] summary").click()
    otra_vez = otro.locator("[data-canal=correo]")
    await expect(otra_vez.get_by_label("Un correo como mucho cada")).to_have_value("240")
    await expect(otro.get_by_label("Zona horaria")).to_have_value("America/Bogota")
    guardadas = que_empuja.pedir(gente.ana, "GET", "preferencias/")
    canales = guardadas["canales"]
    assert guardadas["zona"] == "America/Bogota"
    assert (canales["correo"]["mensajes"], canales["correo"]["muestra"]) == ("nunca", "nada")
    horas = {"desde": "22:30", "hasta": "07:15"}
    assert [c["tranquilas"] for c in canales.values()] == [horas] * 4


async def test_si_no_se_guarda_se_dice_y_vuelve_a_lo_que_habia(
    que_empuja: Servidor, llegar: Llegar, gente: Gente
) -> None:
    ana = await llegar(que_empuja, gente.ana)
    dialogo = await _ajustes(ana)
    await ana.pagina.route(re.compile("/preferencias/$"), lambda ruta: ruta.abort())
    canal = dialogo.locator("[data-canal=aplicacion]")
    await canal.locator("summary").click()
    await canal.get_by_label("Mensajes", exact=True).select_option("nunca")
    await expect(dialogo.get_by_role("alert")).to_contain_text("Comprueba tu conexión")
    await expect(canal.get_by_label("Mensajes", exact=True)).to_have_value("fuera_de_horas")


async def test_solo_se_ofrece_lo_que_hay(
    que_empuja: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Ni los canales parados, ni el resumen de cada hora a quien no lo recibe."""
    ana = await llegar(que_empuja, gente.ana)
    dialogo = await _ajustes(ana)
    canales = dialogo.locator("[data-canal]")
    await expect(canales.locator("summary")).to_have_text(
        ["En la aplicación", "En los navegadores", "Por correo"]
    )
    await canales.first.locator("summary").click()
    await expect(canales.first.get_by_label("El resumen de cada hora")).to_have_count(0)
    await canales.first.get_by_label("Lo que sigue sin leer").select_option("nunca")
    await expect(dialogo.locator(".ajustes-hecho")).to_have_text("Guardado")
    guardadas = que_empuja.pedir(gente.ana, "GET", "preferencias/")
    assert guardadas["canales"]["aplicacion"]["recordatorios"] == "nunca"


# La insignia


async def test_la_insignia_es_la_misma_en_todos_los_dispositivos(
    que_empuja: Servidor, llegar: Llegar, gente: Gente
) -> None:
    una = que_empuja.conversacion("Una", gente.beto, gente.ana)
    otra = que_empuja.conversacion("Otra", gente.carla, gente.ana)
    mesa, telefono = [
        await llegar(que_empuja, gente.ana, fuera=True, tamano=t) for t in (MESA, TELEFONO)
    ]
    for persona in (mesa, telefono):
        await persona.contexto.add_init_script(
            "navigator.setAppBadge = async (n) => { window.insignia = n; };"
            "navigator.clearAppBadge = async () => { window.insignia = 0; };"
        )
        await persona.entrar(que_empuja.tokens(gente.ana))
    for campana in _campanas(mesa, telefono):
        # Que la añadieran a las dos también cuenta.
        await expect(campana).to_have_attribute("aria-label", "Notificaciones, 2 sin leer")
    # En otra cosa, y sin cerrar la página.
    for persona in (mesa, telefono):
        await persona.pagina.evaluate(PASAR, "hidden")
    que_empuja.enviar(gente.beto, una, "uno")
    que_empuja.enviar(gente.beto, una, "dos")
    que_empuja.enviar(gente.carla, otra, f"@{gente.ana} mira")
    for persona, campana in zip((mesa, telefono), _campanas(mesa, telefono), strict=True):
        await expect(campana).to_have_attribute("aria-label", "Notificaciones, 4 sin leer")
        await persona.pagina.wait_for_function("insignia === 4")
        # De que la nombran se entera aunque esté en otra cosa; de lo demás, por la lista.
        await expect(persona.pagina.locator(".aviso", has_text="mira")).to_have_count(1)
        await expect(persona.pagina.locator(".aviso", has_text="dos")).to_have_count(0)
    await telefono.pagina.evaluate(PASAR, "visible")
    await telefono.abrir(otra)
    for persona, campana in zip((mesa, telefono), _campanas(mesa, telefono), strict=True):
        await expect(campana).to_have_attribute("aria-label", "Notificaciones, 2 sin leer")
        await persona.pagina.wait_for_function("insignia === 2")
    await expect(mesa.pagina.locator(".aviso", has_text="mira")).to_have_count(0)
    await expect(mesa.pagina).to_have_title("(1) Servitech Mensajería")


def _campanas(*personas: Persona) -> list[Locator]:
    return [p.pagina.locator("#abrir-notificaciones") for p in personas]


# Las menciones


@TAMANOS
async def test_se_nombra_con_el_teclado_y_se_pinta(
    servidor: Servidor, llegar: Llegar, axe: str, gente: Gente, tamano: ViewportSize
) -> None:
    conversacion = servidor.conversacion("Nombres", gente.ana, gente.beto, gente.carla)
    ana = await llegar(servidor, gente.ana, tamano=tamano)
    beto = await llegar(servidor, gente.beto)
    await beto.abrir(conversacion)
    await ana.abrir(conversacion)
    pagina, tecla = ana.pagina, ana.pagina.keyboard
    opciones = pagina.get_by_role("listbox", name="A quién nombrar").get_by_role("option")
    await pagina.locator("#redactor-texto").focus()
    await tecla.type("correo@")
    await expect(opciones).to_have_count(0)
    await tecla.type(" @")
    await expect(opciones).to_have_count(2)
    await sin_violaciones(pagina, axe, "a quién nombrar")
    await tecla.type("b")
    await expect(opciones).to_contain_text(["Beto Bravo"])
    await tecla.press("Enter")
    await expect(pagina.locator("#redactor-texto")).to_have_value("correo@ @Beto ")
    await tecla.type("y @c")
    await expect(opciones).to_have_count(1)
    await tecla.press("Escape")
    await expect(opciones).to_have_count(0)
    await tecla.type(" nada más")
    await pagina.locator("#enviar").click()
    fila = ana.mensaje("correo@ @Beto y @c nada más")
    await expect(fila.locator(".mencion")).to_have_text(["@Beto"])
    suya = beto.mensaje("correo@ @Beto y @c nada más").locator(".mencion")
    await expect(suya).to_have_class("mencion mia")
    await sin_violaciones(pagina, axe, "una mención")


async def test_sin_el_trabajador_no_hay_nada_que_pedir(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    """Quien no los ha pedido no carga nada de más, y el trabajador alcanza a la página."""
    ana = await llegar(servidor, gente.ana)
    assert (
        await ana.pagina.evaluate(
            "navigator.serviceWorker.getRegistrations().then((r) => r.length)"
        )
        == 0
    )
    assert await ensenadas(ana.pagina) == []
    respuesta = await ana.pagina.request.get(f"{servidor.url}/avisador.js")
    assert respuesta.headers["content-type"].startswith("text/javascript")
    assert respuesta.headers["cache-control"] == "no-cache"
    cdp = await ana.contexto.new_cdp_session(ana.pagina)
    instalable = await cdp.send("Page.getAppManifest")
    assert (instalable["url"], instalable["errors"]) == (
        f"{servidor.url}/manifiesto.webmanifest",
        [],
    )
