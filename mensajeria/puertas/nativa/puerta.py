"""La puerta `/ws/mensajeria/`: mueve marcos entre un WebSocket y una sesión, y nada más."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mensajeria.difusion.emision import Emision
from mensajeria.fallos import error_de
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import leer_token
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.puertas import subprotocolos, tramas, websocket
from mensajeria.puertas.asgi import (
    DETENIENDOSE,
    Receive,
    Scope,
    Send,
    cerrar,
    contar_negativa,
    denegar,
)
from mensajeria.puertas.cola import bytes_de
from mensajeria.puertas.directo import REINICIO, WebSocketDirecto
from mensajeria.puertas.drenaje import drenar
from mensajeria.puertas.nativa import marcos
from mensajeria.puertas.nativa.cookie import credencial_de
from mensajeria.puertas.nativa.latidos import Latidos
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.websocket import (
    CIERRE_EXCESO,
    CIERRE_INTERNO,
    CIERRE_NORMAL,
    INTENTAR_LUEGO,
    WebSocket,
)
from mensajeria.sesion.conexion import Id, Medida, Peticion, forma_de_error
from mensajeria.sesion.sesion import Sesion

ORIGEN_AJENO = 1008


class PuertaNativa:
    """La aplicación ASGI, con las conexiones de este proceso.

    No es un `AsyncConsumer` de Channels: el suyo salta a un hilo por cada evento
    (`aclose_old_connections`) y abre una cola en la capa por cada conexión; aquí la capa la
    escucha la central, una vez por proceso.
    """

    def __init__(self, nodo: Nodo) -> None:
        self._nodo = nodo
        self.abiertas: set[ConexionNativa] = set()
        self.latidos = Latidos()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        quien = QuienLlama(scope)
        if not quien.admitido:
            contar_negativa("nativa", ORIGEN_AJENO)
            await cerrar(send, ORIGEN_AJENO)
            return
        if not self._nodo.admite:
            contar_negativa("nativa", DETENIENDOSE)
            await denegar(scope, receive, send, DETENIENDOSE)
            return
        token = await subprotocolos.aceptar(scope, send)
        ws = websocket.tomar(scope, receive, send)
        if await quien.ocupar_sitio():
            await ConexionNativa(self, ws, quien).atender(self._nodo, token)
        else:
            contar_negativa("nativa", INTENTAR_LUEGO)
            await _sin_sitio(ws)

    async def drenar(self, segundos: float, al_dia: Callable[[], Awaitable[None]]) -> None:
        """1012, a cada una en su momento."""
        pausar, apagar = ConexionNativa.pausar, ConexionNativa.apagar
        await drenar(self.abiertas, pausar, apagar, segundos, al_dia)

    async def apagar(self) -> None:
        """El servidor se detiene: 1012 para que cada cliente vuelva a conectar."""
        for conexion in self.abiertas:
            conexion.apagar()


async def _sin_sitio(ws: WebSocketDirecto | WebSocket) -> None:
    """Su dirección ya tiene demasiadas: lo sabe, y se cierra."""
    error = ErrorMensajeria(
        CodigoError.RATE_LIMITED, "Demasiadas conexiones desde tu red", reintentar_en=60.0
    )
    ws.decir(marcos.marco_evento("error", codificar(forma_de_error(error))))
    ws.cerrar(INTENTAR_LUEGO)
    await ws.terminar()


class ConexionNativa:
    """Un cliente: lo que envía va a su sesión, que contesta por aquí."""

    __slots__ = ("_directo", "_ping", "_puerta", "_quien", "_sesion", "_trama_de_evento", "_ws")

    marco_evento = staticmethod(marcos.marco_evento)

    def __init__(
        self, puerta: PuertaNativa, ws: WebSocketDirecto | WebSocket, quien: QuienLlama
    ) -> None:
        self._puerta = puerta
        self._quien = quien
        self._ws = ws
        self._directo = ws if isinstance(ws, WebSocketDirecto) else None
        ventana = 0 if self._directo is None else self._directo.ventana
        self._trama_de_evento = tramas.de_evento(marcos.marco_evento, ventana)
        # El cuerpo del ping sin contestar.
        self._ping: bytes | None = None

    async def atender(self, nodo: Nodo, token: str | None) -> None:
        """Entra con lo que traiga y empieza a leer; puede volver antes que la conexión."""
        self._puerta.abiertas.add(self)
        self._sesion = Sesion(nodo, self, self._quien.direccion, self._quien.agente)
        try:
            await self._ingresar(token)
        except BaseException:
            self.perdida()
            raise
        self._quien.resumir()
        if self._directo is not None:
            self._puerta.latidos.agregar(self)
        await self._ws.atender(self)

    async def _ingresar(self, token: str | None) -> None:
        """Con su token o, si no trae, con su cookie; si no vale, lo sabe y puede `autenticar`."""
        try:
            credencial = leer_token(token) if token else await credencial_de(self._quien)
            if credencial is not None:
                await self._sesion.ingresar(credencial)
        except Exception as error:
            self._sesion.negar(Peticion(), error_de(error, "el ingreso al abrir"))

    def _responder(self, id_: Id, cuerpo: bytes) -> None:
        self.enviar(marcos.marco_respuesta(id_, cuerpo))

    # Lo que le llega de su WebSocket

    def recibir(self, trama: str | bytes) -> None:
        if self._ws.cerrando:
            return
        if bytes_de(trama) > MAX_MARCO:
            self._ws.cerrar(CIERRE_EXCESO)
            return
        try:
            peticion = marcos.leer_peticion(trama, self._responder)
        except ErrorMensajeria as error:
            self._sesion.negar(marcos.peticion_negada(trama, self._responder), error)
        else:
            self._sesion.recibir(peticion)

    def pong(self, carga: bytes) -> None:
        if carga == self._ping:
            self._ping = None
            self._sesion.ping_contestado()

    def perdida(self) -> None:
        self._puerta.abiertas.discard(self)
        self._puerta.latidos.quitar(self)
        self._sesion.desconectada()
        self._quien.dejar_sitio()

    # Lo que le toca cada tanto

    def latir(self, cuerpo: bytes) -> None:
        ws = self._directo
        if ws is None or ws.cerrando:
            return
        if self._ping is not None:
            ws.romper(CIERRE_INTERNO, "keepalive ping timeout")
            return
        # Lo que espera en la cola irá detrás de este ping: no lo confirmaría.
        if ws.al_dia:
            self._sesion.ping_enviado()
        self._ping = cuerpo
        ws.escribir(tramas.hacer(tramas.PING, cuerpo))

    # Lo que la sesión le pide a su conexión

    def entregar(self, emision: Emision) -> None:
        ws = self._directo
        if ws is not None and ws.libre:
            ws.escribir(emision.marcos[self._trama_de_evento])
        else:
            self.enviar(emision.marcos[marcos.marco_evento])

    def enviar(self, marco: str) -> None:
        ws = self._directo
        if ws is not None and ws.libre:
            ws.escribir(tramas.de_mensaje(marco, ws.ventana))
        elif self._ws.cerrando:
            return
        elif self._ws.cola.poner(marco):
            self._ws.despertar()
        else:
            self._ws.cola.vaciar()
            self._ws.abortar()

    def pedir_latido(self) -> None:
        ws = self._directo
        if ws is not None and ws.libre and self._ping is None:
            self._puerta.latidos.adelantar(self)

    def medida(self) -> Medida:
        ws = self._directo
        return Medida("nativa", "websocket", self._ws.cola.ocupa if ws is None else ws.por_leer)

    def cerrar(self) -> None:
        if not self._ws.cerrando:
            self._ws.cerrar(CIERRE_NORMAL)

    def pausar(self) -> None:
        self._ws.pausar()

    def reanudar(self) -> None:
        self._ws.reanudar()

    def apagar(self) -> None:
        if not self._ws.cerrando:
            self._ws.cerrar(REINICIO)
