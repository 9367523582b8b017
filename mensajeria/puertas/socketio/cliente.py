"""Un cliente de Socket.IO: entre su sesión Engine.IO y lo que la aplicación ve de él.

La aplicación se construye una vez por cada CONNECT y recibe llamadas síncronas, en el orden en
que el cliente envió; contesta por su `ConexionSocketIO` cuando quiera, sin esperar nunca.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from mensajeria.difusion.emision import Emision
from mensajeria.protocolo.errores import no_valido
from mensajeria.puertas import tramas
from mensajeria.puertas.engineio.paquetes import MotivoDeCierre
from mensajeria.puertas.engineio.puerta import sid_nuevo
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.socketio import marcos
from mensajeria.puertas.socketio.maquina import (
    AjustesSocketIO,
    ConexionPedida,
    Desconectado,
    EspacioDesconocido,
    EventoIlegible,
    EventoSocketIO,
    MaquinaSocketIO,
)
from mensajeria.puertas.websocket import CIERRE_INTERNO
from mensajeria.sesion.conexion import Aplicacion, Medida, Peticion

registro = logging.getLogger("mensajeria.puertas")

DESPEDIDO = "io server disconnect"
DE_NODE = AjustesSocketIO()


class AplicacionSocketIO(Aplicacion, Protocol):
    """Una `Aplicacion`, que además decide a quién deja conectar."""

    def conectar(self, auth: dict[str, Any] | None, /) -> None:
        """Un CONNECT: `ConexionSocketIO.aceptar` o `rechazar`, ahora o más tarde."""


Crear = Callable[["ConexionSocketIO"], AplicacionSocketIO]


class ConexionSocketIO:
    """Un cliente conectado, o por conectar, a un espacio."""

    __slots__ = ("_cliente", "_previos", "_sesion", "espacio", "quien", "sid")

    marco_evento = staticmethod(marcos.marco_evento)

    def __init__(self, cliente: ClienteSocketIO, espacio: str) -> None:
        self.sid = sid_nuevo()
        self.espacio = espacio
        self.quien: QuienLlama = cliente.sesion.quien
        self._cliente: ClienteSocketIO | None = cliente
        # Hasta que se acepte, lo que se le envía espera.
        self._previos: list[str | bytes] | None = []
        self._sesion: SesionEngineIO | None = None

    def aceptar(self) -> None:
        """Acepta la conexión: el `40` sale antes que cualquier evento."""
        if self._cliente is not None and self._cliente.aceptar(self):
            self._sesion = self._cliente.sesion
            previos, self._previos = self._previos, None
            for marco in previos or ():
                self._sesion.enviar(marco)

    def rechazar(self, mensaje: str, datos: Any = None) -> None:
        """Rechaza la conexión con `{message, data}`; el cliente puede volver a pedirla."""
        if self._cliente is not None and self._previos is not None:
            self._cliente.rechazar(self, mensaje, datos)

    def entregar(self, emision: Emision) -> None:
        """Envía un evento que sale para muchos, enmarcado una vez para todos."""
        sesion = self._sesion
        ws = None if sesion is None else sesion.directo
        if ws is not None and ws.libre:
            ws.escribir(emision.marcos[tramas.de_evento(marcos.marco_evento, ws.ventana)])
        else:
            self._encolar(emision.marcos[marcos.marco_evento])

    def enviar(self, marco: str | bytes) -> None:
        """Envía un marco ya codificado; no espera ni falla, y sin conexión no hace nada."""
        sesion = self._sesion
        ws = None if sesion is None else sesion.directo
        if ws is not None and ws.libre:
            ws.escribir(tramas.de_mensaje(marco, ws.ventana))
        else:
            self._encolar(marco)

    def _encolar(self, marco: str | bytes) -> None:
        if self._sesion is not None:
            self._sesion.enviar(marco)
        elif self._previos is not None:
            self._previos.append(marco)

    def pedir_latido(self) -> None:
        """Adelanta el ping de Engine.IO."""
        if self._cliente is not None:
            self._cliente.sesion.latir()

    def cerrar(self, motivo: str = DESPEDIDO) -> None:
        """Despide al cliente (`41`): no volverá solo. El transporte se cierra poco después."""
        if self._cliente is not None:
            self._cliente.despedir(self, motivo)

    def medida(self) -> Medida:
        if self._cliente is None:
            return Medida("socketio", "ninguno", 0)
        sesion = self._cliente.sesion
        por_leer = sesion.maquina.cola.ocupa if sesion.directo is None else sesion.directo.por_leer
        return Medida("socketio", sesion.maquina.transporte, por_leer)

    def pausar(self) -> None:
        """Deja de leer del cliente, sea del socket o de un POST a medias, hasta `reanudar`."""
        if self._cliente is not None:
            self._cliente.sesion.pausar()

    def reanudar(self) -> None:
        if self._cliente is not None:
            self._cliente.sesion.reanudar()

    def soltar(self) -> None:
        """Ya no hay cliente: lo que la aplicación envíe se pierde aquí."""
        self._cliente = self._sesion = self._previos = None


class AcuseSocketIO:
    """La confirmación que un cliente espera; vale una vez."""

    __slots__ = ("_conexion", "id")

    def __init__(self, conexion: ConexionSocketIO, id: int) -> None:
        self._conexion: ConexionSocketIO | None = conexion
        self.id = id

    def __call__(self, datos_json: bytes) -> None:
        """Responde con un solo argumento, ya codificado."""
        conexion, self._conexion = self._conexion, None
        if conexion is not None:
            conexion.enviar(marcos.marco_ack(self.id, datos_json, conexion.espacio))


class ClienteSocketIO:
    """Lleva los mensajes de su sesión, por la máquina, a la aplicación de cada espacio."""

    __slots__ = ("_crear", "_espacios", "_maquina", "sesion")

    def __init__(
        self, sesion: SesionEngineIO, crear: Crear, ajustes: AjustesSocketIO | None = None
    ) -> None:
        self.sesion = sesion
        self._crear = crear
        carga_maxima = sesion.maquina.ajustes.carga_maxima
        self._maquina = MaquinaSocketIO(ajustes or DE_NODE, carga_maxima, sesion.ahora())
        self._espacios: dict[str, tuple[ConexionSocketIO, AplicacionSocketIO]] | None = {}

    # Lo que llega de la sesión ------------------------------------------------------------

    def interpretar(self, mensajes: list[str | bytes]) -> list[marcos.PaqueteSocketIO]:
        return self._maquina.decodificar(mensajes, self.sesion.ahora())

    def entregar(self, paquete: marcos.PaqueteSocketIO) -> None:
        if self._espacios is not None:
            evento = self._maquina.recibir(paquete, self.sesion.ahora())
            self._atender(evento, paquete, self._espacios)

    def ping_enviado(self) -> None:
        for _, aplicacion in list((self._espacios or {}).values()):
            self._llamar(aplicacion.ping_enviado)

    def ping_contestado(self) -> None:
        for _, aplicacion in list((self._espacios or {}).values()):
            self._llamar(aplicacion.ping_contestado)

    def cerrado(self, motivo: str) -> None:
        self._avisar(self._soltar(), motivo)

    def proximo_vencimiento(self) -> float | None:
        return self._maquina.proximo_vencimiento()

    def vencer(self, ahora: float) -> str | None:
        return self._maquina.vencer(ahora)

    def _atender(
        self,
        evento: EventoSocketIO | None,
        paquete: marcos.PaqueteSocketIO,
        espacios: dict[str, tuple[ConexionSocketIO, AplicacionSocketIO]],
    ) -> None:
        if isinstance(evento, Peticion):
            conexion, aplicacion = espacios[paquete.espacio]
            self._llamar(aplicacion.recibir, _con_acuse(evento, conexion, paquete.id))
        elif isinstance(evento, EventoIlegible):
            conexion, aplicacion = espacios[paquete.espacio]
            peticion = _con_acuse(evento.peticion, conexion, paquete.id)
            self._llamar(
                aplicacion.negar, peticion, no_valido(evento.defecto, evento.campo or None)
            )
        elif isinstance(evento, ConexionPedida):
            conexion = ConexionSocketIO(self, paquete.espacio)
            self._llamar(self._conectar, conexion, evento.auth, espacios)
        elif isinstance(evento, EspacioDesconocido):
            self.sesion.enviar(evento.marco)
        elif isinstance(evento, Desconectado):
            conexion, aplicacion = espacios.pop(paquete.espacio)
            conexion.soltar()
            self._llamar(aplicacion.desconectada, evento.motivo)

    def _conectar(
        self,
        conexion: ConexionSocketIO,
        auth: dict[str, Any] | None,
        espacios: dict[str, tuple[ConexionSocketIO, AplicacionSocketIO]],
    ) -> None:
        aplicacion = self._crear(conexion)
        espacios[conexion.espacio] = conexion, aplicacion
        aplicacion.conectar(auth)

    def _llamar(self, funcion: Callable[..., None], *argumentos: Any) -> None:
        """Un fallo de la aplicación termina esta conexión, y ninguna otra."""
        try:
            funcion(*argumentos)
        except Exception:
            registro.exception("fallo al atender a un cliente Socket.IO")
            self.sesion.codigo_cierre = CIERRE_INTERNO
            self.cortar(MotivoDeCierre.INTERNO)

    # Lo que pide la aplicación ------------------------------------------------------------

    def aceptar(self, conexion: ConexionSocketIO) -> bool:
        """Envía el `40`; `False` si el CONNECT ya no espera respuesta."""
        marco = self._maquina.aceptar(conexion.espacio, conexion.sid)
        if marco is None:
            return False
        self.sesion.enviar(marco)
        return True

    def rechazar(self, conexion: ConexionSocketIO, mensaje: str, datos: Any) -> None:
        """Envía el `44` y olvida la conexión."""
        marco = self._maquina.rechazar(conexion.espacio, mensaje, datos)
        if marco is not None and self._espacios is not None:
            del self._espacios[conexion.espacio]
            conexion.soltar()
            self.sesion.enviar(marco)

    def despedir(self, conexion: ConexionSocketIO, motivo: str) -> None:
        """Envía el `41` y deja corriendo el plazo; sin conectar aún, cierra y basta."""
        marco = self._maquina.despedir(conexion.espacio, self.sesion.ahora())
        if marco is None or self._espacios is None:
            self.cortar(motivo)
            return
        _, aplicacion = self._espacios.pop(conexion.espacio)
        conexion.soltar()
        self.sesion.enviar(marco)
        self.sesion.atender_salida()
        self.sesion.despues(self._llamar, aplicacion.desconectada, motivo)

    def cortar(self, motivo: str) -> None:
        """Cierra el transporte; lo que quede de la carga en curso ya no se entrega."""
        self.sesion.cerrar(motivo)
        self.sesion.despues(self._avisar, self._soltar(), motivo)

    def _soltar(self) -> list[AplicacionSocketIO]:
        espacios, self._espacios = self._espacios or {}, None
        for conexion, _ in espacios.values():
            conexion.soltar()
        return [aplicacion for _, aplicacion in espacios.values()]

    def _avisar(self, aplicaciones: list[AplicacionSocketIO], motivo: str) -> None:
        for aplicacion in aplicaciones:
            self._llamar(aplicacion.desconectada, motivo)


def _con_acuse(peticion: Peticion, conexion: ConexionSocketIO, id: int | None) -> Peticion:
    """La misma, con qué confirmarla si el cliente lo espera."""
    if id is None:
        return peticion
    # `_replace` cuesta el doble.
    acuse = AcuseSocketIO(conexion, id)
    return Peticion(peticion.evento, peticion.argumentos, responder=acuse)
