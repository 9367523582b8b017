"""La historia de una conversación, por tramos, para quien participa en ella."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from mensajeria.consultas.filas import (
    DE_CURSORES,
    DE_MENSAJE,
    FilaDeCursores,
    FilaDeMensaje,
    mensajes_de_filas,
)
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.presentar import presentar_mensajes
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import no_existe

# Ningún número de mensaje ni de cambio llega aquí.
SIN_FIN = 2**62


def _entre(conversacion: Any, desde: Any, hasta: Any) -> QuerySet[Mensaje]:
    return Mensaje.objects.filter(
        conversacion=conversacion, secuencia__gt=desde, secuencia__lt=hasta
    )


def _por_secuencia(orden: str) -> Preparada:
    return Preparada(lambda *tramo: _entre(*tramo).order_by(orden).values_list(*DE_MENSAJE), 3)


def _por_cambio(orden: str) -> Preparada:
    return Preparada(
        lambda conversacion, desde, hasta, *cambios: (
            _entre(conversacion, desde, hasta)
            .filter(secuencia_cambio__gt=cambios[0], secuencia_cambio__lt=cambios[1])
            .order_by(orden)
            .values_list(*DE_MENSAJE)
        ),
        5,
    )


_CUENTAS = Preparada(
    lambda conversacion: Conversacion.objects.filter(pk=conversacion).values_list(
        "ultima_secuencia", "ultimo_cambio"
    ),
    1,
)
_CURSORES_SI_PARTICIPA = Preparada(
    lambda conversacion, usuario: Participante.objects.filter(
        conversacion=conversacion,
        conversacion__participantes__usuario=usuario,
        conversacion__participantes__activo=True,
    ).values_list(*DE_CURSORES),
    2,
)
_POR_SECUENCIA = {True: _por_secuencia("-secuencia"), False: _por_secuencia("secuencia")}
_POR_CAMBIO = {True: _por_cambio("-secuencia_cambio"), False: _por_cambio("secuencia_cambio")}


class Historia:
    """La de `conversacion_id` para `usuario_id`; NOT_FOUND si no participa o no existe.

    Los tramos no incluyen sus extremos. Lo que cuesta leerlos no depende de cuántos mensajes haya.
    """

    def __init__(self, usuario_id: str, conversacion_id: str) -> None:
        self._id = conversacion_id
        # De la ajena no se lee nada: tardaría según cuántos sean.
        cursores = [FilaDeCursores(*f) for f in _CURSORES_SI_PARTICIPA(conversacion_id, usuario_id)]
        if not cursores:
            raise no_existe("conversacionId")
        self._cursores = {conversacion_id: cursores}

    def por_secuencia(
        self, descendente: bool, tramo: tuple[int, int], cuantos: int
    ) -> list[FilaDeMensaje]:
        """Los primeros `cuantos` de ese tramo de secuencias, en ese orden."""
        return mensajes_de_filas(_POR_SECUENCIA[descendente](self._id, *tramo, limite=cuantos))

    def por_cambio(
        self, descendente: bool, cambios: tuple[int, int], tramo: tuple[int, int], cuantos: int
    ) -> list[FilaDeMensaje]:
        """Los de ese tramo de secuencias y de cambios, por el número de su último cambio."""
        filas = _POR_CAMBIO[descendente](self._id, *tramo, *cambios, limite=cuantos)
        return mensajes_de_filas(filas)

    def cuentas(self) -> tuple[int, int]:
        """Su última secuencia y su último cambio."""
        [cuentas] = _CUENTAS(self._id)
        return cuentas

    def presentar(self, filas: Sequence[FilaDeMensaje]) -> list[formas.Mensaje]:
        """Las formas de unos mensajes suyos."""
        return presentar_mensajes(filas, self._cursores)
