"""La mesa en un Chromium de verdad, con un socket abierto que ve llegar cada acción.

Con `CAPTURAS=carpeta`, guarda lo que se ve en cada paso.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import requests
from playwright.async_api import Page, async_playwright, expect

from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import Cliente, Rechazo, como, hola
from tests.integracion.conftest import nueva_conversacion, revisar_registro
from tests.servicios import Servidor

# Un bucle para todas: comparten el navegador, que tarda más en arrancar que en hacerlas. Lo que
# cada acción guarda lo prueba `test_mesa.py` en las tres bases.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.elige_base]

OPCIONES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MESA = {"width": 1280, "height": 800}
MOVIL = {"width": 390, "height": 844}
HOSTIL = "<img src=x onerror=alert(1)><script>alert(2)</script> javascript:alert(3) \u202egnp.exe"
_VIGILA = """
window.violaciones = [];
document.addEventListener('securitypolicyviolation',
    (e) => violaciones.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));
"""


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    with Servidor(tmp_path_factory.mktemp("mesa")) as uno:
        yield uno
    revisar_registro(uno.registro)


class Mesa:
    """Una pestaña que ha entrado como alguien; ninguna página puede violar su política."""

    def __init__(self, pagina: Page, servidor: Servidor, medida: dict[str, int]) -> None:
        self.pagina = pagina
        self.url = servidor.url
        self._prefijo = "movil" if medida is MOVIL else "mesa"
        self._fotos = 0
        self.quejas: list[str] = []
        pagina.on("console", lambda m: self.quejas.append(m.text) if m.type == "error" else None)
        pagina.on("pageerror", lambda e: self.quejas.append(str(e)))
        pagina.on("dialog", lambda d: self.quejas.append(d.message))

    async def ir(self, camino: str) -> Page:
        await self.pagina.goto(f"{self.url}/admin/{camino}")
        return self.pagina

    async def entrar(self, quien: str) -> None:
        await self.ir("")
        await self.pagina.fill("#id_username", quien)
        await self.pagina.fill("#id_password", "demo")
        await self.pagina.press("#id_password", "Enter")
        await self.pagina.wait_for_load_state()

    async def motivo(self, texto: str, dicho: str) -> None:
        """Rellena el motivo que se pide, confirma y lee lo que contesta."""
        await self.mirar("motivo")
        await self.pagina.fill("#id_motivo", texto)
        await self.pagina.click("[name=confirmar]")
        await expect(self.pagina.locator(".messagelist")).to_contain_text(dicho)
        await self.mirar("hecho")

    async def mirar(self, que: str) -> None:
        """Nada prohibido ni fuera de la pantalla; y la foto, si se piden."""
        # Sin sus estilos, una página a medio llegar no mide lo que medirá.
        await self.pagina.wait_for_load_state("load")
        assert await self.pagina.evaluate("window.violaciones") == []
        assert self.quejas == []
        ancho = await self.pagina.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert ancho <= 0, f"{que} se sale {ancho} píxeles"
        carpeta = os.environ.get("CAPTURAS")
        if carpeta:
            self._fotos += 1
            caso = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]
            nombre = f"{self._prefijo}-{caso}-{self._fotos:02}-{que}.png"
            await self.pagina.screenshot(path=Path(carpeta) / nombre)


Sentarse = Callable[..., contextlib.AbstractAsyncContextManager[Mesa]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sentarse(servidor: Servidor) -> AsyncIterator[Sentarse]:
    """`sentarse("mod")`: una ventana nueva, sin nada de las demás, que ya ha entrado."""
    async with async_playwright() as juego:
        navegador = await juego.chromium.launch(executable_path="/usr/bin/chromium", args=OPCIONES)

        @contextlib.asynccontextmanager
        async def _sentarse(quien: str, medida: Any = MESA) -> AsyncIterator[Mesa]:
            async with await navegador.new_context(viewport=medida, locale="es-ES") as contexto:
                await contexto.add_init_script(_VIGILA)
                # El navegador la pide por su cuenta, y no la hay.
                await contexto.route("**/favicon.ico", lambda ruta: ruta.fulfill(status=204))
                mesa = Mesa(await contexto.new_page(), servidor, medida)
                await mesa.entrar(quien)
                yield mesa

        yield _sentarse
        await navegador.close()


@pytest.fixture
def conv(servidor: Servidor, gente: Gente) -> str:
    """De ana y beto."""
    return nueva_conversacion(servidor, gente.ana, gente.beto)


async def decir(cliente: Cliente, conv: str, *textos: str) -> list[str]:
    return [(await cliente.pedir("enviar_mensaje", hola(conv, t)))["mensajeId"] for t in textos]


@pytest.mark.parametrize("medida", [MESA, MOVIL], ids=["mesa", "movil"])
async def test_mensajes_ocultar_restaurar_y_eliminar(
    servidor: Servidor, sentarse: Sentarse, conv: str, medida: dict[str, int], gente: Gente
) -> None:
    async with como(servidor, gente.ana) as ana, sentarse("mod", medida) as mesa:
        await mesa.mirar("hoy")
        uno, dos, tres = await decir(ana, conv, "primero", HOSTIL, "tercero")
        pagina = await mesa.ir(f"mensajeria/conversacion/{conv}/transcripcion/")
        await expect(pagina.locator("#m-2 .texto")).to_have_text(HOSTIL)
        assert await pagina.locator("#m-2 .texto *").count() == 0
        await mesa.mirar("transcripcion")

        # Con el teclado: dos casillas y un botón.
        for n in (1, 2):
            await pagina.locator(f"#elegir-{n}").focus()
            await pagina.keyboard.press("Space")
        await pagina.get_by_role("button", name="Ocultar").focus()
        await pagina.keyboard.press("Enter")
        await expect(pagina.locator("#id_motivo")).to_be_focused()
        await pagina.click("[name=confirmar]")
        await expect(pagina.locator(".errorlist")).to_contain_text("Escribe el motivo")
        await mesa.motivo("publicidad", "2 mensajes ocultados.")
        for id_ in (uno, dos):
            await ana.esperar("mensaje_eliminado", lambda d, i=id_: d["mensajeId"] == i)
        await expect(pagina.locator("#m-1 .por-que")).to_contain_text("publicidad")

        await pagina.check("#elegir-1")
        await pagina.get_by_role("button", name="Restaurar").click()
        await mesa.motivo("no lo era", "1 mensaje restaurado.")
        vuelto = await ana.esperar("mensaje_editado", lambda d: d["mensaje"]["_id"] == uno)
        assert vuelto["mensaje"]["contenido"]["texto"] == "primero"

        await pagina.locator("#m-3").get_by_role("link", name="Detalle").click()
        await mesa.mirar("detalle")
        await pagina.get_by_role("link", name="Eliminar").click()
        await mesa.motivo("<b>datos de otro</b>", "1 mensaje eliminado.")
        await ana.esperar("mensaje_eliminado", lambda d: d["mensajeId"] == tres)
        await pagina.get_by_role("link", name="Histórico").click()
        await expect(pagina.locator("#change-history")).to_contain_text("<b>datos de otro</b>")
        await mesa.mirar("historia")

        # Varios a la vez, desde la lista buscada.
        await mesa.ir(f"mensajeria/mensaje/?q={conv}")
        await mesa.mirar("lista")
        await pagina.check("#action-toggle")
        await pagina.select_option("select[name=action]", "ocultar")
        await pagina.click("button[name=index]")
        await pagina.fill("#id_motivo", "todo fuera")
        await pagina.click("[name=confirmar]")
        await expect(pagina.locator(".messagelist .success")).to_contain_text("1 mensaje ocultado")
        await expect(pagina.locator(".messagelist")).to_contain_text("El mensaje ya está oculto")
        await mesa.mirar("varios")
        await mesa.ir("")
        await expect(pagina.locator(".cifras")).to_contain_text("Ocultos")
        await mesa.mirar("hoy-despues")


async def rechazo(cliente: Cliente, conv: str) -> str:
    with pytest.raises(Rechazo) as error:
        await decir(cliente, conv, "¿puedo?")
    return error.value.code


@pytest.mark.parametrize("medida", [MESA, MOVIL], ids=["mesa", "movil"])
async def test_conversaciones_y_participantes(
    servidor: Servidor, sentarse: Sentarse, conv: str, medida: dict[str, int], gente: Gente
) -> None:
    async with (
        como(servidor, gente.ana) as ana,
        como(servidor, gente.beto) as beto,
        sentarse("mod", medida) as mesa,
    ):
        pagina = await mesa.ir("mensajeria/conversacion/")
        await mesa.mirar("lista")
        await mesa.ir(f"mensajeria/conversacion/{conv}/change/")
        await mesa.mirar("ficha")
        await pagina.get_by_role("link", name="Cerrar conversación").click()
        await mesa.motivo("se han peleado", "1 conversación cerrada.")
        await ana.esperar("conversacion_actualizada", lambda d: not d["conversacion"]["activa"])
        assert await rechazo(ana, conv) == "CONVERSATION_CLOSED"
        await pagina.get_by_role("link", name="Reabrir conversación").click()
        await mesa.motivo("ya está", "1 conversación reabierta.")
        await ana.esperar(
            "conversacion_actualizada",
            lambda d: d["conversacion"]["activa"] and d["secuenciaCambio"] > 2,
        )

        fila = pagina.locator("#participantes-group tr.has_original", has_text="Beto")
        await fila.get_by_role("link", name="Cambiar rol y permisos").click()
        await pagina.select_option("#id_rol", "moderador")
        await pagina.select_option("#id_puede_enviar", "no")
        await mesa.motivo("a callar", "1 participante cambiado.")
        await beto.esperar(
            "conversacion_actualizada",
            lambda d: any(
                p["usuario"]["_id"] == gente.beto and p["rol"] == "moderador"
                for p in d["conversacion"]["participantes"]
            ),
        )
        assert await rechazo(beto, conv) == "PERMISSION_DENIED"
        await fila.get_by_role("link", name="Quitar de la conversación").click()
        await mesa.motivo("insiste", "1 participante quitado.")
        for cliente in (ana, beto):
            await cliente.esperar("participante_removido", lambda d: d["conversacionId"] == conv)
        assert await rechazo(beto, conv) == "NOT_FOUND"
        await pagina.get_by_role("link", name="Histórico").click()
        historia = pagina.locator("#change-history")
        for motivo in ("se han peleado", "ya está", "a callar", "insiste"):
            await expect(historia).to_contain_text(motivo)
        await mesa.mirar("historia")


@pytest.mark.parametrize("medida", [MESA, MOVIL], ids=["mesa", "movil"])
async def test_desactivar_y_reactivar_una_cuenta(
    servidor: Servidor, sentarse: Sentarse, medida: dict[str, int], gente: Gente
) -> None:
    async with como(servidor, gente.carla) as carla, sentarse("mod", medida) as mesa:
        pagina = await mesa.ir(f"mensajeria/usuario/?q={gente.carla}")
        await mesa.mirar("lista")
        await pagina.check("#action-toggle")
        await pagina.select_option("select[name=action]", "desactivar")
        await pagina.click("button[name=index]")
        antes = Cronometro()
        await mesa.motivo("suplanta a otra persona", "1 usuario desactivado.")
        await carla.esperar("error", lambda d: d["code"] == "AUTH_INVALID")
        await carla.cierre()
        assert antes.segundos() < 3
        viejo = {"Authorization": f"Bearer {servidor.token(gente.carla)}"}
        ruta = f"{servidor.url}/api/mensajeria/conversaciones/"
        assert (await en_hilo(requests.get, ruta, headers=viejo)).status_code == 401
        await mesa.ir(f"mensajeria/usuario/{gente.carla}/change/")
        await mesa.mirar("ficha")
        await pagina.get_by_role("link", name="Reactivar").click()
        await mesa.motivo("era ella", "1 usuario reactivado.")
        assert (await en_hilo(requests.get, ruta, headers=viejo)).status_code == 401
        servidor._tokens.pop(gente.carla)
        async with como(servidor, gente.carla):
            pass


async def en_hilo(funcion: Any, *args: Any, **mas: Any) -> Any:
    return await asyncio.to_thread(funcion, *args, timeout=10, **mas)


async def test_quien_no_modera_no_entra_ni_falsificando(
    servidor: Servidor, sentarse: Sentarse, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as ana, sentarse(gente.ana) as mesa:
        [id_] = await decir(ana, conv, "intacto")
        await expect(mesa.pagina.locator(".errornote")).to_be_visible()
        await mesa.mirar("ingreso-negado")
        falso: dict[str, Any] = {"ids": id_, "confirmar": "1", "motivo": "porque sí"}
        accion = f"{servidor.url}/admin/mensajeria/mensaje/accion/eliminar/"
        contexto = mesa.pagina.context
        assert (await contexto.request.post(accion, form=falso)).status == 403
        # Con su token de CSRF llega a la puerta, y no pasa.
        [galleta] = [c for c in await contexto.cookies() if c["name"] == "csrftoken"]
        respuesta = await contexto.request.post(
            accion,
            form={**falso, "csrfmiddlewaretoken": galleta["value"]},
            headers={"Referer": accion},
        )
        assert "/admin/login/" in respuesta.url
        async with sentarse("mod") as moderadora:
            respuesta = await moderadora.pagina.context.request.post(accion, form=falso)
            assert respuesta.status == 403
            cuerpo = await moderadora.ir(f"mensajeria/mensaje/{id_}/change/")
            await expect(cuerpo.locator(".field-estado")).to_contain_text("Visible")
        assert ana.recibidos("mensaje_eliminado") == []


async def test_la_politica_no_estorba_y_para_lo_de_dentro(
    servidor: Servidor, sentarse: Sentarse
) -> None:
    async with sentarse("admin") as mesa:
        for camino in (
            "mensajeria/usuario/ana/change/",
            "mensajeria/usuario/ana/password/",
            "mensajeria/usuario/add/",
            "mensajeria/participante/",
            "mensajeria/notificacion/",
            "auth/group/add/",
            "admin/logentry/",
            "password_change/",
        ):
            await mesa.ir(camino)
            await mesa.mirar(camino.strip("/").replace("/", "_"))
        colado = """() => {
            const guion = document.createElement('script');
            guion.textContent = 'window.colado = true';
            document.body.append(guion);
            return window.colado === true;
        }"""
        assert await mesa.pagina.evaluate(colado) is False
        mesa.quejas.clear()
        await mesa.pagina.goto(f"{servidor.url}/api/docs/")
        await expect(mesa.pagina.locator(".opblock").first).to_be_visible()
        await mesa.mirar("swagger")
        await mesa.pagina.goto(f"{servidor.url}/api/mensajeria/estadisticas/")
        await mesa.mirar("api-navegable")
