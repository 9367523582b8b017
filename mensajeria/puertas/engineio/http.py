"""Engine.IO por HTTP, lo que no es de ninguna sesión: errores, cuerpos y CORS."""

from __future__ import annotations

from mensajeria.puertas.asgi import Cabeceras, Receive, Respuesta
from mensajeria.puertas.engineio.paquetes import CodigoEngineIO, ErrorPaquete
from mensajeria.puertas.quien_llama import QuienLlama


def error(codigo: CodigoEngineIO) -> Respuesta:
    """El rechazo de una petición, en JSON."""
    return Respuesta(codigo.estado_http, codigo.cuerpo, b"application/json")


class CuerpoExcesivo(Exception):
    """El cuerpo pasa del máximo, declarado o leído."""


class CuerpoIncompleto(Exception):
    """El cliente se fue antes de terminar de enviarlo."""


async def leer_cuerpo(quien: QuienLlama, receive: Receive, maximo: int) -> bytes:
    """El cuerpo de una petición, sin guardar nunca más de lo permitido."""
    if quien.cabecera(b"content-type") == "application/octet-stream":
        raise ErrorPaquete("en la versión 4 toda carga es texto")
    declarado = quien.cabecera(b"content-length") or ""
    if declarado.isdigit() and int(declarado) > maximo:
        raise CuerpoExcesivo
    trozos: list[bytes] = []
    quedan, sigue = maximo, True
    while sigue:
        evento = await receive()
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


def cabeceras_cors(origen: str | None, permitido: bool, credenciales: bool) -> Cabeceras:
    """CORS de una respuesta: el origen que preguntó, nunca `*`, y `Vary` siempre."""
    cabeceras = [(b"vary", b"Origin")]
    if origen is not None and permitido:
        cabeceras.append((b"access-control-allow-origin", origen.encode("latin-1")))
        if credenciales:
            cabeceras.append((b"access-control-allow-credentials", b"true"))
    return cabeceras


def cabeceras_preflight(quien: QuienLlama) -> Cabeceras:
    """Lo que añade la respuesta a un preflight: los métodos, y las cabeceras que pidió."""
    cabeceras = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"vary", b"Access-Control-Request-Headers"),
    ]
    if pedidas := quien.cabecera(b"access-control-request-headers"):
        cabeceras.append((b"access-control-allow-headers", pedidas.encode("latin-1")))
    return cabeceras
