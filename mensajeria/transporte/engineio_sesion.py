"""Una sesión Engine.IO v4 como máquina de estados, sin red ni reloj propios.

Quien la conduce le da lo que llega y la hora (``ahora``, en segundos), despacha los eventos que
devuelve y escribe lo que pide: `tomar_carga` para el sondeo abierto, `tomar_trama` para el
WebSocket. Fuente: packages/engine.io/lib/socket.ts y transports/ de socketio/socket.io.
"""

import enum
from collections import deque
from collections.abc import Iterable

import msgspec

from mensajeria.transporte import engineio
from mensajeria.transporte.engineio import Ajustes, ErrorPaquete, Mensaje, Motivo, Transporte

# Node revisa cada 100 ms si hay un sondeo que soltar mientras dura el ascenso.
ESPERA_SONDEO_EN_ASCENSO = 0.1


class Latido(msgspec.Struct, frozen=True):
    """El cliente respondió a un ping: ``confirmados`` mensajes se escribieron antes que él.

    Los transportes conservan el orden, así que todos ellos le han llegado.
    """

    confirmados: int


class AscensoCancelado(msgspec.Struct, frozen=True):
    """El WebSocket que intentaba relevar al sondeo debe cerrarse; la sesión sigue."""


class Cerrada(msgspec.Struct, frozen=True):
    """La sesión terminó; se emite una sola vez."""

    motivo: str


Evento = Mensaje | Latido | AscensoCancelado | Cerrada


class Estado(enum.Enum):
    """ABIERTA; CERRANDO: ya terminó, queda salida por entregar; CERRADA."""

    ABIERTA = enum.auto()
    CERRANDO = enum.auto()
    CERRADA = enum.auto()


class RespuestaSonda(enum.Enum):
    """Qué hacer con el WebSocket que sondea: contestar, tomarlo como transporte o cerrarlo."""

    CONTESTAR = enum.auto()
    ASCENDER = enum.auto()
    CERRAR = enum.auto()


class CargaExcesiva(ErrorPaquete):
    """La trama o el cuerpo pasan de ``carga_maxima``: 1009 o 413."""


