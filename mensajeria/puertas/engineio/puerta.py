"""La puerta Engine.IO: una aplicación ASGI que se monta en las dos ramas del enrutador."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from django.conf import settings

from mensajeria.entre_procesos import proceso
from mensajeria.puertas import asgi, subprotocolos
from mensajeria.puertas.asgi import DETENIENDOSE, LLENO, Receive, Respuesta, Scope, Send
from mensajeria.puertas.directo import REINICIO, WebSocketDirecto
from mensajeria.puertas.drenaje import drenar
from mensajeria.puertas.engineio import http, paquetes, websocket
from mensajeria.puertas.engineio.desvio import Desvio, dueno_de
from mensajeria.puertas.engineio.maquina import MaquinaEngineIO
from mensajeria.puertas.engineio.paquetes import (
    Ajustes,
    CodigoEngineIO,
    MotivoDeCierre,
    Transporte,
)
from mensajeria.puertas.engineio.sesion import ClienteEngineIO, SesionEngineIO, TransporteEngineIO
from mensajeria.puertas.engineio.sondeo import RECIBIDO, Sondeo
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.websocket import CIERRE_NORMAL, WebSocket, tomar

# Lo que se espera, al detenerse, a que un sondeo venga por lo que se le debe, en segundos.
PLAZO_DE_RECOGIDA = 2.0


def sid_nuevo() -> str:
    """144 bits al azar, que quien no lo recibió no adivina, y el proceso que sostiene la sesión."""
    return f"{secrets.token_urlsafe(18)}.{proceso.este()}"


def _dejar_de_leer(sesion: SesionEngineIO) -> None:
    # A un POST no se le puede dejar esperando: hay clientes que no vuelven si se les niega.
    if sesion.maquina.transporte is not Transporte.SONDEO:
        sesion.pausar()


class PuertaEngineIO:
    """Atiende sondeo y WebSocket, y guarda las sesiones de este proceso.

    `crear_cliente(sesion)` da lo que va encima. `admite` decide sobre el origen de quien
    llama. `credenciales`: si los navegadores de esos orígenes pueden enviar cookies; exige una
    lista, porque cualquiera con credenciales es `*` con ellas. `abierta`: si el proceso aún
    admite a quien llega.
    """

    def __init__(
        self,
        crear_cliente: Callable[[SesionEngineIO], ClienteEngineIO],
        admite: Callable[[QuienLlama], bool],
        ajustes: Ajustes | None = None,
        credenciales: bool = False,
        abierta: Callable[[], bool] = lambda: True,
    ) -> None:
        self._crear_cliente = crear_cliente
        self._admite = admite
        self.ajustes = ajustes or Ajustes()
        self._credenciales = credenciales
        self._abierta = abierta
        self._apagada = False
        # El fin de las que se apagan, y cuáles son.
        self._fines: dict[asyncio.Future[None], SesionEngineIO] = {}
        self.sesiones: dict[str, SesionEngineIO] = {}
        self._desvio = Desvio(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        quien = QuienLlama(scope)
        # Antes de dar un sid: otro proceso puede recibir la petición que sigue.
        await self._desvio.tuneles.listos()
        if scope["type"] == "websocket":
            await self._websocket(quien, scope, receive, send)
        else:
            await self._http(quien, scope["method"], receive, send)

    @property
    def _no_abre(self) -> bool:
        return self._apagada or not self._abierta()

    async def drenar(self, segundos: float, al_dia: Callable[[], Awaitable[None]]) -> None:
        """No abre más sesiones, y termina las que hay, cada una en su momento."""
        self._apagada = True
        await drenar(self.sesiones.values(), _dejar_de_leer, self._apagar, segundos, al_dia)

    async def apagar(self) -> None:
        """Suelta los sondeos, cierra los WebSocket y no abre más sesiones: el proceso termina.

        Vuelve cuando los sondeos se han llevado lo que se les debía, o pasado su plazo.
        """
        self._apagada = True
        for sesion in set(self.sesiones.values()) - set(self._fines.values()):
            self._apagar(sesion)
        fines = self._fines.items()
        sondeos = [f for f, s in fines if s.maquina.transporte is Transporte.SONDEO]
        if sondeos:
            _, faltan = await asyncio.wait(sondeos, timeout=PLAZO_DE_RECOGIDA)
            for fin in faltan:
                self._fines[fin].perder(MotivoDeCierre.APAGADO)

    def _apagar(self, sesion: SesionEngineIO) -> None:
        if sesion.maquina.sid not in self.sesiones:
            return
        fin = sesion.apagar(REINICIO)
        self._fines[fin] = sesion
        fin.add_done_callback(self._fines.pop)

    # HTTP ---------------------------------------------------------------------------------

    async def _http(self, quien: QuienLlama, metodo: str, receive: Receive, send: Send) -> None:
        admitido = self._admite(quien)
        cabeceras = http.cabeceras_cors(quien.origen, admitido, self._credenciales)
        if not admitido:
            respuesta = http.error(CodigoEngineIO.PROHIBIDO)
        elif metodo == "OPTIONS":
            cabeceras += http.cabeceras_preflight(quien)
            respuesta = Respuesta(204)
        elif otro := self._de_otro(quien):
            respuesta = await self._desvio.por_http(otro, quien, metodo, receive)
        else:
            respuesta = await self.responder(quien, metodo, receive)
        if respuesta.estado >= 400:
            asgi.contar_negativa("socketio", respuesta)
        await asgi.responder(send, respuesta, cabeceras)

    def _de_otro(self, quien: QuienLlama) -> str | None:
        """El proceso que sostiene esa sesión, si es otro."""
        return dueno_de(quien.consulta.get("sid", "")) if settings.REDIS_URL else None

    async def responder(self, quien: QuienLlama, metodo: str, receive: Receive) -> Respuesta:
        """La respuesta a una petición de una sesión de este proceso, o nueva."""
        consulta = quien.consulta
        codigo = paquetes.validar_peticion(consulta, metodo, False, self._transporte_de)
        if codigo is CodigoEngineIO.SID_DESCONOCIDO and self._apagada and metodo == "POST":
            # Se pierde, como todo lo que llega al detenerse. Por su sondeo sabe que ha de volver: a
            # un POST que se le niega, el cliente de python-socketio 5.5 se calla para siempre.
            return RECIBIDO
        if codigo is not None:
            return http.error(codigo)
        sesion = self.sesiones.get(consulta.get("sid", ""))
        if sesion is None:
            return await self._abrir_sondeo(quien)
        sondeo = sesion.transporte
        if not isinstance(sondeo, Sondeo):
            return http.error(CodigoEngineIO.PETICION_INCORRECTA)
        if metodo == "GET":
            return await sondeo.sondear(lambda: http.esperar_desconexion(receive))
        return await sondeo.publicar(lambda maximo: http.leer_cuerpo(quien, receive, maximo))

    async def _abrir_sondeo(self, quien: QuienLlama) -> Respuesta:
        if self._no_abre:
            return DETENIENDOSE
        if not await quien.ocupar_sitio():
            return LLENO
        sesion = self._sesion(quien, Transporte.SONDEO)
        self._abrir(sesion, Sondeo(sesion))
        return Respuesta(200, self._apertura(sesion))

    # WebSocket ----------------------------------------------------------------------------

    async def _websocket(
        self, quien: QuienLlama, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await receive()
        otro = self._de_otro(quien)
        if otro is not None and self._admite(quien) and not self._no_abre:
            await self._desvio.por_websocket(otro, quien, scope, receive, send)
            return
        rechazo = await self._rechazo_websocket(quien)
        if rechazo is not None:
            asgi.contar_negativa("socketio", rechazo)
            await asgi.denegar(scope, receive, send, rechazo)
            return
        if sid := quien.consulta.get("sid"):
            await subprotocolos.aceptar(scope, send)
            await self._relevar(sid, tomar(scope, receive, send))
        else:
            await self._abrir_websocket(quien, scope, receive, send)

    async def _relevar(self, sid: str, ws: WebSocketDirecto | WebSocket) -> None:
        sesion = self.sesiones.get(sid)
        if sesion is not None and await websocket.relevar(sesion, ws):
            await ws.atender(sesion)
        else:
            ws.cerrar(CIERRE_NORMAL)
            await ws.terminar()

    async def _abrir_websocket(
        self, quien: QuienLlama, scope: Scope, receive: Receive, send: Send
    ) -> None:
        sesion = self._sesion(quien, Transporte.WEBSOCKET)
        try:
            await subprotocolos.aceptar(scope, send)
        except BaseException:
            # Se fue antes de tener sesión: su sitio ya estaba contado.
            quien.dejar_sitio()
            raise
        ws = tomar(scope, receive, send)
        ws.cola = sesion.maquina.cola
        self._abrir(sesion, ws)
        ws.decir(self._apertura(sesion))
        await ws.atender(sesion)

    async def _rechazo_websocket(self, quien: QuienLlama) -> Respuesta | None:
        if not self._admite(quien):
            return http.error(CodigoEngineIO.PROHIBIDO)
        if self._no_abre:
            return DETENIENDOSE
        codigo = self.codigo_de_rechazo(quien)
        if codigo is not None:
            return http.error(codigo)
        if "sid" not in quien.consulta and not await quien.ocupar_sitio():
            return LLENO
        return None

    def codigo_de_rechazo(self, quien: QuienLlama) -> CodigoEngineIO | None:
        """Por qué no se admite ese WebSocket, o `None`."""
        return paquetes.validar_peticion(quien.consulta, "GET", True, self._transporte_de)

    # Sesiones -----------------------------------------------------------------------------

    def _sesion(self, quien: QuienLlama, transporte: Transporte) -> SesionEngineIO:
        ahora = asyncio.get_running_loop().time()
        maquina = MaquinaEngineIO(sid_nuevo(), transporte, self.ajustes, ahora)
        return SesionEngineIO(maquina, quien, self._quitar)

    def _abrir(self, sesion: SesionEngineIO, transporte: TransporteEngineIO) -> None:
        self.sesiones[sesion.maquina.sid] = sesion
        sesion.abrir(self._crear_cliente(sesion), transporte)

    def _quitar(self, sesion: SesionEngineIO) -> None:
        if self.sesiones.pop(sesion.maquina.sid, None) is not None:
            sesion.quien.dejar_sitio()

    def _apertura(self, sesion: SesionEngineIO) -> str:
        maquina = sesion.maquina
        return paquetes.paquete_apertura(maquina.sid, maquina.transporte, self.ajustes)

    def _transporte_de(self, sid: str) -> Transporte | None:
        sesion = self.sesiones.get(sid)
        if sesion is not None:
            sesion.poner_al_dia()
            sesion = self.sesiones.get(sid)
        return None if sesion is None else sesion.maquina.transporte
