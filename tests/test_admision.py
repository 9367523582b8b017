"""Lo malformado se niega en la entrada, con su motivo, venga a REST, a la mesa o a la página."""

from __future__ import annotations

import asyncio
import base64
import html
import itertools
import json
import logging
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.admin.utils import quote as admin_quote
from django.test import Client

from mensajeria.models import Conversacion, Mensaje, Notificacion, Participante, Usuario
from tests.servicios import firmar
from tests.test_http import _un_hilo, pedir  # noqa: F401  (todas en un hilo)

pytestmark = pytest.mark.bd

C = "/api/mensajeria/conversaciones/"
LISTAS = (
    C,
    C + "conv/mensajes/",
    C + "conv/mensajes/?desdeCambio=0",
    "/api/mensajeria/notificaciones/",
)
MUCHOS = "&".join(f"a{n}=1" for n in range(1_100))
CAMBIO = {"ultimo_cambio": 1, "secuencia_cambio": 1}
FORMULARIO = "application/x-www-form-urlencoded"


@pytest.fixture(params=[True, False], ids=["con DEBUG", "sin DEBUG"])
def cliente(request: Any, settings: Any, decir: Any, ana: Usuario) -> Client:
    """Quien administra, con el token de ana para REST; un 5xx es una respuesta, no una traza."""
    settings.DEBUG = request.param
    decir("ana")
    Notificacion.objects.create(id="n", usuario=ana, tipo="t", titulo="T", mensaje="M")
    mod = Usuario.objects.create_user(
        username="mod", id="mod", password="demo", is_staff=True, is_superuser=True
    )
    uno = Client(raise_request_exception=False)
    uno.force_login(mod)
    return uno


def _de_ana(cliente: Client, url: str, metodo: str = "GET", **mas: Any) -> Any:
    return cliente.generic(metodo, url, HTTP_AUTHORIZATION=f"Bearer {firmar('ana')}", **mas)


def test_mas_de_mil_campos(cliente: Client) -> None:
    for camino in (C, "/api/esquema/", "/admin/", "/admin/login/", "/", "/salud/"):
        _con_mil(cliente, camino)


def _con_mil(cliente: Client, camino: str) -> None:
    for respuesta in (
        _de_ana(cliente, f"{camino}?{MUCHOS}"),
        cliente.post(camino, MUCHOS, content_type=FORMULARIO),
    ):
        assert respuesta.status_code == 400
        if camino.startswith("/api/"):
            assert respuesta.json()["code"] == "VALIDATION_ERROR"


def test_un_formulario_enorme_es_413(cliente: Client) -> None:
    for camino in ("/admin/login/", C):
        respuesta = cliente.post(camino, b"a" * 3_000_000, content_type=FORMULARIO)
        assert respuesta.status_code == 413


TIPOS = [
    f"{FORMULARIO}; charset=utf-7",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "text/plain; charset=undefined",
    "text/plain; charset=base64",
    "application/json; charset=utf-16",
]


@pytest.mark.parametrize("con_debug", [True, False])
async def test_tipos_de_contenido_raros(con_debug: bool, ana: Usuario, settings: Any) -> None:
    settings.DEBUG = con_debug
    for camino in (C, "/api/esquema/", "/api/docs/", "/admin/login/", "/", "/salud/"):
        for tipo in TIPOS:
            for consulta in ("a=%ff", MUCHOS):
                como = {"content-type": tipo, "authorization": f"Bearer {firmar('ana')}"}
                estado, *_ = await pedir(f"{camino}?{consulta}", "POST", b"a=\xff", **como)
                assert 400 <= estado < 500, (camino, tipo)


