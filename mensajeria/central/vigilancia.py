"""Lo que se mira sin que nadie lo pida: qué cambió en la base y aquí no se supo.

Cada medio segundo se lee lo nuevo del registro de novedades, y de ahí sale qué conversaciones y
qué usuarios mirar: lo que no se mueve no cuesta nada. Todo entero se mira solo cuando no se sabe
qué pasó, y a trozos, despacio, por lo que nadie haya dejado dicho.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator

from redis import RedisError

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.epocas import Epocas
from mensajeria.central.reparacion import MAX_POR_CONSULTA, Por, Reparacion, tandas
from mensajeria.central.reparto import Reparto
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.compas import hasta_el_siguiente
from mensajeria.consultas import Leidas, Puesta, Seguimiento, Vigencia
from mensajeria.difusion.sobre import Alcance, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.fallos import anotar, va_bien
from mensajeria.operaciones.autenticacion import vigente
from mensajeria.operaciones.ingresos import guardar_vistos
from mensajeria.protocolo import empujes

PERIODO = 0.5
# Sin leerlo en este rato, el registro de novedades no se sigue.
SEGUNDOS_DE_RETRASO = 5.0
# El repaso: cada cuánto, y cuántas salas y cuántos usuarios cada vez.
PERIODO_DE_REPASO = 2.0
DE_UN_REPASO = 100
# Cada cuánto se guarda qué ingresos se están usando: quien mira los suyos no espera más precisión.
PERIODO_DE_VISTOS = 300.0
# Cada cuántas novedades leídas se podan las viejas.
PODA = 1_000
# Distinta de cualquiera que se lea.
_NINGUNA = Vigencia(-1, False, None, {})


class Vigilancia:
    """`vigencias`: lo último que se sabe de cada usuario con conexiones aquí."""

    def __init__(self, reparto: Reparto, suscripciones: Suscripciones) -> None:
        self._reparto = reparto
        self._suscripciones = suscripciones
        self._reparacion = Reparacion(reparto)
        self._epocas = Epocas(reparto, self._reparacion)
        self.vigencias: dict[str, Vigencia | None] = {}
        self._leido = float("-inf")
        self._seguimiento: Seguimiento | None = None
        # En la que empezó el seguimiento.
        self._epoca_seguida = ""
        self._tras_caida = False
        self._podadas_hasta = 0
        # Lo que va leyendo cada uno que está atento, porque aún no está todo lo suyo aquí.
        self._atentos: list[Leidas] = []
        self._comienzos = 0
        self._por_repasar: list[str] = []
        self._por_revisar: set[str] = set()
        # Usuarios de aquí que cambiaron, y de los que falta mirar en qué conversaciones están.
        self._cambiados: set[str] = set()
        self._hay_que_mirar_todas = False

    def arrancar(self) -> None:
        self._tarea = asyncio.create_task(self._vigilar())

    def cerrar(self) -> None:
        self._tarea.cancel()
        self._reparacion.cerrar()

    async def _vigilar(self) -> None:
        # Cada cosa a su paso: mucho que reponer, o un Redis colgado, no retrasan una revocación.
        await asyncio.gather(
            _cada(PERIODO, self._mirar),
            _cada(PERIODO, self._mirar_participaciones),
            _cada(PERIODO, self._mirar_salas),
            _cada(PERIODO, self._epocas.situar),
            _cada(PERIODO_DE_REPASO, self._repasar),
            _cada(PERIODO_DE_VISTOS, self._guardar_vistos),
            _cada(PERIODO, self._suscripciones.igualar),
            _cada(PERIODO, _igualar_limites),
            self._reparacion.atender_huecos(),
            self._atender_otras_epocas(),
        )

    # El registro de novedades

    def al_dia(self, ahora: float) -> bool:
        """Si se leyó hace poco, por `time.monotonic`."""
        return ahora - self._leido < SEGUNDOS_DE_RETRASO

    async def _mirar(self) -> None:
        try:
            await self._leer_novedades()
        except BaseException:
            # Caída la base, la que vuelve puede no ser la misma: si el seguimiento sigue, lo es.
            self._tras_caida = True
            raise
        self._leido = time.monotonic()
        va_bien()
        await self._revisar_usuarios()

    async def _leer_novedades(self) -> None:
        if self._seguimiento is None:
            await self._comprobar_epoca()
            self._epoca_seguida = self._reparto.epoca
            self._seguimiento = await en_hilo_de_lectura(Seguimiento)
            self._empezar_de_nuevo()
        leidas = await en_hilo_de_lectura(self._seguimiento.leer)
        if leidas is None:
            retrocedio = self._seguimiento.retrocedio
            await self._comprobar_epoca(self._epoca_seguida if retrocedio else None)
            self._seguimiento = None
            return
        if self._tras_caida:
            self._tras_caida = False
            self._empezar_de_nuevo()
        for atento in self._atentos:
            atento.sumar(leidas)
        self._tener_en_cuenta(leidas)
        if self._seguimiento.hasta >= self._podadas_hasta + PODA:
            self._podadas_hasta = self._seguimiento.hasta
            await en_hilo_de_lectura(consultas.podar_novedades, self._podadas_hasta)

    def _tener_en_cuenta(self, leidas: Leidas) -> None:
        self._reparacion.apuntar(leidas.conversaciones, Por.NOVEDADES)
        self._por_revisar.update(u for u in leidas.usuarios if u in self.vigencias)

    def _empezar_de_nuevo(self) -> None:
        """Pudo cambiar algo sin que quede dicho."""
        self._comienzos += 1
        self._mirar_todo()

    def _mirar_todo(self) -> None:
        self._por_revisar |= self.vigencias.keys()
        self._hay_que_mirar_todas = True

    @contextlib.contextmanager
    def atenta(self) -> Iterator[None]:
        """Lo que cambie entre leer algo y tenerlo aquí se tiene en cuenta al acabar."""
        leidas, comienzos = Leidas(), self._comienzos
        self._atentos.append(leidas)
        try:
            yield
        finally:
            self._atentos.remove(leidas)
            self._tener_en_cuenta(leidas)
            if comienzos != self._comienzos:
                self._mirar_todo()

    # La época

    async def _comprobar_epoca(self, retrocedio: str | None = None) -> None:
        if await self._epocas.comprobar(retrocedio):
            # Una versión igual a la de antes puede ser otra.
            self.vigencias = dict.fromkeys(self.vigencias, _NINGUNA)
            self._mirar_todo()

    async def _atender_otras_epocas(self) -> None:
        while True:
            await self._reparto.esperar_de_otra()
            try:
                await self._comprobar_epoca()
            except Exception as error:
                anotar(error, "leer la época")
                await asyncio.sleep(PERIODO)
                self._reparto.recordar_los_de_otra()

    # Las salas

    async def _mirar_salas(self) -> None:
        if self._hay_que_mirar_todas:
            self._hay_que_mirar_todas = False
            try:
                epoca = self._reparto.epoca
                if await self._reparacion.mirar_todas():
                    await self._comprobar_epoca(epoca)
            except BaseException:
                self._hay_que_mirar_todas = True
                raise

    async def _repasar(self) -> None:
        """La red: unas salas y unos usuarios, por turno, por lo que se cambie sin dejarlo dicho."""
        self._por_repasar = self._por_repasar or [*self._reparto.salas, *self.vigencias]
        trozo = self._por_repasar[-DE_UN_REPASO:]
        del self._por_repasar[-DE_UN_REPASO:]
        epoca = self._reparto.epoca
        if await self._reparacion.mirar(trozo):
            await self._comprobar_epoca(epoca)
        self._por_revisar.update(u for u in trozo if u in self.vigencias)

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

    async def _revisar_usuarios(self) -> None:
        for tanda in tandas(list(self._por_revisar), MAX_POR_CONSULTA):
            # Antes de leer: lo que cambie mientras tanto lo vuelve a apuntar.
            self._por_revisar.difference_update(tanda)
            try:
                vigentes = await en_hilo_de_lectura(consultas.usuarios_vigentes, tanda)
                for usuario in tanda:
                    vigencia = vigentes.get(usuario)
                    if self.vigencias.get(usuario, vigencia) != vigencia:
                        self._revisar_credenciales(usuario, vigencia)
                        self._cambiados.add(usuario)
            except BaseException:
                self._por_revisar.update(tanda)
                raise

    def _revisar_credenciales(self, usuario: str, vigencia: Vigencia | None) -> None:
        """Algo suyo cambió: expulsa a las conexiones cuya credencial ya no vale."""
        receptores = self._reparto.receptores
        for receptor in list(receptores.get(usuario, ())):
            credencial = receptor.credencial
            if vigencia is None or credencial is None or not vigente(credencial, vigencia):
                receptor.expulsar()
        if usuario in receptores:
            self.vigencias[usuario] = vigencia

    async def _guardar_vistos(self) -> None:
        credenciales = [r.credencial for rs in self._reparto.receptores.values() for r in rs]
        conectados = {c.ingreso for c in credenciales if c is not None and c.ingreso is not None}
        await en_hilo_de_lectura(guardar_vistos, conectados)

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
        leidas = await en_hilo_de_lectura(consultas.participaciones_de, [usuario])
        nuevas = leidas.get(usuario, {}).keys() - self._reparto.salas_de(usuario)
        if nuevas and usuario in self._reparto.receptores:
            await self._suscripciones.escuchar(nuevas)
        while nuevas and usuario in self._reparto.receptores:
            puestas = await en_hilo_de_lectura(
                consultas.poner_al_dia, usuario, dict.fromkeys(nuevas)
            )
            nuevas = {id_ for id_, puesta in puestas.items() if puesta is None}
            for puesta in puestas.values():
                if puesta is not None:
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


async def _cada(segundos: float, vigilar: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(hasta_el_siguiente(segundos))
        try:
            await vigilar()
        except RedisError:  # sin él, cada proceso cuenta lo suyo
            pass
        except Exception as error:
            anotar(error, "lo que vigila")


async def _igualar_limites() -> None:
    for cubos in (compartido().cubos, compartido().fallidas):
        if cubos.por_igualar:
            await en_hilo_de_lectura(cubos.igualar)
