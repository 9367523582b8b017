"""Cada escalón: entra más gente, escribe un rato a su ritmo, y se mira qué tal."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from bancos.carga.conexion import Conexion, Sitio, abrir, cerrar
from bancos.carga.dialectos import Dialecto, Nativa, SocketIO
from bancos.carga.gente import Persona
from bancos.carga.salas import Sala
from bancos.carga.servidor import fotografiar
from bancos.carga.sintomas import Medida, del_servidor

# Entran a la vez; y lo que crece cada escalón.
A_LA_VEZ = 20
CRECE = 1.5
PRIMERO = 50
# Mientras se asientan las presencias de quien acaba de entrar.
RESPIRO = 2.0
VISTAZO = 0.5
PUERTAS: tuple[Dialecto, ...] = (SocketIO(), Nativa())


class Cedio(Exception):
    """Algo salió mal: una conexión que no entró o se cayó, o un mensaje que se negó."""


class SalaDeGente(Sala):
    """Escriben todos, por turnos."""

    def __init__(self, conversacion: str, quien: str, conexiones: list[Conexion]) -> None:
        super().__init__(conversacion, quien, conexiones)
        for c in conexiones:
            c.al_acusar = self._acusado

    def _enviar(self) -> None:
        self._emisora = self.conexiones[self.enviados % len(self.conexiones)]
        super()._enviar()


@dataclass
class Prueba:
    """`por_minuto`, los mensajes de cada persona; `segundos`, lo que dura cada escalón."""

    url: str
    personas: list[Persona]
    por_minuto: float
    segundos: float
    token_de_metricas: str = ""
    _dentro: list[Conexion] = field(default_factory=list)
    _marca: str = field(default_factory=lambda: secrets.token_hex(4))

    async def escalones(self) -> AsyncGenerator[Medida]:
        """Hasta que se acaba la gente o algo sale mal; quien lo recorre puede parar antes."""
        try:
            for cuantas in _cuantas(len(self.personas)):
                medida = await self._uno(cuantas)
                yield medida
                if medida.fallo is not None:
                    return
        finally:
            await cerrar(self._dentro)

    async def _uno(self, cuantas: int) -> Medida:
        fallo: str | None = None
        salas: list[SalaDeGente] = []
        try:
            _decir(f"entran, hasta {cuantas}…")
            await self._entrar(cuantas)
            await asyncio.sleep(min(RESPIRO, self.segundos))
            salas = self._salas()
        except (Cedio, OSError, TimeoutError) as error:
            fallo = str(error) or "no contesta"
        antes = await asyncio.to_thread(fotografiar, self.url, self.token_de_metricas)
        inicio, cpu = time.perf_counter(), time.process_time()
        if fallo is None:
            _decir(f"escriben {cuantas}, {self.segundos:.0f} s…")
            fallo = await self._escribir(salas)
        # Lo que el servidor anota cada medio segundo.
        await asyncio.sleep(VISTAZO)
        duro, gasto = time.perf_counter() - inicio, time.process_time() - cpu
        despues = await asyncio.to_thread(fotografiar, self.url, self.token_de_metricas)
        return Medida(
            gente=cuantas,
            segundos=duro,
            acuses=[espera for sala in salas for espera in sala.acuses],
            entregas=sum(sala.entregas for sala in salas),
            probador=gasto / duro,
            fallo=fallo,
            **del_servidor(antes, despues, duro),
        )

    async def _entrar(self, hasta: int) -> None:
        sitio, turnos = Sitio.de(self.url), asyncio.Semaphore(A_LA_VEZ)

        async def una(n: int) -> Conexion:
            async with turnos:
                return await abrir(sitio, PUERTAS[n % 2], self.personas[n].token)

        faltan = range(len(self._dentro), hasta)
        entradas = await asyncio.gather(*map(una, faltan), return_exceptions=True)
        self._dentro += [c for c in entradas if isinstance(c, Conexion)]
        fallos = [c for c in entradas if isinstance(c, BaseException)]
        if fallos:
            raise Cedio(f"no entraron {len(fallos)}: {fallos[0] or 'no contesta'}")

    def _salas(self) -> list[SalaDeGente]:
        por_sala: dict[str, list[Conexion]] = {}
        for persona, conexion in zip(self.personas, self._dentro, strict=False):
            por_sala.setdefault(persona.conversacion, []).append(conexion)
        return [SalaDeGente(c, self._marca, suyas) for c, suyas in por_sala.items()]

    async def _escribir(self, salas: list[SalaDeGente]) -> str | None:
        """Cada sala a su ritmo y sin ir todas a una; lo que salió mal, si salió."""
        fallo: str | None = None
        try:
            async with asyncio.TaskGroup() as grupo:
                vigila = grupo.create_task(self._vigilar())
                await asyncio.gather(*(self._una_sala(n, salas) for n in range(len(salas))))
                vigila.cancel()
        except* (Cedio, RuntimeError, TimeoutError) as fallos:
            fallo = str(fallos.exceptions[0]) or "se enviaron mensajes que no llegaron a todos"
        return fallo

    async def _una_sala(self, n: int, salas: list[SalaDeGente]) -> None:
        sala = salas[n]
        ritmo = len(sala.conexiones) * self.por_minuto / 60
        # Por poco que dure, uno.
        segundos = max(self.segundos, 1 / ritmo)
        await asyncio.sleep(n / len(salas) / ritmo)
        await sala.a_ritmo(ritmo, segundos)

    async def _vigilar(self) -> None:
        while True:
            await asyncio.sleep(VISTAZO)
            for c in self._dentro:
                if c.fallo is not None or c.cerrada.done():
                    raise Cedio(c.fallo or "el servidor cerró una conexión")


def _cuantas(todas: int) -> list[int]:
    veces = itertools.repeat(CRECE)
    crecen = itertools.accumulate(veces, lambda n, v: round(n * v), initial=PRIMERO)
    antes = itertools.takewhile(lambda n: n < todas, crecen)
    return [*antes, todas]


def _decir(que: str) -> None:
    print(f"  {que}", file=sys.stderr, flush=True)
