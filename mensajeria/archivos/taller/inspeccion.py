"""Qué es un archivo, por lo que lleva dentro, y qué se guarda de él."""

from __future__ import annotations

import re

import filetype

from mensajeria.archivos.taller import ambiguos, comprimidos, documentos, imagenes, macros, medios
from mensajeria.archivos.taller.resultado import (
    Inspeccionado,
    NoAdmitido,
    bomba,
    danado,
    no_admitido,
)
from mensajeria.archivos.taller.tipos import IMAGENES, M4A, MP3, MP4, OGG, PDF, WAV, WEBM
from mensajeria.protocolo.errores import CodigoError

# Lo que mira `filetype` desde el principio.
_CABECERA = 8192
_DE_FILETYPE = {
    **{tipo: tipo for tipo in IMAGENES},
    "image/apng": "image/png",
    "application/pdf": PDF,
    "audio/mpeg": MP3,
    "audio/mp4": M4A,
    "audio/ogg": OGG,
    "audio/x-wav": WAV,
    "video/mp4": MP4,
    "video/x-m4v": MP4,
    "video/webm": WEBM,
}
# Un GIF que es también un programa: sus medidas son `/*`, o `=` y más texto (61 píxeles de ancho
# también empiezan por `=`).
_GIF_DE_GUION = re.compile(rb"GIF8[79]a(?:/\*|\s*=[\t\n\r -~]{4})")


def inspeccionar(crudo: bytes, tope: int, lado: int = 0) -> Inspeccionado:
    """Lo que se guarda, con su tipo; `NoAdmitido`, también si ocupa más de `tope` bytes.

    Con `lado`, ha de ser una imagen, y es un cuadrado de esos píxeles.
    """
    if not crudo:
        raise NoAdmitido(CodigoError.FILE_EMPTY)
    try:
        hallado = _segun_su_tipo(crudo)
        if lado:
            hallado = _cuadrado(hallado, lado)
    except NoAdmitido:
        raise
    except MemoryError:
        raise bomba() from None
    except Exception as error:
        # Cada formato falla a su modo, y ninguno dice todos los suyos.
        raise danado() from error
    if len(hallado.contenido) > tope:
        raise bomba(f"La imagen, al guardarla, pasa de {tope // 1024**2} MB: hazla más pequeña")
    return hallado


def _cuadrado(hallado: Inspeccionado, lado: int) -> Inspeccionado:
    if hallado.clase != "imagen":
        raise no_admitido("Un avatar es una imagen")
    return imagenes.cuadrar(hallado, lado)


def _segun_su_tipo(crudo: bytes) -> Inspeccionado:
    if crudo.startswith(macros.OLE):
        return Inspeccionado(documentos.reconocer_ole(crudo), "archivo", crudo)
    if crudo.startswith(comprimidos.DE_ZIP):
        return Inspeccionado(comprimidos.reconocer(crudo), "archivo", crudo)
    tipo = _por_su_cabecera(crudo)
    if tipo is None:
        return Inspeccionado(documentos.reconocer_texto(crudo), "archivo", crudo)
    if comprimidos.es_zip(crudo):
        raise ambiguos.es_tambien("un archivo comprimido")
    ambiguos.exigir_sin_comprimidos(crudo)
    if tipo == PDF:
        ambiguos.exigir_sin_codigo(crudo[: ambiguos.PRINCIPIO])
        documentos.exigir_pdf_entero(crudo)
        return Inspeccionado(PDF, "archivo", crudo)
    ambiguos.exigir_sin_pdf(crudo)
    return _imagen(crudo, tipo) if tipo in IMAGENES else _sonido_o_video(crudo, tipo)


def _imagen(crudo: bytes, tipo: str) -> Inspeccionado:
    ambiguos.exigir_sin_codigo(crudo)
    if _GIF_DE_GUION.match(crudo):
        raise ambiguos.es_tambien("un programa")
    return imagenes.rehacer(crudo, tipo)


def _sonido_o_video(crudo: bytes, tipo: str) -> Inspeccionado:
    """El código, en lo que se guarda: en los metadatos, que se borran, hay quien pone XML."""
    hallado = medios.mirar(crudo, tipo)
    ambiguos.exigir_sin_codigo(hallado.contenido)
    return hallado


def _por_su_cabecera(crudo: bytes) -> str | None:
    """El tipo admitido que dice, o nada si quizá es un texto."""
    hallado = filetype.guess(crudo[:_CABECERA])
    mime = hallado.mime if hallado else ""
    if mime in _DE_FILETYPE:
        return _DE_FILETYPE[mime]
    # MPEG de capa III con cualquier cabecera: `filetype` conoce las más corrientes.
    if not mime and len(crudo) > 2 and crudo[0] == 0xFF and crudo[1] & 0xE6 == 0xE2:
        return MP3
    if documentos.es_texto(crudo):
        # Empieza como otra cosa («BM…» es un mapa de bits) y es un texto.
        return None
    raise no_admitido(f"Los archivos {mime} no se admiten" if mime else None)
