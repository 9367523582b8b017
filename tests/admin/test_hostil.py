"""Nada de lo que escribe una persona es HTML, ni enlace, ni da la vuelta a la página."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from mensajeria.models import Conversacion, Mensaje, Notificacion, Participante, Usuario
from mensajeria.protocolo import cargas
from servitech.politica import API, MESA, PAGINA
from tests.conftest import Pedir

pytestmark = [pytest.mark.bd, pytest.mark.elige_base, pytest.mark.usefixtures("todos")]

RAIZ = "/admin/mensajeria"
HOSTIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{ 7|add:7 }}"
ALREVES = "factura\u202egnp.exe"
ENLACE = "javascript:alert(3)"


class Lector(HTMLParser):
    """Reúne etiquetas y atributos de una página."""

    def __init__(self, pagina: str) -> None:
        super().__init__()
        self.etiquetas: list[tuple[str, dict[str, str | None]]] = []
        self.guiones: list[str] = []
        self._en_guion = False
        self.titulo = ""
        self._en_titulo = False
        self.feed(pagina)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.etiquetas.append((tag, dict(attrs)))
        self._en_guion = tag in ("script", "style")
        self._en_titulo = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._en_guion = self._en_titulo = False

    def handle_data(self, data: str) -> None:
        if self._en_guion and data.strip():
            self.guiones.append(data)
        if self._en_titulo:
            self.titulo += data


@pytest.fixture
def sucia(decir: Pedir, pedir: Pedir) -> str:
    """Todo lo que puede llevar texto ajeno lo lleva hostil; devuelve el id del mensaje."""
    for quien in ("ana", "beto"):
        Usuario.objects.filter(pk=quien).update(nombre=HOSTIL, apellido=ALREVES, avatar_url=ENLACE)
    Conversacion.objects.update(
        nombre_personalizado=HOSTIL[:60] + ALREVES, descripcion=HOSTIL, avatar=ENLACE
    )
    id_ = decir("ana", f"{HOSTIL} {ENLACE} {ALREVES}").mensaje_id
    pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto=f"{HOSTIL} {ENLACE} {ALREVES} bis"))
    decir("beto", HOSTIL, respuesta_a=id_)
    archivo = {"nombre": HOSTIL, "url": ENLACE, "tamano": 1, "tipo": HOSTIL}
    fila = Mensaje.objects.get(pk=id_)
    fila.archivo, fila.metadatos = archivo, {HOSTIL: ENLACE}
    fila.agente, fila.ip = HOSTIL, "203.0.113.9"
    fila.save()
    Notificacion.objects.create(usuario_id="ana", tipo="x", titulo=HOSTIL, mensaje=HOSTIL)
    pedir("mod", cargas.OcultarMensaje(mensaje_id=id_, razon=HOSTIL), personal=True)
    return str(id_)


def _caminos(id_: str) -> list[str]:
    beto = Participante.objects.get(usuario="beto").pk
    return [
        "/admin/",
        f"{RAIZ}/mensaje/",
        f"{RAIZ}/mensaje/?q={HOSTIL}",
        f"{RAIZ}/mensaje/{id_}/change/",
        f"{RAIZ}/mensaje/{id_}/history/",
        f"{RAIZ}/mensaje/accion/eliminar/?ids={id_}&siguiente={ENLACE}",
        f"{RAIZ}/conversacion/",
        f"{RAIZ}/conversacion/conv/change/",
        f"{RAIZ}/conversacion/conv/history/",
        f"{RAIZ}/conversacion/conv/transcripcion/",
        f"{RAIZ}/conversacion/accion/cerrar/?ids=conv",
        f"{RAIZ}/participante/",
        f"{RAIZ}/participante/{beto}/change/",
        f"{RAIZ}/participante/accion/cambiar/?ids={beto}",
        f"{RAIZ}/usuario/",
        f"{RAIZ}/usuario/ana/change/",
        f"{RAIZ}/usuario/accion/desactivar/?ids=ana",
        "/admin/admin/logentry/",
        f"{RAIZ}/notificacion/",
    ]


def _inofensiva(lector: Lector) -> None:
    for etiqueta, atributos in lector.etiquetas:
        assert not any(nombre.startswith("on") for nombre in atributos), (etiqueta, atributos)
        assert "style" not in atributos
        for nombre in ("href", "src", "action", "formaction"):
            assert not (atributos.get(nombre) or "").lower().startswith("javascript:")
        if etiqueta == "img":
            assert (atributos["src"] or "").startswith("/static/")
        if etiqueta == "script":
            assert (atributos.get("src") or "").startswith(("/static/", "/admin/jsi18n/"))
    # Ni guiones ni estilos escritos en la página: es lo que la política promete.
    assert lector.guiones == []


@pytest.mark.parametrize("quien", ["mod", "admin"])
def test_en_ninguna_pagina(sucia: str, quien: str) -> None:
    cliente = Client()
    cliente.force_login(Usuario.objects.get(pk=quien))
    cliente.post(
        f"{RAIZ}/conversacion/accion/cerrar/",
        {"ids": "conv", "confirmar": "1", "motivo": HOSTIL},
    )
    cliente.get("/admin/")
    caminos = _caminos(sucia)
    for camino in caminos if quien == "admin" else caminos[:-1]:
        respuesta = cliente.get(camino)
        assert respuesta.status_code == 200, camino
        assert respuesta["Content-Security-Policy"] == MESA
        pagina = respuesta.content.decode()
        lector = Lector(pagina)
        _inofensiva(lector)
        # Lo que da la vuelta al texto no sale de donde está aislado: ni título ni migas.
        assert "\u202e" not in lector.titulo
        assert "\u202e" not in pagina.split('class="breadcrumbs"')[-1].split("</div>")[0]
        assert "{{" not in pagina or "{{ 7|add:7 }}" in pagina


def test_el_texto_esta_entero_y_aislado(sucia: str, mod: Usuario) -> None:
    cliente = Client()
    cliente.force_login(mod)
    pagina = cliente.get(f"{RAIZ}/conversacion/conv/transcripcion/").content.decode()
    assert '<p dir="auto" class="texto ajeno">&lt;img src=x onerror=alert(1)&gt;' in pagina
    assert ALREVES in pagina
    assert "Con caracteres que dan la vuelta al texto" in pagina


def test_cada_camino_con_su_politica(client: Any) -> None:
    de_aqui = PAGINA.format(sockets=" ws://testserver wss://testserver")
    for camino, politica in (
        ("/admin/login/", MESA),
        ("/admin/no/hay/", MESA),
        ("/", de_aqui),
        ("/salud/", de_aqui),
        ("/api/docs/", API),
        ("/api/mensajeria/conversaciones/", API),
    ):
        assert client.get(camino)["Content-Security-Policy"] == politica
        assert "unsafe-eval" not in politica
        assert "script-src 'self';" in politica or "default-src 'self';" in politica
        for prohibe in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert prohibe in politica
        assert not {"ws:", "wss:", "http:", "https:", "*"} & set(politica.replace(";", "").split())
    segura = client.get("/", secure=True)["Content-Security-Policy"]
    assert segura == PAGINA.format(sockets=" wss://testserver")
