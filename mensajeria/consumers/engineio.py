"""La puerta Engine.IO: una aplicación ASGI que se monta en las dos ramas del enrutador."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings

from mensajeria.consumers import engineio_http as http
from mensajeria.consumers import engineio_ws as ws
from mensajeria.consumers.engineio_canal import (
    Canal,
    InfoCliente,
    Receptor,
    RegistroCanales,
    Salida,
)
from mensajeria.consumers.engineio_desvio import Desvio, dueno_de
from mensajeria.consumers.protocolo_ws import EXTENSION, Control
from mensajeria.entre_procesos import aforo, proceso
from mensajeria.transporte import engineio
from mensajeria.transporte.engineio import Ajustes, CodigoError, Motivo, Transporte
from mensajeria.transporte.engineio_sesion import SesionEngineIO

REINICIO = 1012  # «Service Restart» (RFC 6455): el cliente vuelve a conectar
# Lo que se espera, al detenerse, a que un sondeo venga por lo que se le debe, en segundos.
PLAZO_DE_RECOGIDA = 2.0


def sid_nuevo() -> str:
    """144 bits al azar, que quien no lo recibió no adivina, y el proceso que sostiene la sesión."""
    return f"{secrets.token_urlsafe(18)}.{proceso.este()}"


class PuertaEngineIO:
    """Atiende sondeo y WebSocket, y guarda las sesiones de este proceso.

    ``crear_receptor(canal)`` da lo que va encima. ``origen_permitido`` decide sobre el origen de
    quien llama. ``credenciales``: si los navegadores de esos orígenes
    pueden enviar cookies; exige una lista, porque cualquiera con credenciales es ``*`` con ellas.
    """

    def __init__(
        self,
        crear_receptor: Callable[[Canal], Receptor],
        origen_permitido: Callable[[InfoCliente], bool],
        ajustes: Ajustes,
        credenciales: bool = False,
    ) -> None:
        self._crear_receptor = crear_receptor
        self._origen_permitido = origen_permitido
        self.ajustes = ajustes
        self._credenciales = credenciales
        self.apagada = False
        self.canales = RegistroCanales()
        self._desvio = Desvio(self)

    async def __call__(self, scope: Any, receive: http.Receive, send: http.Send) -> None:
        info = InfoCliente(scope)
        # Antes de dar un sid: otro proceso puede recibir la petición que sigue.
        await self._desvio.tuneles.listos()
        if scope["type"] == "websocket":
            await self._websocket(info, scope, receive, send)
        else:
            await self._http(info, scope["method"], receive, send)

    async def despedir(self, codigo: int = REINICIO) -> None:
        """Suelta los sondeos, cierra los WebSocket y no abre más sesiones: el proceso termina.

        Vuelve cuando los sondeos se han llevado lo que se les debía, o pasado su plazo.
        """
        self.apagada = True
        fines = {canal.apagar(codigo): canal for canal in self.canales}
        sondeos = [f for f, c in fines.items() if c.sesion.transporte is Transporte.SONDEO]
        if sondeos:
            _, faltan = await asyncio.wait(sondeos, timeout=PLAZO_DE_RECOGIDA)
            for fin in faltan:
                fines[fin].perder(Motivo.APAGADO)

    # HTTP ---------------------------------------------------------------------------------

    async def _http(
        self, info: InfoCliente, metodo: str, receive: http.Receive, send: http.Send
    ) -> None:
        permitido = self._origen_permitido(info)
        cabeceras = http.cabeceras_cors(info.origen, permitido, self._credenciales)
        if not permitido:
            respuesta = http.error(CodigoError.PROHIBIDO)
        elif metodo == "OPTIONS":
            cabeceras += http.cabeceras_preflight(info)
            respuesta = http.Respuesta(204)
        elif otro := self._de_otro(info):
            respuesta = await self._desvio.por_http(otro, info, metodo, receive)
        else:
            respuesta = await self.responder(info, metodo, receive)
        await http.responder(send, respuesta, cabeceras)

    def _de_otro(self, info: InfoCliente) -> str | None:
        """El proceso que sostiene esa sesión, si es otro."""
        return dueno_de(info.consulta.get("sid", "")) if settings.REDIS_URL else None

    async def responder(
        self, info: InfoCliente, metodo: str, receive: http.Receive
    ) -> http.Respuesta:
        """La respuesta a una petición de una sesión de este proceso, o nueva."""
        consulta = info.consulta
        codigo = engineio.validar_peticion(consulta, metodo, False, self._transporte_de)
        if codigo is not None:
            return http.error(codigo)
        canal = self.canales.obtener(consulta.get("sid", ""))
        if canal is None:
            return await self._abrir_sondeo(info)
        if metodo == "GET":
            return await http.sondear(canal, lambda: http.esperar_desconexion(receive))
        return await http.publicar(canal, http.CuerpoASGI(info, receive).leer)

    async def _abrir_sondeo(self, info: InfoCliente) -> http.Respuesta:
        if self.apagada:
            return http.DETENIENDOSE
        if not await self._cabe(info):
            return http.LLENO
        canal = self._canal(info, Transporte.SONDEO)
        self._abrir(canal, http.SalidaSondeo())
        return http.Respuesta(200, self._apertura(canal))

    # WebSocket ----------------------------------------------------------------------------

    async def _websocket(
        self, info: InfoCliente, scope: Any, receive: http.Receive, send: http.Send
    ) -> None:
        await receive()
        otro = self._de_otro(info)
        if otro is not None and self._origen_permitido(info):
            await self._desvio.por_websocket(otro, info, scope, receive, send)
            return
        rechazo = await self._rechazo_websocket(info)
        if rechazo is not None:
            await ws.denegar(scope, receive, send, rechazo)
            return
        control: Control | None = scope.get("extensions", {}).get(EXTENSION)
        if sid := info.consulta.get("sid"):
            await send({"type": "websocket.accept"})
            canal = self.canales.obtener(sid)
            salida = None if canal is None else await ws.relevar(canal, receive, send, control)
        else:
            canal = self._canal(info, Transporte.WEBSOCKET)
            salida = ws.SalidaWebSocket(canal, send, control)
            try:
                await send({"type": "websocket.accept"})
                await send({"type": "websocket.send", "text": self._apertura(canal)})
            except BaseException:
                # Se fue antes de tener sesión: su sitio ya estaba contado.
                aforo.salir(aforo.de_direccion(info.direccion or ""))
                raise
            self._abrir(canal, salida)
        if canal is None or salida is None:
            await ws.cerrar(send)
        else:
            await ws.atender(canal, salida, receive)

    async def _rechazo_websocket(self, info: InfoCliente) -> http.Respuesta | None:
        if not self._origen_permitido(info):
            return http.error(CodigoError.PROHIBIDO)
        codigo = self.codigo_de_rechazo(info)
        if codigo is not None:
            return http.error(codigo)
        if self.apagada:
            return http.DETENIENDOSE
        if "sid" not in info.consulta and not await self._cabe(info):
            return http.LLENO
        return None

    def codigo_de_rechazo(self, info: InfoCliente) -> CodigoError | None:
        """Por qué no se admite ese WebSocket, o ``None``."""
        return engineio.validar_peticion(info.consulta, "GET", True, self._transporte_de)

    # Sesiones -----------------------------------------------------------------------------

    async def _cabe(self, info: InfoCliente) -> bool:
        """Cuenta una sesión más de esa dirección, si no pasa de su tope."""
        clave = aforo.de_direccion(info.direccion or "")
        return await aforo.entrar(clave, settings.CONEXIONES_POR_IP)

    def _canal(self, info: InfoCliente, transporte: Transporte) -> Canal:
        ahora = asyncio.get_running_loop().time()
        sesion = SesionEngineIO(sid_nuevo(), transporte, self.ajustes, ahora)
        return Canal(sesion, info, self.canales)

    def _abrir(self, canal: Canal, salida: Salida) -> None:
        canal.abrir(self._crear_receptor(canal), salida)

    def _apertura(self, canal: Canal) -> str:
        sesion = canal.sesion
        return engineio.paquete_apertura(sesion.sid, sesion.transporte, self.ajustes)

    def _transporte_de(self, sid: str) -> Transporte | None:
        canal = self.canales.obtener(sid)
        if canal is not None:
            canal.poner_al_dia()
            canal = self.canales.obtener(sid)
        return None if canal is None else canal.sesion.transporte
