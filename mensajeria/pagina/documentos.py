"""Los documentos de `docs/`, hechos páginas: el mismo Markdown que se lee en el repositorio."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.html import strip_tags
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Cada grupo del índice, con sus documentos: el nombre de cada uno en su dirección y su archivo.
GRUPOS: dict[str, dict[str, str]] = {
    "Empezar": {
        "empezar": "docs/empezar.md",
        "recetas": "docs/recetas.md",
        "mudarse": "docs/mudarse.md",
        "english": "docs/english.md",
    },
    "Qué hay": {
        "eventos": "docs/eventos.md",
        "contrato": "docs/contrato.md",
        "errores": "docs/errores.md",
        "cliente": "docs/cliente.md",
        "rest-original": "docs/rest-original.md",
    },
    "Qué promete": {
        "garantias": "docs/garantias.md",
        "comparacion": "docs/comparacion.md",
        "conformidad": "docs/conformidad.md",
        "rendimiento": "docs/rendimiento.md",
    },
    "Operarlo": {
        "produccion": "docs/produccion.md",
        "varios-procesos": "docs/varios-procesos.md",
        "observar": "docs/observar.md",
        "alertas": "docs/alertas.md",
        "escala": "docs/escala.md",
        "carga": "docs/carga.md",
        "avisos": "docs/avisos.md",
        "datos": "docs/datos.md",
        "problemas": "docs/problemas.md",
        "seguridad": "SEGURIDAD.md",
    },
    "Por dentro": {
        "arquitectura": "docs/arquitectura.md",
        "contribuir": "CONTRIBUIR.md",
        "cambios": "CAMBIOS.md",
    },
}
DOCUMENTOS = {nombre: archivo for grupo in GRUPOS.values() for nombre, archivo in grupo.items()}
EN_INGLES = frozenset({"english"})
PRINCIPIO = "empezar"
RESULTADOS = 40
_DE_FUERA = re.compile(r"[a-z]+:", re.IGNORECASE)


class Seccion(NamedTuple):
    """Lo que hay bajo un título, para buscarlo y para el índice de su página."""

    ancla: str
    titulo: str
    nivel: int
    texto: str


@dataclass(frozen=True, slots=True)
class Documento:
    nombre: str
    titulo: str
    html: str
    secciones: list[Seccion] = field(default_factory=list)

    @property
    def idioma(self) -> str:
        return "en" if self.nombre in EN_INGLES else "es"


class Hallada(NamedTuple):
    pagina: Documento
    seccion: Seccion
    extracto: str


@functools.cache
def paginas() -> dict[str, Documento]:
    """Todas, por su nombre y en el orden del índice. Se hacen una vez por proceso."""
    return {nombre: _hacer(nombre, Path(archivo)) for nombre, archivo in DOCUMENTOS.items()}


def buscar(texto: str) -> list[Hallada]:
    """Las secciones que tienen todas esas palabras, las que las tienen en el título primero."""
    palabras = _llano(texto).split()
    if not palabras:
        return []
    halladas = [
        (
            not all(p in _llano(s.titulo) for p in palabras),
            Hallada(pagina, s, _extracto(s, palabras)),
        )
        for pagina in paginas().values()
        for s in pagina.secciones
        if all(p in _llano(f"{s.titulo} {s.texto}") for p in palabras)
    ]
    return [hallada for _, hallada in sorted(halladas, key=lambda h: h[0])[:RESULTADOS]]


def ancla_de(titulo: str) -> str:
    """Como las hace GitHub: sin signos, en minúsculas y con guiones."""
    return re.sub(r"[^\w\- ]", "", titulo.strip().lower()).replace(" ", "-")


@functools.lru_cache(8192)
def _llano(texto: str) -> str:
    """Sin mayúsculas ni acentos."""
    partes = unicodedata.normalize("NFD", texto.lower())
    return "".join(c for c in partes if not unicodedata.combining(c))


def _extracto(seccion: Seccion, palabras: list[str]) -> str:
    donde = max(0, _llano(seccion.texto).find(palabras[0]) - 60)
    return seccion.texto[donde : donde + 200]


def _hacer(nombre: str, archivo: Path) -> Documento:
    crudo = (settings.BASE_DIR / archivo).read_text(encoding="utf-8")
    lector = MarkdownIt("commonmark").enable("table")
    fichas = lector.parse(crudo)
    titulos = list(_con_anclas(fichas))
    for ficha in _todas(fichas):
        _enlazar(ficha, archivo.parent)
    html = _con_teclado(lector.renderer.render(fichas, lector.options, {}))
    secciones = list(_secciones(html, titulos))
    return Documento(nombre, titulos[0][1], html, secciones)


def _con_teclado(html: str) -> str:
    """Lo que puede ser más ancho que su sitio se desplaza también sin ratón."""
    for etiqueta, con_foco in (
        ("<pre>", '<pre tabindex="0">'),
        ("<table>", '<div class="tabla" tabindex="0"><table>'),
        ("</table>", "</table></div>"),
    ):
        html = html.replace(etiqueta, con_foco)
    return html


def _todas(fichas: list[Token]) -> Iterator[Token]:
    for ficha in fichas:
        yield ficha
        yield from ficha.children or ()


def _con_anclas(fichas: list[Token]) -> Iterator[tuple[str, str, int]]:
    """Pone a cada título su ancla, y lo da: `(ancla, título, nivel)`."""
    vistas: dict[str, int] = {}
    for ficha, dentro in itertools.pairwise(fichas):
        if ficha.type != "heading_open":
            continue
        titulo = "".join(t.content for t in dentro.children or ())
        ancla = ancla_de(titulo)
        vistas[ancla] = repetida = vistas.get(ancla, -1) + 1
        ancla = f"{ancla}-{repetida}" if repetida else ancla
        ficha.attrSet("id", ancla)
        yield ancla, titulo, int(ficha.tag[1])


def _enlazar(ficha: Token, desde: Path) -> None:
    """Lo que lleva a otro documento, a su página; lo demás del repositorio no está aquí."""
    if ficha.type == "image" and (origen := str(ficha.attrGet("src"))).startswith("imagenes/"):
        ficha.attrSet("src", f"{settings.PREFIJO}/docs/{origen}")
    if ficha.type != "link_open" or _DE_FUERA.match(destino := str(ficha.attrGet("href"))):
        return
    ruta, _, ancla = destino.partition("#")
    if not ruta:
        return
    archivo = (settings.BASE_DIR / desde / ruta).resolve()
    de_la_raiz = str(archivo.relative_to(settings.BASE_DIR)) if ruta[0] != "/" else ""
    for nombre, suyo in DOCUMENTOS.items():
        if suyo == de_la_raiz:
            alli = f"{settings.PREFIJO}/docs/{nombre}/"
            ficha.attrSet("href", alli + (f"#{ancla}" if ancla else ""))
            return
    if ruta[0] == "/":
        ficha.attrSet("href", settings.PREFIJO + destino)
    else:
        ficha.attrs.pop("href", None)


def _secciones(html: str, titulos: list[tuple[str, str, int]]) -> Iterator[Seccion]:
    partes = re.split(r"(?=<h[1-6] id=)", html)[-len(titulos) :]
    for (ancla, titulo, nivel), parte in zip(titulos, partes, strict=True):
        _, _, cuerpo = parte.partition(f"</h{nivel}>")
        texto = " ".join(strip_tags(cuerpo.replace("<", " <")).split())
        yield Seccion(ancla, titulo, nivel, texto.replace("&quot;", '"').replace("&amp;", "&"))
