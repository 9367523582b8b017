"""Servir un archivo: entero o un tramo, y que quien lo abra no ejecute nada (RFC 9110, 14)."""

from __future__ import annotations

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

PARTE = 64 * 1024
# Ni guiones, ni formularios, ni marcos, ni el origen de este sitio.
POLITICA = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
_TRAMO = re.compile(r"bytes=(\d*)-(\d*)")


class Trozos:
    """Lo que falta por leer de un archivo abierto, a partes."""

    def __init__(self, abierto: IO[bytes] | None, quedan: int) -> None:
        self._abierto = abierto
        self._quedan = quedan

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        parte = self._abierto.read(min(PARTE, self._quedan)) if self._abierto else b""
        if not parte:
            raise StopIteration
        self._quedan -= len(parte)
        return parte

    def cerrar(self) -> None:
        if self._abierto is not None:
            self._abierto.close()


class Envio(StreamingHttpResponse):
    """Una respuesta cuyo contenido se lee según sale."""

    def __init__(self, tramo: Trozos, estado: int) -> None:
        super().__init__(tramo, status=estado)
        self._tramo: Trozos | None = tramo

    def tomar(self) -> Trozos:
        """Su contenido: desde ahora lo cierra quien lo toma."""
        tramo, self._tramo = self._tramo, None
        assert tramo is not None
        return tramo

    def close(self) -> None:
        if self._tramo is not None:
            self._tramo.cerrar()
        super().close()


class _Pedido(NamedTuple):
    """Desde qué byte, y cuántos."""

    desde: int
    largo: int


def enviar(request: HttpRequest, fila: Archivo, parte: str) -> HttpResponseBase:
    """Esa parte del archivo, que quien pide puede ver; NOT_FOUND si no la tiene."""
    etag = f'"{fila.huella[:32]}-{parte}"'
    conocidos = parse_etags(request.headers.get("If-None-Match", ""))
    # Un proxy que la comprima la dará por débil.
    if {etag, f"W/{etag}", "*"} & set(conocidos):
        return _con_cabeceras(HttpResponseNotModified(), fila, parte, etag)
    try:
        abierto = deposito.abrir(fila.pk, parte)
    except FileNotFoundError:
        raise no_existe() from None
    respuesta = _abierta(request, abierto, abierto.size, etag)
    return _con_cabeceras(respuesta, fila, parte, etag)


def _abierta(
    request: HttpRequest, abierto: IO[bytes], tamano: int, etag: str
) -> HttpResponse | Envio:
    pedido = _tramo_pedido(request, tamano, etag)
    if pedido is not None and not pedido.largo:
        abierto.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{tamano}"})
    desde, largo = pedido or _Pedido(0, tamano)
    if request.method == "HEAD":
        abierto.close()
        respuesta = Envio(Trozos(None, 0), 206 if pedido else 200)
    else:
        abierto.seek(desde)
        respuesta = Envio(Trozos(abierto, largo), 206 if pedido else 200)
    respuesta.headers["Content-Length"] = str(largo)
    if pedido:
        respuesta.headers["Content-Range"] = f"bytes {desde}-{desde + largo - 1}/{tamano}"
    return respuesta


def _tramo_pedido(request: HttpRequest, tamano: int, etag: str) -> _Pedido | None:
    """El que se pide, de largo 0 si no hay nada en él; nada, si se pide todo.

    Lo que no se entiende, varios a la vez, o el de otra versión (`If-Range`), es todo.
    """
    if request.headers.get("If-Range", etag) != etag:
        return None
    dicho = _TRAMO.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if dicho is None or dicho.groups() == ("", ""):
        return None
    primero, ultimo = dicho.groups()
    if max(len(primero), len(ultimo)) > 18:
        return _Pedido(0, 0)
    if not primero:
        largo = min(int(ultimo), tamano)
        return _Pedido(tamano - largo, largo)
    desde, hasta = int(primero), min(int(ultimo or tamano), tamano - 1)
    if ultimo and int(ultimo) < desde:
        return None
    return _Pedido(desde, max(0, hasta - desde + 1))


def _con_cabeceras(
    respuesta: HttpResponseBase, fila: Archivo, parte: str, etag: str
) -> HttpResponseBase:
    entero = parte == deposito.PARTES[0]
    tipo = fila.tipo if entero else WEBP
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
