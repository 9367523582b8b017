"""Los avatares: cuadrados, en una dirección que nadie adivina y que deja de valer al cambiarlos."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from mensajeria.archivos import antivirus, limpieza
from mensajeria.archivos.avatares import direccion_nueva
from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Archivo, Conversacion, Usuario, ahora
from mensajeria.nodo import Nodo
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.api.archivos import A, Lector, cliente
from tests.archivos import muestras
from tests.archivos.apoyo import guardado

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion", "almacen")]

MIO = "/api/mensajeria/usuarios/yo/avatar/"
DE_CONV = "/api/mensajeria/conversaciones/conv/avatar/"


def poner(quien: str, camino: str = MIO, crudo: bytes | None = None) -> Any:
    foto = SimpleUploadedFile("foto.png", crudo or muestras.imagen("PNG", (900, 400)), "text/html")
    return cliente(quien).put(camino, {"archivo": foto}, format="multipart")


def test_se_ve_cuadrado_sin_credenciales_y_se_guarda_un_ano(ana: Usuario) -> None:
    puesto = poner("ana")
    assert puesto.status_code == 200, puesto.content
    direccion = puesto.json()["avatar_url"]
    assert direccion.startswith("/avatares/")
    visto = Lector().get(direccion)
    assert (visto.status_code, visto["Content-Type"]) == (200, "image/webp")
    assert visto["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visto["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in visto.get("Vary", "")
    with Image.open(io.BytesIO(visto.leido)) as imagen:
        assert (imagen.format, imagen.size) == ("WEBP", (256, 256))
    de_ana = cliente("beto").get("/api/mensajeria/conversaciones/conv/").json()["participantes"]
    assert [p["usuario"]["avatar_url"] for p in de_ana] == [direccion, ""]


def test_un_tramo_que_no_hay_no_se_recuerda(ana: Usuario) -> None:
    url = poner("ana").json()["avatar_url"]
    negado = Lector().get(url, HTTP_RANGE="bytes=99999999-")
    assert (negado.status_code, negado["Cache-Control"]) == (416, "no-store")


def test_al_cambiarlo_o_quitarlo_la_de_antes_deja_de_valer(ana: Usuario, almacen: Path) -> None:
    primera, segunda = (poner("ana").json()["avatar_url"] for _ in range(2))
    assert primera != segunda
    assert [Lector().get(d).status_code for d in (primera, segunda)] == [404, 200]
    assert len(guardado(almacen)) == 1
    # Y la de otro, con el mismo archivo y otra clave, tampoco.
    assert Lector().get(direccion_nueva(segunda[10:34])).status_code == 404
    # Ni como archivo.
    assert cliente("ana").get(f"{A}{segunda[10:34]}/contenido/").status_code == 404
    assert cliente("ana").delete(MIO).json()["avatar_url"] == ""
    assert Lector().get(segunda).status_code == 404
    assert guardado(almacen) == set()
    Usuario.objects.filter(pk="ana").update(avatar_url="https://fuera.example/ana.png")
    assert cliente("ana").get("/api/mensajeria/usuarios/yo/").json()["avatar_url"] == (
        "https://fuera.example/ana.png"
    )


@pytest.mark.parametrize(
    ("crudo", "codigo"),
    [
        (b"hola, esto es un texto", "FILE_TYPE_NOT_ALLOWED"),
        (b"", "FILE_EMPTY"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "FILE_DAMAGED"),
    ],
)
def test_lo_que_no_es_una_imagen(crudo: bytes, codigo: str, almacen: Path) -> None:
    foto = SimpleUploadedFile("foto.png", crudo)
    negado = cliente("ana").put(MIO, {"archivo": foto}, format="multipart")
    assert negado.json()["code"] == codigo
    assert guardado(almacen) == set()


def test_lo_que_el_antivirus_no_pudo_mirar_no_se_pone(
    monkeypatch: pytest.MonkeyPatch, almacen: Path
) -> None:
    def sin_saber(_: bytes) -> None:
        raise antivirus.NoContesta

    monkeypatch.setattr(antivirus, "mirar", sin_saber)
    assert poner("ana").status_code == 503
    assert guardado(almacen) == set()


def test_el_de_un_grupo_lo_cambia_quien_modera(sobres: list[Sobre], almacen: Path) -> None:
    assert [poner(q, DE_CONV).status_code for q in ("beto", "carla")] == [403, 404]
    assert guardado(almacen) == set()
    puesto = poner("ana", DE_CONV).json()
    direccion = puesto["configuracion"]["avatar"]
    assert Lector().get(direccion).status_code == 200
    [sobre] = sobres
    assert sobre.evento == "conversacion_actualizada"
    assert json.loads(sobre.datos)["conversacion"]["configuracion"]["avatar"] == direccion
    assert cliente("beto").delete(DE_CONV).status_code == 403
    assert cliente("ana").delete(DE_CONV).json()["configuracion"]["avatar"] == ""
    assert Lector().get(direccion).status_code == 404
    assert guardado(almacen) == set()


def test_el_de_un_grupo_que_quiza_se_confirmo_no_se_retira(
    monkeypatch: pytest.MonkeyPatch, almacen: Path
) -> None:
    """La base lo confirmó y se perdió la respuesta: ya se lleva, y ha de verse."""
    pedir = Nodo.pedir_una

    def sin_respuesta(nodo: Nodo, orden: Any) -> Any:
        pedir(nodo, orden)
        raise ErrorMensajeria(CodigoError.UNAVAILABLE)

    monkeypatch.setattr(Nodo, "pedir_una", sin_respuesta)
    assert poner("ana", DE_CONV).status_code == 503
    direccion = Conversacion.objects.get(pk="conv").avatar
    assert Lector().get(direccion).status_code == 200


def test_nadie_retira_el_de_otro_poniendolo_en_su_grupo(almacen: Path) -> None:
    de_beto = poner("beto").json()["avatar_url"]
    camino = "/api/mensajeria/conversaciones/conv/"
    cambio = {"configuracion": {"avatar": de_beto}}
    assert cliente("ana").patch(camino, cambio, format="json").status_code == 200
    assert poner("ana", DE_CONV).status_code == 200
    assert Lector().get(de_beto).status_code == 200


def test_el_nombre_de_un_grupo_se_cambia_sin_mas(sobres: list[Sobre]) -> None:
    camino = "/api/mensajeria/conversaciones/conv/"
    cambio = {"nombrePersonalizado": "Obra", "descripcion": "La de abajo"}
    cambiada = cliente("ana").patch(camino, cambio, format="json").json()["configuracion"]
    assert (cambiada["nombrePersonalizado"], cambiada["descripcion"]) == ("Obra", "La de abajo")
    assert [s.evento for s in sobres] == ["conversacion_actualizada"]
    assert cliente("beto").patch(camino, cambio, format="json").status_code == 403


def test_la_limpieza_se_lleva_los_que_nadie_lleva(almacen: Path, decir: Callable[..., Any]) -> None:
    llevado = poner("ana").json()["avatar_url"]
    sueltos = [poner("beto").json()["avatar_url"], poner("ana", DE_CONV).json()]
    Usuario.objects.filter(pk="beto").update(avatar_url="https://fuera.example/b.png")
    Conversacion.objects.update(avatar="")
    assert len(sueltos) == 2
    # El que se está poniendo aún no lo lleva nadie.
    assert limpieza.marcar_perdidos() == 0
    Archivo.objects.update(fecha=ahora() - limpieza.A_MEDIAS - timedelta(minutes=1))
    assert limpieza.perdidos() == limpieza.marcar_perdidos() == 2
    limpieza.limpiar()
    assert len(guardado(almacen)) == 1
    assert Lector().get(llevado).status_code == 200
    limpieza.olvidar_sin_enviar("ana")
    assert guardado(almacen) == set()
