"""Documentos: los de OLE, los PDF y los textos, que `filetype` no distingue bien."""

from __future__ import annotations

import csv
import io
import re
import struct

import olefile

from mensajeria.archivos.taller import ambiguos
from mensajeria.archivos.taller.comprimidos import acaba_como_zip
from mensajeria.archivos.taller.macros import con_macros
from mensajeria.archivos.taller.resultado import danado, no_admitido
from mensajeria.archivos.taller.tipos import CSV, DOC, TEXTO, XLS

# De un libro de Excel de antes de 2007 (MS-XLS, 2.4): sus registros, y los de cada hoja.
_CABECERA_DE_REGISTRO = 4
_HOJA, _FIN, _DE_MACROS = 0x0085, 0x000A, b"\x01"

_CONTROLES = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Cómo empieza un HTML, un XML o un SVG, y lo que un navegador buscaría algo más allá.
_DE_MARCAS = re.compile(
    r"\s*<[a-z!?/]|(?s:.{0,1024})<(?:!doctype|html|svg|script|body|iframe)\b", re.IGNORECASE
)
# Formatos que se escriben como un texto: RTF, PostScript, `ar`, y las hojas de SYLK, que Excel
# reconoce aunque se llamen `.csv`.
_DE_OTRO_FORMATO = re.compile(r"\s*(?:\{\\rt|%!PS|!<arch>\n|ID;P(?s:.*)\n[BC];[XY]\d)")
# Lo que un lector de PDF encontraría en un texto que solo habla de ellos, no.
_OBJETO_DE_PDF = re.compile(rb"%%EOF|\d\s+\d+\s+obj\b")
_SEPARADORES = ",;\t"
_MUESTRA = 64 * 1024
_FILAS_DE_MUESTRA = 50
# Por detrás del final de un PDF hay quien deja algo.
_FINAL_DE_PDF = 4096


def reconocer_ole(crudo: bytes) -> str:
    """Un documento de Word o de Excel de antes de 2007, sin macros ni otro formato detrás."""
    if acaba_como_zip(crudo):
        raise ambiguos.es_tambien("un archivo comprimido")
    ambiguos.exigir_sin_pdf(crudo)
    with olefile.OleFileIO(io.BytesIO(crudo)) as documento:
        fuera = _sin_sus_tramos(crudo, documento)
        ambiguos.exigir_sin_comprimidos(fuera)
        ambiguos.exigir_sin_codigo(fuera)
        return _segun_sus_tramos(documento)


def _sin_sus_tramos(crudo: bytes, documento: olefile.OleFileIO) -> bytes:
    """Su cabecera y los sectores que no son de nadie, también los de más allá de su tabla."""
    lado = documento.sectorsize
    ocupados = {n for n, cual in enumerate(documento.fat) if cual != olefile.FREESECT}
    libres = (n for n in range(len(crudo) // lado) if n not in ocupados)
    return crudo[:lado] + b"".join(crudo[(n + 1) * lado : (n + 2) * lado] for n in libres)


def _segun_sus_tramos(documento: olefile.OleFileIO) -> str:
    tramos = {t.lower() for camino in documento.listdir(storages=True) for t in camino}
    if any(t == "vba" or t.startswith("_vba_project") for t in tramos):
        raise con_macros()
    if documento.exists("WordDocument"):
        return DOC
    for nombre in ("Workbook", "Book"):
        if documento.exists(nombre):
            _exigir_sin_hojas_de_macros(documento.openstream(nombre).read())
            return XLS
    raise no_admitido("De los de OLE solo se admiten los de Word y los de Excel")


def _exigir_sin_hojas_de_macros(libro: bytes) -> None:
    """Las de Excel 4 no van aparte: son hojas que dicen serlo (MS-XLS, 2.4.28)."""
    donde = 0
    while donde + _CABECERA_DE_REGISTRO <= len(libro):
        clase, largo = struct.unpack_from("<HH", libro, donde)
        donde += _CABECERA_DE_REGISTRO
        if clase == _HOJA and libro[donde + 5 : donde + 6] == _DE_MACROS:
            raise con_macros()
        if clase == _FIN:
            return
        donde += largo


def exigir_pdf_entero(crudo: bytes) -> None:
    if b"%%EOF" not in crudo[-_FINAL_DE_PDF:]:
        raise danado("El PDF está incompleto")


def es_texto(crudo: bytes) -> bool:
    return _leer_texto(crudo) is not None


def _leer_texto(crudo: bytes) -> str | None:
    """En UTF-8 o UTF-16, o en la de Windows, que es la de muchas hojas de cálculo."""
    con_marca = crudo.startswith((b"\xff\xfe", b"\xfe\xff"))
    for codificacion in ("utf-16",) if con_marca else ("utf-8-sig", "cp1252"):
        try:
            texto = crudo.decode(codificacion)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLES.search(texto) else texto
    return None


def reconocer_texto(crudo: bytes) -> str:
    """Un texto sin marcas, o una tabla; no se admite otra cosa que no se haya reconocido antes."""
    texto = _leer_texto(crudo)
    if texto is None:
        raise no_admitido()
    if _DE_MARCAS.match(texto):
        raise no_admitido("Ni HTML, ni SVG, ni XML: pueden llevar código")
    if _DE_OTRO_FORMATO.match(texto):
        raise no_admitido("Ni RTF, ni PostScript, ni SYLK: pueden llevar código")
    if ambiguos.dice_ser_pdf(crudo) and _OBJETO_DE_PDF.search(crudo):
        raise ambiguos.es_tambien("un PDF")
    return CSV if _es_tabla(texto) else TEXTO


def _es_tabla(texto: str) -> bool:
    """Si sus primeras filas se parten todas en las mismas columnas, dos o más."""
    lineas = [x for x in texto[:_MUESTRA].splitlines() if x.strip()]
    if len(texto) > _MUESTRA:
        lineas.pop()
    if len(lineas) < 2:
        return False
    for separador in _SEPARADORES:
        try:
            anchos = {
                len(fila) for fila in csv.reader(lineas[:_FILAS_DE_MUESTRA], delimiter=separador)
            }
        except csv.Error:
            continue
        if len(anchos) == 1 and anchos.pop() > 1:
            return True
    return False