def test_un_nombre_de_maquina_imposible_cuesta_una_linea(
    cliente: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for maquina in ("[", "a b", "\xff", "a" * 70 + ":x"):
        for camino in ("/", "/admin/", C):
            assert _de_ana(cliente, camino, HTTP_HOST=maquina).status_code == 400
    assert not [r for r in caplog.records if r.exc_info]


def test_un_metodo_que_no_lee_no_se_redirige(cliente: Client) -> None:
    for metodo in ("POST", "PUT", "PATCH", "DELETE"):
        for camino in ("/admin", "/salud"):
            assert cliente.generic(metodo, camino).status_code == 404
    assert cliente.get("/salud").status_code == 301


def test_ningun_nul_llega_a_la_base(cliente: Client) -> None:
    for camino, estado in (
        ("/admin/mensajeria/conversacion/%00/transcripcion/", 404),
        ("/admin/mensajeria/mensaje/accion/ocultar/?ids=%00", 400),
        ("/admin/mensajeria/mensaje/?tipo__exact=%00", 400),
        (f"{C}?cursor=%00", 400),
        ("/%00", 404),
        ("/static/%00", 404),
        (f"{C}%00/", 404),
    ):
        assert _de_ana(cliente, camino).status_code == estado, camino
    datos = {"action": "ocultar", "_selected_action": "\0"}
    assert cliente.post("/admin/mensajeria/mensaje/", datos).status_code == 400


def test_una_clave_de_sesion_imposible_es_no_tenerla(cliente: Client) -> None:
    casos = (("/", 200), (C, 401), ("/admin/login/", 200))
    claves = (r'"\000abcdefgh"', r'"\377abcdefgh"', "x" * 4_000, "../../etc")
    for clave, (camino, estado) in itertools.product(claves, casos):
        respuesta = Client().get(camino, HTTP_COOKIE=f"sessionid={clave}")
        assert respuesta.status_code == estado


def _cursor(posicion: str, **mas: str) -> str:
    crudo = urlencode({"p": posicion, **mas}).encode()
    return quote(base64.b64encode(crudo).decode())


POSICIONES = [
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59.999999",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
    "10000-01-01",
    "2026-02-30",
    "2026-01-01T00:00:00+99:99",
    "9" * 19,
    "9" * 5_000,
    "-1",
    "-" + "9" * 30,
    "nan",
    "\x00",
    "",
]


@pytest.mark.parametrize("lista", LISTAS)
def test_un_cursor_con_cualquier_cosa(lista: str, cliente: Client) -> None:
    for posicion in POSICIONES:
        for mas in ({}, {"r": "1"}, {"o": "999999999999"}):
            cual = "&" if "?" in lista else "?"
            respuesta = _de_ana(cliente, f"{lista}{cual}cursor={_cursor(posicion, **mas)}")
            assert respuesta.status_code in (200, 400)
            if respuesta.status_code == 400:
                assert respuesta.json()["campo"] == "cursor"


def test_el_esquema_niega_en_su_formato_y_los_documentos_no_tienen_opciones(
    cliente: Client,
) -> None:
    assert cliente.post("/api/esquema/").status_code == 405
    assert cliente.options("/api/docs/").status_code == 405
    malo = {"HTTP_AUTHORIZATION": "Bearer malo"}
    for camino in ("/api/esquema/", "/api/docs/"):
        assert cliente.generic("GET", camino, **malo).status_code == 200  # type: ignore[arg-type]


async def test_un_cuerpo_sin_medida_se_lee_entero(decir: Any) -> None:
    """A trozos no lleva `Content-Length`, y DRF lo daba por vacío."""
    await asyncio.to_thread(decir, "ana")
    mensaje = b'{"contenido": {"texto": "a trozos"}}'
    como = {"authorization": f"Bearer {firmar('ana')}", "content-type": "application/json"}
    estado, _, cuerpo = await pedir(f"{C}conv/mensajes/", "POST", mensaje, **como)
    assert (estado, b"a trozos" in cuerpo) == (201, True)


async def test_bytes_sueltos_en_la_consulta(ana: Usuario) -> None:
    como: Any = {"authorization": f"Bearer {firmar('ana')}"}
    assert (await pedir(f"{C}?tipo=\xff", **como))[0] == 400


async def test_un_identificador_con_barra_se_pide_como_los_demas(ana: Usuario) -> None:
    """Los importados se quedan como son."""

    def sembrar() -> None:
        fila = Conversacion.objects.create(id="a/b", tipo="grupal", **CAMBIO)
        Participante.objects.create(
            conversacion=fila, usuario=ana, puede_moderar=True, secuencia_cambio=1
        )

    await asyncio.to_thread(sembrar)
    como: Any = {"authorization": f"Bearer {firmar('ana')}", "content-type": "application/json"}
    for texto in (b"uno", b"dos"):
        cuerpo = b'{"contenido": {"texto": "%b"}}' % texto
        assert (await pedir(f"{C}a%2Fb/mensajes/", "POST", cuerpo, **como))[0] == 201
    for camino in (f"{C}a%2fb/", f"{C}a%2fb"):
        estado, _, crudo = await pedir(camino, **como)
        assert (estado, json.loads(crudo)["_id"]) == (200, "a/b")
    pagina = json.loads((await pedir(f"{C}a%2Fb/mensajes/?limite=1", **como))[2])
    siguiente = pagina["next"].removeprefix("http://localhost")
    assert siguiente.startswith(f"{C}a%2Fb/mensajes/?")
    otra = json.loads((await pedir(siguiente, **como))[2])
    assert [p["results"][0]["contenido"]["texto"] for p in (pagina, otra)] == ["dos", "uno"]
    assert (await pedir(f"{C}a/b/", **como))[0] == 404


@pytest.mark.parametrize("id_", ["a/b", "a\nb", "_2F", "?x=1#", "accion/ocultar"])
def test_en_la_mesa_un_identificador_es_cualquiera(id_: str, ana: Usuario) -> None:
    Usuario.objects.update(is_staff=True, is_superuser=True)
    fila = Conversacion.objects.create(id=id_, tipo="grupal", ultima_secuencia=1, **CAMBIO)
    Participante.objects.create(conversacion=fila, usuario=ana, secuencia_cambio=1)
    Mensaje.objects.create(
        conversacion=fila, remitente=ana, texto="hola", secuencia=1, secuencia_cambio=1
    )
    uno = Client()
    uno.force_login(ana)
    raiz = "/admin/mensajeria"
    pagina = uno.get(f"{raiz}/conversacion/").content.decode()
    [transcripcion] = set(re.findall(r'href="([^"]+/transcripcion/)"', pagina))
    assert "hola" in uno.get(html.unescape(transcripcion)).content.decode()
    for camino in (f"conversacion/{quote(admin_quote(id_))}/change/", "mensaje/", "participante/"):
        assert uno.get(f"{raiz}/{camino}").status_code == 200
