"""Lo que la página carga, en pocos viajes: sus módulos en uno y sus hojas en una.

Con 400 ms de latencia y seis peticiones a la vez, sesenta módulos son más de cuatro segundos
solo de espera. Cada módulo va en su bloque, con lo que importa sacado de un registro: nada se
renombra, y lo que se lee en el navegador es lo que hay en `static/`, sin sus comentarios. Lo que se
pide con `import()` llega aparte, con lo suyo, y toma del mismo registro lo que ya está.
`/?modulos` sirve los archivos tal cual.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from mensajeria.pagina.catalogo import catalogo_para_pagina

RAIZ = Path(settings.BASE_DIR) / "static/mensajeria"
ENTRADA = "pagina/principal.js"
# El trabajador de servicio, que recibe los avisos con la página cerrada: siempre en su dirección.
AVISADOR = "avisador.js"
HOJAS = tuple(
    f"estilo/{hoja}.css"
    for hoja in (
        "base",
        "ingreso",
        "lista",
        "conversacion",
        "archivos",
        "dialogos",
        "personas",
        "busqueda",
        "cajon",
    )
)
TIPOS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

_IMPORTA = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_PEREZOSO = re.compile(r'\bimport\("(\./[\w.]+)"\)')
_REEXPORTA = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_EXPORTA = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
_COMENTARIO = re.compile(
    r"^ */\*(?:(?!\*/)[\s\S])*\*/\n|^ *//.*\n|/\*\*(?:(?!\*/).)*\*/ ?", re.MULTILINE
)


class Pieza(NamedTuple):
    """Un archivo que se sirve: su nombre con huella, y sus bytes."""

    nombre: str
    tipo: str
    crudo: bytes
    comprimido: bytes


class Piezas(NamedTuple):
    """Todas, por el nombre que tienen sin la huella."""

    por_nombre: dict[str, Pieza]

    def ruta(self, nombre: str) -> str:
        """Su dirección, que cambia cuando cambia lo que lleva."""
        return f"{settings.PREFIJO}/paquete/{self.por_nombre[nombre].nombre}"


def piezas() -> Piezas:
    """Las de ahora: con DEBUG, otra vez si algún archivo cambió."""
    return _piezas(_edad() if settings.DEBUG else 0)


def _edad() -> int:
    return max(a.stat().st_mtime_ns for a in RAIZ.rglob("*") if a.suffix in TIPOS)


@functools.lru_cache(maxsize=1)
def _piezas(_: int) -> Piezas:
    orden = _en_orden(ENTRADA)
    sueltas = {n for modulo in orden for n in _perezosos(modulo)}
    hechas = {n: _pieza(n, _suelta(f"pagina/{n}", orden)) for n in sorted(sueltas)}
    pedir = {n: _pedir(n, pieza.nombre) for n, pieza in hechas.items()}
    hechas["pagina.js"] = _pieza("pagina.js", _juntar(orden, pedir))
    hechas[AVISADOR] = _pieza(AVISADOR, _leer(f"pagina/{AVISADOR}"))
    estilo = "".join(_COMENTARIO.sub("", _leer(hoja)) for hoja in HOJAS)
    hechas["pagina.css"] = _pieza("pagina.css", estilo)
    catalogo = json.dumps(catalogo_para_pagina(), ensure_ascii=False, separators=(",", ":"))
    hechas["catalogo.json"] = _pieza("catalogo.json", catalogo)
    return Piezas(hechas)


def _leer(ruta: str) -> str:
    return (RAIZ / ruta).read_text(encoding="utf-8")


def _pieza(nombre: str, texto: str) -> Pieza:
    crudo = texto.encode()
    huella = hashlib.sha256(crudo).hexdigest()[:12]
    base, extension = posixpath.splitext(nombre)
    comprimido = gzip.compress(crudo, 9, mtime=0)
    return Pieza(f"{base}.{huella}{extension}", TIPOS[extension], crudo, comprimido)


def _perezosos(modulo: str) -> Iterable[str]:
    return (posixpath.basename(n) for n in _PEREZOSO.findall(_leer(modulo)))


def _de(modulo: str, ruta: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(modulo), ruta))


def _en_orden(entrada: str) -> list[str]:
    """Los módulos que hacen falta, cada uno después de los que importa."""
    orden: list[str] = []
    en_camino: list[str] = []

    def visitar(modulo: str) -> None:
        if modulo in orden:
            return
        if modulo in en_camino:
            raise ValueError(f"Importaciones en círculo: {' → '.join([*en_camino, modulo])}")
        en_camino.append(modulo)
        for _, ruta in _IMPORTA.findall(_leer(modulo)):
            visitar(_de(modulo, ruta))
        en_camino.pop()
        orden.append(modulo)

    visitar(entrada)
    return orden


def _importa(modulo: str) -> bool:
    return bool(_IMPORTA.search(_leer(modulo)))


def _suelta(modulo: str, ya: list[str]) -> str:
    """Tal cual, si no importa nada; si no, una función que, con el registro, da lo que exporta."""
    if not _importa(modulo):
        return _leer(modulo)
    suyos = [m for m in _en_orden(modulo) if m not in ya]
    bloques = "".join(_bloque(m, {}) for m in suyos)
    return f'export default ($) => {{\n{bloques}return $["{modulo}"];\n}};\n'


def _pedir(nombre: str, archivo: str) -> str:
    modulo = f"pagina/{nombre}"
    # Está al lado del paquete, que es quien lo pide.
    pedido = f'import("./{archivo}")'
    if not _importa(modulo):
        return pedido
    return f'{pedido}.then((m) => $["{modulo}"] ?? m.default($))'


def _juntar(orden: list[str], pedir: dict[str, str]) -> str:
    return "const $ = {};\n" + "".join(_bloque(modulo, pedir) for modulo in orden)


def _bloque(modulo: str, pedir: dict[str, str]) -> str:
    texto = _COMENTARIO.sub("", _leer(modulo))
    salen = [nombre for _, nombre in _EXPORTA.findall(texto)]
    for lista in _REEXPORTA.findall(texto):
        salen += [n.strip() for n in lista.split(",") if n.strip()]
    texto = _REEXPORTA.sub("", _EXPORTA.sub(r"\1 \2", texto))
    texto = _IMPORTA.sub(lambda m: _sacar(m[1], _de(modulo, m[2])), texto)
    texto = _PEREZOSO.sub(lambda m: pedir[posixpath.basename(m[1])], texto)
    sobra = re.search(r"^(import|export)\b.*", texto, re.MULTILINE)
    if sobra:
        raise ValueError(f"{modulo}: no se sabe juntar «{sobra[0]}»")
    return f'{{ // {modulo}\n{texto}$["{modulo}"] = {{ {", ".join(salen)} }};\n}}\n'


def _sacar(nombres: str, modulo: str) -> str:
    return f'const {{{nombres.replace(" as ", ": ")}}} = $["{modulo}"];\n'
