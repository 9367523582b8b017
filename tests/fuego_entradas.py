"""Lo que `tests.fuego` envía: peticiones HTTP y tandas de marcos, casi bien hechas o del revés."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from django.urls import get_resolver
from hypothesis import strategies as st

from mensajeria.api.original.seleccion import RUTAS as ORIGINAL
from mensajeria.protocolo.eventos import CLIENTE

Valores = st.SearchStrategy[Any]

RAROS: list[str] = [
    *(
        "",
        " ",
        "\0",
        "\x01",
        "\n",
        "\u202e",
        "\ud800",
        "😀" * 40,
        "a" * 5_000,
        "null",
        "true",
        "NaN",
    ),
    *("a/b", "..", "../..", "%00", "%2f", "'", '"', "<b>", "{}", "_2F", "-1", "0", "1.5", "1e999"),
    *("9" * 19, "9" * 400, "9999-12-31T23:59:59-12:00", "0001-01-01", "2026-02-30", "conv_test"),
    *("hola", "hol*", '"hola hola', "relevancia", "archivo"),
]
PARAMETROS = [
    *(
        "cursor",
        "limite",
        "antes",
        "despues",
        "desdeCambio",
        "tipo",
        "activa",
        "noLeidos",
        "format",
    ),
    *("q", "o", "p", "e", "all", "_to_field", "_popup", "_changelist_filters", "ids", "siguiente"),
    *("next", "hasta", "desde", "sid", "EIO", "transport", "texto__regex", "usuario__email"),
    *("fecha_envio__gte", "action_time__lt", "content_type__id__exact", "estado", "term"),
    *("usuarioId", "pagina", "incluirGlobales", "version", "lang", "script"),
    *("conversacion", "de", "con", "orden", "archivadas"),
]
# Con las que el original decía quién pedía: traerlas lleva a sus rutas.
FIRMAS = ("usuarioId", "creadorId", "remitenteId", "adminId")
CAMPOS_DE_FORMULARIO = [
    *("username", "password", "motivo", "confirmar", "ids", "action", "_selected_action", "rol"),
    *("old_password", "new_password1", "new_password2", "nombre", "email", "groups", "index"),
]
CABECERAS = [
    *(("accept", v) for v in ("text/html", "*/*;q=x", ";;,", "application/json; indent=9")),
    *(("content-type", v) for v in ("text/plain; charset=undefined", "multipart/form-data")),
    ("content-type", "application/x-www-form-urlencoded; charset=utf-7"),
    ("content-type", "multipart/form-data; boundary=x"),
    ("cookie", r'sessionid="\000abcdefgh"; csrftoken="\000"; messages="\377"'),
    ("cookie", "sessionid=" + "a" * 3_000),
    *(("if-modified-since", v) for v in ("basura", "Mon, 99 Foo 99999 99:99:99 GMT")),
    *(("range", v) for v in ("bytes=9" + "9" * 40 + "-", "bytes=-0", "bytes=a-b")),
    *(("origin", v) for v in ("http://[", "null", "\xff")),
    *(("host", v) for v in ("[", "otra.test", "a b", "\xff")),
    ("authorization", "Bearer \xff"),
    ("accept-language", "a" * 600),
    ("x-forwarded-proto", "\xff"),
    ("x-forwarded-for", "a, b, ::::"),
]


@dataclass(frozen=True)
class PeticionHTTP:
    """`quien`: con el token de quien ataca, con la sesión de la mesa, o sin nada."""

    quien: str
    metodo: str
    camino: str
    consulta: str
    veces: int
    cabeceras: tuple[tuple[str, str], ...]
    cuerpo: bytes
    a_trozos: bool


@dataclass(frozen=True)
class Tanda:
    """Marcos seguidos por una de las dos puertas."""

    puerta: str
    marcos: tuple[str | bytes, ...]


@functools.cache
def rutas() -> list[str]:
    """Todas las del proyecto, con `{id}` donde va algo de quien pide."""
    de_todos = [p for de in (None, ORIGINAL) for p in get_resolver(de).url_patterns]
    archivos = ("socket.io/socket.io.js", "static/{id}")
    return sorted({*_caminos(de_todos), "socket.io/", *archivos})


def _caminos(patrones: Sequence[Any], prefijo: str = "") -> Iterator[str]:
    for patron in patrones:
        camino = re.sub(r"\(\?P<\w+>[^()]*\)|<[^<>]+>", "{id}", str(patron.pattern))
        camino = prefijo + camino.strip("^$?").replace("\\", "")
        if hasattr(patron, "url_patterns"):
            yield from _caminos(patron.url_patterns, camino)
        else:
            yield camino


def ataques(propios: Sequence[str]) -> st.SearchStrategy[PeticionHTTP | Tanda]:
    """`propios`: identificadores de quien ataca, para llegar más adentro."""
    texto = st.sampled_from([*propios, *RAROS]) | st.text(max_size=20)
    hojas = st.none() | st.booleans() | st.integers() | st.floats() | texto
    valor: Valores = st.recursive(
        hojas, lambda v: st.lists(v, max_size=4) | st.dictionaries(texto, v, max_size=4)
    )
    datos = _datos(valor, propios)
    return _peticiones(texto, datos) | _tandas(valor, datos)


@st.composite
def _datos(draw: st.DrawFn, valor: Valores, propios: Sequence[str]) -> tuple[str, Any]:
    """Un evento del catálogo y su ejemplo, con lo propio en su sitio y algo estropeado."""
    evento = CLIENTE[draw(st.sampled_from(sorted(CLIENTE)))]
    campos = [c.encode_name for c in msgspec.structs.fields(evento.carga)]
    datos = {**evento.ejemplo, "conversacionId": propios[0], "mensajeId": propios[1]}
    datos = {c: v for c, v in datos.items() if c in campos}
    estropeados = draw(st.sets(st.sampled_from(campos), max_size=2)) if campos else ()
    return evento.nombre, {**datos, **{c: draw(valor) for c in sorted(estropeados)}}


def _json(valor: Any) -> str:
    return json.dumps(valor)


@st.composite
def _cuerpo(draw: st.DrawFn, texto: st.SearchStrategy[str], datos: Valores) -> bytes:
    match draw(st.integers(0, 5)):
        case 0:
            return draw(st.binary(max_size=200))
        case 1:
            return b"[" * draw(st.sampled_from([31, 33, 50_000]))
        case 2:
            campos = st.tuples(st.sampled_from(CAMPOS_DE_FORMULARIO), texto)
            pares = draw(st.lists(campos, max_size=5)) * draw(st.sampled_from([1, 1, 1, 300]))
            return urlencode(pares, errors="surrogatepass").encode()
        case 3:
            return _json({**draw(datos)[1], **dict.fromkeys(FIRMAS, "carla")}).encode()
        case _:
            return _json(draw(datos)[1]).encode()


@st.composite
def _peticiones(draw: st.DrawFn, texto: st.SearchStrategy[str], datos: Valores) -> PeticionHTTP:
    camino = draw(st.sampled_from(rutas()))
    while "{id}" in camino:
        camino = camino.replace("{id}", _en_la_url(draw(texto), safe=""), 1)
    pares = draw(st.lists(st.tuples(st.sampled_from(PARAMETROS), texto), max_size=4))
    if pares and pares[0][0] == "cursor":
        pares[0] = ("cursor", base64.b64encode(f"p={_en_la_url(pares[0][1])}".encode()).decode())
    consulta = "&".join(f"{k}={_en_la_url(v)}" for k, v in pares)
    return PeticionHTTP(
        draw(st.sampled_from(["token", "mesa", "nadie"])),
        draw(
            st.sampled_from(
                ["GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "X"]
            )
        ),
        "/" + camino,
        consulta,
        draw(st.sampled_from([1, 1, 1, 1, 600])),
        tuple(draw(st.lists(st.sampled_from(CABECERAS), max_size=2))),
        draw(_cuerpo(texto, datos)),
        draw(st.booleans()),
    )


def _en_la_url(texto: str, safe: str = "/") -> str:
    return quote(texto, safe=safe, errors="surrogatepass")


@st.composite
def _tandas(draw: st.DrawFn, valor: Valores, datos: Valores) -> Tanda:
    puerta = draw(st.sampled_from(["nativa", "socketio"]))
    marco = _nativo(valor, datos) if puerta == "nativa" else _de_socketio(valor, datos)
    crudo: st.SearchStrategy[str | bytes] = (
        marco | marco | marco | st.text(max_size=30).filter(_en_utf8) | st.binary(max_size=30)
    )
    return Tanda(puerta, tuple(draw(st.lists(crudo, min_size=1, max_size=12))))


def _en_utf8(texto: str) -> bool:
    return not re.search("[\ud800-\udfff]", texto)


@st.composite
def _nativo(draw: st.DrawFn, valor: Valores, datos: Valores) -> str:
    evento, carga = draw(datos)
    marco = {"evento": evento, "datos": carga, "id": draw(st.integers(0, 9) | valor)}
    if draw(st.booleans()):
        marco[draw(st.sampled_from(sorted(marco)))] = draw(valor)
    return _json(marco)


@st.composite
def _de_socketio(draw: st.DrawFn, valor: Valores, datos: Valores) -> str:
    tipo = draw(st.sampled_from(["42", "427", "420", "451-", "43", "40", "41", "2", "1", "4", "6"]))
    if draw(st.booleans()):
        return tipo + _json([*draw(datos), *draw(st.lists(valor, max_size=2))])
    return tipo + _json(draw(valor))
