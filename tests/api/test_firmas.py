"""Un archivo se ve mientras se puede ver, también por un enlace firmado."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mensajeria.api import firmas
from mensajeria.models import Usuario
from mensajeria.operaciones.autenticacion import revocar
from mensajeria.protocolo import cargas
from tests.api.archivos import A, Lector, cliente, estados
from tests.archivos.apoyo import subir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]


def test_lo_ven_los_participantes_y_nadie_mas(enviado: Any) -> None:
    _, id_ = enviado()
    assert estados(id_, "ana", "beto", "carla", None) == [200, 200, 404, 401]
    sin_enviar = subir("ana").pk
    assert estados(sin_enviar, "ana", "beto", "carla", None) == [200, 404, 404, 401]
    for camino in (f"{A}nadie/", f"{A}nadie/contenido/", f"{A}{id_}/otra/"):
        assert cliente("ana").get(camino).status_code == 404
    assert cliente("carla").get(f"{A}{id_}/").json() == cliente("carla").get(f"{A}nadie/").json()


def _sacar(pedir: Any, mensaje_id: str) -> None:
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))


def _ocultar(pedir: Any, mensaje_id: str) -> None:
    pedir("ana", cargas.OcultarMensaje(mensaje_id=mensaje_id, razon="r"), personal=True)


def _eliminar(pedir: Any, mensaje_id: str) -> None:
    pedir("ana", cargas.EliminarMensaje(mensaje_id=mensaje_id))


@pytest.mark.parametrize("que", [_sacar, _ocultar, _eliminar], ids=lambda f: f.__name__)
def test_al_momento_deja_de_verse_tambien_con_su_enlace(que: Any, enviado: Any, pedir: Any) -> None:
    mensaje_id, id_ = enviado()
    beto = cliente("beto")
    visto = beto.get(f"{A}{id_}/").json()
    enlaces = [visto["url"], *(x["url"] for x in visto["miniaturas"])]
    assert [Lector().get(x).status_code for x in enlaces] == [200, 200, 200]
    que(pedir, mensaje_id)
    assert [Lector().get(x).status_code for x in enlaces] == [404, 404, 404]
    for camino in (f"{A}{id_}/", f"{A}{id_}/contenido/"):
        assert beto.get(camino).status_code == 404
    tramo = Lector().get(enlaces[0], HTTP_RANGE="bytes=0-1")
    assert tramo.status_code == 404


def test_lo_restaurado_vuelve_a_verse(enviado: Any, pedir: Any) -> None:
    mensaje_id, id_ = enviado()
    _ocultar(pedir, mensaje_id)
    pedir("ana", cargas.RestaurarMensaje(mensaje_id=mensaje_id, razon="r"), personal=True)
    assert estados(id_, "beto") == [200]


def test_un_enlace_caduca_es_de_su_archivo_y_de_quien_lo_pidio(
    enviado: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, uno), (_, otro) = enviado(), enviado()
    beto = cliente("beto")
    url = beto.get(f"{A}{uno}/").json()["url"]
    firma = url.partition("?")[2]
    casos = [
        (f"{A}{otro}/contenido/?{firma}", "AUTH_INVALID"),
        (f"{url}x", "AUTH_INVALID"),
        (f"{A}{uno}/contenido/?firma=", "AUTH_INVALID"),
        (f"{A}{uno}/contenido/?firma=%ff:x", "AUTH_INVALID"),
    ]
    for camino, codigo in casos:
        respuesta = Lector().get(camino)
        assert (respuesta.status_code, respuesta.json()["code"]) == (401, codigo), camino
    # Solo abre los bytes: nada más de la API.
    assert Lector().get(f"{A}{uno}/?{firma}").status_code == 401
    despues = time.time() + firmas.SEGUNDOS + 1
    monkeypatch.setattr(time, "time", lambda: despues)
    caducado = Lector().get(url)
    assert (caducado.status_code, caducado.json()["code"]) == (401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("como", ["revocar", "desactivar"])
def test_un_enlace_vale_lo_que_su_credencial(como: str, enviado: Any) -> None:
    _, id_ = enviado()
    url = cliente("beto").get(f"{A}{id_}/").json()["url"]
    if como == "revocar":
        revocar("beto")
    else:
        Usuario.objects.filter(pk="beto").update(is_active=False)
    assert Lector().get(url).status_code == 401


def test_el_de_la_cookie_tambien_se_acaba_con_ella(enviado: Any) -> None:
    _, id_ = enviado()
    navegador = Lector()
    navegador.post("/admin/login/", {"username": "beto", "password": "demo"})
    if "sessionid" not in navegador.cookies:
        navegador.login(username="beto", password="demo")
    visto = navegador.get(f"{A}{id_}/")
    assert visto.status_code == 200
    assert navegador.get(f"{A}{id_}/pequena/").status_code == 200
    url = visto.json()["url"]
    assert Lector().get(url).status_code == 200
    navegador.logout()
    assert Lector().get(url).status_code == 401
