"""La mesa enseña los archivos sin peligro, y los ocultos también: es quien ha de verlos."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mensajeria.archivos.descarga import POLITICA
from mensajeria.models import Mensaje
from mensajeria.protocolo import cargas
from tests.admin.test_hostil import HOSTIL, Lector
from tests.archivos import muestras
from tests.archivos.apoyo import con_archivo, leida, subir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("todos")]

RAIZ = "/admin/mensajeria"


def entrar(quien: str) -> Client:
    navegador = Client()
    assert navegador.login(username=quien, password="demo")
    navegador.post("/admin/login/", {"username": quien, "password": "demo"})
    return navegador


@pytest.fixture
def con_foto(almacen: Path, pedir: Any) -> str:
    """Un mensaje de ana con una imagen de nombre hostil; su identificador."""
    id_ = subir("ana", muestras.imagen("PNG", (400, 300)), HOSTIL[:60]).pk
    return str(pedir("ana", con_archivo(id_)).mensaje_id)


def _estados(quien: str, mensaje_id: str) -> list[int]:
    navegador = entrar(quien)
    caminos = [f"{RAIZ}/mensaje/{mensaje_id}/archivo/{p}/" for p in ("contenido", "pequena")]
    return [leida(navegador.get(camino)).status_code for camino in caminos]


@pytest.mark.parametrize(
    ("quien", "estado"), [("mod", 200), ("admin", 200), ("sinmas", 403), ("ana", 302)]
)
def test_lo_ve_quien_puede_ver_mensajes(quien: str, estado: int, con_foto: str) -> None:
    navegador = Client()
    navegador.login(username=quien, password="demo")
    if quien != "ana":
        navegador = entrar(quien)
    respuesta = leida(navegador.get(f"{RAIZ}/mensaje/{con_foto}/archivo/contenido/"))
    assert respuesta.status_code == estado
    if estado == 200:
        assert respuesta["Content-Security-Policy"] == POLITICA
        assert respuesta["X-Content-Type-Options"] == "nosniff"
        assert respuesta["Content-Disposition"].startswith("attachment;")


def test_oculto_lo_sigue_viendo_quien_modera_y_eliminado_nadie(con_foto: str, pedir: Any) -> None:
    pedir("mod", cargas.OcultarMensaje(mensaje_id=con_foto, razon="r"), personal=True)
    assert _estados("mod", con_foto) == [200, 200]
    pedir("mod", cargas.EliminarMensaje(mensaje_id=con_foto, razon="r"), personal=True)
    assert _estados("mod", con_foto) == [404, 404]


def test_lo_que_no_esta(con_foto: str) -> None:
    navegador = entrar("mod")
    for camino in ("nadie/archivo/contenido/", f"{con_foto}/archivo/otra/"):
        assert navegador.get(f"{RAIZ}/mensaje/{camino}").status_code == 404


def test_se_ensena_con_su_miniatura_y_su_nombre_no_es_html(con_foto: str) -> None:
    navegador = entrar("mod")
    for camino in (f"mensaje/{con_foto}/change/", "conversacion/conv/transcripcion/"):
        pagina = navegador.get(f"{RAIZ}/{camino}").content.decode()
        lector = Lector(pagina)
        enlaces = [a.get("href") for e, a in lector.etiquetas if e == "a"]
        imagenes = [a for e, a in lector.etiquetas if e == "img"]
        assert f"{RAIZ}/mensaje/{con_foto}/archivo/contenido/" in enlaces
        [imagen] = [i for i in imagenes if "/archivo/" in (i.get("src") or "")]
        assert imagen["src"] == f"{RAIZ}/mensaje/{con_foto}/archivo/pequena/"
        assert (imagen["width"], imagen["height"]) == ("320", "240")
        assert not any(n.startswith("on") for _, a in lector.etiquetas for n in a)


def test_la_lista_la_confirmacion_y_la_historia_dicen_que_archivo_es(
    con_foto: str, pedir: Any
) -> None:
    """Quien modera sabe qué oculta, y el nombre no es HTML en ninguna."""
    navegador = entrar("mod")
    confirmar = {"action": "ocultar", "_selected_action": con_foto}
    paginas = [
        navegador.get(f"{RAIZ}/mensaje/"),
        navegador.post(f"{RAIZ}/mensaje/", confirmar),
    ]
    for pagina in paginas:
        lector = Lector(pagina.content.decode())
        assert f"Imagen: {HOSTIL[:20]}" in html.unescape(pagina.content.decode())
        assert not any(n.startswith("on") for _, a in lector.etiquetas for n in a)
    pedir("mod", cargas.OcultarMensaje(mensaje_id=con_foto, razon="r"), personal=True)
    historia = navegador.get("/admin/admin/logentry/").content.decode()
    assert not any(n.startswith("on") for _, a in Lector(historia).etiquetas for n in a)


def test_con_texto_se_dice_tambien_el_archivo(almacen: Path, pedir: Any) -> None:
    pedir("ana", con_archivo(subir("ana", b"hola", "acta.txt").pk, "mira"))
    archivo = {"nombre": "a.pdf", "url": "https://a.es/a.pdf", "tamano": 1, "tipo": "x/y"}
    Mensaje.objects.filter(texto="mira").update(archivo=archivo)
    lista = entrar("mod").get(f"{RAIZ}/mensaje/").content.decode()
    assert "mira · Archivo: a.pdf" in lista


def test_uno_de_fuera_se_ensena_como_texto(con_foto: str) -> None:
    archivo = {"nombre": "a.pdf", "url": "https://a.es/a.pdf", "tamano": 1, "tipo": "x/y"}
    Mensaje.objects.update(archivo=archivo)
    for camino in (f"mensaje/{con_foto}/change/", "conversacion/conv/transcripcion/"):
        pagina = entrar("mod").get(f"{RAIZ}/{camino}").content.decode()
        assert "https://a.es/a.pdf" in pagina
        assert 'href="https://a.es/a.pdf"' not in pagina
