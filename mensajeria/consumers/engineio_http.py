"""Engine.IO por HTTP: apertura, sondeo (GET), publicación (POST) y CORS.

`sondear` y `publicar` no conocen ASGI: devuelven una `Respuesta`. Quien reenvíe peticiones desde
otro proceso puede llamarlas igual.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mensajeria.consumers.engineio_canal import Canal, InfoCliente
from mensajeria.transporte.engineio import CodigoError, ErrorPaquete, Motivo, Transporte

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Cabeceras = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Respuesta:
    """Una respuesta HTTP; ``cerrar`` si queda cuerpo sin leer y la conexión no se puede reusar.

    ``reintentar_en``: en cuántos segundos, si es cosa de esperar.
    """

    estado: int
    cuerpo: str = ""
    tipo: bytes = b"text/plain; charset=UTF-8"
    cerrar: bool = False
    reintentar_en: int | None = None

    @property
    def cabeceras(self) -> Cabeceras:
        propias = [(b"content-type", self.tipo)]
        if self.cerrar:
            propias.append((b"connection", b"close"))
        if self.reintentar_en is not None:
            propias.append((b"retry-after", b"%d" % self.reintentar_en))
        return propias


LLENO = Respuesta(429, reintentar_en=60)
DETENIENDOSE = Respuesta(503, reintentar_en=5)


def error(codigo: CodigoError) -> Respuesta:
    """El rechazo de una petición, en JSON."""
    return Respuesta(codigo.estado_http, codigo.cuerpo, b"application/json")


class SalidaSondeo:
    """La salida de una sesión por sondeo: contesta al GET que espera, si lo hay."""

    __slots__ = ("_espera",)

    def __init__(self) -> None:
        self._espera: asyncio.Future[None] | None = None

    def despertar(self) -> None:
        if self._espera is not None and not self._espera.done():
            self._espera.set_result(None)

    def abortar(self) -> None:
        self.despertar()

    async def esperar(self) -> None:
        """Vuelve cuando haya, o pueda haber, algo que contestar."""
        self._espera = asyncio.get_running_loop().create_future()
        try:
            await self._espera
        finally:
            self._espera = None


async def sondear(canal: Canal, desconexion: Callable[[], Awaitable[None]]) -> Respuesta:
    """Contesta a un GET cuando haya algo; ``desconexion`` vuelve si el cliente lo abandona."""
    sesion, salida = canal.sesion, canal.salida
    if not isinstance(salida, SalidaSondeo):
        return error(CodigoError.PETICION_INCORRECTA)
    if not sesion.abrir_sondeo(canal.ahora()):
        canal.despachar(sesion.romper(Motivo.ERROR_TRANSPORTE, canal.ahora()))
        return error(CodigoError.PETICION_INCORRECTA)
    vigilante: asyncio.Task[None] | None = None
    try:
        while (carga := sesion.tomar_carga(canal.ahora())) is None:
            if vigilante is None:
                vigilante = asyncio.ensure_future(_vigilar(desconexion, canal, salida))
                canal.atender_salida()
            await salida.esperar()
            if vigilante.done() or sesion.transporte is Transporte.WEBSOCKET:
                return error(CodigoError.PETICION_INCORRECTA)
        return Respuesta(200, carga)
    finally:
        if vigilante is not None:
            vigilante.cancel()
        sesion.cerrar_sondeo()
        canal.atender_salida()


async def _vigilar(
    desconexion: Callable[[], Awaitable[None]], canal: Canal, salida: SalidaSondeo
) -> None:
    """Un sondeo abandonado termina la sesión: no se sabe si llegó lo que llevaba."""
    await desconexion()
    if canal.salida is salida:
        canal.perder(Motivo.ERROR_TRANSPORTE)
    salida.despertar()


async def publicar(canal: Canal, leer: Callable[[int], Awaitable[bytes]]) -> Respuesta:
    """Procesa un POST; ``leer(n)`` da su cuerpo, o `CuerpoExcesivo` si pasa de ``n`` bytes."""
    sesion = canal.sesion
    if not sesion.abrir_publicacion():
        canal.despachar(sesion.romper(Motivo.ERROR_TRANSPORTE, canal.ahora()))
        return error(CodigoError.PETICION_INCORRECTA)
    try:
        await canal.listo()
        cuerpo = await _leer_entero(canal, leer)
        await canal.procesar(sesion.recibir_carga(cuerpo, canal.ahora()))
    except CuerpoExcesivo:
        canal.despachar(sesion.romper(Motivo.EXCESO, canal.ahora()))
        return Respuesta(413, cerrar=True)
    except (CuerpoIncompleto, TimeoutError):
        canal.perder(Motivo.ERROR_TRANSPORTE)
        return error(CodigoError.PETICION_INCORRECTA)
    except ErrorPaquete as fallo:
        canal.rechazar(fallo)
        return error(CodigoError.PETICION_INCORRECTA)
    finally:
        sesion.cerrar_publicacion()
    # text/html y no text/plain: algunos navegadores ofrecían descargar la respuesta.
    return Respuesta(200, "ok", b"text/html")


async def _leer_entero(canal: Canal, leer: Callable[[int], Awaitable[bytes]]) -> bytes:
    """El cuerpo; `TimeoutError` si antes termina la sesión: nadie la retiene a medio enviar."""
    async with asyncio.timeout(None) as canal.lectura_post:
        try:
            return await leer(canal.sesion.ajustes.carga_maxima)
        finally:
            canal.lectura_post = None


class CuerpoExcesivo(Exception):
    """El cuerpo pasa del máximo, declarado o leído."""


class CuerpoIncompleto(Exception):
    """El cliente se fue antes de terminar de enviarlo."""


class CuerpoASGI:
    """Lee el cuerpo de una petición sin guardar nunca más de lo permitido."""

    def __init__(self, info: InfoCliente, receive: Receive) -> None:
        self._tipo = info.cabecera(b"content-type")
        self._declarado = info.cabecera(b"content-length") or ""
        self._receive = receive

    async def leer(self, maximo: int) -> bytes:
        if self._tipo == "application/octet-stream":
            raise ErrorPaquete("en la versión 4 toda carga es texto")
        if self._declarado.isdigit() and int(self._declarado) > maximo:
            raise CuerpoExcesivo
        trozos: list[bytes] = []
        quedan, sigue = maximo, True
        while sigue:
            evento = await self._receive()
            if evento["type"] != "http.request":
                raise CuerpoIncompleto
            trozo = evento.get("body", b"")
            quedan -= len(trozo)
            if quedan < 0:
                raise CuerpoExcesivo
            trozos.append(trozo)
            sigue = evento.get("more_body", False)
        return b"".join(trozos)


async def esperar_desconexion(receive: Receive) -> None:
    """Vuelve cuando el cliente abandona la petición."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def responder(send: Send, respuesta: Respuesta, cabeceras: Cabeceras) -> None:
    """Escribe la respuesta entera."""
    cuerpo = respuesta.cuerpo.encode()
    propias = [
        (b"content-length", b"%d" % len(cuerpo)),
        (b"cache-control", b"no-store"),
    ]
    inicio = {
        "type": "http.response.start",
        "status": respuesta.estado,
        "headers": respuesta.cabeceras + propias + cabeceras,
    }
    await send(inicio)
    await send({"type": "http.response.body", "body": cuerpo})


def cabeceras_cors(origen: str | None, permitido: bool, credenciales: bool) -> Cabeceras:
    """CORS de una respuesta: el origen que preguntó, nunca ``*``, y ``Vary`` siempre."""
    cabeceras = [(b"vary", b"Origin")]
    if origen is not None and permitido:
        cabeceras.append((b"access-control-allow-origin", origen.encode("latin-1")))
        if credenciales:
            cabeceras.append((b"access-control-allow-credentials", b"true"))
    return cabeceras


def cabeceras_preflight(info: InfoCliente) -> Cabeceras:
    """Lo que añade la respuesta a un preflight: los métodos, y las cabeceras que pidió."""
    cabeceras = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"vary", b"Access-Control-Request-Headers"),
    ]
    if pedidas := info.cabecera(b"access-control-request-headers"):
        cabeceras.append((b"access-control-allow-headers", pedidas.encode("latin-1")))
    return cabeceras
