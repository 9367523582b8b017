"""La puerta Socket.IO: lo que una aplicación ve de cada cliente, sobre Engine.IO.

La aplicación se construye una vez por cada CONNECT y recibe llamadas síncronas, en el orden en
que el cliente envió; contesta por su `Conexion` cuando quiera, sin esperar nunca.
"""

from collections.abc import Callable
from typing import Any, Protocol

from mensajeria.consumers.engineio import PuertaEngineIO, sid_nuevo
from mensajeria.consumers.engineio_canal import Canal, InfoCliente, registro_log
from mensajeria.transporte import socketio
from mensajeria.transporte.engineio import Ajustes, Motivo
from mensajeria.transporte.socketio_cliente import (
    AjustesCliente,
    ClienteSocketIO,
    ConexionPedida,
    Desconectado,
    EspacioDesconocido,
    Evento,
    EventoIlegible,
    EventoRecibido,
)

CIERRE_INTERNO = 1011


class Aplicacion(Protocol):
    """Lo que la aplicación atiende de un cliente. Nada de esto espera."""

    def conectar(self, auth: dict[str, Any] | None) -> None:
        """Pidió conectar: `Conexion.aceptar` o `Conexion.rechazar`, ahora o más tarde."""

    def evento(self, nombre: str, argumentos: list[Any], responder: "Respondedor | None") -> None:
        """Envió un evento; ``responder`` si espera confirmación."""

    def evento_ilegible(self, nombre: str | None, responder: "Respondedor | None") -> None:
        """Envió un evento con texto que no es Unicode (sustitutos UTF-16 sueltos)."""

    def latido(self, confirmados: int) -> None:
        """Le llegaron los marcos hasta ``confirmados``, en la cuenta de `Conexion.enviados`."""

    def desconectado(self, motivo: str) -> None:
        """Se fue, o se le despidió; es la última llamada."""


class Conexion:
    """Un cliente conectado, o por conectar, a un espacio."""

    __slots__ = ("_previos", "_receptor", "espacio", "info", "sid")

    def __init__(self, receptor: "ReceptorSocketIO", espacio: str, info: InfoCliente) -> None:
        self.sid = sid_nuevo()
        self.espacio = espacio
        self.info = info
        self._receptor: ReceptorSocketIO | None = receptor
        self._previos: list[str | bytes] | None = []

    def aceptar(self) -> None:
        """Acepta la conexión: el ``40`` sale antes que cualquier evento."""
        if self._receptor is not None and self._receptor.aceptar(self):
            previos, self._previos = self._previos, None
            for marco in previos or ():
                self._receptor.canal.enviar(marco)

    def rechazar(self, mensaje: str, datos: Any = None) -> None:
        """Rechaza la conexión con ``{message, data}``; el cliente puede volver a pedirla."""
        if self._receptor is not None and self._previos is not None:
            self._receptor.rechazar(self, mensaje, datos)

    def enviar_marco(self, marco: str | bytes) -> None:
        """Encola un marco ya codificado; no espera ni falla, y sin conexión no hace nada."""
        if self._receptor is None:
            return
        if self._previos is None:
            self._receptor.canal.enviar(marco)
        else:
            self._previos.append(marco)

    @property
    def enviados(self) -> int:
        """Cuántos marcos lleva encolados la sesión: véase `Aplicacion.latido`."""
        return 0 if self._receptor is None else self._receptor.canal.sesion.encolados

    def cerrar(self, motivo: str) -> None:
        """Despide al cliente (``41``): no volverá solo. El transporte se cierra poco después."""
        if self._receptor is not None:
            self._receptor.despedir(self, motivo)

    def cortar(self, motivo: str) -> None:
        """Cierra el transporte sin despedida: el cliente volverá a conectar."""
        if self._receptor is not None:
            self._receptor.cortar(motivo)

    def pausar(self) -> None:
        """Deja de leer del cliente, sea del socket o de un POST a medias, hasta `reanudar`."""
        if self._receptor is not None:
            self._receptor.canal.pausar()

    def reanudar(self) -> None:
        """Vuelve a leer."""
        if self._receptor is not None:
            self._receptor.canal.reanudar()

    def soltar(self) -> None:
        """Ya no hay cliente: lo que la aplicación envíe se pierde aquí."""
        self._receptor = None


class Respondedor:
    """La confirmación que un cliente espera; vale una vez."""

    __slots__ = ("_conexion", "_id")

    def __init__(self, conexion: Conexion, id: int) -> None:
        self._conexion: Conexion | None = conexion
        self._id = id

    def __call__(self, datos_json: bytes) -> None:
        """Responde con un solo argumento, ya codificado."""
        if conexion := self._gastar():
            conexion.enviar_marco(socketio.marco_ack(self._id, datos_json, conexion.espacio))

    def con_valores(self, *valores: Any) -> None:
        """Responde con cualesquiera argumentos, también bytes."""
        if conexion := self._gastar():
            for marco in socketio.codificar_ack(self._id, valores, conexion.espacio):
                conexion.enviar_marco(marco)

    def _gastar(self) -> Conexion | None:
        conexion, self._conexion = self._conexion, None
        return conexion


