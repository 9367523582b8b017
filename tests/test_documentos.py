"""Lo que los documentos nombran existe: enlaces, archivos y órdenes de `make` y `manage.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

RAIZ = Path(__file__).resolve().parent.parent
DOCUMENTOS = sorted([*RAIZ.glob("*.md"), *(RAIZ / "docs").glob("*.md")])
# Una ruta se da desde la raíz, o desde la carpeta de la que habla el documento.
DESDE = ("", "mensajeria", "tests", "docs", "static/mensajeria")

# Los documentos se sirven: algunos llevan a otra página del mismo servidor.
DEL_SERVIDOR = (
    "/api/docs/",
    "/api/esquema/",
    "/docs/asyncapi.yaml",
    "/static/mensajeria/cliente/eventos.d.ts",
)

ENLACE = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
ARCHIVO = re.compile(
    r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|js|ts|sh|toml|ya?ml|ini|json|html|md)"
    r"|(?:mensajeria|servitech|tests|docs|static|bancos)(?:/[\w.-]+)*/)`"
)
DE_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)\b")
DE_MANAGE = re.compile(r"\bmanage\.py ([a-z][a-z_]*)\b")


def lineas(documento: Path) -> Iterator[str]:
    return iter(documento.read_text(encoding="utf-8").splitlines())


def _ancla(titulo: str) -> str:
    """Como las hace GitHub: sin signos, en minúsculas y con guiones."""
    return re.sub(r"[^\w\- ]", "", titulo.strip().lower()).replace(" ", "-")


def _anclas(documento: Path) -> set[str]:
    texto = documento.read_text(encoding="utf-8")
    puestas = set(re.findall(r'<a (?:id|name)="([^"]+)"', texto))
    return puestas | {_ancla(t) for t in re.findall(r"^#+ (.*)$", texto, re.MULTILINE)}


def _de_todos() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("documento", DOCUMENTOS, ids=lambda d: d.name)


def enlaces_rotos(documento: Path) -> Iterator[str]:
    """Los que no llevan a un archivo, a un título suyo o a una ruta del servidor."""
    for ruta, ancla in ENLACE.findall(documento.read_text(encoding="utf-8")):
        if ruta in DEL_SERVIDOR:
            continue
        destino = (documento.parent / ruta) if ruta else documento
        if not destino.exists():
            yield f"{documento.name}: {ruta}"
        elif ancla and destino.suffix == ".md" and ancla not in _anclas(destino):
            yield f"{documento.name}: {ruta}#{ancla}"


@_de_todos()
def test_los_enlaces_llevan_a_algo(documento: Path) -> None:
    assert list(enlaces_rotos(documento)) == []


@_de_todos()
def test_los_archivos_que_nombran_estan(documento: Path) -> None:
    for linea in lineas(documento):
        for nombre in ARCHIVO.findall(linea):
            esta = any((RAIZ / desde / nombre).exists() for desde in DESDE)
            assert esta or "PENDIENTE" in linea, f"{documento.name}: {nombre}"


@_de_todos()
def test_las_ordenes_que_nombran_estan(documento: Path) -> None:
    texto = documento.read_text(encoding="utf-8")
    hay = set(re.findall(r"^([a-z-]+):", (RAIZ / "Makefile").read_text(), re.MULTILINE))
    assert set(DE_MAKE.findall(texto)) <= hay
    assert set(DE_MANAGE.findall(texto)) <= set(get_commands())


def test_las_figuras_del_readme_son_las_medidas() -> None:
    """Las que haya en `bancos/resultados/tabla.md`, que escribe `make bench`."""
    leidas = re.findall(
        r"^\|[^|]+\| (`\w+`) \| ([^|]+) \| ([^|]+) \| ([\d,]+) \|$",
        (RAIZ / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    medidas = re.findall(
        r"^\| (`[^`]+`) \| producto, Socket\.IO \| ([^|]+) \| ([^|]+) \| ([\d,]+) \|",
        (RAIZ / "bancos/resultados/tabla.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert leidas
    assert set(leidas) <= set(medidas)
