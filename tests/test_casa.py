"""Lo que hace llana la casa (docs/arquitectura.md), dicho con cifras para que no se pierda."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.servicios import RAIZ

MAX_LINEAS = 350
# Un modelo, su fila ligera y su forma en el cable son la misma cosa, y se llaman igual.
LO_MISMO = {"models", "filas.py", "formas.py"}
# Django les pone el nombre.
DE_DJANGO = {"Command", "Meta", "Migration", "Tipo"}


def _del_producto() -> Iterator[Path]:
    for carpeta in ("mensajeria", "servitech"):
        for archivo in (RAIZ / carpeta).rglob("*.py"):
            if "migrations" not in archivo.parts:
                yield archivo


def test_ningun_archivo_pasa_de_lo_que_se_lee_de_una_vez() -> None:
    largos = {
        str(a.relative_to(RAIZ)): n
        for a in _del_producto()
        if (n := len(a.read_text().splitlines())) > MAX_LINEAS
    }
    assert not largos


def test_dos_clases_no_se_llaman_igual() -> None:
    por_nombre = defaultdict(set)
    for archivo in _del_producto():
        de_lo_mismo = LO_MISMO & {archivo.name, archivo.parent.name}
        for nodo in ast.walk(ast.parse(archivo.read_text())):
            if isinstance(nodo, ast.ClassDef) and not nodo.name.startswith("_"):
                sitio = "lo mismo" if de_lo_mismo else str(archivo.relative_to(RAIZ))
                por_nombre[nodo.name].add(sitio)
    repetidas = {n: s for n, s in por_nombre.items() if len(s) > 1 and n not in DE_DJANGO}
    assert not repetidas
