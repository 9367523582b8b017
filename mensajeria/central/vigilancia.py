"""Lo que se mira sin que nadie lo pida: qué cambió en la base y aquí no se supo.

Cada medio segundo, qué conversaciones y usuarios van por delante; y, a su hora, el resumen de
actividad.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.conf import settings
from redis import RedisError

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.reparacion import MAX_POR_CONSULTA, Reparacion, tandas
from mensajeria.central.reparto import Reparto
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.consultas import Puesta, Vigencia
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.operaciones.autenticacion import sesiones_abiertas, vigente
from mensajeria.operaciones.resumen import resumen
from mensajeria.protocolo import empujes

registro = logging.getLogger("mensajeria.central")

PERIODO = 0.5


class Vigilancia:
    """`vigencias`: lo último que se sabe de cada usuario con conexiones aquí."""

    def __init__(
        self,
        reparto: Reparto,
        suscripciones: Suscripciones,
        emitir: Callable[[list[Sobre]], None],
    ) -> None:
        self._reparto = reparto
        self._suscripciones = suscripciones
        self._emitir = emitir
        self._reparacion = Reparacion(reparto)
        self.vigencias: dict[str, Vigencia | None] = {}
        # Usuarios de aquí que cambiaron, y de los que falta mirar en qué conversaciones están.
        self._cambiados: set[str] = set()

    def arrancar(self) -> None:
        self._tarea = asyncio.create_task(self._vigilar())

    def cerrar(self) -> None:
        self._tarea.cancel()
        self._reparacion.cerrar()

    async def _vigilar(self) -> None:
        # Cada cosa a su paso: mucho que reponer, o un Redis colgado, no retrasan una revocación.
        await asyncio.gather(
            _cada_periodo(self._mirar_usuarios),
            _cada_periodo(self._mirar_participaciones),
            _cada_periodo(self._reparacion.mirar_salas),
            _cada_periodo(self._suscripciones.igualar),
            _cada_periodo(_igualar_limites),
            self._reparacion.atender_huecos(),
            self._resumir(),
        )

    # Usuarios

    def conocer(self, usuario: str, vigencia: Vigencia) -> None:
        """Lo que valía al entrar una de sus conexiones."""
        # La más vieja: si otra conexión ya vio la nueva, se debe revisar también esta.
        vista = self.vigencias.get(usuario)
        if vista is None or vigencia.version < vista.version:
            self.vigencias[usuario] = vigencia

    def olvidar(self, usuario: str) -> None:
        """Ya no tiene conexiones aquí."""
        self.vigencias.pop(usuario, None)

    async def _mirar_usuarios(self) -> None:
        conocidas = self.vigencias
        for tanda in tandas(list(conocidas), MAX_POR_CONSULTA):
            vigentes = await en_hilo_de_lectura(consultas.usuarios_vigentes, tanda)
            for usuario in tanda:
                vigencia = vigentes.get(usuario)
                if conocidas.get(usuario, vigencia) != vigencia:
                    await self._revisar_credenciales(usuario, vigencia)
                    self._cambiados.add(usuario)

    async def _revisar_credenciales(self, usuario: str, vigencia: Vigencia | None) -> None:
        """Algo suyo cambió: expulsa a las conexiones cuya credencial ya no vale."""
        receptores = self._reparto.receptores
        for receptor in list(receptores.get(usuario, ())):
            if vigencia is None or not (
                receptor.credencial
                and vigente(receptor.credencial, vigencia.activo, vigencia.tokens_desde)
            ):
                receptor.expulsar()
        # Lo abierto desde la página vale hasta que se borre la sesión con que se abrió.
        credenciales = [r.credencial for r in receptores.get(usuario, ())]
        claves = {c.sesion for c in credenciales if c and c.sesion}
        if claves:
            cerradas = claves - await en_hilo_de_lectura(sesiones_abiertas, usuario, claves)
            for receptor in list(receptores.get(usuario, ())):
                if receptor.credencial and receptor.credencial.sesion in cerradas:
                    receptor.expulsar()
        if usuario in receptores:
            self.vigencias[usuario] = vigencia

    # En qué conversaciones están

    async def _mirar_participaciones(self) -> None:
        for usuario in list(self._cambiados):
            # Antes de leer: lo que cambie mientras tanto lo vuelve a apuntar.
            self._cambiados.discard(usuario)
            try:
                await self._revisar_participaciones(usuario)
            except BaseException:
                self._cambiados.add(usuario)
                raise

    async def _revisar_participaciones(self, usuario: str) -> None:
        """Algo suyo cambió: le da las conversaciones en las que entró sin que llegara el aviso."""
        participaciones = await en_hilo_de_lectura(consultas.participaciones_de, usuario)
        nuevas = {p.conversacion_id for p in participaciones} - self._reparto.salas_de(usuario)
        if nuevas and usuario in self._reparto.receptores:
            await self._suscripciones.escuchar(nuevas)
            puestas = await en_hilo_de_lectura(
                consultas.poner_al_dia, usuario, dict.fromkeys(nuevas)
            )
            for puesta in puestas.values():
                self._presentar(usuario, puesta)

    def _presentar(self, usuario: str, puesta: Puesta) -> None:
        """Le da una conversación nueva cuyo aviso se perdió."""
        id_ = puesta.conversacion.id
        if id_ in self._reparto.salas_de(usuario) or usuario not in self._reparto.receptores:
            return
        sala = self._reparto.abrir(id_)
        if sala.ultimo_cambio is None:
            sala.saltar_a(puesta.ultimo_cambio, puesta.ultima_secuencia)
        self._reparto.admitir(sala, usuario, puesta.puede_enviar)
        empuje = empujes.ConversacionActualizada(
            conversacion_id=id_,
            secuencia_cambio=puesta.ultimo_cambio,
            conversacion=puesta.conversacion,
        )
        self._reparto.repartir([sobre(empuje, Alcance.USUARIOS, usuarios=[usuario])])

    # Actividad

    async def _resumir(self) -> None:
        while True:
            await asyncio.sleep(settings.RESUMEN_SEGUNDOS)
            try:
                self._emitir(await en_hilo_de_lectura(resumen, settings.RESUMEN_SEGUNDOS))
            except Exception as error:
                registro.warning("No se pudo enviar el resumen: %s", type(error).__name__)


async def _cada_periodo(vigilar: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(PERIODO)
        try:
            await vigilar()
        except RedisError:  # sin él, cada proceso cuenta lo suyo
            pass
        except Exception as error:
            registro.warning("La vigilancia no pudo leer: %s", type(error).__name__)


async def _igualar_limites() -> None:
    await en_hilo_de_lectura(compartido().cubos.igualar)
