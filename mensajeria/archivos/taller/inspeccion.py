"""Qué es un archivo, por lo que lleva dentro, y qué se guarda de él."""

from __future__ import annotations

import re

import filetype

from mensajeria.archivos.taller import documentos, imagenes, medios
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
# Con el texto que las sigue: cuatro letras solas las lleva, por azar, un vídeo de cada setenta.
_MARCAS = re.compile(
    rb"<(?:(?:script|html|svg|iframe|!doctype)[\s/>]|\?php\s)[\t\n\r -~]{12}", re.IGNORECASE
)
_COMPRIMIDOS = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
# Un GIF que es también un programa: sus medidas son `/*`, o `=` y más texto (61 píxeles de ancho
# también empiezan por `=`).
_GIF_DE_GUION = re.compile(rb"GIF8[79]a(?:/\*|\s*=[\t\n\r -~]{4})")
# Donde un lector de PDF busca su cabecera.
_PRINCIPIO = 1024


def inspeccionar(crudo: bytes, tope: int) -> Inspeccionado:
    """Lo que se guarda, con su tipo; `NoAdmitido`, también si ocupa más de `tope` bytes."""
    if not crudo:
        raise NoAdmitido(CodigoError.FILE_EMPTY)
    try:
        hallado = _segun_su_tipo(crudo)
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


def _segun_su_tipo(crudo: bytes) -> Inspeccionado:
    if crudo.startswith(documentos.OLE):
        return Inspeccionado(documentos.reconocer_ole(crudo), "archivo", crudo)
    if crudo.startswith(documentos.DE_ZIP):
        return Inspeccionado(documentos.reconocer_zip(crudo), "archivo", crudo)
    tipo = _por_su_cabecera(crudo)
    if tipo is None:
        return Inspeccionado(documentos.reconocer_texto(crudo), "archivo", crudo)
    _exigir_que_sea_uno(crudo, tipo)
    if tipo in IMAGENES:
        return imagenes.rehacer(crudo, tipo)
    if tipo == PDF:
        documentos.exigir_pdf_entero(crudo)
        return Inspeccionado(PDF, "archivo", crudo)
    return medios.mirar(crudo, tipo)


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


def _exigir_que_sea_uno(crudo: bytes, tipo: str) -> None:
    """Que no sea a la vez otra cosa, que quien lo abra con otro programa encontraría."""
    otro = None
    if documentos.es_zip(crudo) or any(firma in crudo for firma in _COMPRIMIDOS):
        otro = "un archivo comprimido"
    elif tipo != PDF and b"%PDF-" in crudo[:_PRINCIPIO]:
        otro = "un PDF"
    elif _MARCAS.search(crudo[:_PRINCIPIO] if tipo == PDF else crudo):
        otro = "una página con código"
    elif _GIF_DE_GUION.match(crudo):
        otro = "un programa"
    if otro:
        raise NoAdmitido(CodigoError.FILE_AMBIGUOUS, f"El archivo es a la vez {otro}")
