"""Una sesión Engine.IO v4 como máquina de estados, sin red ni reloj propios.

Quien la conduce le da lo que llega y la hora (`ahora`, en segundos), despacha los eventos que
devuelve y envía lo que pide: `tomar_carga` para el sondeo abierto, `cola` para el WebSocket.
Fuente: packages/engine.io/lib/socket.ts y transports/ de socketio/socket.io.
"""

import enum
from collections.abc import Iterable

import msgspec

from mensajeria.puertas.cola import ColaDeSalida, bytes_de
from mensajeria.puertas.engineio import paquetes
from mensajeria.puertas.engineio.paquetes import (
    Ajustes,
    ErrorPaquete,
    MensajeRecibido,
    MotivoDeCierre,
    Transporte,
)

# Node revisa cada 100 ms si hay un sondeo que soltar mientras dura el ascenso.
ESPERA_SONDEO_EN_ASCENSO = 0.1
# Lo que se adelanta un ping como mucho, en partes de su intervalo: con 25 s, medio.
MARGEN = 1 / 50
# De lo que el cliente ha de volver solo: el de python-socketio toma un `1` por un adiós definitivo.
_SIN_ADIOS = frozenset({MotivoDeCierre.APAGADO, MotivoDeCierre.INTERNO})
_ADIOS, _NADA = (paquetes.PAQUETE_CIERRE,), (paquetes.PAQUETE_NADA,)


class PingEnviado(msgspec.Struct, frozen=True):
    """Un ping queda en la cola, detrás de lo ya encolado."""


class PingContestado(msgspec.Struct, frozen=True):
    """El cliente respondió al último ping."""


class AscensoCancelado(msgspec.Struct, frozen=True):
    """El WebSocket que intentaba relevar al sondeo debe cerrarse; la sesión sigue."""


class Cerrada(msgspec.Struct, frozen=True):
    """La sesión terminó; se emite una sola vez."""

    motivo: str


EventoEngineIO = MensajeRecibido | PingEnviado | PingContestado | AscensoCancelado | Cerrada


class EstadoDeSesion(enum.Enum):
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
    """La trama o el cuerpo pasan de `carga_maxima`: 1009 o 413."""


