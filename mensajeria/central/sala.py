"""Una conversación con gente en este proceso: quién la recibe y hasta qué cambio se repartió."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Set
from typing import Protocol

import msgspec

from mensajeria import metricas, rastro, trazas
from mensajeria.central.conectado import Conectado
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Sobre
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.protocolo.empujes import MensajeLeido, TodosMensajesLeidos
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.tipos import MAX_ENUMERADOS

_LECTURAS = {NOMBRE_DE[MensajeLeido], NOMBRE_DE[TodosMensajesLeidos]}


class _Lectura(msgspec.Struct, rename="camel"):
    """De las dos, solo quién leyó."""

    leido_por: str


class Receptor(Protocol):
    """Una conexión autenticada, vista desde la central.

    `mira`: la conversación que su página tiene a la vista; vacía, todas, y `None`, ninguna.
    `por_confirmar`: lo enviado tras su último ping, la secuencia de cada conversación.
    `expulsar`: su credencial ya no vale. `cambiar_de_epoca`: los números que ha visto, tampoco.
    """

    id: str
    usuario_id: str
    mira: str | None
    credencial: Credencial | None

    @property
    def por_confirmar(self) -> dict[str, int]: ...
    @property
    def entregar(self) -> Callable[[Emision], None]: ...
    def enviado_hasta(self, conversacion: str, secuencia: int) -> None: ...
    def conectado(self, salas: int) -> Conectado: ...
    def expulsar(self) -> None: ...
    def cambiar_de_epoca(self, aviso: Emision) -> None: ...


def entregar(emision: Emision, receptores: Collection[Receptor]) -> None:
    """Se la da a cada uno; si es un mensaje, queda por confirmar."""
    for receptor in receptores:
        receptor.entregar(emision)
    if emision.por_confirmar is None:
        return
    conversacion, secuencia = emision.por_confirmar
    for receptor in receptores:
        if receptor.por_confirmar:
            receptor.por_confirmar[conversacion] = secuencia
        else:
            receptor.enviado_hasta(conversacion, secuencia)


class Sala:
    """El orden de una conversación en este proceso.

    `ultimo_cambio` es el último repartido (`None` hasta la primera lectura). Lo que llega antes de
    su turno espera en `_adelantados` a que llegue, o se lea, lo que falta.
    """

    __slots__ = (
        "_adelantados",
        "_al_dia_hasta",
        "_en_espera",
        "_unidos",
        "id",
        "miembros",
        "ultima_secuencia",
        "ultimo_cambio",
    )

    def __init__(self, conversacion_id: str) -> None:
        self.id = conversacion_id
        self.ultimo_cambio: int | None = None
        self.ultima_secuencia = 0
        # Participantes con alguna conexión aquí, y si pueden enviar.
        self.miembros: dict[str, bool] = {}
        # Un `set` de cinco ocupa el triple, y hay una sala por conversación.
        self._unidos: dict[Receptor, None] = {}
        # Quien se está uniendo no recibe nada hasta tener su respuesta; esto es lo que le espera.
        self._en_espera: dict[Receptor, list[tuple[int, Emision]]] = {}
        # Quien se unió sabiendo más de lo repartido aquí: no se le repite.
        self._al_dia_hasta: dict[Receptor, int] = {}
        self._adelantados: dict[int, Sobre] = {}

    # Entrar y salir

    @property
    def unidos(self) -> Set[Receptor]:
        return self._unidos.keys()

    def esperar(self, receptor: Receptor) -> bool:
        """Desde ahora guarda lo suyo, hasta `unir`; si ya estaba unido."""
        estaba = receptor in self._unidos
        self._unidos.pop(receptor, None)
        self._en_espera[receptor] = []
        return estaba

    @property
    def los_que_esperan(self) -> Iterable[Receptor]:
        return self._en_espera.keys()

    def espera(self, receptor: Receptor) -> bool:
        return receptor in self._en_espera

    def se_le_escapo(self, receptor: Receptor, desde: int) -> bool:
        """Si de lo ya repartido tras `desde` algo no le está esperando: pasó antes que él.

        A quien no espera no se le escapa nada.
        """
        faltan = (self.ultimo_cambio or 0) - desde
        guardados = self._en_espera.get(receptor) if faltan > 0 else None
        return guardados is not None and faltan > len({c for c, _ in guardados if c > desde})

    def unir(self, receptor: Receptor, hasta_cambio: int, ultima_secuencia: int) -> bool:
        """Lo une, ya escrita su respuesta (que cubre hasta `hasta_cambio`), y le da lo guardado; a
        quien no espera, no: `False`.
        """
        guardados = self._en_espera.pop(receptor, None)
        if guardados is None:
            return False
        if self.ultimo_cambio is None:
            self.empezar(hasta_cambio, ultima_secuencia)
        if hasta_cambio > (self.ultimo_cambio or 0):
            self._al_dia_hasta[receptor] = hasta_cambio
        for cambio, emision in guardados:
            if not cambio or cambio > hasta_cambio:
                entregar(emision, (receptor,))
        self._unidos[receptor] = None
        return True

    def admitir(self, receptor: Receptor) -> None:
        """Su usuario acaba de entrar en la conversación; si se está uniendo, ya se unirá."""
        if receptor not in self._en_espera:
            self._unidos[receptor] = None

    def volver(self, receptor: Receptor) -> None:
        """No pudo unirse de nuevo y ya estaba: sigue donde estaba, con lo guardado."""
        for _, emision in self._en_espera.pop(receptor, []):
            entregar(emision, (receptor,))
        self._unidos[receptor] = None

    def dejar(self, receptor: Receptor) -> None:
        self._unidos.pop(receptor, None)
        self._en_espera.pop(receptor, None)
        self._al_dia_hasta.pop(receptor, None)

    # Ordenar

    def en_su_turno(self, sobre: Sobre) -> list[Sobre]:
        """Los sobres que ya se pueden repartir, con este: ninguno si falta algo antes."""
        if not sobre.cambio:
            return [sobre]
        if self.ultimo_cambio is not None and sobre.cambio <= self.ultimo_cambio:
            return []
        self._adelantados[sobre.cambio] = sobre
        return self.los_que_siguen()

    def los_que_siguen(self) -> list[Sobre]:
        """Los que esperaban y ya tienen su turno; los deja por repartidos."""
        listos: list[Sobre] = []
        while self.ultimo_cambio is not None:
            sobre = self._adelantados.pop(self.ultimo_cambio + 1, None)
            if sobre is None:
                break
            self.ultimo_cambio = sobre.cambio
            self.ultima_secuencia = max(self.ultima_secuencia, sobre.secuencia)
            listos.append(sobre)
        return listos

    def saltar_a(self, cambio: int, secuencia: int) -> None:
        """Todo hasta `cambio` está repartido."""
        self.ultimo_cambio = max(self.ultimo_cambio or 0, cambio)
        self.ultima_secuencia = max(self.ultima_secuencia, secuencia)
        if self._adelantados:
            for viejo in [c for c in self._adelantados if c <= self.ultimo_cambio]:
                del self._adelantados[viejo]

    @property
    def con_hueco(self) -> bool:
        return bool(self._adelantados)

    def empezar(self, cambio: int, secuencia: int) -> None:
        """Reparte desde ese cambio, o desde antes si ya espera alguno anterior."""
        if self._adelantados and (primero := min(self._adelantados)) <= cambio:
            cambio, secuencia = primero - 1, self._adelantados[primero].secuencia
        self.saltar_a(cambio, secuencia)

    def olvidar(self) -> None:
        """Como recién abierta, con su gente: los números que había no valen."""
        self.ultimo_cambio, self.ultima_secuencia = None, 0
        self._adelantados.clear()
        self._al_dia_hasta.clear()
        for guardados in self._en_espera.values():
            guardados[:] = [(cambio, e) for cambio, e in guardados if not cambio]

    # Repartir

    def repartir(self, emision: Emision, sobre: Sobre, receptores: Iterable[Receptor]) -> None:
        """Una escritura a cada receptor que aún no lo tenga."""
        conexion, usuario, cambio = sobre.salvo_conexion, sobre.salvo_usuario, sobre.cambio
        # Casi siempre les toca a todos: a cada uno no se le pregunta más que lo que haga falta.
        a_quienes = list(receptores)
        if conexion or usuario:
            a_quienes = [r for r in a_quienes if r.id != conexion and r.usuario_id != usuario]
        if self._en_espera:
            a_quienes = [r for r in a_quienes if not self._guarda(r, cambio, emision)]
        if cambio and self._al_dia_hasta:
            a_quienes = [r for r in a_quienes if not self._tenia(r, cambio)]
        entregar(emision, a_quienes)
        if rastro.encendido and cambio:
            for receptor in a_quienes:
                rastro.anotar(
                    "dado",
                    evento=sobre.evento,
                    conversacion=sobre.conversacion,
                    cambio=cambio,
                    usuario=receptor.usuario_id,
                    conexion=receptor.id,
                )
        if trazas.encendidas and emision.por_confirmar and sobre.emitido and a_quienes:
            cuantas = len(a_quienes)
            trazas.tramo("entregado", self.id, cambio, sobre.emitido, conexiones=cuantas)
        metricas.REPARTIDOS.sumar(len(a_quienes))
        if cambio and sobre.emitido and a_quienes:
            metricas.ENTREGA.anotar(max(0.0, time.time() - sobre.emitido))

    def _guarda(self, receptor: Receptor, cambio: int, emision: Emision) -> bool:
        """Si se está uniendo: le queda para luego."""
        guardado = self._en_espera.get(receptor)
        if guardado is not None:
            guardado.append((cambio, emision))
        return guardado is not None

    def _tenia(self, receptor: Receptor, cambio: int) -> bool:
        hasta = self._al_dia_hasta.get(receptor, 0)
        if cambio > hasta:
            self._al_dia_hasta.pop(receptor, None)
        return cambio <= hasta

    def a_quienes(self, sobre: Sobre) -> list[Receptor]:
        """Las conexiones a las que va lo de esta conversación.

        Con mucha gente, que alguien leyó va solo a las suyas: si no, que mil lean un mensaje sería
        un millón de empujes.
        """
        if sobre.evento not in _LECTURAS or not self.hay_muchos:
            return self.destinatarios
        quien = msgspec.json.decode(sobre.datos, type=_Lectura).leido_por
        return [r for r in self.destinatarios if r.usuario_id == quien]

    @property
    def hay_muchos(self) -> bool:
        """Tantos aquí que lo que hace cada uno no se le puede decir a cada uno."""
        return len(self.miembros) > MAX_ENUMERADOS

    def hay_otros(self, usuario: str) -> bool:
        """Si alguien más, unido o uniéndose, recibiría lo que no va a ese usuario."""
        for receptores in (self._unidos, self._en_espera):
            for receptor in receptores:
                if receptor.usuario_id != usuario:
                    return True
        return False

    @property
    def vacia(self) -> bool:
        """Si nadie participa en ella aquí, ni se está uniendo."""
        return not (self.miembros or self._unidos or self._en_espera)

    @property
    def destinatarios(self) -> list[Receptor]:
        """Las conexiones unidas y las que se están uniendo."""
        return [*self._unidos, *self._en_espera]
