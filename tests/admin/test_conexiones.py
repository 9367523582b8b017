"""Las conexiones, en la mesa: quién las ve."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mensajeria.admin import conexiones
from mensajeria.central.conectado import Conectado, Hoja
from mensajeria.models import Usuario
from mensajeria.nodo import Nodo

pytestmark = pytest.mark.bd

DE_ANA = Conectado("c1", "<b>ana", "nativa", "websocket", "203.0.113.7", 1e9, 3, 2048, 1)


class NodoConGente(Nodo):
    def conectados(self, usuario: str = "") -> tuple[list[Hoja], int]:
        return [Hoja("0123456789abcdef", "máquina", 1, [DE_ANA])], 2


def ver(quien: Usuario, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(conexiones, "nodo", NodoConGente)
    navegador = Client()
    navegador.force_login(quien)
    return navegador.get("/admin/conexiones/?usuario=ana")


def test_las_ve_quien_modera_y_lo_ajeno_es_texto(
    mod: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    respuesta = ver(mod, monkeypatch)
    html = respuesta.content.decode()
    assert respuesta.status_code == 200
    for dicho in ("&lt;b&gt;ana", "nativa, websocket", "203.0.113.7", "máquina 01234567", "2,0"):
        assert dicho in html
    assert "1 conexión en 1 proceso" in html and "No contestaron: 2" in html


def test_sin_permiso_no(sinmas: Usuario, ana: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ver(sinmas, monkeypatch).status_code == 403
    assert ver(ana, monkeypatch).status_code == 302
