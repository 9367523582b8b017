"""`docs/contrato.md` es verdad: nombra cuanto hay en el código, y nada que no exista."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.urls import URLPattern, URLResolver
from msgspec.structs import fields

from mensajeria.api import paginas
from mensajeria.api.urls import urlpatterns
from mensajeria.consultas import cambios
from mensajeria.protocolo import tipos
from mensajeria.protocolo.errores import TRADUCCIONES
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR, EventoCliente, EventoServidor
from mensajeria.protocolo.json_estricto import MAX_PROFUNDIDAD

RAIZ = Path(__file__).resolve().parent.parent
CONTRATO = (RAIZ / "docs/contrato.md").read_text(encoding="utf-8")

CITA = re.compile(r"contrato\.md\)?, secci(?:ón|ones) (\d)(?: (?:a|y) (\d))?")
SIN_CITAR = re.compile(r"\bcontrato, (?:§|secci)|(?:fallos|diseno|estilo|semilla)\.md")


def seccion(titulo: str) -> str:
    """Lo que hay bajo ese título, hasta el siguiente del mismo nivel o mayor."""
    nivel = len(titulo) - len(titulo.lstrip("#"))
    _, _, resto = CONTRATO.partition(f"\n{titulo}\n")
    assert resto, f"el contrato no tiene «{titulo}»"
    return re.split(rf"\n#{{1,{nivel}}} ", resto)[0]


def filas(titulo: str) -> list[list[str]]:
    """Las celdas de sus tablas, sin la cabecera."""
    lineas = [x for x in seccion(titulo).splitlines() if x.startswith("|")]
    return [
        [celda.strip() for celda in linea.strip("|").split("|")]
        for linea, siguiente in zip(lineas, [*lineas[1:], ""], strict=True)
        if not linea.startswith("|--") and not siguiente.startswith("|--")
    ]


def nombrado(celda: str) -> list[str]:
    return re.findall(r"`([^`]+)`", celda)


def prometidos(titulo: str) -> dict[str, set[str]]:
    """Cada evento de la tabla, con sus campos: `texto`, o `texto?` si puede faltar."""
    tabla = filas(titulo)
    eventos = {
        nombrado(fila[0])[0]: {re.sub(r"\{.*\}", "", c) for c in nombrado(fila[1])}
        for fila in tabla
    }
    assert len(eventos) == len(tabla), "un evento está dos veces"
    return eventos


def campos(evento: EventoCliente | EventoServidor) -> set[str]:
    """Los suyos, sin el `timestamp` que llevan todos los empujes."""
    suyos = {
        f.encode_name + ("?" if _puede_faltar(evento, f) else "") for f in fields(evento.carga)
    }
    return suyos - {"timestamp"}


def _puede_faltar(evento: EventoCliente | EventoServidor, campo: Any) -> bool:
    if isinstance(evento, EventoCliente):
        return not campo.required
    return campo.default is msgspec.UNSET


@pytest.mark.parametrize(
    ("titulo", "catalogo"),
    [
        ("### Del cliente al servidor", CLIENTE),
        ("### Del servidor al cliente", SERVIDOR),
    ],
)
def test_los_eventos_y_sus_campos(
    titulo: str, catalogo: Mapping[str, EventoCliente | EventoServidor]
) -> None:
    assert prometidos(titulo) == {nombre: campos(e) for nombre, e in catalogo.items()}


def test_los_errores_y_su_estado() -> None:
    prometidos = {nombrado(fila[0])[0]: int(fila[1]) for fila in filas("### Errores")}
    assert prometidos == {str(codigo): t.http for codigo, t in TRADUCCIONES.items()}


def rutas(patrones: list[Any], antes: str = "") -> Iterator[tuple[str, str]]:
    """`(método, ruta)` de cada una, bajo `/api/`."""
    for patron in patrones:
        aqui = antes + str(patron.pattern).lstrip("^").rstrip("$")
        if isinstance(patron, URLResolver):
            yield from rutas(patron.url_patterns, aqui)
        elif isinstance(patron, URLPattern):
            ruta = aqui.replace("/?", "/")
            for grupo, nombre in (("pk", "id"), ("usuario_id", "usuarioId")):
                ruta = re.sub(rf"\(\?P<{grupo}>[^)]*\)", f"{{{nombre}}}", ruta)
            vista: Any = patron.callback
            # DRF añade `head` a las acciones con la primera petición.
            acciones = getattr(vista, "actions", None) or dir(getattr(vista, "cls", None))
            metodos = [m for m in ("get", "post", "put", "patch", "delete") if m in acciones]
            yield from ((metodo.upper(), ruta) for metodo in metodos)


def test_las_rutas() -> None:
    prometidas = [
        (metodo, antes + ruta.removeprefix("/api/mensajeria/"))
        for antes, celda in _rutas_de_la_seccion()
        for metodos, ruta in [celda.rsplit(" ", 1)]
        for metodo in metodos.split(", ")
    ]
    assert sorted(prometidas) == sorted(rutas(list(urlpatterns)))


def _rutas_de_la_seccion() -> Iterator[tuple[str, str]]:
    for fila in filas("## 4. REST"):
        [celda] = nombrado(fila[0])
        yield ("" if " token/" in celda else "mensajeria/"), celda


def test_los_limites_de_ritmo() -> None:
    """Cada variable con lo que vale si nadie la pone."""
    ajustes = (RAIZ / "servitech/settings.py").read_text(encoding="utf-8")
    hay = re.findall(r'_entero\("(\w+_POR_\w+)", (\d+)\)', ajustes)
    prometidos = [(nombrado(f[0])[0], f[1]) for f in filas("### Límites de ritmo")]
    assert prometidos == hay


@pytest.mark.parametrize(
    ("que", "cuanto"),
    [
        ("`texto`", tipos.MAX_TEXTO),
        ("adjunto", tipos.MAX_ADJUNTO // 2**20),
        ("nombres, títulos y razones", tipos.MAX_NOMBRE),
        ("`metadatos` y `configuracionPrivacidad`", tipos.MAX_METADATOS // 1024),
        ("`metadatos` y `configuracionPrivacidad`", tipos.PROFUNDIDAD_METADATOS),
        ("participantes de una conversación", tipos.MAX_PARTICIPANTES),
        ("participantes de una conversación", tipos.MAX_ENUMERADOS),
        ("mensajes fijados de una conversación", tipos.MAX_FIJADOS),
        ("reacciones de un mensaje", tipos.MAX_REACCIONES),
        ("cursores de `reanudar`", tipos.MAX_CURSORES),
        ("JSON", MAX_PROFUNDIDAD),
        ("marco, o cuerpo de REST", tipos.MAX_MARCO),
    ],
)
def test_los_limites_de_tamano(que: str, cuanto: int) -> None:
    limites = {fila[0]: fila[1] for fila in filas("### Límites de tamaño")}
    assert re.search(rf"(?<![\d.]){_escrito(cuanto)}(?![\d.]\d)", limites[que])


def test_lo_que_cabe_al_reanudar() -> None:
    [fila] = [f for f in filas("### Del servidor al cliente") if f[0].startswith("`reanudado`")]
    assert f"{cambios.MAX_CAMBIOS} cambios" in fila[2]
    assert f"{cambios.MAX_BYTES_DE_CAMBIOS // 1024} KiB" in fila[2]
    assert f"{cambios.MAX_BYTES_DE_CONVERSACIONES // 1024} KiB" in fila[2]
    assert f"{paginas.MAX_PAGINA // 1024} KiB de JSON" in CONTRATO
    assert f"{tipos.MAX_BYTES_DE_PARTICIPANTES // 1024} KiB de JSON" in CONTRATO
    assert f"de más de {tipos.MAX_REPETIDO // 1024} KiB no va dos veces" in CONTRATO
    assert f"{tipos.MAX_HISTORIAL // 1024} KiB de JSON" in CONTRATO


def _escrito(numero: int) -> str:
    return re.escape(f"{numero:,}".replace(",", "."))


def _paginas() -> Iterator[Path]:
    """Lo que se lee de esta casa: código, pruebas y documentos."""
    yield from RAIZ.glob("*.md")
    for carpeta in ("mensajeria", "servitech", "tests", "docs", "static", "bancos"):
        for ruta in sorted((RAIZ / carpeta).rglob("*")):
            if ruta.suffix in {".py", ".md", ".js", ".html", ".css"} and ruta != Path(__file__):
                yield ruta


def test_lo_que_se_cita_existe() -> None:
    secciones = set(re.findall(r"^## (\d)\. ", CONTRATO, re.MULTILINE))
    for ruta in _paginas():
        texto = ruta.read_text(encoding="utf-8")
        for cita in CITA.finditer(texto):
            assert {n for n in cita.groups() if n} <= secciones, f"{ruta}: «{cita[0]}»"
        ajena = SIN_CITAR.search(texto)
        assert ajena is None, f"{ruta}: «{ajena and ajena[0]}» no está en esta casa"
