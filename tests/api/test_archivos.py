"""Subir un archivo y verlo: quién puede, mientras puede, y sin que nada se ejecute."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mensajeria.api import firmas
from mensajeria.archivos import deposito, limpieza, subida
from mensajeria.archivos.descarga import POLITICA
from mensajeria.archivos.taller.procesos import Mortal, Taller
from mensajeria.models import Archivo, Conversacion, Mensaje, Participante, Usuario
from mensajeria.operaciones.autenticacion import revocar
from mensajeria.protocolo import cargas
from tests.api.test_rutas import cliente as de_rutas
from tests.archivos import muestras
from tests.archivos.apoyo import con_archivo, guardado, leida, partes, subir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]

A = "/api/mensajeria/archivos/"
DE_CONV = "/api/mensajeria/conversaciones/conv/archivos/"


def publicar(uno: APIClient, crudo: bytes, nombre: str = "foto.png", camino: str = A) -> Any:
    archivo = SimpleUploadedFile(nombre, crudo, "text/html")
    return uno.post(camino, {"archivo": archivo}, format="multipart")


class Lector(APIClient):
    """Lee lo que le dan, como cualquiera: si no, el archivo se quedaría abierto."""

    def get(self, *args: Any, **mas: Any) -> Any:
        return leida(super().get(*args, **mas))

    def head(self, *args: Any, **mas: Any) -> Any:
        return leida(super().head(*args, **mas))


def cliente(quien: str | None) -> Lector:
    uno = Lector()
    if quien is not None:
        uno.credentials(**de_rutas(quien)._credentials)  # type: ignore[attr-defined]
    return uno


@pytest.fixture
def enviado(pedir: Any) -> Callable[[], tuple[str, str]]:
    """Un mensaje de ana con una imagen: los dos identificadores."""

    def _enviado() -> tuple[str, str]:
        id_ = subir("ana", muestras.imagen("PNG", (400, 300)), "vista.png").pk
        return pedir("ana", con_archivo(id_)).mensaje_id, id_

    return _enviado


@pytest.mark.parametrize("camino", [A, DE_CONV])
def test_subir(camino: str, almacen: Path) -> None:
    respuesta = publicar(cliente("ana"), muestras.foto(), "vacaciones.jpeg", camino)
    assert respuesta.status_code == 201, respuesta.content
    subido = respuesta.json()
    fila = Archivo.objects.get()
    assert fila.conversacion_id == (None if camino == A else "conv")
    assert {c: subido[c] for c in ("_id", "nombre", "tipo", "clase", "estado")} == {
        "_id": fila.pk,
        "nombre": "vacaciones.jpeg",
        "tipo": "image/jpeg",
        "clase": "imagen",
        "estado": "listo",
    }
    assert (subido["ancho"], subido["alto"], subido["tamano"]) == (800, 1200, fila.tamano)
    assert guardado(almacen) == partes(fila.pk)
    # Sin credenciales: el enlace basta, y da lo que se guardó, que no lleva la posición.
    anonimo = Lector()
    entero = anonimo.get(subido["url"]).leido
    assert len(entero) == fila.tamano
    assert muestras.MARCA.encode() not in entero
    for miniatura in subido["miniaturas"]:
        assert anonimo.get(miniatura["url"])["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    ("quien", "camino", "estado"),
    [
        ("ana", A, 201),
        ("carla", A, 201),
        (None, A, 401),
        ("carla", DE_CONV, 404),
        (None, DE_CONV, 401),
    ],
)
def test_quien_sube(quien: str | None, camino: str, estado: int) -> None:
    assert publicar(cliente(quien), b"hola", camino=camino).status_code == estado


def test_a_una_conversacion_solo_quien_puede_enviar_en_ella(almacen: Path) -> None:
    ana = cliente("ana")
    Participante.objects.filter(usuario="ana").update(puede_enviar=False)
    assert publicar(ana, b"hola", camino=DE_CONV).json()["message"] == "Sin permisos para enviar"
    Participante.objects.filter(usuario="ana").update(puede_enviar=True)
    Conversacion.objects.update(activa=False)
    assert publicar(ana, b"hola", camino=DE_CONV).json()["code"] == "CONVERSATION_CLOSED"
    assert guardado(almacen) == set()


@pytest.mark.parametrize(
    ("crudo", "codigo", "estado"),
    [
        (b"", "FILE_EMPTY", 400),
        (b"<svg onload='alert(1)'/>", "FILE_TYPE_NOT_ALLOWED", 415),
        (b"<html><script>alert(1)</script>", "FILE_TYPE_NOT_ALLOWED", 415),
        (b"MZ\x90\0" + bytes(100), "FILE_TYPE_NOT_ALLOWED", 415),
        (muestras.imagen("PNG")[:-20], "FILE_DAMAGED", 422),
        (muestras.bomba(), "FILE_BOMB", 422),
        (muestras.imagen("GIF") + muestras.comprimido(a_js="x"), "FILE_AMBIGUOUS", 422),
    ],
)
def test_lo_que_no_se_admite_dice_por_que_y_no_deja_nada(
    crudo: bytes, codigo: str, estado: int, almacen: Path
) -> None:
    respuesta = publicar(cliente("ana"), crudo, "inocente.png")
    assert (respuesta.status_code, respuesta.json()["code"]) == (estado, codigo)
    assert respuesta.json()["campo"] == "archivo"
    assert guardado(almacen) == set()
    assert not Archivo.objects.exists()


def test_cabe_lo_que_dice_el_ajuste(settings: Any, almacen: Path) -> None:
    settings.ARCHIVO_BYTES = 2**20
    ana = cliente("ana")
    assert publicar(ana, b"x" * 2**20).status_code == 201
    respuesta = publicar(ana, b"x" * (2**20 + 1))
    assert (respuesta.status_code, respuesta.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert "1 MB" in respuesta.json()["message"]
    assert Archivo.objects.count() == 1


@pytest.mark.parametrize("formulario", [{}, {"archivo": "un texto"}, {"otro": "x"}])
def test_un_formulario_sin_archivo(formulario: dict[str, str]) -> None:
    respuesta = cliente("ana").post(A, formulario, format="multipart")
    assert (respuesta.status_code, respuesta.json()["campo"]) == (400, "archivo")


def test_un_formulario_con_dos_archivos_o_que_no_lo_es() -> None:
    ana = cliente("ana")
    for nombres in (("uno", "otro"), ("archivo", "archivo")):
        campos: dict[str, list[SimpleUploadedFile]] = defaultdict(list)
        for nombre in nombres:
            campos[nombre].append(SimpleUploadedFile("a.txt", b"hola"))
        respuesta = ana.post(A, dict(campos), format="multipart")
        assert (respuesta.status_code, respuesta.json()["code"]) == (400, "VALIDATION_ERROR")
    assert not Archivo.objects.exists()
    assert ana.post(A, {"archivo": "x"}, format="json").status_code == 415


@pytest.mark.parametrize(
    ("nombre", "guardado_como", "bajado_como"),
    [
        ("../../etc/passwd", "passwd", "passwd.txt"),
        ("..\\..\\boot.ini", "boot.ini", "boot.ini.txt"),
        ("/etc/cron.d/x", "x", "x.txt"),
        (".htaccess", ".htaccess", ".htaccess.txt"),
        ("CON", "CON", "CON.txt"),
        ("a\u202egpj.exe", "agpj.exe", "agpj.exe.txt"),
        ("factura.html", "factura.html", "factura.html.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt", None),
        ("año \U0001f469\u200d\U0001f4bb.txt", None, None),
        ('co"mi"llas; filename=otro.txt', None, None),
        ("x" * 300 + ".txt", "x" * 196 + ".txt", None),
    ],
)
def test_un_nombre_solo_se_ensena(
    nombre: str, guardado_como: str | None, bajado_como: str | None, almacen: Path
) -> None:
    subido = publicar(cliente("ana"), b"hola", nombre).json()
    if guardado_como is not None:
        assert subido["nombre"] == guardado_como
    assert len(subido["nombre"]) <= 200
    respuesta = Lector().get(subido["url"])
    assert respuesta.leido == b"hola"
    disposicion = respuesta["Content-Disposition"]
    assert disposicion.startswith("attachment; filename")
    assert not re.search(r"[\r\n\0]", disposicion)
    if bajado_como is not None:
        assert disposicion == f'attachment; filename="{bajado_como}"'
    assert guardado(almacen) == {f"{subido['_id']}.contenido"}


def test_las_cabeceras_con_las_que_se_sirve(enviado: Any) -> None:
    _, id_ = enviado()
    respuesta = cliente("beto").get(f"{A}{id_}/contenido/")
    assert respuesta.status_code == 200
    assert respuesta["Content-Type"] == "image/png"
    assert respuesta["X-Content-Type-Options"] == "nosniff"
    assert respuesta["Content-Security-Policy"] == POLITICA
    assert "sandbox" in POLITICA
    assert respuesta["Content-Disposition"] == 'attachment; filename="vista.png"'
    assert respuesta["Cache-Control"] == "private, no-cache"
    assert int(respuesta["Content-Length"]) == len(respuesta.leido)
    # Una imagen pide imágenes, y no hay otra cosa que darle.
    pedida = cliente("beto").get(f"{A}{id_}/pequena/", HTTP_ACCEPT="image/avif")
    assert pedida.status_code == 200


def test_si_no_ha_cambiado_no_se_trae_y_si_no_se_puede_ver_tampoco(enviado: Any) -> None:
    _, id_ = enviado()
    beto = cliente("beto")
    etag = beto.get(f"{A}{id_}/pequena/")["ETag"]
    assert etag != beto.get(f"{A}{id_}/mediana/")["ETag"]
    for conocida in (etag, f"W/{etag}", f'"otra", {etag}'):
        repetida = beto.get(f"{A}{id_}/pequena/", HTTP_IF_NONE_MATCH=conocida)
        assert (repetida.status_code, repetida.content) == (304, b"")
        assert repetida["ETag"] == etag
    Participante.objects.filter(usuario="beto").update(activo=False)
    assert beto.get(f"{A}{id_}/pequena/", HTTP_IF_NONE_MATCH=etag).status_code == 404


@pytest.mark.parametrize(
    ("pedido", "estado", "desde", "hasta"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, 44100),
        ("bytes=-5", 206, 44095, 44100),
        ("bytes=44099-99999", 206, 44099, 44100),
        ("bytes=-999999", 206, 0, 44100),
        ("bytes=44100-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=99999999999999999999-", 416, 0, 0),
        ("bytes=9-5", 200, 0, 44100),
        ("bytes=a-b", 200, 0, 44100),
        ("bytes=0-1,5-6", 200, 0, 44100),
        ("lineas=0-1", 200, 0, 44100),
        ("bytes=-", 200, 0, 44100),
    ],
)
def test_los_tramos(pedido: str, estado: int, desde: int, hasta: int) -> None:
    """Sin ellos, un audio no se puede adelantar."""
    crudo = bytes(range(256)) * 200
    crudo = crudo[:44100]
    fila = subir("ana", b"hola")
    deposito.borrar(fila.pk)
    deposito.guardar(fila.pk, "contenido", crudo)
    Archivo.objects.update(tamanos={"contenido": len(crudo)})
    respuesta = cliente("ana").get(f"{A}{fila.pk}/contenido/", HTTP_RANGE=pedido)
    assert respuesta.status_code == estado
    assert respuesta["Accept-Ranges"] == "bytes"
    if estado == 416:
        assert respuesta["Content-Range"] == "bytes */44100"
        return
    assert respuesta.leido == crudo[desde:hasta]
    assert int(respuesta["Content-Length"]) == hasta - desde
    if estado == 206:
        assert respuesta["Content-Range"] == f"bytes {desde}-{hasta - 1}/44100"


def test_el_tramo_de_otra_version_es_todo_y_head_no_trae_nada(enviado: Any) -> None:
    _, id_ = enviado()
    ana, camino = cliente("ana"), f"{A}{id_}/contenido/"
    entero = ana.get(camino)
    mas = {"HTTP_RANGE": "bytes=0-3"}
    assert ana.get(camino, HTTP_IF_RANGE=entero["ETag"], **mas).status_code == 206
    assert ana.get(camino, HTTP_IF_RANGE='"otra"', **mas).status_code == 200
    cabeza = ana.head(camino)
    assert cabeza["Content-Length"] == entero["Content-Length"]
    assert cabeza.leido == b""


def _estados(id_: str, *quienes: str | None) -> list[int]:
    return [cliente(q).get(f"{A}{id_}/contenido/").status_code for q in quienes]


def test_lo_ven_los_participantes_y_nadie_mas(enviado: Any) -> None:
    _, id_ = enviado()
    assert _estados(id_, "ana", "beto", "carla", None) == [200, 200, 404, 401]
    sin_enviar = subir("ana").pk
    assert _estados(sin_enviar, "ana", "beto", "carla", None) == [200, 404, 404, 401]
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
    assert _estados(id_, "beto") == [200]


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


def test_lo_que_esta_en_revision_no_lo_ve_nadie(enviado: Any) -> None:
    id_ = subir("ana").pk
    Archivo.objects.filter(pk=id_).update(estado=Archivo.Estado.EN_REVISION)
    ana = cliente("ana")
    assert ana.get(f"{A}{id_}/").json()["estado"] == "en_revision"
    respuesta = ana.get(f"{A}{id_}/contenido/")
    assert (respuesta.status_code, respuesta["Retry-After"]) == (503, "5")
    assert _estados(id_, "beto") == [404]


def test_los_propios_sin_enviar(enviado: Any) -> None:
    enviado()
    uno, otro = subir("ana", b"uno", "uno.txt").pk, subir("ana", b"otro").pk
    Archivo.objects.filter(pk=otro).update(estado=Archivo.Estado.EN_REVISION)
    for estado in (Archivo.Estado.SUBIENDO, Archivo.Estado.SOBRA):
        Archivo.objects.filter(pk=subir("ana", b"no").pk).update(estado=estado)
    subir("beto")
    ana = cliente("ana")
    visto = ana.get(A).json()
    assert [(x["_id"], x["estado"]) for x in visto] == [(otro, "en_revision"), (uno, "listo")]
    # Con lo que hace falta para enseñarlos, o borrarlos.
    assert Lector().get(visto[1]["url"]).leido == b"uno"
    assert ana.delete(f"{A}{uno}/").status_code == 204
    assert [x["_id"] for x in ana.get(A).json()] == [otro]
    assert cliente("carla").get(A).json() == []
    assert cliente(None).get(A).status_code == 401


def test_borrar_lo_que_no_se_ha_enviado(enviado: Any, almacen: Path) -> None:
    ana, suelto = cliente("ana"), subir("ana").pk
    assert cliente("beto").delete(f"{A}{suelto}/").status_code == 404
    assert ana.delete(f"{A}{suelto}/").status_code == 204
    assert ana.delete(f"{A}{suelto}/").status_code == 404
    assert guardado(almacen) == set()
    _, id_ = enviado()
    assert ana.delete(f"{A}{id_}/").status_code == 409
    assert cliente("beto").delete(f"{A}{id_}/").status_code == 403
    assert guardado(almacen) == partes(id_)


def test_no_se_suben_sin_fin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = cliente("ana")
    settings.ARCHIVOS_POR_MINUTO = 3
    # Lo que se niega también cuesta mirarlo.
    estados = [publicar(ana, c).status_code for c in (b"", b"a", b"\0", b"c")]
    assert estados == [400, 201, 415, 429]
    assert publicar(cliente("beto"), b"a").status_code == 201
    settings.ARCHIVOS_POR_MINUTO = 100
    monkeypatch.setattr(subida, "MAX_SIN_ENVIAR", 2)
    assert [publicar(ana, b"x").status_code for _ in range(2)] == [201, 409]


def test_entre_todos_los_de_una_persona_caben_unos_cuantos_megas(settings: Any, pedir: Any) -> None:
    settings.ARCHIVOS_MB_POR_PERSONA = 1
    ana, mitad = cliente("ana"), b"x" * 2**19
    primero = publicar(ana, mitad).json()["_id"]
    mensaje_id = pedir("ana", con_archivo(primero)).mensaje_id
    assert publicar(ana, mitad).status_code == 201
    respuesta = publicar(ana, b"x")
    assert (respuesta.status_code, respuesta.json()["code"]) == (409, "CONFLICT")
    assert "1 MB" in respuesta.json()["message"]
    assert publicar(cliente("beto"), mitad).status_code == 201
    # Y se libera lo que se elimina.
    _eliminar(pedir, mensaje_id)
    limpieza.limpiar()
    assert publicar(ana, b"x").status_code == 201


def test_lo_que_acaba_con_quien_lo_mira_gasta_el_minuto(monkeypatch: pytest.MonkeyPatch) -> None:
    def muere(*_: object) -> None:
        raise Mortal

    ana = cliente("ana")
    with monkeypatch.context() as roto:
        roto.setattr(Taller, "inspeccionar", muere)
        respuesta = publicar(ana, b"hola")
        assert (respuesta.status_code, respuesta.json()["code"]) == (422, "FILE_BOMB")
    assert publicar(ana, b"hola").status_code == 429
    assert publicar(cliente("beto"), b"hola").status_code == 201


def test_lo_que_aqui_no_se_pudo_atender_no_cuenta(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ARCHIVOS_POR_MINUTO = 1
    ana = cliente("ana")
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "save", _sin_disco)
        assert publicar(ana, b"hola").status_code == 503
    assert [publicar(ana, b"hola").status_code for _ in range(2)] == [201, 429]


def _sin_disco(*_: object, **__: object) -> str:
    raise OSError(28, "No queda sitio en el disco")


def test_por_rest_se_envia_igual(almacen: Path) -> None:
    ana = cliente("ana")
    subido = publicar(ana, muestras.mp4(), "paseo.mp4").json()
    camino = "/api/mensajeria/conversaciones/conv/mensajes/"
    # Tal cual vino, que es lo que hará quien no haya leído nada.
    respuesta = ana.post(camino, {"contenido": {"archivo": subido}}, format="json")
    assert respuesta.status_code == 201, respuesta.content
    mensaje = respuesta.json()
    archivo = mensaje["contenido"]["archivo"]
    assert mensaje["contenido"]["tipo"] == "video"
    assert (archivo["_id"], archivo["duracion"]) == (subido["_id"], 2.0)
    # Lo que va en el mensaje es de todos: no lleva la firma de nadie.
    assert archivo["url"] == f"{A}{subido['_id']}/contenido/"
    assert cliente("beto").get(archivo["url"]).status_code == 200


@pytest.mark.parametrize("de_mas", [{}, {"remitenteId": "ana"}])
def test_por_el_rest_del_original(de_mas: dict[str, str], almacen: Path) -> None:
    ana = cliente("ana")
    id_ = subir("ana").pk
    camino = "/api/mensajeria/conversaciones/conv/mensajes"
    cuerpo = {"contenido": {"archivo": {"id": id_}}, "tipo": "imagen", **de_mas}
    respuesta = ana.post(camino, cuerpo, format="json")
    assert respuesta.status_code == 201
    assert ("success" in respuesta.json()) == bool(de_mas)
    assert Mensaje.objects.filter(archivos=id_).count() == 1


def test_de_lo_que_no_es_una_imagen_no_hay_miniaturas() -> None:
    texto = subir("ana", b"hola", "a.txt").pk
    assert cliente("ana").get(f"{A}{texto}/pequena/").status_code == 404
