"""Reponer desde la base de datos lo que la capa de canales perdió.

La lectura no sabe qué pasó, solo qué hay: más allá de la última secuencia es `nuevo_mensaje`; una
lápida, `mensaje_eliminado`; y lo demás, `mensaje_editado` y `reaccion_agregada` con todo su estado.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from redis import RedisError

from mensajeria import consultas
from mensajeria.base_de_datos import leer
from mensajeria.central.sala import Sala
from mensajeria.consultas import Cambios
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.protocolo import empujes, formas

if TYPE_CHECKING:
    from mensajeria.central.central import Central

registro = logging.getLogger("mensajeria.central")

PERIODO = 0.5
# Un aviso de otro proceso puede adelantar a otro unos milisegundos: no hace falta leer aún.
ESPERA_DE_HUECO = 0.05
MAX_POR_CONSULTA = 1000
# Cuántas conversaciones se reponen con una lectura.
MAX_SALAS = 100


class Reparador:
    def __init__(self, central: Central) -> None:
        self._central = central
        self._pendientes: dict[str, asyncio.Task[None]] = {}
        # Usuarios de aquí que cambiaron, y de los que falta mirar en qué conversaciones están.
        self._cambiados: set[str] = set()

    def pronto(self, sala: Sala) -> None:
        """Repara esa sala en breve, si para entonces sigue haciendo falta."""
        if sala.id not in self._pendientes:
            tarea = asyncio.create_task(self._tras_un_momento(sala))
            self._pendientes[sala.id] = tarea
            tarea.add_done_callback(lambda _: self._pendientes.pop(sala.id, None))

    async def _tras_un_momento(self, sala: Sala) -> None:
        await asyncio.sleep(ESPERA_DE_HUECO)
        if sala.con_hueco:
            await self._reparar([sala])

    async def vigilar(self) -> None:
        """Cada medio segundo: qué conversaciones y usuarios van por delante en la base.

        Cada cosa a su paso: mucho que reponer, o un Redis colgado, no retrasan una revocación.
        """
        await asyncio.gather(
            _cada_periodo(self._vigilar_usuarios),
            _cada_periodo(self._vigilar_participaciones),
            _cada_periodo(self._vigilar_salas),
            _cada_periodo(self._central.suscripciones.igualar),
            _cada_periodo(_igualar_limites),
        )

    async def _vigilar_usuarios(self) -> None:
        conocidas = self._central.vigencias
        for tanda in _tandas(list(conocidas), MAX_POR_CONSULTA):
            vigentes = await leer(consultas.usuarios_vigentes, tanda)
            for usuario in tanda:
                vigencia = vigentes.get(usuario)
                if conocidas.get(usuario, vigencia) != vigencia:
                    await self._central.revisar_credenciales(usuario, vigencia)
                    self._cambiados.add(usuario)

    async def _vigilar_participaciones(self) -> None:
        for usuario in list(self._cambiados):
            # Antes de leer: lo que cambie mientras tanto lo vuelve a apuntar.
            self._cambiados.discard(usuario)
            try:
                await self._central.revisar_participaciones(usuario)
            except BaseException:
                self._cambiados.add(usuario)
                raise

    async def _vigilar_salas(self) -> None:
        for tanda in _tandas(list(self._central.salas), MAX_POR_CONSULTA):
            vistos = {
                id_: sala.ultimo_cambio
                for id_ in tanda
                if (sala := self._central.salas.get(id_)) and sala.ultimo_cambio is not None
            }
            atrasadas = await leer(consultas.adelantadas, vistos)
            for ids in _tandas([i for i in atrasadas if i not in self._pendientes], MAX_SALAS):
                await self._reparar([s for i in ids if (s := self._central.salas.get(i))])

    async def _reparar(self, salas: list[Sala]) -> None:
        """Repone lo que les falte; lo que no cabe en una lectura, en las siguientes."""
        faltan = {sala.id: sala for sala in salas}
        nuevos: set[str] = set()
        while faltan:
            vistos = {id_: sala.ultimo_cambio for id_, sala in faltan.items()}
            cursores = {id_: visto for id_, visto in vistos.items() if visto is not None}
            try:
                leidos = await leer(consultas.cambios_desde, cursores)
            except Exception as error:
                registro.warning("No se pudo reparar: %s", type(error).__name__)
                return
            for id_, sala in list(faltan.items()):
                cambios = leidos.get(id_)
                if cambios is None or self._central.salas.get(id_) is not sala:
                    del faltan[id_]
                    continue
                self._aplicar(sala, cambios, nuevos)
                if cambios.completo:
                    del faltan[id_]
                    self._central.seguir(sala)

    def _aplicar(self, sala: Sala, cambios: Cambios, nuevos: set[str]) -> None:
        """Primero quién pertenece: lo confirmado tras una salida no llega a quien salió.

        `nuevos` son los mensajes ya dados como nuevos por una lectura anterior, que no pudo traerlo
        todo: si entre tanto cambiaron, no se dan por nuevos otra vez.
        """
        visto = sala.ultimo_cambio or 0
        if cambios.hasta <= visto:
            return
        salieron = [u for u in sala.miembros if cambios.miembros.get(u) is None]
        if cambios.conversacion is not None:
            # Antes de despedir a nadie: una sala que se queda vacía se cierra.
            for usuario, puede_enviar in cambios.miembros.items():
                if puede_enviar is not None:
                    self._central.admitir(sala, usuario, puede_enviar)
            for usuario in salieron:
                self._despedir(sala, usuario, cambios.hasta)
        for mensaje in cambios.mensajes:
            if mensaje.secuencia_cambio > visto:
                self._reponer(sala, mensaje, nuevos)
        if cambios.conversacion is not None:
            self._central.entregar_en(sala, _actualizada(sala, cambios, cambios.conversacion))
        sala.saltar_a(cambios.hasta, cambios.ultima_secuencia if cambios.completo else 0)

    def _despedir(self, sala: Sala, usuario: str, cambio: int) -> None:
        empuje = empujes.ParticipanteRemovido(
            conversacion_id=sala.id, secuencia_cambio=cambio, usuario_id=usuario
        )
        self._central.entregar_en(
            sala,
            sobre(empuje, Alcance.MIEMBROS, conversacion=sala.id, miembros={usuario: None}),
        )

    def _reponer(self, sala: Sala, mensaje: formas.Mensaje, nuevos: set[str]) -> None:
        comun = {"conversacion_id": sala.id, "secuencia_cambio": mensaje.secuencia_cambio}
        repuestos: list[empujes.Cambio]
        if mensaje.secuencia > sala.ultima_secuencia and mensaje.id not in nuevos:
            nuevos.add(mensaje.id)
            repuestos = [empujes.NuevoMensaje(**comun, mensaje=mensaje)]  # type: ignore[arg-type]
        elif mensaje.eliminado.eliminado:
            repuestos = [empujes.MensajeEliminado(**comun, mensaje_id=mensaje.id)]  # type: ignore[arg-type]
        else:
            repuestos = [
                empujes.MensajeEditado(**comun, mensaje=mensaje),  # type: ignore[arg-type]
                empujes.ReaccionAgregada(
                    **comun,  # type: ignore[arg-type]
                    mensaje_id=mensaje.id,
                    reacciones=mensaje.reacciones,
                ),
            ]
        for empuje in repuestos:
            self._central.entregar_en(sala, _de_cambio(sala, empuje))

    def cerrar(self) -> None:
        for tarea in self._pendientes.values():
            tarea.cancel()


def _de_cambio(sala: Sala, empuje: empujes.Cambio) -> Sobre:
    return sobre(empuje, Alcance.UNIDOS, conversacion=sala.id, cambio=empuje.secuencia_cambio)


def _actualizada(sala: Sala, cambios: Cambios, conversacion: formas.Conversacion) -> Sobre:
    empuje = empujes.ConversacionActualizada(
        conversacion_id=sala.id, secuencia_cambio=cambios.hasta, conversacion=conversacion
    )
    return sobre(
        empuje,
        Alcance.MIEMBROS,
        conversacion=sala.id,
        cambio=cambios.hasta,
        no_leidos=cambios.no_leidos,
    )


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
    await leer(compartido().cubos.igualar)


def _tandas(ids: list[str], cuantos: int) -> list[list[str]]:
    return [ids[i : i + cuantos] for i in range(0, len(ids), cuantos)]
