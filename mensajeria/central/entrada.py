"""Cómo entra una conexión sin que nada se cuele entre lo que se lee de ella y lo que recibe.

Al unirse, primero espera y luego lee: la sala le guarda lo suyo, y su respuesta y lo guardado salen
en la misma vuelta del bucle. Al ingresar se lee una sola vez, antes de saber dónde esperar; lo que
cambia entre medias lo sabe la vigilancia, que está atenta, y lo repone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

from mensajeria import consultas
from mensajeria.base_de_datos import EnTandas, en_hilo_de_lectura
from mensajeria.central.reparto import Reparto
from mensajeria.central.sala import Receptor
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.central.vigilancia import Vigilancia
from mensajeria.consultas import Participacion, Puesta
from mensajeria.models import epoca_actual
from mensajeria.operaciones.autenticacion import Credencial, Identidad, identificar
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

Puestas = dict[str, Puesta | None]
Leer = Callable[[str, Mapping[str, int | None]], Puestas]
# Lleva una lectura, con lo que se le da, al hilo en que se hace.
AlHilo = Callable[[Leer, str, Mapping[str, int | None]], Awaitable[Puestas]]


class Llegada(NamedTuple):
    """Quien llega, y lo que se leyó de él, con la época que se sabía antes de leerlo."""

    quien: Identidad
    participaciones: dict[str, Participacion]
    epoca: str


class Entrada:
    """Cómo entra y se va cada conexión de este proceso."""

    def __init__(
        self, reparto: Reparto, suscripciones: Suscripciones, vigilancia: Vigilancia
    ) -> None:
        self._reparto = reparto
        self._suscripciones = suscripciones
        self._vigilancia = vigilancia
        self._lecturas = EnTandas(en_hilo_de_lectura, _leer_llegadas)
        # Quien está entrando aún no figura en el reparto, pero ya escucha su grupo.
        self._entrando: Counter[str] = Counter()

    async def reconocer(self, credencial: Credencial) -> Llegada:
        """Lee de quién es y en qué conversaciones está, con quienes llegan a la vez; AUTH_INVALID
        si no vale. Desde antes y hasta `ingresar`, la vigilancia ha de estar atenta.
        """
        llegada = await self._lecturas.pedir(credencial)
        if llegada is None:
            raise ErrorMensajeria(CodigoError.AUTH_INVALID)
        return llegada

    async def ingresar(
        self, receptor: Receptor, llegada: Llegada, responder: Callable[[], None]
    ) -> None:
        """Une la conexión a todas las conversaciones activas de su usuario.

        `responder` envía `autenticado`, antes de que le llegue nada más.
        """
        usuario, ids = receptor.usuario_id, llegada.participaciones.keys()
        self._entrando[usuario] += 1
        try:
            self._esperar(receptor, ids)
            try:
                await self._suscripciones.escuchar(ids, usuario)
                while receptor.credencial is not None and self._es_vieja(receptor, llegada):
                    llegada = await self.reconocer(receptor.credencial)
            except BaseException:
                self._desistir(receptor, ids, set())
                raise
            self._reparto.agregar(receptor)
            self._vigilancia.conocer(usuario, llegada.quien.vigencia)
            responder()
            leidas = llegada.participaciones
            self._reparto.unir(receptor, {id_: leidas.get(id_) for id_ in ids})
        finally:
            self._entrando[usuario] -= 1
            self._dejar_de_escuchar_a(usuario)

    def _es_vieja(self, receptor: Receptor, llegada: Llegada) -> bool:
        """Si de algo suyo ya se repartió aquí lo que ni leyó ni le espera: puede ser su salida.

        Leído otra vez, cuando ya espera, no se le escapa nada. Lo es también lo de otra época.
        """
        salas = self._reparto.salas
        if not self._reparto.sigue_en(llegada.epoca):
            return True
        for id_, leida in llegada.participaciones.items():
            sala = salas.get(id_)
            # La recién abierta no ha repartido nada.
            if sala is None or sala.ultimo_cambio is None:
                continue
            if sala.se_le_escapo(receptor, leida.ultimo_cambio):
                return True
        return False

    async def unir(
        self,
        receptor: Receptor,
        cursores: Mapping[str, int | None],
        responder: Callable[[Puestas], None],
        leer: Leer,
        al_hilo: AlHilo = en_hilo_de_lectura,
    ) -> None:
        """Une la conexión a esas conversaciones, sin ventana entre la respuesta y lo que sigue.

        `leer` da lo que le falta de cada una (`poner_al_dia`) y lo que además haga falta, y lo
        llama `al_hilo`.

        `responder` recibe lo que le faltaba de cada una que es suya, y envía la respuesta (o lanza
        el error) en el acto. En las que no cupieron sigue, si ya estaba.
        """
        with self._vigilancia.atenta():
            estaba = self._esperar(receptor, cursores)
            try:
                await self._suscripciones.escuchar(cursores)
                puestas = await self._leer(leer, al_hilo, receptor, cursores)
                # A quien sacaron mientras se leía ya no se le espera.
                puestas = {id_: p for id_, p in puestas.items() if self._espera(receptor, id_)}
                responder(puestas)
            except BaseException:
                self._desistir(receptor, cursores, estaba)
                raise
            no_cupieron = {id_ for id_, puesta in puestas.items() if puesta is None}
            self._desistir(receptor, no_cupieron, estaba)
            self._reparto.unir(
                receptor, {id_: puestas.get(id_) for id_ in cursores.keys() - no_cupieron}
            )

    async def _leer(
        self,
        leer: Leer,
        al_hilo: AlHilo,
        receptor: Receptor,
        cursores: Mapping[str, int | None],
    ) -> Puestas:
        """Otra vez, si mientras tanto empieza otra época: las salas ya no van por esos números."""
        while True:
            epoca = self._reparto.epoca
            puestas = await al_hilo(leer, receptor.usuario_id, cursores)
            if self._reparto.sigue_en(epoca):
                return puestas

    def _esperar(self, receptor: Receptor, ids: Iterable[str]) -> set[str]:
        """Espera en todas; devuelve en las que ya estaba unida."""
        return {id_ for id_ in ids if self._reparto.abrir(id_).esperar(receptor)}

    def _espera(self, receptor: Receptor, id_: str) -> bool:
        sala = self._reparto.salas.get(id_)
        return sala is not None and sala.espera(receptor)

    def _desistir(self, receptor: Receptor, ids: Iterable[str], estaba: set[str]) -> None:
        """No pudo unirse: donde estaba, sigue; donde no, no queda rastro."""
        for id_ in ids:
            if self._espera(receptor, id_):
                if id_ in estaba:
                    self._reparto.salas[id_].volver(receptor)
                else:
                    self._reparto.soltar(receptor, id_)

    def desconectar(self, receptor: Receptor) -> None:
        """La conexión se fue: deja de recibir en el acto; la ausencia se anuncia tras la gracia."""
        if self._reparto.quitar(receptor):
            self._vigilancia.olvidar(receptor.usuario_id)
            self._dejar_de_escuchar_a(receptor.usuario_id)

    def _dejar_de_escuchar_a(self, usuario: str) -> None:
        if not self._entrando[usuario]:
            del self._entrando[usuario]
            if usuario not in self._reparto.receptores:
                self._suscripciones.dejar_usuario(usuario)


def _leer_llegadas(credenciales: list[Credencial]) -> list[Llegada | None]:
    """Dos consultas, sean cuantos sean."""
    epoca = epoca_actual()
    identidades = identificar(credenciales)
    suyas = consultas.participaciones_de({i.usuario_id for i in identidades if i is not None})
    return [i and Llegada(i, suyas.get(i.usuario_id, {}), epoca) for i in identidades]
