"""Las macros de un documento que es un ZIP: por lo que llevan dentro, se llamen como se llamen."""

from __future__ import annotations

from xml.etree import ElementTree

import olefile

from mensajeria.archivos.taller.resultado import NoAdmitido, no_admitido

OLE: bytes = olefile.MAGIC
# Dice de qué tipo es cada parte (ECMA-376-2, 10.1); los `.rels`, qué es cada una de otra.
PARTES = "[content_types].xml"
_RELACIONES = ".rels"
_DICEN_MACROS = ("macroenabled", "vbaproject", "macrosheet")
_DE_VBA = "_vba_project".encode("utf-16-le")
_ARCHIVO_DE_VBA, _HOJAS_DE_MACROS = "vbaproject.bin", "xl/macrosheets/"


def con_macros() -> NoAdmitido:
    return no_admitido("Los documentos con macros no se admiten")


def dice_de_que_es(nombre: str) -> bool:
    return nombre == PARTES or nombre.endswith(_RELACIONES)


def exigir_sin_ellas(nombre: str, dentro: bytes) -> None:
    """Una parte de un documento: ni las lleva, ni dice que otra lo sea."""
    if nombre.endswith(_ARCHIVO_DE_VBA) or nombre.startswith(_HOJAS_DE_MACROS):
        raise con_macros()
    if dentro.startswith(OLE) and _DE_VBA in dentro.lower():
        raise con_macros()
    if dentro and dice_de_que_es(nombre):
        for nodo in ElementTree.fromstring(dentro).iter():
            dicho = f"{nodo.get('ContentType')} {nodo.get('Type')}".lower()
            if any(x in dicho for x in _DICEN_MACROS):
                raise con_macros()
