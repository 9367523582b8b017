"""Descargar un archivo: entero o un tramo, y que quien lo abra no ejecute nada (RFC 9110, 14)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags

from mensajeria.archivos import deposito
from mensajeria.archivos.taller.tipos import WEBP, con_su_extension
from mensajeria.models import Archivo
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import CONTENIDO

registro = logging.getLogger("mensajeria.archivos")

TROZO = 64 * 1024
# Ni guiones, ni formularios, ni marcos, ni el origen de este sitio.
POLITICA = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
_TRAMO = re.compile(r"bytes=(\d*)-(\d*)")


class _Tramo(NamedTuple):
    """Desde qué byte, y cuántos."""

    desde: int
    largo: int


class Trozos:
    """Un tramo de un archivo, que se lee según sale; el almacén no se toca hasta abrirlo."""

    def __init__(self, archivo_id: str, parte: str, desde: int, largo: int) -> None:
        self._cual = archivo_id, parte
        self._desde, self._quedan = desde, largo
        self._abierto: IO[bytes] | None = None

    def abrir(self) -> None:
        """NOT_FOUND si ya no está; UNAVAILABLE si el almacén no contesta."""
        if self._abierto is not None or not self._quedan:
            return
        try:
            self._abierto = deposito.leer(*self._cual, self._desde, self._quedan)
        except FileNotFoundError:
            raise no_existe() from None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.abrir()
        if self._abierto is None:
            raise StopIteration
        with deposito.sin_fallar():
            trozo = self._abierto.read(min(TROZO, self._quedan))
        if not trozo:
            if self._quedan:
                # Se cortó al copiarlo, o alguien lo tocó.
                registro.error("Al archivo %s (%s) le faltan %d bytes", *self._cual, self._quedan)
            raise StopIteration
        self._quedan -= len(trozo)
        return trozo

    def close(self) -> None:
        if self._abierto is not None:
            self._abierto.close()


class Descarga(StreamingHttpResponse):
    """Una respuesta con un tramo de un archivo."""

    def __init__(self, trozos: Trozos, estado: int) -> None:
        super().__init__(trozos, status=estado)
        self.trozos = trozos


def descargar(request: HttpRequest, fila: Archivo, parte: str) -> HttpResponseBase:
    """Esa parte del archivo, que quien pide puede ver; NOT_FOUND si no la tiene."""
    if parte not in fila.tamanos:
        raise no_existe()
    # Lo que se guarda con un identificador no cambia nunca.
    etag = f'"{fila.pk}-{parte}"'
    conocidos = parse_etags(request.headers.get("If-None-Match", ""))
    # Un proxy que la comprima la dará por débil.
    if {etag, f"W/{etag}", "*"} & set(conocidos):
        respuesta: HttpResponseBase = HttpResponseNotModified()
    else:
        respuesta = _del_tramo(request, fila, parte, etag)
    return _con_cabeceras(respuesta, fila, parte, etag)


def _del_tramo(request: HttpRequest, fila: Archivo, parte: str, etag: str) -> HttpResponseBase:
    tamano = fila.tamanos[parte]
    pedido = _tramo_pedido(request, tamano, etag)
    if pedido is not None and not pedido.largo:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{tamano}"})
    desde, largo = pedido or _Tramo(0, tamano)
    por_leer = 0 if request.method == "HEAD" else largo
    respuesta = Descarga(Trozos(fila.pk, parte, desde, por_leer), 206 if pedido else 200)
    respuesta.headers["Content-Length"] = str(largo)
    if pedido:
        respuesta.headers["Content-Range"] = f"bytes {desde}-{desde + largo - 1}/{tamano}"
    return respuesta


def _tramo_pedido(request: HttpRequest, tamano: int, etag: str) -> _Tramo | None:
    """El que se pide, de largo 0 si no hay nada en él; nada, si se pide todo.

    Lo que no se entiende, varios a la vez, o el de otra versión (`If-Range`), es todo.
    """
    if request.headers.get("If-Range", etag) != etag:
        return None
    dicho = _TRAMO.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if dicho is None or dicho.groups() == ("", ""):
        return None
    primero, ultimo = (_numero(digitos) if digitos else None for digitos in dicho.groups())
    if primero is None:
        largo = min(ultimo or 0, tamano)
        return _Tramo(tamano - largo, largo)
    if ultimo is not None and ultimo < primero:
        return None
    hasta = tamano if ultimo is None else min(ultimo + 1, tamano)
    return _Tramo(primero, max(0, hasta - primero))


def _numero(digitos: str) -> int:
    """De los que no caben en nada, uno más allá de cualquier final."""
    digitos = digitos.lstrip("0")
    return int(digitos or 0) if len(digitos) <= 18 else 10**18


def _con_cabeceras(
    respuesta: HttpResponseBase, fila: Archivo, parte: str, etag: str
) -> HttpResponseBase:
    tipo = fila.tipo if parte == CONTENIDO else WEBP
    nombre = con_su_extension(fila.nombre, tipo)
    cabeceras = {
        "Content-Type": tipo,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLITICA,
        "Content-Disposition": content_disposition_header(True, nombre) or "attachment",
        "Accept-Ranges": "bytes",
        "ETag": etag,
        # Se pregunta cada vez, que quizá ya no se puede ver; si sigue igual, no se trae otra vez.
        "Cache-Control": "private, no-cache",
    }
    for cabecera, valor in cabeceras.items():
        respuesta.headers[cabecera] = valor
    patch_vary_headers(respuesta, ("Authorization", "Cookie"))
    return respuesta
