"""Las peticiones HTTP: cada una, entera en un hilo.

El de Django pasa de hilo dos veces por cada middleware: veinte saltos para leer cincuenta filas.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import os
import re
import string
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any
from urllib.parse import quote, unquote

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.urls import set_script_prefix
from django.utils.http import parse_header_parameters

from mensajeria import rastro
from mensajeria.api import correo
from mensajeria.api.paginas import BARRA
from mensajeria.archivos.descarga import Descarga, Trozos
from mensajeria.avisos.respuestas.lectura import bytes_que_caben
from mensajeria.consultas import Cupo
from mensajeria.entre_procesos import limites
from mensajeria.entre_procesos.cubos import SIN_FIN, Cubo
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.tipos import MAX_MARCO
from servitech import busquedas, cuentas, cuerpos, hilos, respuestas, subidas
from servitech.admision import negativa
from servitech.memoria import Recorte
from servitech.politica import Politica

# De lo que baja cada persona, lo que pesa como un evento de más.
BYTES_POR_EVENTO = 1024**2
# Lo que se espera a que llegue entero un cuerpo.
SEGUNDOS_DE_CUERPO = 30.0
_ASCII = string.printable

# El principio de una respuesta ASGI y su contenido; el de un archivo, por leer.
Respuesta = tuple[dict[str, Any], bytes | Trozos]
Entera = tuple[dict[str, Any], bytes]


class EnUTF8(ASGIRequest):
    """La de Django, en UTF-8 diga lo que diga (un `charset` imposible no rompe nada), y su camino
    con el `PREFIJO` que se quitó al llegar: de él salen los enlaces.
    """

    def __init__(self, scope: Any, body_file: IO[bytes]) -> None:
        super().__init__({**scope, "path": settings.PREFIJO + scope["path"]}, body_file)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        tipo = meta.get("CONTENT_TYPE", "")
        self.content_type, self.content_params = parse_header_parameters(tipo)


class PeticionesEnUnHilo(ASGIHandler):
    """La aplicación ASGI de Django, con un solo salto de hilo por petición."""

    request_class = EnUTF8

    def __init__(self) -> None:
        super().__init__()
        self._recorte = Recorte()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        subida = subidas.es_subida(scope)
        try:
            if subida:
                inicio, contenido = await self._subir(scope, receive)
            elif scope["path"] == correo.CAMINO and scope["method"] == "POST":
                inicio, contenido = await self._recibir_correo(scope, receive)
            else:
                maximo = _maximo(scope["path"])
                cuerpo = await cuerpos.en_memoria(receive, maximo, SEGUNDOS_DE_CUERPO)
                atender = self._buscar if busquedas.es_busqueda(scope) else self._atender
                inicio, contenido = await atender(_legible(scope, cuerpo), cuerpo)
        except RequestAborted:
            return
        except (TimeoutError, cuerpos.NoCabe, ErrorMensajeria) as fallo:
            inicio, contenido = self._despedir(scope, fallo)
        if isinstance(contenido, Trozos):
            await self._bajar(scope, inicio, contenido, receive, send)
            return
        await send(inicio)
        await respuestas.enviar_por_partes(contenido, send)
        if subida or len(contenido) > respuestas.PARTE:
            self._recorte.pedir()

    async def _subir(self, scope: Any, receive: Any) -> Respuesta:
        """De quien no puede, o no se sabe quién es, no se lee el cuerpo; y el de los demás no ocupa
        memoria.
        """
        quien = cuentas.de_quien(scope) or await hilos.sin_saber.leer(
            cuentas.de_direccion(scope), cuentas.reconocer, scope
        )
        if not quien:
            return await self._subir_sin_saber(scope, receive)
        try:
            await _exigir_que_quepa(quien)
            with subidas.enviando(quien):
                subidas.dar_tiempo(scope)
                cuerpo = await cuerpos.en_disco(receive, subidas.maximo(), subidas.SEGUNDOS)
                return await self._atender(_legible(scope, cuerpo), cuerpo, hilos.de_subida)
        except ErrorMensajeria as error:
            # Sin cerrar: con algo suyo por leer, se le borraría la respuesta.
            sin_cuerpo = BytesIO()
            return self._negar(_legible(scope, sin_cuerpo), sin_cuerpo, error)

    async def _subir_sin_saber(self, scope: Any, receive: Any) -> Respuesta:
        """Como a cualquiera, y ya le dirán por qué no."""
        try:
            cuerpo = await cuerpos.en_memoria(receive, MAX_MARCO, SEGUNDOS_DE_CUERPO)
        except cuerpos.NoCabe:
            raise ErrorMensajeria(CodigoError.AUTH_REQUIRED) from None
        return await self._atender(_legible(scope, cuerpo), cuerpo)

    async def _recibir_correo(self, scope: Any, receive: Any) -> Respuesta:
        """De quien no trae el secreto no se lee nada; los demás, con los que suben archivos."""
        correo.exigir_secreto(cuentas.cabecera(scope, b"authorization", b",").decode("latin-1"))
        subidas.dar_tiempo(scope)
        cuerpo = await cuerpos.en_disco(receive, bytes_que_caben(), subidas.SEGUNDOS)
        legible, cubo = _legible(scope, cuerpo), Cubo("correo", ritmo=SIN_FIN)
        try:
            return await hilos.de_correo.leer(cubo, self._por_responder(legible, cuerpo))
        except ErrorMensajeria as error:
            return self._negar(legible, cuerpo, error)

    async def _buscar(self, scope: Any, cuerpo: IO[bytes]) -> Respuesta:
        try:
            with busquedas.pendiente():
                return await self._atender(scope, cuerpo, hilos.de_busqueda)
        except ErrorMensajeria as error:
            return self._negar(scope, cuerpo, error)

    async def _bajar(
        self, scope: Any, inicio: dict[str, Any], trozos: Trozos, receive: Any, send: Any
    ) -> None:
        """En el turno de su persona, que dura lo que tarde en leer; 429 si le esperan muchos."""
        async with contextlib.AsyncExitStack() as turno:
            try:
                quien = cuentas.de_quien(scope)
                # Un avatar lo pide cualquiera: por su dirección, y no todos por el mismo turno.
                de_turno = quien or cuentas.de_direccion(scope).clave
                await turno.enter_async_context(hilos.de_bajada.turno(de_turno))
                await hilos.BAJADAS.pedir(trozos.abrir)
            except ErrorMensajeria as error:
                inicio, contenido = self._negar(scope, BytesIO(), error)
                await send(inicio)
                await respuestas.enviar_por_partes(contenido, send)
                return
            enviado = await _enviar_trozos(inicio, trozos, receive, send)
            if quien:
                cuentas.de_persona(quien).cubo.cobrar(enviado // BYTES_POR_EVENTO)

    async def _atender(
        self, scope: Any, cuerpo: IO[bytes], cupo: Cupo = hilos.corrientes
    ) -> Respuesta:
        """En el turno de quien pide, y a su cuenta; si no se sabe quién es, en el de su dirección.

        429 si no le queda, o si ya esperan demasiadas.
        """
        responder = self._por_responder(scope, cuerpo)
        cuenta = cuentas.de_peticion(scope)
        try:
            if cuenta is None:
                return await hilos.sin_saber.leer(cuentas.de_direccion(scope), responder)
            cuenta.exigir()
            inicio, contenido = await cupo.leer(cuenta.cubo, responder)
        except ErrorMensajeria as error:
            return self._negar(scope, cuerpo, error)
        # Lo de un archivo no se lee de la base.
        largo = 0 if isinstance(contenido, Trozos) else len(contenido)
        cuenta.cobrar(scope["path"], inicio["status"], largo)
        return inicio, contenido

    def _negar(self, scope: Any, cuerpo: IO[bytes], error: ErrorMensajeria) -> Entera:
        # Nadie más lo va a leer; el de una subida es un archivo abierto.
        with cuerpo:
            return self._contestar(scope, cuerpo, functools.partial(negativa, error=error))

    def _despedir(self, scope: Any, fallo: Exception) -> Entera:
        """413, 408 a quien no acaba de enviar, o lo que sea; y se cierra: queda cuerpo sin leer."""
        sin_cuerpo = BytesIO()
        despedida = functools.partial(_despedida, fallo=fallo)
        return self._contestar(_legible(scope, sin_cuerpo), sin_cuerpo, despedida)

    def _contestar(
        self, scope: Any, cuerpo: IO[bytes], con: Callable[[HttpRequest], HttpResponse]
    ) -> Entera:
        """Lo que diga de la petición, sin ocupar ningún hilo, como lo deja leer otro origen."""
        peticion, ilegible = self.create_request(scope, cuerpo)
        con_cors = CorsMiddleware(con)
        respuesta: Any = ilegible if peticion is None else Politica(con_cors)(peticion)
        return respuestas.inicio(respuesta), respuesta.content

    def _por_responder(self, scope: Any, cuerpo: IO[bytes]) -> Callable[[], Respuesta]:
        """En su contexto: lo que deje en él (idioma, prefijo) no le llega a la siguiente."""
        aparte = contextvars.copy_context()
        aparte.run(rastro.empezar_peticion, scope["headers"])
        return functools.partial(aparte.run, self._responder, scope, cuerpo)

    def _responder(self, scope: Any, cuerpo: IO[bytes]) -> Respuesta:
        """El mensaje ASGI con que empieza la respuesta y su contenido; queda cerrada."""
        set_script_prefix(get_script_prefix(scope))
        with cuerpo:
            signals.request_started.send(sender=type(self), scope=scope)
            peticion, negativa = self.create_request(scope, cuerpo)
            respuesta: Any = negativa if peticion is None else self.get_response(peticion)
            if peticion is not None:
                cuentas.recordar(peticion)
            respuesta["X-Request-ID"] = rastro.peticion.get()
            # Con ella avisa, al cerrarse, de que la petición terminó.
            respuesta._handler_class = type(self)
            try:
                if isinstance(respuesta, Descarga):
                    return respuestas.inicio(respuesta), respuesta.trozos
                return respuestas.inicio(respuesta), b"".join(respuesta)
            finally:
                respuesta.close()


def _maximo(camino: str) -> int:
    """Los bytes de cuerpo que admite una ruta, aún sin saber quién pide."""
    limite: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return MAX_MARCO if camino.startswith("/api/") else limite


def _despedida(peticion: HttpRequest, fallo: Exception) -> HttpResponse:
    if isinstance(fallo, TimeoutError):
        respuesta = negativa(peticion, no_valido("El cuerpo no llegó entero a tiempo"))
        respuesta.status_code = 408
    elif isinstance(fallo, ErrorMensajeria):
        respuesta = negativa(peticion, fallo)
    else:
        respuesta = negativa(peticion, ErrorMensajeria(CodigoError.PAYLOAD_TOO_LARGE))
    respuesta.headers["Connection"] = "close"
    return respuesta


def _legible(scope: Any, cuerpo: IO[bytes]) -> Any:
    """El mismo, como lo entienden Django y DRF.

    Con lo que mide el cuerpo, que a trozos no se dice (RFC 9112, 7.1) y darían por vacío; con la
    consulta en ASCII; y en la API, con la `/` de un identificador distinta de las de la ruta.
    """
    largo = cuerpo.seek(0, os.SEEK_END)
    cuerpo.seek(0)
    cabeceras = [par for par in scope["headers"] if par[0] != b"content-length"]
    if largo:
        cabeceras.append((b"content-length", b"%d" % largo))
    consulta = quote(scope.get("query_string", b""), safe=_ASCII)
    return {
        **scope,
        "headers": cabeceras,
        "query_string": consulta.encode(),
        "path": _con_barras(scope["path"], scope.get("raw_path") or b""),
    }


def _con_barras(camino: str, crudo: bytes) -> str:
    if not camino.startswith("/api/") or b"%2f" not in crudo.lower():
        return camino
    return unquote(re.sub("%2f", quote(BARRA), crudo.decode("ascii"), flags=re.IGNORECASE))


async def _exigir_que_quepa(quien: str) -> None:
    """RATE_LIMITED si a esa persona no le queda para pedir, o para subir otro."""
    cuenta = cuentas.de_persona(quien)
    cuenta.exigir()
    await hilos.corrientes.leer(cuenta.cubo, limites.exigir_archivos, quien)


async def _enviar_trozos(inicio: dict[str, Any], trozos: Trozos, receive: Any, send: Any) -> int:
    """Los bytes que se leyeron; a quien se va no se le lee el resto."""
    enviado = 0
    ida = asyncio.ensure_future(receive())
    try:
        await send(inicio)
        while trozo := await hilos.BAJADAS.pedir(next, trozos, b""):
            enviado += len(trozo)
            await send({"type": "http.response.body", "body": trozo, "more_body": True})
            if ida.done() and ida.result()["type"] == "http.disconnect":
                return enviado
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except ErrorMensajeria:
        # El almacén dejó de contestar: se corta, y por el largo se nota que falta.
        pass
    finally:
        ida.cancel()
        await hilos.BAJADAS.pedir(trozos.close)
    return enviado
