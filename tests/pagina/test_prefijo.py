"""Todo bajo `PREFIJO`, tras nuestro nginx con lo que dice `docs/produccion.md`: nada se sale."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from playwright.async_api import Request, expect

from tests.archivos import muestras
from tests.fragmentos import fragmentos
from tests.gente import Gente
from tests.integracion.cliente import Cliente
from tests.nginx import Nginx, nginx
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor
from tests.servicios import PACIENCIA, RAIZ

P = "/chat"
# De las direcciones que se parecen (las de cada persona), cuántas se visitan.
DE_CADA_FORMA = 2
# nginx dice su nombre sin el puerto, que en producción es el de siempre.
CASA = {"Referer": "https://127.0.0.1/"}
_ATRIBUTO = re.compile(r'\s[\w-]+="(/[^"]*|https?://[^"]*)"')
_EN_CSS = re.compile(r"""url\(["']?([^"')]+)""")
_EN_JS = re.compile(r"""["'](/(?:static|paquete|docs|admin|avatares)/[^"']*)""")


class Casa(NamedTuple):
    """Un servidor con prefijo, y su nginx."""

    servidor: Servidor
    delante: Nginx

    @property
    def url(self) -> str:
        return self.delante.url + P

    def navegador(self) -> requests.Session:
        sesion = requests.Session()
        sesion.trust_env, sesion.verify = False, str(self.delante.certificado)
        return sesion


@pytest.fixture(scope="module")
def casa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casa]:
    carpeta = tmp_path_factory.mktemp("prefijo")
    [orden] = [
        f.codigo for f in fragmentos(RAIZ / "docs/produccion.md") if "location /chat/" in f.codigo
    ]
    entorno = {"PREFIJO": P, "TRAS_PROXY": "1", "SITIO": "https://tusitio.com"}
    with (
        Servidor(carpeta, **entorno) as servidor,
        nginx(carpeta, servidor.puerto, servidor.puerto, cambiado=orden) as delante,
    ):
        yield Casa(servidor, delante)


def _dentro(nombrado: str, en: str) -> str:
    """El camino de lo que nombra esa página; si es de aquí, lleva el prefijo."""
    partes = urlsplit(urljoin(en, nombrado))
    if partes.hostname != urlsplit(en).hostname:
        return ""
    assert f"{partes.path}/".startswith(f"{P}/"), f"{en} lleva a {nombrado}"
    return partes.path


def _ruta(url: str) -> str:
    return url.removeprefix(CASA["Referer"].rstrip("/"))


def _cadenas(dato: Any) -> Iterator[str]:
    if isinstance(dato, str):
        yield dato
    elif isinstance(dato, dict | list):
        for uno in dato.values() if isinstance(dato, dict) else dato:
            yield from _cadenas(uno)


def _nombradas(respuesta: requests.Response) -> set[str]:
    """Los caminos que nombra: sus atributos, sus `url()`, lo que dice su JSON y su `Location`."""
    tipo = respuesta.headers.get("Content-Type", "")
    halladas: list[str] = []
    if "html" in tipo:
        halladas = _ATRIBUTO.findall(respuesta.text)
    elif "css" in tipo:
        halladas = [u for u in _EN_CSS.findall(respuesta.text) if not u.startswith("data:")]
    elif "javascript" in tipo:
        assert not _EN_JS.findall(respuesta.text), respuesta.url
    elif "json" in tipo:
        halladas = [c for c in _cadenas(respuesta.json()) if re.match(r"/|https?://", c)]
    for cabecera in ("Location", "Link"):
        halladas += re.findall(r"[^<>]+", respuesta.headers.get(cabecera, "").split(";")[0])
    for galleta in respuesta.raw.headers.getlist("Set-Cookie"):
        assert f"; Path={P};" in f"{galleta};", galleta
    return {_dentro(h, respuesta.url) for h in halladas} - {""}


def _recorrer(sesion: requests.Session, *desde: str) -> Counter[str]:
    """Todo lo que se alcanza leyendo, una vez; y cuántas se vieron de cada forma."""
    pendientes, vistas, formas = list(desde), set(desde), Counter[str]()
    while pendientes:
        url = pendientes.pop()
        respuesta = sesion.get(
            url, headers={"Accept": "text/html"}, timeout=PACIENCIA, allow_redirects=False
        )
        # A algunas rutas de la API solo se les envía.
        assert respuesta.status_code in (200, 301, 302, 405), (url, respuesta.status_code)
        for camino in sorted(_nombradas(respuesta)):
            otra = urljoin(url, camino)
            forma = re.sub(r"[\w%.-]*\d[\w%.-]*|[0-9a-f]{12,}", "*", camino)
            if otra not in vistas and formas[forma] < DE_CADA_FORMA:
                formas[forma] += 1
                vistas.add(otra)
                pendientes.append(otra)
    return formas


def test_lo_que_se_alcanza_desde_la_pagina_la_mesa_y_los_documentos(casa: Casa) -> None:
    sesion = casa.navegador()
    mesa = f"{casa.url}/admin/login/"
    sesion.get(mesa, timeout=PACIENCIA)
    ficha = {"csrfmiddlewaretoken": sesion.cookies["csrftoken_chat"]}
    datos = {"username": "admin", "password": "demo", "next": f"{P}/admin/"}
    entra = sesion.post(mesa, ficha | datos, headers=CASA, timeout=PACIENCIA, allow_redirects=False)
    assert (entra.status_code, entra.headers["Location"]) == (302, f"{P}/admin/")
    assert {c.path for c in sesion.cookies} == {P}
    raices = ("", "docs/", "admin/", "api/mensajeria/", "api/docs/", "manifiesto.webmanifest")
    formas = _recorrer(sesion, *(f"{casa.url}/{raiz}" for raiz in raices))
    for forma in ("admin/mensajeria/usuario/", "docs/contrato/", "static/mensajeria/icono.svg"):
        assert formas[f"{P}/{forma}"], forma
    assert len(formas) > 60
    assert sesion.get(f"{casa.url}/docs", timeout=PACIENCIA).url == f"{casa.url}/docs/"
    assert sesion.get(casa.url, timeout=PACIENCIA).url == f"{casa.url}/"
    # También sin nginx, que la añade por su cuenta.
    sola = requests.get(casa.servidor.url + P, timeout=PACIENCIA, allow_redirects=False)
    assert (sola.status_code, sola.headers["Location"]) == (301, f"{P}/")
    for ajena in ("/", "/docs/", "/chatear/", f"{P}/metrics"):
        assert sesion.get(casa.delante.url + ajena, timeout=PACIENCIA).status_code == 404, ajena
    esquema = sesion.get(f"{casa.url}/api/esquema/?format=json", timeout=PACIENCIA).json()
    assert esquema["servers"] == [{"url": P}]


def test_lo_que_dice_la_api_lleva_a_lo_suyo(casa: Casa, gente: Gente) -> None:
    sesion = casa.navegador()
    ingreso = {"username": gente.ana, "password": "demo"}
    entra = sesion.post(f"{casa.url}/api/token/", json=ingreso, timeout=PACIENCIA)
    sesion.headers["Authorization"] = f"Bearer {entra.json()['access']}"
    api = f"{casa.url}/api/mensajeria/"

    def pedir(metodo: str, ruta: str, **con: Any) -> Any:
        respuesta = sesion.request(metodo, urljoin(api, ruta), timeout=PACIENCIA, **con)
        respuesta.raise_for_status()
        _nombradas(respuesta)
        return respuesta.json() if "json" in respuesta.headers["Content-Type"] else None

    assert {_dentro(ruta, api) for ruta in pedir("GET", "").values()} > {f"{P}/api/token/"}
    nueva = {"tipo": "grupal", "participantes": [{"usuarioId": gente.beto}]}
    conv = pedir("POST", "conversaciones/", json=nueva)["_id"]
    imagen = muestras.imagen("PNG", (400, 300))
    subido = pedir(
        "POST", f"conversaciones/{conv}/archivos/", files={"archivo": ("vista.png", imagen)}
    )
    contenido = {"archivo": {"id": subido["_id"]}}
    mensaje = pedir("POST", f"conversaciones/{conv}/mensajes/", json={"contenido": contenido})
    archivo = mensaje["contenido"]["archivo"]
    for url in (archivo["url"], *(m["url"] for m in archivo["miniaturas"]), subido["url"]):
        assert url.startswith(f"{P}/api/mensajeria/archivos/")
        pedir("GET", url)
    conversacion = pedir(
        "PUT", f"conversaciones/{conv}/avatar/", files={"archivo": ("yo.png", imagen)}
    )
    avatar = conversacion["configuracion"]["avatar"]
    # Quien devuelve lo que se le dio no lo cambia.
    cuerpo = {"configuracion": {"avatar": avatar, "descripcion": "otra"}}
    otra_vez = pedir("PATCH", f"conversaciones/{conv}/", json=cuerpo)["configuracion"]
    assert (otra_vez["avatar"], otra_vez["descripcion"]) == (avatar, "otra")
    assert avatar.startswith(f"{P}/avatares/")
    pedir("GET", avatar)
    yo = pedir("PUT", "usuarios/yo/avatar/", files={"archivo": ("yo.png", imagen)})
    pedir("GET", yo["avatar_url"])
    for n in range(3):
        pedir("POST", f"conversaciones/{conv}/mensajes/", json={"contenido": {"texto": str(n)}})
    pagina = pedir("GET", f"conversaciones/{conv}/mensajes/?limite=2")
    assert pedir("GET", casa.delante.url + _ruta(pagina["next"]))["results"]
    negada = sesion.get(f"{api}mensajes/nada/", timeout=PACIENCIA)
    assert negada.json()["documentacion"] == f"{P}/docs/errores/#not_found"
    assert _nombradas(negada) == {f"{P}/docs/errores/"}
    # Un proxy que ya recortó el prefijo, y quien pregunta desde dentro.
    for camino in ("/salud/vivo", "/salud/listo", "/salud/", "/metrics"):
        assert requests.get(casa.servidor.url + camino, timeout=PACIENCIA).status_code == 200
    suya = {"Authorization": sesion.headers["Authorization"]}
    recortada = requests.get(
        f"{casa.servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/?limite=2",
        headers=suya,
        timeout=PACIENCIA,
    )
    assert urlsplit(recortada.json()["next"]).path.startswith(f"{P}/api/")


def test_los_avisos_por_correo_llevan_a_su_sitio(casa: Casa, gente: Gente) -> None:
    baja = casa.servidor.guion(
        "from django.conf import settings\n"
        "from mensajeria.avisos.canales.correo import enlace_de_baja\n"
        f"print(settings.SITIO, enlace_de_baja('{gente.beto}'))"
    ).split()
    assert baja[0] == f"https://tusitio.com{P}"
    assert baja[1].startswith(f"https://tusitio.com{P}/avisos/baja/")
    pregunta = casa.navegador().get(casa.delante.url + urlsplit(baja[1]).path, timeout=PACIENCIA)
    assert pregunta.status_code == 200
    _nombradas(pregunta)


async def test_por_cada_puerta_de_sockets(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(casa.delante.certificado))
    casa.servidor.entorno["SSL_CERT_FILE"] = os.environ["SSL_CERT_FILE"]
    dicho = casa.servidor.orden("diagnosticar", "--url", casa.url).stdout
    for puerta in ("sondeos", "por WebSocket", "sencillo"):
        assert re.search(rf"{puerta}: ping y pong", dicho), dicho
    sesion = casa.navegador()
    entrada = f"{casa.url}/api/entrar/"
    sesion.get(entrada, timeout=PACIENCIA)
    datos = {"username": "ana", "password": "demo"}
    datos["csrfmiddlewaretoken"] = sesion.cookies["csrftoken_chat"]
    sesion.post(entrada, datos, headers=CASA, timeout=PACIENCIA)
    con = {"Cookie": f"sessionid_chat={sesion.cookies['sessionid_chat']}"}
    ws = f"{casa.url.replace('https', 'wss')}/ws/mensajeria/"
    async with Cliente(ws, additional_headers=con, origin=CASA["Referer"].rstrip("/")) as cliente:
        quien = await cliente.esperar("autenticado")
    assert quien["usuarioId"] == "ana"


async def test_entrar_y_enviar_desde_la_pagina(casa: Casa, llegar: Llegar, gente: Gente) -> None:
    conv = casa.servidor.conversacion("Con prefijo", gente.ana, gente.beto)
    foto = muestras.imagen("PNG", (400, 300))
    casa.servidor.enviar_archivo(gente.beto, conv, "vista.png", foto)
    sin_prefijo: list[str] = []
    ana = await llegar(
        casa.servidor, gente.ana, fuera=True, por=f"{casa.url}/", ignore_https_errors=True
    )

    def mirar(pedida: Request) -> None:
        if not urlsplit(pedida.url).path.startswith(f"{P}/"):
            sin_prefijo.append(pedida.url)

    ana.pagina.on("request", mirar)
    await ana.ingresar()
    await ana.abrir(conv)
    await ana.enviar("hola")
    await expect(ana.mensaje("hola")).to_be_visible()
    await expect(ana.pagina.locator("#mensajes img").first).to_be_visible()
    await ana.abrir_cajon()
    await expect(ana.pagina.locator("#registro li").first).to_be_visible()
    assert [u for u in sin_prefijo if not u.startswith(("data:", "blob:"))] == []
    assert casa.servidor.textos(gente.ana, conv)[-1] == "hola"


async def test_el_trabajador_de_servicio_alcanza_a_lo_suyo(casa: Casa, llegar: Llegar) -> None:
    """Sin TLS: con un certificado que no conoce, el navegador no lo instala."""
    suya = f"{casa.servidor.url}{P}/"
    ana = await llegar(casa.servidor, "ana", fuera=True, por=suya)
    await ana.pagina.goto(suya)
    alcance = await ana.pagina.evaluate(
        """async () => {
          const politica = trustedTypes.createPolicy("de-prueba", { createScriptURL: (u) => u });
          const guion = politica.createScriptURL("avisador.js");
          return (await navigator.serviceWorker.register(guion)).scope;
        }"""
    )
    assert alcance == suya
    manifiesto = requests.get(f"{suya}manifiesto.webmanifest", timeout=PACIENCIA).json()
    assert urljoin(suya, manifiesto["scope"]) == urljoin(suya, manifiesto["start_url"]) == suya
