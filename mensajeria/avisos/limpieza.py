"""Cuántos avisos esperan, y los que ya no hacen falta."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from mensajeria import metricas
from mensajeria.models import Aviso, Dispositivo, ahora

_E = Aviso.Estado
_EDADES: tuple[tuple[str, timedelta], ...] = (
    ("menos de un minuto", timedelta(minutes=1)),
    ("menos de diez", timedelta(minutes=10)),
    ("menos de una hora", timedelta(hours=1)),
)
_MAS = "una hora o más"
# Lo que se guardan los acabados: reabrirlos, y saber qué pasó.
SE_GUARDAN = timedelta(days=30)
# Un dispositivo que no dice nada en este tiempo ya no está.
EN_SILENCIO = timedelta(days=60)


def contar() -> None:
    """Los pendientes por edad y los enterrados, para quien mira las métricas."""
    instante = ahora()
    filas = Aviso.objects.filter(estado=_E.PENDIENTE, no_antes_de__lte=instante)
    edades = dict.fromkeys([n for n, _ in _EDADES] + [_MAS], 0)
    for causado in filas.values_list("causado", flat=True)[:10_000]:
        edades[_edad(instante - causado)] += 1
    for edad, cuantos in edades.items():
        metricas.AVISOS_PENDIENTES.labels(edad).set(cuantos)
    metricas.AVISOS_ENTERRADOS.set(Aviso.objects.filter(estado=_E.ENTERRADO).count())


def _edad(cuanta: timedelta) -> str:
    return next((nombre for nombre, tope in _EDADES if cuanta < tope), _MAS)


def limpiar(avisar: Callable[[int], None] = lambda _: None) -> None:
    """Olvida los dispositivos callados y los avisos acabados hace mucho."""
    Dispositivo.objects.filter(ultima_vez__lt=ahora() - EN_SILENCIO).delete()
    viejos = Aviso.objects.filter(
        estado__in=(_E.HECHO, _E.ENTERRADO), causado__lt=ahora() - SE_GUARDAN
    )
    while ids := list(viejos.values_list("pk", flat=True)[:500]):
        Aviso.objects.filter(pk__in=ids).delete()
        avisar(len(ids))
