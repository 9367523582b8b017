"""Repartir y sacar avisos a mano, y estar o no estar mirando."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from mensajeria.avisos import a_quien, buzon, cierre
from mensajeria.avisos.canales import aplicacion
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.models import Aviso, Canal, Usuario, ahora

Datos = dict[str, Any]


def mirar(*quienes: str, donde: str = "conv", ensena: str = "") -> None:
    """Con una conexión unida, y la página a la vista, que puede decir qué enseña."""
    estar(*quienes, donde=donde)
    compartido().miradas.anotar({quien: {ensena} for quien in quienes})


def estar(*quienes: str, donde: str = "conv") -> None:
    """Con una conexión unida, sin mirar."""
    compartido().presencia.anotar([c for q in quienes for c in (Clave(q), Clave(q, donde))])


def irse(quien: str, hace: timedelta = timedelta(), donde: str = "conv") -> None:
    compartido().presencia.borrar([Clave(quien), Clave(quien, donde)])
    compartido().miradas.anotar({quien: ()})
    Usuario.objects.filter(pk=quien).update(ultima_conexion=ahora() - hace)


def repartir() -> list[tuple[str, str, str]]:
    """De qué hay avisos pendientes: canal, a quién y clase."""
    while a_quien.repartir():
        pass
    return pendientes()


def pendientes() -> list[tuple[str, str, str]]:
    filas = Aviso.objects.filter(estado="pendiente").exclude(canal=Canal.REVISION)
    return sorted(filas.values_list("canal", "usuario_id", "clase"))


def sacar_de_la_aplicacion() -> list[tuple[str, Datos]]:
    """Lo que se emitiría: a quién y qué."""
    hechos, sobres = aplicacion.entregar(buzon.tomar(Canal.APLICACION, 100))
    cierre.acabar(hechos)
    return datos_de(sobres)


def datos_de(sobres: list[Sobre]) -> list[tuple[str, Datos]]:
    return [(s.usuarios[0], msgspec.json.decode(s.datos)) for s in sobres]


def adelantar(cuanto: timedelta) -> None:
    """Como si pasara ese rato, para el buzón."""
    for aviso in Aviso.objects.all():
        aviso.no_antes_de -= cuanto
        if aviso.enviado:
            aviso.enviado -= cuanto
        aviso.save()
