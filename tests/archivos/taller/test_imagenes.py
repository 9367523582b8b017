"""Una imagen se hace de nuevo: se ve igual, y no lleva nada más."""

from __future__ import annotations

import base64
import io
import random

import pytest
from PIL import Image, ImageCms

from mensajeria.archivos.taller import imagenes, tipos
from mensajeria.archivos.taller.imagenes import rehacer
from mensajeria.archivos.taller.resultado import Inspeccionado
from tests.archivos import muestras as m


def abierta(crudo: bytes) -> Image.Image:
    imagen = Image.open(io.BytesIO(crudo))
    imagen.load()
    return imagen


def test_una_foto_pierde_su_posicion_y_queda_derecha() -> None:
    cruda = m.foto((1200, 800))
    assert m.MARCA.encode() in cruda
    hecha = rehacer(cruda, tipos.JPEG)
    for crudo in (hecha.contenido, *hecha.miniaturas):
        assert m.MARCA.encode() not in crudo
        assert not abierta(crudo).getexif()
        assert "comment" not in abierta(crudo).info
    # Estaba tumbada: la orientación se cumple, y se olvida.
    assert (hecha.datos["ancho"], hecha.datos["alto"]) == (800, 1200)
    assert abierta(hecha.contenido).size == (800, 1200)


@pytest.mark.parametrize("formato", ["JPEG", "PNG", "GIF", "WEBP"])
def test_se_ve_igual_y_sigue_siendo_lo_que_era(formato: str) -> None:
    cruda = m.imagen(formato, (200, 100))
    hecha = rehacer(cruda, f"image/{formato.lower()}")
    assert abierta(hecha.contenido).format == formato
    assert m.es_el_mismo_color(cruda, hecha.contenido)


@pytest.mark.parametrize(
    ("lado", "medidas"),
    [((2000, 1000), [[320, 160], [960, 480]]), ((100, 50), [[100, 50], [100, 50]])],
)
def test_dos_miniaturas_que_no_crecen(lado: tuple[int, int], medidas: list[list[int]]) -> None:
    hecha = rehacer(m.imagen("PNG", lado), tipos.PNG)
    assert hecha.datos["miniaturas"] == medidas
    assert [list(abierta(x).size) for x in hecha.miniaturas] == medidas
    assert {abierta(x).format for x in hecha.miniaturas} == {"WEBP"}


def test_el_borroso_cabe_en_el_mensaje_y_se_parece() -> None:
    ruidosa = Image.effect_noise((640, 480), 120).convert("RGB")
    salida = io.BytesIO()
    ruidosa.save(salida, "PNG")
    for cruda in (salida.getvalue(), m.imagen("PNG", (640, 480)), m.imagen("PNG", (2000, 2))):
        borroso = rehacer(cruda, tipos.PNG).datos["borroso"]
        assert len(borroso) <= imagenes.MAX_BORROSO
        cabeza, datos = borroso.split(",")
        assert cabeza == "data:image/webp;base64"
        assert m.es_el_mismo_color(base64.b64decode(datos), cruda, 24)


def test_el_borroso_que_no_cabe_lleva_menos_pixeles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenes, "MAX_BORROSO", 100)
    azar = random.Random(1)
    de_colores = Image.frombytes("RGB", (8, 8), azar.randbytes(8 * 8 * 3))
    cruda = io.BytesIO()
    de_colores.resize((64, 64), Image.Resampling.NEAREST).save(cruda, "PNG")
    borroso = rehacer(cruda.getvalue(), tipos.PNG).datos["borroso"]
    assert len(borroso) <= imagenes.MAX_BORROSO


@pytest.mark.parametrize("formato", ["GIF", "WEBP", "PNG"])
def test_una_animacion_sigue_moviendose(formato: str) -> None:
    hecha = rehacer(m.animacion(3, formato=formato), f"image/{formato.lower()}")
    imagen = abierta(hecha.contenido)
    assert imagen.n_frames == 3  # type: ignore[attr-defined]
    imagen.seek(1)
    imagen.load()
    assert imagen.info["duration"] == 70
    assert [abierta(x).size for x in hecha.miniaturas] == [(40, 30)] * 2


def test_una_animacion_no_crece_al_hacerla_de_nuevo() -> None:
    cruda = m.animacion_de_poco_cambio()
    hecha = rehacer(cruda, tipos.GIF)
    assert abierta(hecha.contenido).n_frames == 40  # type: ignore[attr-defined]
    assert len(hecha.contenido) < 2 * len(cruda)


def test_lo_que_una_animacion_borraba_se_sigue_borrando() -> None:
    imagen = abierta(rehacer(m.pegatina(), tipos.GIF).contenido)
    imagen.seek(1)
    vista = imagen.convert("RGBA")
    assert [vista.getpixel((x, 20))[3] for x in (5, 35)] == [0, 255]  # type: ignore[index]


def _con_transparencia(modo: str) -> bytes:
    imagen = Image.new("RGBA", (50, 50), (255, 0, 0, 0)).convert(modo)
    salida = io.BytesIO()
    opciones = {"transparency": 0} if modo == "P" else {}
    imagen.save(salida, "PNG", **opciones)
    return salida.getvalue()


@pytest.mark.parametrize("modo", ["RGBA", "LA", "P"])
def test_lo_transparente_lo_sigue_siendo(modo: str) -> None:
    hecha = rehacer(_con_transparencia(modo), tipos.PNG)
    for crudo in (hecha.contenido, *hecha.miniaturas):
        assert abierta(crudo).convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def _de_modo(modo: str, formato: str) -> Inspeccionado:
    salida = io.BytesIO()
    Image.new(modo, (30, 20)).save(salida, formato)
    return rehacer(salida.getvalue(), f"image/{formato.lower()}")


@pytest.mark.parametrize(
    ("modo", "formato"),
    [("1", "PNG"), ("L", "PNG"), ("I;16", "PNG"), ("P", "GIF"), ("L", "JPEG"), ("CMYK", "JPEG")],
)
def test_en_cualquier_modo(modo: str, formato: str) -> None:
    assert (_de_modo(modo, formato).datos["ancho"]) == 30


def test_los_colores_se_ven_con_su_perfil_que_no_se_conserva() -> None:
    perfil = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (perfil, b"no es un perfil"):
        cruda = m.imagen("PNG", icc_profile=icc)
        hecha = rehacer(cruda, tipos.PNG)
        assert "icc_profile" not in abierta(hecha.contenido).info
        assert m.es_el_mismo_color(cruda, hecha.contenido)
