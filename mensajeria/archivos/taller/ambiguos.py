"""Que un archivo no sea a la vez otra cosa, que quien lo abra con otro programa encontraría."""

from __future__ import annotations

import re

from mensajeria.archivos.taller.resultado import NoAdmitido
from mensajeria.protocolo.errores import CodigoError

# Con el texto que las sigue: cuatro letras solas las lleva, por azar, un vídeo de cada setenta. Y
# de los `doctype`, los que un navegador abre: iTunes pone el de una lista de propiedades.
_MARCAS = re.compile(
    rb"<(?:(?:script|html|svg|iframe)[\s/>]|!doctype\s+(?:html|svg)|\?php\s)[\t\n\r -~]{12}",
    re.IGNORECASE,
)
_COMPRIMIDOS = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_DE_PDF = b"%PDF-"
# Donde un lector de PDF busca su cabecera.
PRINCIPIO = 1024


def es_tambien(otro: str) -> NoAdmitido:
    return NoAdmitido(CodigoError.FILE_AMBIGUOUS, f"El archivo es a la vez {otro}")


def exigir_sin_comprimidos(crudo: bytes) -> None:
    """Ni RAR ni 7z, que valen empiecen donde empiecen."""
    if any(firma in crudo for firma in _COMPRIMIDOS):
        raise es_tambien("un archivo comprimido")


def exigir_sin_pdf(crudo: bytes) -> None:
    if dice_ser_pdf(crudo):
        raise es_tambien("un PDF")


def dice_ser_pdf(crudo: bytes) -> bool:
    return _DE_PDF in crudo[:PRINCIPIO]


def exigir_sin_codigo(crudo: bytes) -> None:
    if _MARCAS.search(crudo):
        raise es_tambien("una página con código")