class MaquinaEngineIO:
    """Estado de una sesión: transporte, latido, ascenso y salida pendiente."""

    __slots__ = (
        "_limite_ascenso",
        "_limite_cierre",
        "_limite_pong",
        "_proximo_ping",
        "_publicando",
        "_soltar_sondeo_en",
        "_sonda_vista",
        "_sondeo_abierto",
        "_ultimos",
        "ajustes",
        "cola",
        "estado",
        "lectura_en_pausa",
        "sid",
        "transporte",
    )

    def __init__(self, sid: str, transporte: Transporte, ajustes: Ajustes, ahora: float) -> None:
        self.sid = sid
        self.transporte = transporte
        self.estado = EstadoDeSesion.ABIERTA
        self.lectura_en_pausa = False
        self.ajustes = ajustes
        self.cola = ColaDeSalida(ajustes.limite_salida)
        self._proximo_ping = self._cuando_toca(ahora)
        self._limite_pong: float | None = None
        self._limite_ascenso: float | None = None
        self._limite_cierre: float | None = None
        self._soltar_sondeo_en: float | None = None
        self._sondeo_abierto = False
        self._sonda_vista = False
        self._publicando = False
        # Con lo que acaba el sondeo que se lleve lo último; sin nada, y sin nada más, es un error.
        self._ultimos: tuple[str, ...] = _ADIOS

    # Entrada ------------------------------------------------------------------------------

    def abrir_publicacion(self) -> bool:
        """Empieza un POST; `False` si ya hay otro: el orden entre los dos no existe."""
        if self._publicando:
            return False
        self._publicando = True
        return True

    def cerrar_publicacion(self) -> None:
        """Termina el POST en curso."""
        self._publicando = False

    def recibir_carga(self, cuerpo: bytes, ahora: float) -> list[EventoEngineIO]:
        """Procesa el cuerpo de un POST; `ErrorPaquete` sin haber procesado nada si está mal."""
        if len(cuerpo) > self.ajustes.carga_maxima:
            raise CargaExcesiva("carga demasiado grande")
        return self._recibir(paquetes.decodificar_carga(cuerpo), ahora)

    def recibir_trama(self, trama: str | bytes, ahora: float) -> list[EventoEngineIO]:
        """Procesa una trama del WebSocket; `ErrorPaquete` si está mal o es demasiado grande."""
        if bytes_de(trama) > self.ajustes.carga_maxima:
            raise CargaExcesiva("trama demasiado grande")
        return self._recibir([paquetes.decodificar_paquete(trama)], ahora)

    def _recibir(
        self, recibidos: Iterable[paquetes.PaqueteEngineIO], ahora: float
    ) -> list[EventoEngineIO]:
        eventos: list[EventoEngineIO] = []
        for paquete in recibidos:
            if self.estado is not EstadoDeSesion.ABIERTA:
                break
            if isinstance(paquete, MensajeRecibido):
                eventos.append(paquete)
            elif isinstance(paquete, paquetes.PongRecibido):
                eventos += self._pong(ahora)
            elif isinstance(paquete, paquetes.CierreRecibido):
                self._ultimos = _NADA
                eventos += self.romper(MotivoDeCierre.TRANSPORTE, ahora)
        return eventos

    def _pong(self, ahora: float) -> list[EventoEngineIO]:
        self._proximo_ping = self._cuando_toca(ahora)
        if self._limite_pong is None:
            return []
        self._limite_pong = None
        return [PingContestado()]

    # Salida -------------------------------------------------------------------------------

    @property
    def hay_salida(self) -> bool:
        """Si queda algo por enviar: paquetes, o el cierre mismo."""
        return bool(self.cola) or self.estado is not EstadoDeSesion.ABIERTA

    def enviar(self, marco: str | bytes) -> list[EventoEngineIO]:
        """Encola un paquete ya codificado (`42[…]`, o los bytes de un adjunto).

        Un cliente que deja acumular más de `limite_salida` bytes pierde la conexión: la
        alternativa es la memoria del servidor.
        """
        if self.estado is not EstadoDeSesion.ABIERTA:
            return []
        return [] if self.cola.poner(marco) else self.abortar(MotivoDeCierre.LENTO)

    # Sondeo -------------------------------------------------------------------------------

    def abrir_sondeo(self, ahora: float) -> bool:
        """Empieza un GET; `False` si ya hay otro esperando."""
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
        """Lo que se contesta al sondeo abierto, o `None` si ha de seguir esperando.

        Vacía, si la sesión terminó sin nada que decir: lo mismo que si ya no estuviera.
        """
        soltar = self._soltar_sondeo_en is not None and ahora >= self._soltar_sondeo_en
        if not self.hay_salida and not soltar:
            return None
        tramas = self.cola.tomar_todo()
        if self.estado is EstadoDeSesion.ABIERTA:
            return paquetes.codificar_carga(tramas or _NADA)
        self.terminar()
        return paquetes.codificar_carga([*tramas, *self._ultimos])

    # Ascenso de sondeo a WebSocket --------------------------------------------------------

    def iniciar_ascenso(self, ahora: float) -> bool:
        """Llega un WebSocket con este sid; `False` si ya hay otro: se cierra, sin más."""
        libre = self._limite_ascenso is None and self.transporte is Transporte.SONDEO
        if not libre or self.estado is not EstadoDeSesion.ABIERTA:
            return False
        self._limite_ascenso = ahora + self.ajustes.plazo_ascenso
        return True

    def recibir_sonda(self, trama: str | bytes, ahora: float) -> RespuestaSonda:
        """Procesa una trama del WebSocket que sondea.

        Con un POST a medias no se asciende: lo que llegase por el WebSocket lo adelantaría.
        """
        if self._limite_ascenso is None:
            return RespuestaSonda.CERRAR
        if trama == paquetes.SONDA:
            self._sonda_vista = True
            if self._sondeo_abierto:
                self._soltar_sondeo_en = ahora
            return RespuestaSonda.CONTESTAR
        ascender = trama == paquetes.ASCENSO and not self._publicando
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

    def cerrar(self, motivo: str, ahora: float) -> list[EventoEngineIO]:
        """Termina entregando antes lo encolado; un sondeo puede tardar en venir a buscarlo."""
        if self.estado is not EstadoDeSesion.ABIERTA:
            return []
        self.estado = EstadoDeSesion.CERRANDO
        if motivo in _SIN_ADIOS:
            self._ultimos = ()
        self._limite_cierre = ahora + self.ajustes.plazo_cierre
        eventos: list[EventoEngineIO] = [Cerrada(motivo)]
        if self._limite_ascenso is not None:
            self.cancelar_ascenso()
            eventos.append(AscensoCancelado())
        return eventos

    def romper(self, motivo: str, ahora: float) -> list[EventoEngineIO]:
        """Termina entregando lo encolado a quien ya espera; no aguarda a otro sondeo."""
        eventos = self.cerrar(motivo, ahora)
        if self.transporte is Transporte.SONDEO and not self._sondeo_abierto:
            self.terminar()
        return eventos

    def abortar(self, motivo: str) -> list[EventoEngineIO]:
        """Termina sin entregar nada: al otro lado no hay quien lea."""
        eventos = self.cerrar(motivo, 0.0)
        self.cola.vaciar()
        self._ultimos = ()
        self.terminar()
        return eventos

    def terminar(self) -> None:
        """La salida se entregó, o se dio por perdida."""
        self.estado = EstadoDeSesion.CERRADA

    # Tiempo -------------------------------------------------------------------------------

    def proximo_vencimiento(self) -> float | None:
        """Cuándo hay que llamar a `vencer`; `None` si nunca."""
        if self.estado is EstadoDeSesion.CERRADA:
            return None
        if self.estado is EstadoDeSesion.CERRANDO:
            return self._limite_cierre
        proximo = self._proximo_ping if self._limite_pong is None else self._limite_pong
        for limite in (self._limite_ascenso, self._soltar_sondeo_en):
            if limite is not None and limite < proximo:
                proximo = limite
        return proximo

    def vencer(self, ahora: float) -> list[EventoEngineIO]:
        """Hace lo que toca a esta hora: ping, falta de pong, ascenso o cierre sin terminar."""
        if self.estado is EstadoDeSesion.CERRANDO:
            if self._limite_cierre is not None and ahora >= self._limite_cierre:
                self.terminar()
            return []
        if self.estado is EstadoDeSesion.CERRADA:
            return []
        eventos: list[EventoEngineIO] = []
        if self._limite_ascenso is not None and ahora >= self._limite_ascenso:
            self.cancelar_ascenso()
            eventos.append(AscensoCancelado())
        if self._limite_pong is not None:
            eventos += self._vencer_pong(self._limite_pong, ahora)
        elif ahora >= self._proximo_ping:
            eventos += self._ping(ahora)
        return eventos

    def _cuando_toca(self, ahora: float) -> float:
        """El próximo ping: hasta un margen antes de su hora, para que salgan muchos a la vez."""
        hora = ahora + self.ajustes.intervalo_ping
        return hora - hora % (self.ajustes.intervalo_ping * MARGEN)

    def latir(self, ahora: float) -> list[EventoEngineIO]:
        """Adelanta el ping; nada si espera respuesta a otro, o si se está ascendiendo."""
        ocupada = self._limite_pong is not None or self._limite_ascenso is not None
        if ocupada or self.estado is not EstadoDeSesion.ABIERTA:
            return []
        self._proximo_ping = ahora
        return self._ping(ahora)

    def _ping(self, ahora: float) -> list[EventoEngineIO]:
        """El plazo corre desde la hora prevista, para no sumar retrasos del temporizador.

        Pero si el proceso estuvo detenido, esa hora quedó muy atrás: nadie pierde la conexión
        sin haber tenido al menos medio plazo para contestar.
        """
        plazo = self.ajustes.plazo_pong
        self._limite_pong = max(self._proximo_ping + plazo, ahora + plazo / 2)
        self.cola.poner(paquetes.PAQUETE_PING)
        return [PingEnviado()]

    def _vencer_pong(self, limite: float, ahora: float) -> list[EventoEngineIO]:
        if ahora < limite:
            return []
        if self.lectura_en_pausa:
            # El pong puede estar ya en el socket, detrás de lo que no se quiere leer todavía.
            self._limite_pong = ahora + self.ajustes.plazo_pong
            return []
        return self.romper(MotivoDeCierre.SIN_LATIDO, ahora)
