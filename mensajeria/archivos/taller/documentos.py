"""Documentos: los de OLE, los de ZIP, los PDF y los textos, que `filetype` no distingue bien."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from collections.abc import Collection

import olefile

from mensajeria.archivos.taller.resultado import NoAdmitido, bomba, danado, no_admitido
from mensajeria.archivos.taller.tipos import CSV, DOC, DOCX, TEXTO, XLS, XLSX, ZIP
from mensajeria.protocolo.errores import CodigoError

OLE = olefile.MAGIC
# El de un ZIP con algo dentro, y el de uno vacío.
DE_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

# Un ZIP no se descomprime nunca aquí; a quien lo abra, que no le llene el disco.
MAX_DESCOMPRIMIDO = 1024**3
MAX_ENTRADAS = 10_000
# Lo que dice qué es en realidad: un programa, u otro formato que no está en la lista.
_DE_PROGRAMA = ("meta-inf/manifest.mf", "androidmanifest.xml")
_MACROS, _HOJAS_DE_MACROS = "vbaproject.bin", "xl/macrosheets/"
# De un libro de Excel de antes de 2007 (MS-XLS, 2.4): sus registros, y los de cada hoja.
_CABECERA_DE_REGISTRO = 4
_HOJA, _FIN, _DE_MACROS = 0x0085, 0x000A, b"\x01"
# Lo que ocupa como mucho el final de un ZIP, con su comentario.
_FINAL_DE_ZIP = 22 + 0xFFFF

_CONTROLES = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Cómo empieza un HTML, un XML o un SVG, y lo que un navegador buscaría algo más allá.
_DE_MARCAS = re.compile(
    r"\s*<[a-z!?/]|(?s:.{0,1024})<(?:!doctype|html|svg|script|body|iframe)\b", re.IGNORECASE
)
_SEPARADORES = ",;\t"
_MUESTRA = 64 * 1024
_FILAS_DE_MUESTRA = 50
# Por detrás del final de un PDF hay quien deja algo.
_FINAL_DE_PDF = 4096


def reconocer_ole(crudo: bytes) -> str:
    """Un documento de Word o de Excel de antes de 2007, sin macros ni otro formato detrás."""
    if _acaba_como_zip(crudo):
        raise NoAdmitido(CodigoError.FILE_AMBIGUOUS, "El archivo es a la vez un archivo comprimido")
    with olefile.OleFileIO(io.BytesIO(crudo)) as documento:
        tramos = {t.lower() for camino in documento.listdir(storages=True) for t in camino}
        if any(t == "vba" or t.startswith("_vba_project") for t in tramos):
            raise _con_macros()
        if documento.exists("WordDocument"):
            return DOC
        for nombre in ("Workbook", "Book"):
            if documento.exists(nombre):
                _exigir_sin_hojas_de_macros(documento.openstream(nombre).read())
                return XLS
    raise no_admitido("De los de OLE solo se admiten los de Word y los de Excel")


def _con_macros() -> NoAdmitido:
    return no_admitido("Los documentos con macros no se admiten")


def _exigir_sin_hojas_de_macros(libro: bytes) -> None:
    """Las de Excel 4 no van aparte: son hojas que dicen serlo (MS-XLS, 2.4.28)."""
    donde = 0
    while donde + _CABECERA_DE_REGISTRO <= len(libro):
        clase, largo = struct.unpack_from("<HH", libro, donde)
        donde += _CABECERA_DE_REGISTRO
        if clase == _HOJA and libro[donde + 5 : donde + 6] == _DE_MACROS:
            raise _con_macros()
        if clase == _FIN:
            return
        donde += largo


def _acaba_como_zip(crudo: bytes) -> bool:
    """Si lo último es el directorio de uno: dentro puede llevar otros documentos, que lo son."""
    final = crudo.rfind(DE_ZIP[1], -_FINAL_DE_ZIP)
    comentario = int.from_bytes(crudo[final + 20 : final + 22], "little")
    return final >= 0 and final + 22 + comentario == len(crudo)


def reconocer_zip(crudo: bytes) -> str:
    """Un documento de Word o de Excel, o un ZIP corriente."""
    try:
        with zipfile.ZipFile(io.BytesIO(crudo)) as comprimido:
            entradas = comprimido.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        raise danado("El ZIP está dañado o incompleto") from None
    if len(entradas) > MAX_ENTRADAS or sum(e.file_size for e in entradas) > MAX_DESCOMPRIMIDO:
        raise bomba("El ZIP ocupa demasiado al descomprimirlo")
    return _segun_sus_nombres({e.filename.lower() for e in entradas})


def es_zip(crudo: bytes) -> bool:
    """Si uno lo abriría: basta con que acabe en su directorio, empiece por lo que empiece."""
    try:
        zipfile.ZipFile(io.BytesIO(crudo)).close()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    return True


def _segun_sus_nombres(nombres: Collection[str]) -> str:
    if any(n in nombres for n in _DE_PROGRAMA):
        raise no_admitido("Es un programa, y no se admiten")
    if "[content_types].xml" not in nombres:
        if "mimetype" in nombres:
            raise no_admitido("De los documentos se admiten los PDF, los de Word y los de Excel")
        return ZIP
    if any(n.endswith(_MACROS) or n.startswith(_HOJAS_DE_MACROS) for n in nombres):
        raise _con_macros()
    for carpeta, tipo in (("word/", DOCX), ("xl/", XLSX)):
        if any(n.startswith(carpeta) for n in nombres):
            return tipo
    raise no_admitido("De los documentos se admiten los PDF, los de Word y los de Excel")


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