class SesionEngineIO:
    """Estado de una sesión: transporte, latido, ascenso y salida pendiente."""

    __slots__ = (
        "_bytes_salida",
        "_confirmables",
        "_limite_ascenso",
        "_limite_cierre",
        "_limite_pong",
        "_proximo_ping",
        "_publicando",
        "_salida",
        "_soltar_sondeo_en",
        "_sonda_vista",
        "_sondeo_abierto",
        "_ultimo_paquete",
        "ajustes",
        "encolados",
        "estado",
        "lectura_en_pausa",
        "sid",
        "transporte",
    )

    def __init__(self, sid: str, transporte: Transporte, ajustes: Ajustes, ahora: float) -> None:
        self.sid = sid
        self.transporte = transporte
        self.estado = Estado.ABIERTA
        self.lectura_en_pausa = False
        self.ajustes = ajustes
        self._salida: deque[str | bytes] = deque()
        self._bytes_salida = 0
        self.encolados = 0
        self._confirmables = 0
        self._proximo_ping = ahora + ajustes.intervalo_ping
        self._limite_pong: float | None = None
        self._limite_ascenso: float | None = None
        self._limite_cierre: float | None = None
        self._soltar_sondeo_en: float | None = None
        self._sondeo_abierto = False
        self._sonda_vista = False
        self._publicando = False
        self._ultimo_paquete = engineio.PAQUETE_CIERRE

    # Entrada ------------------------------------------------------------------------------

    def abrir_publicacion(self) -> bool:
        """Empieza un POST; ``False`` si ya hay otro: el orden entre los dos no existe."""
        if self._publicando:
            return False
        self._publicando = True
        return True

    def cerrar_publicacion(self) -> None:
        """Termina el POST en curso."""
        self._publicando = False

    def recibir_carga(self, cuerpo: bytes, ahora: float) -> list[Evento]:
        """Procesa el cuerpo de un POST; `ErrorPaquete` sin haber procesado nada si está mal."""
        if len(cuerpo) > self.ajustes.carga_maxima:
            raise CargaExcesiva("carga demasiado grande")
        return self._recibir(engineio.decodificar_carga(cuerpo), ahora)

    def recibir_trama(self, trama: str | bytes, ahora: float) -> list[Evento]:
        """Procesa una trama del WebSocket; `ErrorPaquete` si está mal o es demasiado grande."""
        if _bytes_de(trama) > self.ajustes.carga_maxima:
            raise CargaExcesiva("trama demasiado grande")
        return self._recibir([engineio.decodificar_paquete(trama)], ahora)

    def _recibir(self, paquetes: Iterable[engineio.Paquete], ahora: float) -> list[Evento]:
        eventos: list[Evento] = []
        for paquete in paquetes:
            if self.estado is not Estado.ABIERTA:
                break
            if isinstance(paquete, Mensaje):
                eventos.append(paquete)
            elif isinstance(paquete, engineio.Pong):
                eventos += self._pong(ahora)
            elif isinstance(paquete, engineio.Cierre):
                self._ultimo_paquete = engineio.PAQUETE_NADA
                eventos += self.romper(Motivo.TRANSPORTE, ahora)
        return eventos

    def _pong(self, ahora: float) -> list[Evento]:
        self._proximo_ping = ahora + self.ajustes.intervalo_ping
        if self._limite_pong is None:
            return []
        self._limite_pong = None
        return [Latido(self._confirmables)]

    # Salida -------------------------------------------------------------------------------

    @property
    def hay_salida(self) -> bool:
        """Si queda algo por escribir: paquetes, o el cierre mismo."""
        return bool(self._salida) or self.estado is not Estado.ABIERTA

    def enviar(self, marco: str | bytes) -> list[Evento]:
        """Encola un paquete ya codificado (``42[…]``, o los bytes de un adjunto).

        Un cliente que deja acumular más de ``limite_salida`` bytes pierde la conexión: la
        alternativa es la memoria del servidor.
        """
        if self.estado is not Estado.ABIERTA:
            return []
        self._bytes_salida += _bytes_de(marco)
        if self._bytes_salida > self.ajustes.limite_salida:
            return self.abortar(Motivo.LENTO)
        self._salida.append(marco)
        self.encolados += 1
        return []

    def tomar_trama(self) -> str | bytes | None:
        """La siguiente trama para el WebSocket, o ``None``."""
        if not self._salida:
            return None
        trama = self._salida.popleft()
        self._bytes_salida -= _bytes_de(trama)
        return trama

    # Sondeo -------------------------------------------------------------------------------

    def abrir_sondeo(self, ahora: float) -> bool:
        """Empieza un GET; ``False`` si ya hay otro esperando."""
        if self._sondeo_abierto:
            return False
        self._sondeo_abierto = True
        if self._sonda_vista:
            self._soltar_sondeo_en = ahora + ESPERA_SONDEO_EN_ASCENSO
        return True

    def cerrar_sondeo(self) -> None:
        """Termina el GET en curso, contestado o no."""
        self._sondeo_abierto = False
        self._soltar_sondeo_en = None

    def tomar_carga(self, ahora: float) -> str | None:
        """Lo que se contesta al sondeo abierto, o ``None`` si ha de seguir esperando."""
        paquetes = list(self._salida)
        if self.estado is not Estado.ABIERTA:
            paquetes.append(self._ultimo_paquete)
            self.terminar()
        elif not paquetes:
            if self._soltar_sondeo_en is None or ahora < self._soltar_sondeo_en:
                return None
            paquetes.append(engineio.PAQUETE_NADA)
        self._vaciar_salida()
        return engineio.codificar_carga(paquetes)

    # Ascenso de sondeo a WebSocket --------------------------------------------------------

    def iniciar_ascenso(self, ahora: float) -> bool:
        """Llega un WebSocket con este sid; ``False`` si ya hay otro: se cierra, sin más."""
        libre = self._limite_ascenso is None and self.transporte is Transporte.SONDEO
        if not libre or self.estado is not Estado.ABIERTA:
            return False
        self._limite_ascenso = ahora + self.ajustes.plazo_ascenso
        return True

    def recibir_sonda(self, trama: str | bytes, ahora: float) -> RespuestaSonda:
        """Procesa una trama del WebSocket que sondea.

        Con un POST a medias no se asciende: lo que llegase por el WebSocket lo adelantaría.
        """
        if self._limite_ascenso is None:
            return RespuestaSonda.CERRAR
        if trama == engineio.SONDA:
            self._sonda_vista = True
            if self._sondeo_abierto:
                self._soltar_sondeo_en = ahora
            return RespuestaSonda.CONTESTAR
        ascender = trama == engineio.ASCENSO and not self._publicando
        self.cancelar_ascenso()
        if not ascender:
            return RespuestaSonda.CERRAR
        self.transporte = Transporte.WEBSOCKET
        return RespuestaSonda.ASCENDER

    def cancelar_ascenso(self) -> None:
        """El WebSocket que sondeaba se fue; la sesión sigue por sondeo."""
        self._limite_ascenso = None
        self._sonda_vista = False

    # Final --------------------------------------------------------------------------------

    def cerrar(self, motivo: str, ahora: float) -> list[Evento]:
        """Termina entregando antes lo encolado; un sondeo puede tardar en venir a buscarlo."""
        if self.estado is not Estado.ABIERTA:
            return []
        self.estado = Estado.CERRANDO
        self._limite_cierre = ahora + self.ajustes.plazo_cierre
        eventos: list[Evento] = [Cerrada(motivo)]
        if self._limite_ascenso is not None:
            self.cancelar_ascenso()
            eventos.append(AscensoCancelado())
        return eventos

    def romper(self, motivo: str, ahora: float) -> list[Evento]:
        """Termina entregando lo encolado a quien ya espera; no aguarda a otro sondeo."""
        eventos = self.cerrar(motivo, ahora)
        if self.transporte is Transporte.SONDEO and not self._sondeo_abierto:
            self.terminar()
        return eventos

    def abortar(self, motivo: str) -> list[Evento]:
        """Termina sin entregar nada: al otro lado no hay quien lea."""
        eventos = self.cerrar(motivo, 0.0)
        self._vaciar_salida()
        self.terminar()
        return eventos

    def terminar(self) -> None:
        """La salida se entregó, o se dio por perdida."""
        self.estado = Estado.CERRADA

    # Tiempo -------------------------------------------------------------------------------

    def proximo_vencimiento(self) -> float | None:
        """Cuándo hay que llamar a `vencer`; ``None`` si nunca."""
        if self.estado is Estado.CERRADA:
            return None
        if self.estado is Estado.CERRANDO:
            return self._limite_cierre
        proximo = self._proximo_ping if self._limite_pong is None else self._limite_pong
        for limite in (self._limite_ascenso, self._soltar_sondeo_en):
            if limite is not None and limite < proximo:
                proximo = limite
        return proximo

    def vencer(self, ahora: float) -> list[Evento]:
        """Hace lo que toca a esta hora: ping, falta de pong, ascenso o cierre sin terminar."""
        if self.estado is Estado.CERRANDO:
            if self._limite_cierre is not None and ahora >= self._limite_cierre:
                self.terminar()
            return []
        if self.estado is Estado.CERRADA:
            return []
        eventos: list[Evento] = []
        if self._limite_ascenso is not None and ahora >= self._limite_ascenso:
            self.cancelar_ascenso()
            eventos.append(AscensoCancelado())
        if self._limite_pong is not None:
            eventos += self._vencer_pong(self._limite_pong, ahora)
        elif ahora >= self._proximo_ping:
            self._ping(ahora)
        return eventos

    def _ping(self, ahora: float) -> None:
        """El plazo corre desde la hora prevista, para no sumar retrasos del temporizador.

        Pero si el proceso estuvo detenido, esa hora quedó muy atrás: nadie pierde la conexión
        sin haber tenido al menos medio plazo para contestar.
        """
        plazo = self.ajustes.plazo_pong
        self._limite_pong = max(self._proximo_ping + plazo, ahora + plazo / 2)
        self._confirmables = self.encolados
        self._salida.append(engineio.PAQUETE_PING)
        self._bytes_salida += len(engineio.PAQUETE_PING)

    def _vencer_pong(self, limite: float, ahora: float) -> list[Evento]:
        if ahora < limite:
            return []
        if self.lectura_en_pausa:
            # El pong puede estar ya en el socket, detrás de lo que no se quiere leer todavía.
            self._limite_pong = ahora + self.ajustes.plazo_pong
            return []
        return self.romper(Motivo.SIN_LATIDO, ahora)

    def _vaciar_salida(self) -> None:
        self._salida.clear()
        self._bytes_salida = 0


def _bytes_de(dato: str | bytes) -> int:
    """Bytes que ocupa ``dato`` en la red; en un texto ASCII no cuesta nada saberlo."""
    if isinstance(dato, bytes) or dato.isascii():
        return len(dato)
    return len(dato.encode("utf-8", "surrogatepass"))
