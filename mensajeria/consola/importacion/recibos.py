"""De las lecturas sueltas del original a los recibos acumulativos de aquí.

El original apunta en cada mensaje quién lo leyó y una sola fecha de entrega. Aquí cada
participante tiene un cursor por clase y filas que dicen cuándo cubrió cada tramo: haber leído un
mensaje es haber leído los anteriores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mensajeria.consola.importacion.mensajes import MensajeTraido
from mensajeria.models import Lectura, Participante, nuevo_id
from mensajeria.ordenes.pisos import pisos_de

_LEIDO, _ENTREGADO = Lectura.Clase.LEIDO.value, Lectura.Clase.ENTREGADO.value
# Lo que aquí se dice distinto del original.
LEIDO_SIN_QUE_CONSTE = "daba por leído lo que no consta que leyeran todos"
LEIDO_DE_PASO = "no figuraba leído, y lo está: quien lee uno ha leído los anteriores"
# Con más de dos, la fecha de entrega (una por mensaje) daría una fila por mensaje y persona: va
# exacta en una, y las demás la comparten si les llegó en el mismo minuto.
_A_LA_VEZ = timedelta(minutes=1)


@dataclass
class Tramo:
    """Una `Lectura` por insertar: hay varias por mensaje, y crear el modelo cuesta mucho más."""

    participante_id: str
    clase: str
    desde: int
    hasta: int
    fecha: datetime
    id: str = field(default_factory=nuevo_id)


class RecibosDeConversacion:
    """Los de una conversación, mensaje a mensaje y en su orden."""

    def __init__(self, participantes: Iterable[Participante]) -> None:
        self._participantes = list(participantes)
        self.filas: list[Tramo] = []
        self.movidos: dict[str, Participante] = {}
        # Qué dice aquí un mensaje distinto del original, y cuántas veces.
        self.distintos: Counter[str] = Counter()
        self._ultimas: dict[tuple[str, str], Tramo] = {}

    def sumar(self, participante: Participante) -> None:
        self._participantes.append(participante)

    def anotar(self, traido: MensajeTraido) -> None:
        """Lo que dice un mensaje recién numerado, que es el último de la conversación."""
        fila = traido.fila
        exacta = self._exacta(traido)
        for p in self._participantes:
            if p.usuario_id == fila.remitente_id:
                continue
            lectura = traido.lecturas.get(p.usuario_id)
            if lectura is None and traido.leido and len(self._participantes) == 2:
                lectura = traido.entregado or fila.fecha_envio
            entrega = traido.entregado if p.activo else None
            if lectura is not None:
                self._leer(p, fila.secuencia, lectura)
                entrega = min(traido.entregado or lectura, lectura)
            if entrega is not None:
                self._recibir(p, fila.secuencia, entrega, exacta=p is exacta)
            elif fila.fecha_envio < p.fecha_ingreso and _al_dia(p, fila.secuencia - 1):
                self._ya_estaba(p, fila.secuencia)
            if fila.eliminado and p.leido_hasta < fila.secuencia:
                p.retirados_sin_leer += 1
                self.movidos[p.pk] = p

    def _exacta(self, traido: MensajeTraido) -> Participante | None:
        """De quién se guarda exacta la fecha de entrega: `fechaEntrega` es la última de todas."""
        otros = [p for p in self._participantes if p.usuario_id != traido.fila.remitente_id]
        leyeron = traido.lecturas
        if traido.leido and len(otros) > 1 and any(p.usuario_id not in leyeron for p in otros):
            self.distintos[LEIDO_SIN_QUE_CONSTE] += 1
        if traido.entregado is None:
            return None
        for p in otros:
            if p.activo and leyeron.get(p.usuario_id, traido.entregado) >= traido.entregado:
                return p
        self.distintos["sin nadie con esa fecha de entrega: la da su lectura, o ninguna"] += 1
        return None

    def _leer(self, p: Participante, hasta: int, fecha: datetime) -> None:
        previa = self._ultimas.get((p.pk, _LEIDO))
        if previa is not None and previa.fecha == fecha:
            previa.hasta = hasta
        else:
            self._abrir(p, _LEIDO, p.leido_hasta, hasta, fecha)
        saltados = _sin_leer(p, hasta - 1) + p.retirados_sin_leer
        if saltados > 0:
            self.distintos[LEIDO_DE_PASO] += saltados
        p.leido_hasta = hasta
        # Es el último mensaje: todo lo que ha escrito queda en él o antes.
        p.enviados_leidos, p.retirados_sin_leer = p.enviados, 0
        self.movidos[p.pk] = p

    def _recibir(self, p: Participante, hasta: int, fecha: datetime, *, exacta: bool) -> None:
        previa = self._ultimas.get((p.pk, _ENTREGADO))
        margen = timedelta() if exacta or len(self._participantes) == 2 else _A_LA_VEZ
        if previa is not None and timedelta() <= fecha - previa.fecha <= margen:
            previa.hasta = hasta
        else:
            self._abrir(p, _ENTREGADO, p.entregado_hasta, hasta, fecha)
        p.entregado_hasta = hasta
        self.movidos[p.pk] = p

    def _abrir(self, p: Participante, clase: str, desde: int, hasta: int, fecha: datetime) -> None:
        fila = Tramo(p.pk, clase, desde, hasta, fecha)
        self._ultimas[p.pk, clase] = fila
        self.filas.append(fila)

    def _ya_estaba(self, p: Participante, hasta: int) -> None:
        """Es de antes de su ingreso: como a quien entra, ni le cuenta ni figura leyéndolo."""
        p.leido_hasta = p.entregado_hasta = hasta
        p.enviados_leidos, p.retirados_sin_leer = p.enviados, 0
        self.movidos[p.pk] = p

    def avanzar_pisos(self) -> None:
        """Hasta dónde recibieron y leyeron los demás, sin avisar a nadie."""
        activos = [p for p in self._participantes if p.activo]
        pisos = pisos_de([(p.entregado_hasta, p.leido_hasta) for p in activos])
        for p, (entregado, leido) in zip(activos, pisos, strict=True):
            if leido > p.leido_por_todos or entregado > p.entregado_por_todos:
                p.leido_por_todos = max(p.leido_por_todos, leido)
                p.entregado_por_todos = max(p.entregado_por_todos, entregado, leido)
                self.movidos[p.pk] = p


def _al_dia(p: Participante, hasta: int) -> bool:
    """Si hasta ahí no le queda nada ajeno sin leer."""
    return _sin_leer(p, hasta) <= 0


def _sin_leer(p: Participante, hasta: int) -> int:
    propios = p.enviados - p.enviados_leidos
    return hasta - p.leido_hasta - propios - p.retirados_sin_leer
