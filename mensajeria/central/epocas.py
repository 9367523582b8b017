"""Qué hace este proceso cuando la base cambia de época: lo que sabía de la anterior no vale.

Se sabe por el registro de novedades, por una sala que va por delante de la base, por quien iba a
dar un número ya dado (`ordenes.ejecucion`) o por un sobre de otro proceso, que ya lo supo. La que
vale es siempre la que dice la base.
"""

from __future__ import annotations

import asyncio

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.reparacion import MAX_SALAS, Reparacion, tandas
from mensajeria.central.reparto import Reparto
from mensajeria.difusion.emision import Emision
from mensajeria.models import cambiar_epoca, leer_epoca
from mensajeria.protocolo import empujes
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar


class Epocas:
    """La del reparto, que sigue a la de la base."""

    def __init__(self, reparto: Reparto, reparacion: Reparacion) -> None:
        self._reparto = reparto
        self._reparacion = reparacion
        # Una base que vuelve a una de estas volvió atrás otra vez: no es la misma.
        self._dejadas: set[str] = set()
        # Por dónde iban las salas que aún no se han leído en esta.
        self._por_situar: dict[str, tuple[int, int]] = {}
        self._cerrojo = asyncio.Lock()

    async def comprobar(self, retrocedio: str | None = None) -> bool:
        """Lee la de la base, y empieza en ella si es otra: `True` entonces.

        `retrocedio`: la época que había cuando se vio que la base volvió atrás; si sigue, cambia.
        """
        async with self._cerrojo:
            esta, esperaban = self._reparto.epoca, self._reparto.esperan_de_otra
            leida = await en_hilo_de_lectura(leer_epoca)
            if leida in self._dejadas or leida == retrocedio:
                leida = await en_hilo_de_lectura(cambiar_epoca, leida)
            if leida != esta:
                self._empezar(leida)
            # Los que llegaron mientras se leía pueden ser de una aún más nueva: otra vez será.
            self._reparto.repartir_los_de_otra(esperaban)
        if leida == esta:
            return False
        await self.situar()
        return bool(esta)

    def _empezar(self, epoca: str) -> None:
        """Lo sabe cada conexión antes de que le llegue nada con los números nuevos."""
        reparto = self._reparto
        if not reparto.epoca:
            reparto.epoca = epoca
            return
        self._dejadas.add(reparto.epoca)
        self._por_situar = reparto.empezar_epoca(epoca) | self._por_situar
        empuje = empujes.EpocaCambiada(epoca=epoca)
        aviso = Emision(NOMBRE_DE[type(empuje)], codificar(empuje))
        for receptor in [r for suyos in reparto.receptores.values() for r in suyos]:
            receptor.cambiar_de_epoca(aviso)

    async def situar(self) -> None:
        """Lee dónde empieza cada sala en esta época; lo que no se pudo leer, la próxima vez."""
        for ids in tandas(list(self._por_situar), MAX_SALAS):
            desde_el_fin = dict.fromkeys(ids, consultas.SIN_FIN)
            leidas = await en_hilo_de_lectura(consultas.cambios_desde, desde_el_fin)
            for id_ in ids:
                if (iba := self._por_situar.pop(id_, None)) is not None:
                    self._reparacion.situar(id_, leidas.get(id_), iba)
