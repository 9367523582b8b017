"""El servicio de los avisos: reparte lo nuevo en el buzón, y lo saca por cada canal.

Corre dentro de `servir`, o aparte en `manage.py notificar`; cuantos haya, a la vez.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple

from mensajeria.avisos import a_quien, buzon, cierre, limpieza, resumenes
from mensajeria.avisos.buzon import ENVIADO, Resultado
from mensajeria.avisos.canales import a_dispositivos, aplicacion, correo
from mensajeria.avisos.sitios import Sitios, origen_de
from mensajeria.base_de_datos import Hilo
from mensajeria.compas import hasta_el_siguiente
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.fallos import anotar, es_caida
from mensajeria.models import Aviso, Canal
from mensajeria.ordenes.puntos_de_fallo import PuntoDeAviso, pasar
from mensajeria.salientes import A_LA_VEZ, Salientes

# Cada cuánto se mira si hay algo: la mitad es lo que espera, de media, un aviso.
PERIODO = 0.5
PERIODO_DE_LIMPIEZA = 60
TANDA = 100
# De correos, menos: el que sale dos veces se ve dos veces, y son los de la tanda de quien murió.
TANDA_DE_CORREO = 10
# Lo que se espera al detenerse a lo que se está enviando.
SEGUNDOS_DE_CIERRE = 1.0
# Más no se guardan: el repaso los encuentra.
MAX_LEIDOS = 10_000

Enviar = Callable[[Sequence[Aviso]], Awaitable[list[tuple[Aviso, Resultado]]]]


class _Saliendo(NamedTuple):
    aviso: Aviso
    origen: str


# Cada envío da en qué quedó y los segundos que tardó él, que no es lo que se tarda en mirarlo.
Saliendo = dict[asyncio.Task[tuple[Resultado, float]], _Saliendo]


class Cartero:
    """`emitir` lleva lo de la aplicación a quien le toque. Se usa en el bucle de eventos."""

    def __init__(self, emitir: Callable[[list[Sobre]], None]) -> None:
        self._emitir = emitir
        self._hilo = Hilo("avisos", 1)
        self._leido: deque[tuple[str, str, int]] = deque(maxlen=MAX_LEIDOS)
        self._tareas: list[asyncio.Task[None]] = []
        self._cerrando = False
        self._resumido = 0
        self._salientes: Salientes | None = None
        self._sitios = Sitios()
        self._hilo_de_correo: Hilo | None = None
        self._enviando: dict[str, asyncio.Task[None]] = {}
        self._canales: dict[str, Enviar] = {
            Canal.APLICACION: self._por_la_aplicacion,
            Canal.REVISION: self._mirar_otra_vez,
            Canal.CORREO: self._por_correo,
        }

    def arrancar(self, *, envia: bool = True) -> None:
        """Si no `envia`, que lo hace otro proceso, solo dice lo que se lee aquí."""
        trabajos: list[tuple[float, Callable[[], Awaitable[None]], str]] = [
            (PERIODO, self._vuelta if envia else self._dar_por_leido, "enviar avisos"),
            # También aquí: quien los envía aparte no tiene métricas, y puede no haber nadie.
            (PERIODO_DE_LIMPIEZA, self._contar, "contar los avisos"),
        ]
        if envia:
            trabajos += [
                (PERIODO_DE_LIMPIEZA, self._limpiar, "limpiar el buzón de avisos"),
                (resumenes.periodo(), self._resumir, "hacer el resumen de actividad"),
            ]
        self._tareas = [asyncio.create_task(self._cada(*trabajo)) for trabajo in trabajos]

    async def detener(self) -> None:
        """No toma más; lo que está saliendo termina, o vuelve al buzón."""
        self._cerrando = True
        for tarea in self._tareas:
            tarea.cancel()
        if self._enviando:
            await asyncio.wait(self._enviando.values(), timeout=SEGUNDOS_DE_CIERRE)
        for tarea in self._enviando.values():
            tarea.cancel()
        await asyncio.gather(*self._enviando.values(), return_exceptions=True)
        if self._salientes is not None:
            await self._salientes.cerrar()
        if self._hilo_de_correo is not None:
            self._hilo_de_correo.cerrar()
        self._hilo.cerrar()

    def leyeron(self, leido: Sequence[tuple[str, str, int]]) -> None:
        """Lo que se acaba de leer aquí; desde cualquier hilo, sin esperar."""
        self._leido.extend(leido)

    async def _cada(self, segundos: float, hacer: Callable[[], Awaitable[None]], que: str) -> None:
        while not self._cerrando:
            try:
                await hacer()
            except Exception as error:
                anotar(error, que)
            await asyncio.sleep(hasta_el_siguiente(segundos))

    async def _vuelta(self) -> None:
        await self._dar_por_leido()
        quedan = True
        while quedan:
            quedan, canales = await self._hilo(_repartir, [*self._canales, *a_dispositivos.POR])
            self._sacar(canales)

    async def _dar_por_leido(self) -> None:
        leido = [self._leido.popleft() for _ in range(len(self._leido))]
        if leido:
            self._emitir(await self._hilo(aplicacion.leidas, leido))

    def _sacar(self, canales: Collection[str]) -> None:
        """Cada canal, por su lado: uno lento no retrasa a los demás."""
        for canal in canales:
            if canal not in self._enviando and not self._cerrando:
                tarea = asyncio.create_task(self._vaciar(canal), name=canal)
                self._enviando[canal] = tarea
                tarea.add_done_callback(self._acabo)

    def _acabo(self, tarea: asyncio.Task[None]) -> None:
        self._enviando.pop(tarea.get_name(), None)

    async def _vaciar(self, canal: str) -> None:
        por_tandas = canal in self._canales
        try:
            await (self._por_tandas(canal) if por_tandas else self._a_dispositivos(canal))
        except Exception as error:
            anotar(error, f"enviar avisos por {canal}")

    async def _por_tandas(self, canal: str) -> None:
        tanda = TANDA_DE_CORREO if canal == Canal.CORREO else TANDA
        while not self._cerrando:
            tomados = await self._hilo(buzon.tomar, canal, tanda)
            await self._entregar(canal, tomados)
            if len(tomados) < tanda:
                break

    async def _entregar(self, canal: str, tomados: list[Aviso]) -> None:
        if not tomados:
            return
        try:
            hechos = await self._canales[canal](tomados)
        except BaseException as error:
            if isinstance(error, Exception) and not es_caida(error):
                await self._apartar_al_culpable(canal, tomados, error)
                return
            await self._soltar(tomados)
            raise
        await self._acabar(hechos)

    async def _soltar(self, avisos: Sequence[Aviso]) -> None:
        with contextlib.suppress(Exception):
            await asyncio.shield(self._hilo(buzon.soltar, avisos))

    async def _acabar(self, hechos: Sequence[tuple[Aviso, Resultado]]) -> None:
        pasar(PuntoDeAviso.TRAS_ENTREGAR)
        await asyncio.shield(self._hilo(cierre.acabar, hechos))

    async def _apartar_al_culpable(
        self, canal: str, tomados: list[Aviso], error: Exception
    ) -> None:
        """Uno que no se puede ni preparar no para a los demás: cada uno, solo."""
        if len(tomados) > 1:
            for aviso in tomados:
                await self._entregar(canal, [aviso])
        else:
            hecho = [(tomados[0], buzon.fallo_al_enviar(error))]
            await asyncio.shield(self._hilo(cierre.acabar, hecho))

    # A los dispositivos

    async def _a_dispositivos(self, canal: str) -> None:
        """Cada uno acaba por su lado: ni el que más tarda ni una persona retrasan a los demás."""
        saliendo: Saliendo = {}
        try:
            while True:
                # Lo que acaba se mira entre toma y toma: con miles esperando a un sitio, dar con
                # los de otros tarda.
                habia = len(saliendo) < A_LA_VEZ and await self._empezar(canal, saliendo)
                if not saliendo and not habia:
                    return
                if saliendo and not habia:
                    await asyncio.wait(
                        saliendo, timeout=PERIODO, return_when=asyncio.FIRST_COMPLETED
                    )
                listas = [tarea for tarea in saliendo if tarea.done()]
                hechos = [self._acabado(saliendo.pop(t), *t.result()) for t in listas]
                if hechos:
                    await self._acabar(hechos)
        finally:
            for tarea in saliendo:
                tarea.cancel()
            if saliendo:
                await self._soltar([uno.aviso for uno in saliendo.values()])

    async def _empezar(self, canal: str, saliendo: Saliendo) -> bool:
        """Toma y empieza a enviar lo que quepa; si había algo."""
        if self._cerrando:
            return False
        if self._salientes is None:
            self._salientes = Salientes()
        van = saliendo.values()
        de_cada = Counter(uno.aviso.usuario_id for uno in van)
        en_camino = Counter(uno.origen for uno in van)
        esperan = self._sitios.los_que_esperan(en_camino)
        cuantos = A_LA_VEZ - len(saliendo)
        tomados = await self._hilo(buzon.tomar, canal, cuantos, de_cada, esperan)
        try:
            listos = await self._preparar(tomados)
        except BaseException:
            await self._soltar(tomados)
            raise
        no_caben = []
        for aviso, listo in zip(tomados, listos, strict=True):
            origen = "" if isinstance(listo, Resultado) else origen_de(listo[2].punto)
            if not self._sitios.caben(origen, en_camino):
                self._sitios.esperar(origen, aviso.dispositivo_id or "")
                no_caben.append(aviso)
                continue
            en_camino[origen] += 1
            enviar = _cronometrado(a_dispositivos.entregar(self._salientes, aviso, listo))
            saliendo[asyncio.create_task(enviar)] = _Saliendo(aviso, origen)
        if no_caben:
            await self._soltar(no_caben)
        return bool(tomados)

    def _acabado(
        self, suyo: _Saliendo, quedo: Resultado, segundos: float
    ) -> tuple[Aviso, Resultado]:
        if suyo.origen:
            self._sitios.acabo(suyo.origen, segundos)
        return suyo.aviso, quedo

    async def _preparar(self, avisos: Sequence[Aviso]) -> list[a_dispositivos.Preparado]:
        """Uno que no se puede ni preparar no para a los demás."""
        try:
            return await self._hilo(a_dispositivos.preparar, avisos)
        except Exception as error:
            if es_caida(error):
                raise
            if len(avisos) == 1:
                return [buzon.fallo_al_enviar(error)]
            return [listo for aviso in avisos for listo in await self._preparar([aviso])]

    # Los que no salen de aquí

    async def _por_la_aplicacion(self, avisos: Sequence[Aviso]) -> list[tuple[Aviso, Resultado]]:
        hechos, sobres = await self._hilo(aplicacion.entregar, avisos)
        self._emitir(sobres)
        return hechos

    async def _por_correo(self, avisos: Sequence[Aviso]) -> list[tuple[Aviso, Resultado]]:
        if self._hilo_de_correo is None:
            # El suyo: un servidor de correo lento no retrasa a los demás canales.
            self._hilo_de_correo = Hilo("correo", 1)
        return await self._hilo_de_correo(correo.entregar, avisos)

    async def _mirar_otra_vez(self, avisos: Sequence[Aviso]) -> list[tuple[Aviso, Resultado]]:
        await self._hilo(a_quien.mirar_otra_vez, avisos)
        return [(aviso, ENVIADO) for aviso in avisos]

    async def _resumir(self) -> None:
        if self._resumido != (momento := resumenes.momento()):
            await self._hilo(resumenes.abrir)
            self._resumido = momento

    # Limpiar

    async def _contar(self) -> None:
        await self._hilo(limpieza.contar)

    async def _limpiar(self) -> None:
        if await self._hilo(compartido().turnos.tomar, "avisos", PERIODO_DE_LIMPIEZA):
            await self._hilo(limpieza.limpiar)
            self._emitir(await self._hilo(aplicacion.repasar_leidas))


async def _cronometrado(enviar: Awaitable[Resultado]) -> tuple[Resultado, float]:
    empezo = time.monotonic()
    return await enviar, time.monotonic() - empezo


def _repartir(canales: Collection[str]) -> tuple[bool, Collection[str]]:
    """Si quedó algo por repartir, y de esos canales, por cuáles hay algo que enviar."""
    return a_quien.repartir(), buzon.canales_con_algo(canales)