class ReceptorSocketIO:
    """Traduce entre el canal, la máquina de estados del cliente y sus aplicaciones."""

    __slots__ = ("_cliente", "_crear", "_espacios", "canal")

    def __init__(
        self,
        canal: Canal,
        crear: Callable[[Conexion], Aplicacion],
        ajustes: AjustesCliente,
    ) -> None:
        self.canal = canal
        self._crear = crear
        self._cliente = ClienteSocketIO(ajustes, canal.sesion.ajustes.carga_maxima, canal.ahora())
        self._espacios: dict[str, tuple[Conexion, Aplicacion]] | None = {}

    # Lo que llega del canal ---------------------------------------------------------------

    def interpretar(self, mensajes: list[str | bytes]) -> list[socketio.Paquete]:
        return self._cliente.decodificar(mensajes, self.canal.ahora())

    def entregar(self, paquete: socketio.Paquete) -> None:
        if self._espacios is None:
            return
        for evento in self._cliente.recibir(paquete, self.canal.ahora()):
            self._atender(evento, self._espacios)

    def latido(self, confirmados: int) -> None:
        for _, aplicacion in list((self._espacios or {}).values()):
            self._llamar(aplicacion.latido, confirmados)

    def cerrado(self, motivo: str) -> None:
        self._avisar(self._soltar(), motivo)

    def proximo_vencimiento(self) -> float | None:
        return self._cliente.proximo_vencimiento()

    def vencer(self, ahora: float) -> str | None:
        return self._cliente.vencer(ahora)

    def _atender(self, evento: Evento, espacios: dict[str, tuple[Conexion, Aplicacion]]) -> None:
        if isinstance(evento, EspacioDesconocido):
            self.canal.enviar(evento.marco)
        elif isinstance(evento, ConexionPedida):
            self._llamar(self._conectar, evento, espacios)
        elif isinstance(evento, EventoRecibido):
            conexion, aplicacion = espacios[evento.espacio]
            responder = _respondedor(conexion, evento.id)
            self._llamar(aplicacion.evento, evento.nombre, evento.argumentos, responder)
        elif isinstance(evento, EventoIlegible):
            conexion, aplicacion = espacios[evento.espacio]
            responder = _respondedor(conexion, evento.id)
            self._llamar(aplicacion.evento_ilegible, evento.nombre, responder)
        elif isinstance(evento, Desconectado):
            conexion, aplicacion = espacios.pop(evento.espacio)
            conexion.soltar()
            self._llamar(aplicacion.desconectado, evento.motivo)
        # Un ACK no corresponde a nada: este servidor no pide confirmaciones.

    def _conectar(
        self, evento: ConexionPedida, espacios: dict[str, tuple[Conexion, Aplicacion]]
    ) -> None:
        conexion = Conexion(self, evento.espacio, self.canal.info)
        aplicacion = self._crear(conexion)
        espacios[evento.espacio] = conexion, aplicacion
        aplicacion.conectar(evento.auth)

    def _llamar(self, funcion: Callable[..., None], *argumentos: Any) -> None:
        """Un fallo de la aplicación termina esta conexión, y ninguna otra."""
        try:
            funcion(*argumentos)
        except Exception:
            registro_log.exception("fallo al atender a un cliente Socket.IO")
            self.canal.codigo_cierre = CIERRE_INTERNO
            self.cortar(Motivo.INTERNO)

    # Lo que pide la aplicación ------------------------------------------------------------

    def aceptar(self, conexion: Conexion) -> bool:
        """Envía el ``40``; ``False`` si el CONNECT ya no espera respuesta."""
        marco = self._cliente.aceptar(conexion.espacio, conexion.sid)
        if marco is None:
            return False
        self.canal.enviar(marco)
        return True

    def rechazar(self, conexion: Conexion, mensaje: str, datos: Any) -> None:
        """Envía el ``44`` y olvida la conexión."""
        marco = self._cliente.rechazar(conexion.espacio, mensaje, datos)
        if marco is not None and self._espacios is not None:
            del self._espacios[conexion.espacio]
            conexion.soltar()
            self.canal.enviar(marco)

    def despedir(self, conexion: Conexion, motivo: str) -> None:
        """Envía el ``41`` y deja corriendo el plazo; sin conectar aún, cierra y basta."""
        marco = self._cliente.despedir(conexion.espacio, self.canal.ahora())
        if marco is None or self._espacios is None:
            self.cortar(motivo)
            return
        _, aplicacion = self._espacios.pop(conexion.espacio)
        conexion.soltar()
        self.canal.enviar(marco)
        self.canal.atender_salida()
        self.canal.despues(self._llamar, aplicacion.desconectado, motivo)

    def cortar(self, motivo: str) -> None:
        """Cierra el transporte; lo que quede de la carga en curso ya no se entrega."""
        self.canal.cerrar(motivo)
        self.canal.despues(self._avisar, self._soltar(), motivo)

    def _soltar(self) -> list[Aplicacion]:
        espacios, self._espacios = self._espacios or {}, None
        for conexion, _ in espacios.values():
            conexion.soltar()
        return [aplicacion for _, aplicacion in espacios.values()]

    def _avisar(self, aplicaciones: list[Aplicacion], motivo: str) -> None:
        for aplicacion in aplicaciones:
            self._llamar(aplicacion.desconectado, motivo)


class PuertaSocketIO(PuertaEngineIO):
    """La aplicación ASGI que se monta en ``/socket.io/``.

    ``crear(conexion)`` da la aplicación de cada CONNECT; lo demás, en `PuertaEngineIO`.
    """

    def __init__(
        self,
        crear: Callable[[Conexion], Aplicacion],
        origen_permitido: Callable[[InfoCliente], bool],
        ajustes: Ajustes | None = None,
        ajustes_cliente: AjustesCliente | None = None,
        credenciales: bool = False,
    ) -> None:
        del_cliente = ajustes_cliente or AjustesCliente()
        super().__init__(
            lambda canal: ReceptorSocketIO(canal, crear, del_cliente),
            origen_permitido,
            ajustes or Ajustes(),
            credenciales,
        )


def _respondedor(conexion: Conexion, id: int | None) -> Respondedor | None:
    return None if id is None else Respondedor(conexion, id)
