"""Lo que se mira sin bloquear nada, cuando a alguien no le cabe todo en su límite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mensajeria.models import Mensaje, Participante
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo.tipos import Carga


class Caso(NamedTuple):
    """Una orden que gasta, con su sitio en el lote y lo que nombra."""

    sitio: int
    orden: Orden[Carga]
    nombra: Nombra

    @property
    def quien(self) -> str:
        return self.orden.actor.usuario_id


class Vistazo:
    """Cómo está todo un instante antes de bloquear, en tres consultas a lo sumo.

    Puede cambiar hasta entonces: quien lo decide de verdad es el verbo.
    """

    def __init__(self, casos: Sequence[Caso]) -> None:
        self._enviados = self._leer_enviados(
            {(caso.quien, caso.nombra.previo) for caso in casos if caso.nombra.previo}
        )
        self._pueden = self._leer_pueden(
            {(caso.nombra.conversacion or "", caso.quien) for caso in casos}
        )
        citas = {caso.nombra.cita for caso in casos if caso.nombra.cita}
        filas = Mensaje.objects.filter(pk__in=citas) if citas else Mensaje.objects.none()
        self._de_cita = dict(filas.values_list("pk", "conversacion_id"))

    def gasta(self, caso: Caso) -> bool:
        """Si ahora mismo se aceptaría y no es un reintento."""
        nombra = caso.nombra
        if (caso.quien, nombra.previo) in self._enviados:
            return False
        if (nombra.conversacion, caso.quien) not in self._pueden:
            return False
        return not nombra.cita or self._de_cita.get(nombra.cita) == nombra.conversacion

    @staticmethod
    def _leer_enviados(claves: set[tuple[str, str]]) -> set[tuple[str | None, str | None]]:
        if not claves:
            return set()
        filas = Mensaje.objects.filter(
            remitente__in={r for r, _ in claves}, id_cliente__in={i for _, i in claves}
        )
        return set(filas.values_list("remitente_id", "id_cliente"))

    @staticmethod
    def _leer_pueden(claves: set[tuple[str, str]]) -> set[tuple[str | None, str]]:
        filas = Participante.objects.filter(
            conversacion__in={c for c, _ in claves},
            usuario__in={u for _, u in claves},
            activo=True,
            puede_enviar=True,
            usuario__is_active=True,
            conversacion__activa=True,
        )
        return set(filas.values_list("conversacion_id", "usuario_id"))
