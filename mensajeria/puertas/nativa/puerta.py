"""La puerta `/ws/mensajeria/`: mueve marcos entre ASGI y una sesión, y nada más."""

from __future__ import annotations

from mensajeria.base_de_datos import error_de
from mensajeria.nodo import Nodo
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.puertas.asgi import DETENIENDOSE, Receive, Scope, Send, cerrar, denegar
from mensajeria.puertas.cola import ColaDeSalida, bytes_de
from mensajeria.puertas.compuerta import Compuerta
from mensajeria.puertas.nativa import marcos
from mensajeria.puertas.nativa.cookie import credencial_de
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.uvicorn import control_de
from mensajeria.puertas.websocket import (
    CIERRE_EXCESO,
    CIERRE_NORMAL,
    INTENTAR_LUEGO,
    REINICIO,
    WebSocket,
)
from mensajeria.sesion.conexion import Id, Peticion, forma_de_error
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
        self._abiertas: set[ConexionNativa] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        quien = QuienLlama(scope)
        if not quien.admitido:
            await cerrar(send, ORIGEN_AJENO)
            return
        if self._nodo.deteniendo:
            await denegar(scope, receive, send, DETENIENDOSE)
            return
        await send({"type": "websocket.accept"})
        conexion = ConexionNativa(scope, receive, send)
        if not await quien.ocupar_sitio():
            await conexion.sin_sitio()
            return
        self._abiertas.add(conexion)
        try:
            await conexion.atender(self._nodo, quien)
        finally:
            self._abiertas.discard(conexion)
            quien.dejar_sitio()

    async def apagar(self) -> None:
        """El servidor se detiene: 1012 para que cada cliente vuelva a conectar."""
        for conexion in self._abiertas:
            conexion.apagar()


class ConexionNativa:
    """Un cliente: lo que envía va a su sesión, que contesta por aquí."""

    marco_evento = staticmethod(marcos.marco_evento)

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._control = control_de(scope)
        self._cola = ColaDeSalida()
        self._ws = WebSocket(receive, send, self._cola, self._control)
        self._ritmo = Compuerta()

    async def atender(self, nodo: Nodo, quien: QuienLlama) -> None:
        """Lo que dura la conexión."""
        sesion = Sesion(nodo, self, quien.direccion, quien.agente)
        if self._control is not None:
            self._control.ping_enviado = lambda: self._ping_enviado(sesion)
            self._control.ping_contestado = sesion.ping_contestado
        try:
            await self._ws.atender(lambda: self._leer(sesion, quien))
        finally:
            sesion.desconectada()

    def _ping_enviado(self, sesion: Sesion) -> None:
        # El ping lo envía el servidor sin pasar por la cola: no va detrás de lo que espera en ella.
        if self._ws.al_dia:
            sesion.ping_enviado()

    async def _leer(self, sesion: Sesion, quien: QuienLlama) -> None:
        await self._ingresar_con_cookie(sesion, quien)
        while (trama := await self._ws.leer()) is not None:
            if bytes_de(trama) > MAX_MARCO:
                self._ws.cerrar(CIERRE_EXCESO)
                return
            try:
                peticion = marcos.leer_peticion(trama, self._responder)
            except ErrorMensajeria as error:
                sesion.negar(Peticion(), error)
                continue
            sesion.recibir(peticion)
            await self._ritmo.abierta()

    async def _ingresar_con_cookie(self, sesion: Sesion, quien: QuienLlama) -> None:
        try:
            credencial = await credencial_de(quien)
            if credencial is not None:
                await sesion.ingresar(credencial)
        except Exception as error:
            sesion.negar(Peticion(), error_de(error, "el ingreso con cookie"))

    async def sin_sitio(self) -> None:
        """Su dirección ya tiene demasiadas: lo sabe, y se cierra."""
        error = ErrorMensajeria(
            CodigoError.RATE_LIMITED, "Demasiadas conexiones desde tu red", reintentar_en=60.0
        )
        self.enviar(marcos.marco_evento("error", codificar(forma_de_error(error))))
        self._ws.cerrar(INTENTAR_LUEGO)
        await self._ws.terminar()

    def _responder(self, id_: Id, cuerpo: bytes) -> None:
        self.enviar(marcos.marco_respuesta(id_, cuerpo))

    # Lo que la sesión le pide a su conexión

    def enviar(self, marco: str) -> None:
        if self._ws.cerrando:
            return
        if self._cola.poner(marco):
            self._ws.despertar()
        else:
            self._cola.vaciar()
            self._ws.abortar()

    def cerrar(self) -> None:
        if not self._ws.cerrando:
            self._ws.cerrar(CIERRE_NORMAL)

    def pausar(self) -> None:
        self._ritmo.cerrar()

    def reanudar(self) -> None:
        self._ritmo.abrir()

    def apagar(self) -> None:
        if not self._ws.cerrando:
            self._ws.cerrar(REINICIO)
