"""Subir un archivo: quién puede, qué se admite, cuánto cabe, y enviarlo o borrarlo."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mensajeria import metricas
from mensajeria.archivos import deposito, subida
from mensajeria.archivos.carpeta import RESERVA
from mensajeria.archivos.taller.procesos import Mortal, Taller
from mensajeria.models import Archivo, Conversacion, Mensaje, Participante
from mensajeria.protocolo import cargas
from tests.api.archivos import DE_CONV, A, Lector, cliente, estados, publicar
from tests.archivos import muestras
from tests.archivos.apoyo import con_archivo, guardado, partes, subir, texto

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]


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


def test_lo_que_esta_en_revision_no_lo_ve_nadie(enviado: Any) -> None:
    id_ = subir("ana").pk
    Archivo.objects.filter(pk=id_).update(estado=Archivo.Estado.EN_REVISION)
    ana = cliente("ana")
    assert ana.get(f"{A}{id_}/").json()["estado"] == "en_revision"
    respuesta = ana.get(f"{A}{id_}/contenido/")
    assert (respuesta.status_code, respuesta["Retry-After"]) == (503, "5")
    assert estados(id_, "beto") == [404]


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
    pedir("ana", cargas.EliminarMensaje(mensaje_id=mensaje_id))
    assert publicar(ana, b"x").status_code == 201


def test_el_disco_de_la_base_no_se_llena(
    pedir: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disco(libres: int) -> None:
        uso = SimpleNamespace(total=10**12, free=libres)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: uso)

    ana = cliente("ana")
    disco(RESERVA)
    respuesta = publicar(ana, b"hola")
    assert (respuesta.status_code, respuesta.json()["code"]) == (503, "UNAVAILABLE")
    assert "no queda sitio" in respuesta.json()["message"]
    assert (guardado(almacen), Archivo.objects.count()) == (set(), 0)
    assert pedir("ana", texto("y los mensajes siguen"))
    disco(RESERVA + 1)
    assert publicar(ana, b"hola").status_code == 201


@pytest.mark.parametrize("camino", [A, DE_CONV])
def test_subir_lo_mismo_otra_vez_con_su_id_cliente_da_el_primero(
    camino: str, pedir: Any, settings: Any, almacen: Path
) -> None:
    """Se perdió la respuesta: ni ocupa, ni gasta, ni se duplica."""
    settings.ARCHIVOS_POR_MINUTO = 3
    ana = cliente("ana")

    def otra(crudo: bytes, id_cliente: str, quien: Any = ana) -> str:
        return str(publicar(quien, crudo, "a.txt", camino, idCliente=id_cliente).json()["_id"])

    primero = otra(b"hola", "uno")
    assert [otra(b"hola", "uno") for _ in range(5)] == [primero] * 5
    assert otra(b"otra cosa", "uno") != primero
    # El mismo archivo, queriendo, son dos.
    assert otra(b"hola", "dos") != primero
    assert Archivo.objects.count() == 3
    assert otra(b"hola", "uno", cliente("beto")) != primero
    # También ya enviado, si fue con ese.
    pedir("ana", con_archivo(primero, id_cliente="uno"))
    assert otra(b"hola", "uno") == primero
    respuesta = publicar(ana, b"hola", "a.txt", camino, idCliente="x" * 65)
    assert (respuesta.status_code, respuesta.json()["campo"]) == (400, "idCliente")


def test_las_metricas_dicen_que_paso_con_cada_uno(almacen: Path) -> None:
    def van(resultado: str) -> float:
        return float(metricas.ARCHIVOS.labels(resultado)._value.get())

    antes = van("listo"), van("FILE_EMPTY"), metricas.BYTES_DE_ARCHIVOS._value.get()
    for crudo in (b"hola", b""):
        publicar(cliente("ana"), crudo)
    despues = van("listo"), van("FILE_EMPTY"), metricas.BYTES_DE_ARCHIVOS._value.get()
    assert [d - a for a, d in zip(antes, despues, strict=True)] == [1, 1, 4]


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
