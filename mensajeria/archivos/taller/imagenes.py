"""Imágenes: hechas de nuevo, sin nada de lo que traían salvo los píxeles, y sus miniaturas."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence

from mensajeria.archivos.taller.resultado import Inspeccionado, NoAdmitido, bomba, danado
from mensajeria.archivos.taller.tipos import GIF, IMAGENES, JPEG, PNG, WEBP

# Una foto de 40 megapíxeles ocupa, abierta, 160 MB; y una animación, lo de todos sus cuadros.
MAX_PIXELES = 40_000_000
MAX_PIXELES_ANIMADOS = 60_000_000
# Cada cuadro cuesta, aunque sea de un píxel.
MAX_CUADROS = 1_000
# El lado mayor de cada miniatura, en píxeles.
LADOS = (320, 960)
# Lo que ocupa como mucho el borroso, como dirección `data:`; uno de un píxel cabe siempre.
MAX_BORROSO = 240
_LADOS_DE_BORROSO = (20, 16, 12, 8, 4, 1)
_AL_GUARDAR: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88, "optimize": True},
    "PNG": {"compress_level": 6},
    "GIF": {},
    "WEBP": {"quality": 85, "method": 4},
}

# Los modos de quitar un cuadro de un GIF (GIF89a, 23): borrarlo, o volver a lo de antes de él.
_BORRAR, _VOLVER = 2, 3

_FINALES = {PNG: b"IEND\xaeB`\x82", JPEG: b"\xff\xd9"}
# De un GIF (GIF89a, 18 a 27): su cabecera, el final, y lo que precede a cada bloque.
_CABECERA_DE_GIF = 13
_FINAL, _CUADRO, _EXTENSION = 0x3B, 0x2C, 0x21

Image.MAX_IMAGE_PIXELS = MAX_PIXELES


def rehacer(crudo: bytes, tipo: str) -> Inspeccionado:
    """La misma imagen, derecha y en sRGB: sin posición, cámara, comentarios ni nada detrás."""
    formato = IMAGENES[tipo]
    # Sin su final, Pillow la da por buena si no falta ningún píxel, o si falta un cuadro entero.
    if _FINALES.get(tipo, b"") not in crudo or (tipo == GIF and not _acaba_el_gif(crudo)):
        raise danado("La imagen está incompleta")
    try:
        with Image.open(io.BytesIO(crudo), formats=[formato]) as imagen:
            cuadros = list(_cuadros(imagen, tipo))
            veces = imagen.info.get("loop")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _demasiados_pixeles() from None
    primero = cuadros[0]
    reducidas = _reducidas(primero)
    return Inspeccionado(
        tipo=tipo,
        clase="imagen",
        contenido=_guardada(cuadros, formato, veces),
        datos={
            "ancho": primero.width,
            "alto": primero.height,
            "borroso": _borroso(reducidas[0]),
            "miniaturas": [[r.width, r.height] for r in reducidas],
        },
        miniaturas=[_en_bytes(r, "WEBP", quality=75, method=4) for r in reducidas],
    )


def cuadrar(hecha: Inspeccionado, lado: int) -> Inspeccionado:
    """Lo del centro de una ya rehecha, quieta: de su miniatura mayor, que cuesta poco abrir."""
    with Image.open(io.BytesIO(hecha.miniaturas[-1])) as mediana:
        cuadrado = ImageOps.fit(mediana, (lado, lado), Image.Resampling.LANCZOS)
    contenido = _en_bytes(cuadrado, "WEBP", quality=80, method=4)
    return Inspeccionado(tipo=WEBP, clase="imagen", contenido=contenido)


def _acaba_el_gif(crudo: bytes) -> bool:
    """De bloque en bloque; lo que no es ninguno, Pillow lo pasa por alto.

    A uno quieto y con todos sus píxeles puede faltarle el final: hay programas que no lo ponen.
    """
    donde, cuadros = _CABECERA_DE_GIF + _paleta(crudo[10]), 0
    while donde < len(crudo) and crudo[donde] != _FINAL:
        if crudo[donde] == _CUADRO:
            cuadros += 1
            donde = _tras_los_trozos(crudo, donde + 11 + _paleta(crudo[donde + 9]))
        elif crudo[donde] == _EXTENSION:
            donde = _tras_los_trozos(crudo, donde + 2)
        else:
            donde += 1
    return donde < len(crudo) or cuadros == 1


def _paleta(marcas: int) -> int:
    """Lo que ocupa la que anuncian, si la hay."""
    return 3 << (marcas & 0x07) + 1 if marcas & 0x80 else 0


def _tras_los_trozos(crudo: bytes, donde: int) -> int:
    """Cada uno dice lo que ocupa; el último, que nada."""
    while largo := crudo[donde]:
        donde += largo + 1
    return donde + 1


def _demasiados_pixeles() -> NoAdmitido:
    uno, todos = MAX_PIXELES // 1_000_000, MAX_PIXELES_ANIMADOS // 1_000_000
    return bomba(
        f"La imagen pasa de {uno} megapíxeles, o de {todos} o {MAX_CUADROS} cuadros si se mueve"
    )


def _cuadros(imagen: Image.Image, tipo: str) -> Iterator[Image.Image]:
    """Los de una animación, o el único; un JPEG puede llevar detrás otros, que no se enseñan."""
    if imagen.width * imagen.height > MAX_PIXELES:
        raise _demasiados_pixeles()
    if tipo != JPEG and getattr(imagen, "is_animated", False):
        yield from _de_animacion(imagen)
        return
    imagen.load()
    yield _limpia(ImageOps.exif_transpose(imagen))


def _de_animacion(imagen: Image.Image) -> Iterator[Image.Image]:
    """De cada cuadro, lo que se ve: a veces solo trae lo que cambia."""
    pixeles = 0
    # De uno en uno: contarlos antes sería recorrerlos todos, y más allá del primero pueden crecer.
    for cuantos, cuadro in enumerate(ImageSequence.Iterator(imagen), 1):
        pixeles += cuadro.width * cuadro.height
        if cuantos > MAX_CUADROS or pixeles > MAX_PIXELES_ANIMADOS:
            raise _demasiados_pixeles()
        limpio = cuadro.convert("RGBA")
        limpio.info = {
            "duration": cuadro.info.get("duration", 0),
            "se_borra": getattr(cuadro, "disposal_method", 0) in (_BORRAR, _VOLVER),
        }
        yield limpio


def _limpia(imagen: Image.Image) -> Image.Image:
    """En sRGB, y con la transparencia como lo único que se conserva de lo que la acompaña."""
    if imagen.mode[0] in "IF":
        # De más de ocho bits por píxel: de 0 a 65.535.
        imagen = imagen.convert("I").point(lambda valor: valor * (1 / 256)).convert("L")
    limpia = _a_srgb(imagen).copy()
    limpia.info = {k: v for k, v in limpia.info.items() if k == "transparency"}
    return limpia


def _a_srgb(imagen: Image.Image) -> Image.Image:
    """Los colores, como se ven con su perfil; uno que no vale se pasa por alto."""
    perfil = imagen.info.get("icc_profile")
    if not perfil or imagen.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return imagen
    try:
        convertida = ImageCms.profileToProfile(
            imagen,
            ImageCms.ImageCmsProfile(io.BytesIO(perfil)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if imagen.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return imagen
    return convertida or imagen


def _guardada(cuadros: list[Image.Image], formato: str, veces: int | None) -> bytes:
    opciones = dict(_AL_GUARDAR[formato])
    primero, *demas = cuadros
    if formato == "JPEG" and primero.mode not in ("RGB", "L"):
        primero = primero.convert("RGB")
    if demas:
        duraciones = [c.info["duration"] for c in cuadros]
        opciones |= {"save_all": True, "append_images": demas, "duration": duraciones}
        opciones |= {} if veces is None else {"loop": veces}
        if formato == "GIF" and any(c.info["se_borra"] for c in cuadros):
            # Solo si hace falta: así va entero cada uno, y si no, lo que cambia.
            opciones["disposal"] = _BORRAR
    return _en_bytes(primero, formato, **opciones)


def _en_bytes(imagen: Image.Image, formato: str, **opciones: Any) -> bytes:
    salida = io.BytesIO()
    imagen.save(salida, formato, **opciones)
    return salida.getvalue()


def _para_reducir(imagen: Image.Image) -> Image.Image:
    """Con todos sus colores: reducir una paleta la estropea."""
    transparente = imagen.mode in ("RGBA", "LA", "PA") or "transparency" in imagen.info
    return imagen.convert("RGBA" if transparente else "RGB")


def _reducidas(imagen: Image.Image) -> list[Image.Image]:
    """De cada lado, o como está si es menor; cada una sale de la anterior, que ya ocupa poco."""
    reducida = _para_reducir(imagen)
    reducida.info = {}
    hechas = []
    for lado in reversed(LADOS):
        reducida.thumbnail((lado, lado), Image.Resampling.LANCZOS)
        hechas.append(reducida.copy())
    return hechas[::-1]


def _borroso(reducida: Image.Image) -> str:
    """La imagen en unos pocos píxeles, para verla mientras llega: cabe en el mensaje."""
    texto, menor = "", reducida.convert("RGB")
    for lado in _LADOS_DE_BORROSO:
        menor.thumbnail((lado, lado), Image.Resampling.LANCZOS)
        crudo = _en_bytes(menor, "WEBP", quality=20, method=6)
        texto = "data:image/webp;base64," + base64.b64encode(crudo).decode()
        if len(texto) <= MAX_BORROSO:
            break
    return texto
