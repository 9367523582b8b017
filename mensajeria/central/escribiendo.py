"""Quién está escribiendo: lo que teclea cada conexión de aquí, y lo que se sabe de todos.

Nada de esto se guarda. Termina solo: aquí, tras un rato de silencio; en los demás procesos, cuando
deja de renovarse, porque el fin puede perderse o morir con el proceso de quien escribía.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

import msgspec

from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.protocolo.empujes import NuevoMensaje, UsuarioEscribiendo
from mensajeria.protocolo.eventos import NOMBRE_DE

EVENTO = NOMBRE_DE[UsuarioEscribiendo]
ENVIO = NOMBRE_DE[NuevoMensaje]
# Cuánto silencio lo termina (docs/contrato.md, sección 2), y cada cuánto se repite a los demás
# procesos que sigue.
SEGUNDOS_DE_SILENCIO = 6.0
SEGUNDOS_DE_RENOVACION = 3.0
# Entre la última renovación y el fin que anuncia su proceso, con lo que tarda en llegar.
CADUCA = SEGUNDOS_DE_RENOVACION + SEGUNDOS_DE_SILENCIO + 1.0
# Con mucha gente, cada cuánto se dice que alguien empieza.
SEGUNDOS_ENTRE_COMIENZOS = 1.0

Emitir = Callable[[list[Sobre]], None]


def aviso(conversacion_id: str, usuario_id: str, escribiendo: bool) -> Sobre:
    """El sobre que dice que alguien está escribiendo, o ya no."""
    empuje = UsuarioEscribiendo(
        conversacion_id=conversacion_id, usuario_id=usuario_id, escribiendo=escribiendo
    )
    return sobre(empuje, Alcance.UNIDOS, conversacion=conversacion_id, salvo_usuario=usuario_id)


class Teclado:
    """En qué conversaciones está escribiendo una conexión; `emitir` se lo dice a los demás."""

    __slots__ = ("_dicho", "_emitir", "_plazos", "_usuario")

    def __init__(self, emitir: Emitir) -> None:
        self._emitir = emitir
        self._usuario = ""
        self._plazos: dict[str, asyncio.TimerHandle] = {}
        self._dicho: dict[str, float] = {}

    def teclea(self, usuario: str, conversacion: str) -> None:
        """Lo anuncia al empezar, y lo repite de vez en cuando para los demás procesos."""
        self._usuario = usuario
        anterior = self._plazos.pop(conversacion, None)
        if anterior is not None:
            anterior.cancel()
        bucle = asyncio.get_running_loop()
        ahora = bucle.time()
        if ahora - self._dicho.get(conversacion, -SEGUNDOS_DE_RENOVACION) >= SEGUNDOS_DE_RENOVACION:
            self._dicho[conversacion] = ahora
            self._emitir([aviso(conversacion, usuario, True)])
        self._plazos[conversacion] = bucle.call_later(
            SEGUNDOS_DE_SILENCIO, self.calla, conversacion
        )

    def calla(self, conversacion: str) -> None:
        plazo = self._plazos.pop(conversacion, None)
        if plazo is not None:
            plazo.cancel()
            del self._dicho[conversacion]
            self._emitir([aviso(conversacion, self._usuario, False)])

    def calla_del_todo(self) -> None:
        """La conexión se va, o deja de ser de su usuario."""
        for conversacion in list(self._plazos):
            self.calla(conversacion)


class _Autor(msgspec.Struct):
    id: str = msgspec.field(name="_id")


class _Mensaje(msgspec.Struct):
    remitente: _Autor | None


class _Nuevo(msgspec.Struct):
    """De `nuevo_mensaje`, solo quién lo envió."""

    mensaje: _Mensaje


class Escribientes:
    """Quiénes están escribiendo, visto desde este proceso; `repartir` da un sobre a los de aquí."""

    def __init__(self, repartir: Emitir) -> None:
        self._repartir = repartir
        # Por conversación, y en ella por usuario.
        self._plazos: defaultdict[str, dict[str, asyncio.TimerHandle]] = defaultdict(dict)
        # Donde acaba de decirse que alguien empieza.
        self._recientes: set[str] = set()

    def cambia(self, sobre: Sobre, hay_muchos: bool = False) -> bool:
        """Toma nota; `False` si no dice nada que los de aquí no sepan, o hayan de saber.

        Con mucha gente (`hay_muchos`), quien empieza cuando otro acaba de empezar no se dice, y que
        termina tampoco: si sigue, le tocará en alguna renovación.
        """
        dicho = msgspec.json.decode(sobre.datos, type=UsuarioEscribiendo)
        conversacion, usuario = dicho.conversacion_id, dicho.usuario_id
        suyos = self._plazos[conversacion]
        plazo = suyos.pop(usuario, None)
        if plazo is not None:
            plazo.cancel()
        empieza = dicho.escribiendo and plazo is None
        callado = empieza and hay_muchos and self._es_reciente(conversacion)
        if dicho.escribiendo and not callado:
            bucle = asyncio.get_running_loop()
            suyos[usuario] = bucle.call_later(CADUCA, self._caducar, conversacion, usuario)
        elif not suyos:
            del self._plazos[conversacion]
        return not callado and dicho.escribiendo != (plazo is not None)

    def _es_reciente(self, conversacion: str) -> bool:
        """Si allí acaba de decirse que alguien empieza; si no, queda dicho desde ahora."""
        if conversacion in self._recientes:
            return True
        self._recientes.add(conversacion)
        asyncio.get_running_loop().call_later(
            SEGUNDOS_ENTRE_COMIENZOS, self._recientes.discard, conversacion
        )
        return False

    def envio(self, sobre: Sobre) -> None:
        """Un mensaje: quien lo envió, por donde fuera, ya no está escribiéndolo."""
        # Casi nunca escribe nadie ahí, y leer el mensaje cuesta.
        if not (suyos := self._plazos.get(sobre.conversacion)):
            return
        autor = msgspec.json.decode(sobre.datos, type=_Nuevo).mensaje.remitente
        if autor is not None and autor.id in suyos:
            self._caducar(sobre.conversacion, autor.id)

    def _caducar(self, conversacion: str, usuario: str) -> None:
        self._repartir([aviso(conversacion, usuario, False)])
