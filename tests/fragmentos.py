"""Los bloques de código de los documentos: que ninguno esté muerto. Lo corre `make lint`.

Aquí se leen como su lenguaje; los de `docs/{empezar,recetas,english,cliente}.md` se ejecutan, en
`tests/integracion/test_recetas.py` y `tests/pagina/test_docs.py`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

RAIZ = Path(__file__).resolve().parent.parent
DOCUMENTOS = sorted([*RAIZ.glob("*.md"), *(RAIZ / "docs").glob("*.md")])
_BLOQUE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TITULO = re.compile(r"^#+ (.*)$", re.MULTILINE)
_GUION = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)


class Fragmento(NamedTuple):
    documento: Path
    titulo: str
    lenguaje: str
    codigo: str

    @property
    def donde(self) -> str:
        return f"{self.documento.relative_to(RAIZ)}, «{self.titulo}»"


def fragmentos(documento: Path) -> Iterator[Fragmento]:
    """Los que dicen su lenguaje, con el título bajo el que están."""
    texto = documento.read_text(encoding="utf-8")
    for bloque in _BLOQUE.finditer(texto):
        antes = _BLOQUE.sub("", texto[: bloque.start()])
        if bloque[1]:
            titulo = (_TITULO.findall(antes) or [""])[-1]
            yield Fragmento(documento, titulo, bloque[1], bloque[2])


def _bash(codigo: str) -> None:
    hecho = subprocess.run(["bash", "-n"], input=codigo, capture_output=True, text=True)
    if hecho.returncode:
        raise ValueError(hecho.stderr)


LENGUAJES: dict[str, Callable[[str], object]] = {
    "bash": _bash,
    # Lo que aquí no se puede correr.
    "sh": _bash,
    "json": json.loads,
    # De otro programa, que aquí no está.
    "nginx": str,
    "python": lambda codigo: compile(codigo, "fragmento", "exec"),
}
# De los que llevan JavaScript, qué trozos suyos lo son.
DE_JAVASCRIPT: dict[str, Callable[[str], list[str]]] = {
    "html": _GUION.findall,
    "js": lambda codigo: [codigo],
    "jsx": lambda codigo: [codigo],
    "vue": _GUION.findall,
}


def muertos() -> Iterator[str]:
    """Los que no se leen, con por qué."""
    de_javascript: list[tuple[Fragmento, str]] = []
    for fragmento in (f for documento in DOCUMENTOS for f in fragmentos(documento)):
        if trozos := DE_JAVASCRIPT.get(fragmento.lenguaje):
            de_javascript += [(fragmento, trozo) for trozo in trozos(fragmento.codigo)]
            continue
        if fragmento.lenguaje not in LENGUAJES:
            yield f"{fragmento.donde}: nadie comprueba «{fragmento.lenguaje}»"
            continue
        try:
            LENGUAJES[fragmento.lenguaje](fragmento.codigo)
        except (ValueError, SyntaxError) as error:
            yield f"{fragmento.donde}: {error}"
    yield from _con_tsc(de_javascript)


def _con_tsc(trozos: list[tuple[Fragmento, str]]) -> Iterator[str]:
    """Solo la sintaxis: lo que importan no está aquí. Todos de una vez, que arrancar tarda."""
    with tempfile.TemporaryDirectory() as carpeta:
        archivos = [Path(carpeta) / f"{i}.jsx" for i in range(len(trozos))]
        for archivo, (_, codigo) in zip(archivos, trozos, strict=True):
            archivo.write_text(codigo, encoding="utf-8")
        hecho = subprocess.run(
            [
                str(RAIZ / "node_modules/.bin/tsc"),
                *("--allowJs", "--noCheck", "--noResolve", "--noEmit", "--ignoreConfig"),
                *("--jsx", "preserve", "--module", "esnext", "--target", "esnext"),
                *map(str, archivos),
            ],
            capture_output=True,
            text=True,
        )
    for numero, fallo in re.findall(r"(\d+)\.jsx(\(.*)", hecho.stdout):
        yield f"{trozos[int(numero)][0].donde}: {fallo}"


def main() -> None:
    from tests.test_documentos import enlaces_rotos

    malos = [*muertos(), *(roto for d in DOCUMENTOS for roto in enlaces_rotos(d))]
    for malo in malos:
        sys.stderr.write(f"{malo}\n")
    sys.exit(bool(malos))


if __name__ == "__main__":
    main()
