"""Reponer desde la base de datos lo que la capa de canales perdió.

La lectura no sabe qué pasó, solo qué hay: más allá de la última secuencia es `nuevo_mensaje`; una
lápida, `mensaje_eliminado`; y lo demás, `mensaje_editado`, `reaccion_agregada` y `mensaje_fijado` o
`mensaje_desfijado` con todo su estado.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from enum import StrEnum

from mensajeria import consultas, metricas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.reparto import Reparto
from mensajeria.central.sala import Sala
from mensajeria.consultas import Cambios
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.fallos import anotar
from mensajeria.protocolo import empujes, formas

# Un aviso de otro proceso puede adelantar a otro unos milisegundos: no hace falta leer aún.
ESPERA_DE_HUECO = 0.05
ESPERA_TRAS_FALLO = 0.5
MAX_POR_CONSULTA = 1000
# Cuántas conversaciones se reponen con una lectura.
MAX_SALAS = 100


class Por(StrEnum):
    """Cómo se supo que una sala va por detrás."""

    HUECO = "hueco"
    NOVEDADES = "novedades"
    REPASO = "repaso"
    EPOCA = "epoca"


class Reparacion:
    """Lee lo que al reparto le falta, y se lo da para que lo reparta."""

    def __init__(self, reparto: Reparto) -> None:
        self._reparto = reparto
        # Hasta dónde van en la base las que se sabe que aquí van por detrás.
        self._van_por: dict[str, int] = {}
        # Las de la próxima ola, y todas las que esperan a una o están en ella.
        self._siguientes: list[Sala] = []
        self._pendientes: dict[Sala, Por] = {}
        self._olas: set[asyncio.Task[None]] = set()

    async def atender_huecos(self) -> None:
        """Sin fin: cada hueco se repara en breve, si para entonces sigue haciendo falta."""
        while True:
            for sala in await self._reparto.esperar_huecos():
                self._pronto(sala, Por.HUECO)

    def apuntar(self, numeros: Mapping[str, int], por: Por) -> None:
        """Hasta qué cambio va cada conversación: en breve se reponen las que aquí no hayan llegado.

        Las que nadie tiene abiertas aquí, o aún se están leyendo, no importan.
        """
        salas = self._reparto.salas
        for id_, numero in numeros.items():
            sala = salas.get(id_)
            if sala and sala.ultimo_cambio is not None and sala.ultimo_cambio < numero:
                self._van_por[id_] = numero
                self._pronto(sala, por)

    async def mirar(self, ids: Collection[str]) -> bool:
        """Pregunta a la base cuáles de esas salas van por detrás, y las repone.

        `True` si de alguna es la base la que va por detrás de lo repartido.
        """
        salas = self._reparto.salas
        vistos = {
            id_: sala.ultimo_cambio
            for id_ in ids
            if (sala := salas.get(id_)) and sala.ultimo_cambio is not None
        }
        ultimos = await en_hilo_de_lectura(consultas.ultimos_cambios, vistos) if vistos else {}
        self.apuntar(ultimos, Por.REPASO)
        return any(ultimos.get(id_, 0) < visto for id_, visto in vistos.items())

    async def mirar_todas(self) -> bool:
        """Lo mismo, de todas."""
        atras = False
        for ids in tandas(list(self._reparto.salas), MAX_POR_CONSULTA):
            atras |= await self.mirar(ids)
        return atras

    def situar(self, id_: str, cambios: Cambios | None, iba: tuple[int, int]) -> None:
        """En otra época: quién está en esa sala, y desde dónde se reparte (`iba`, en la anterior).

        Se repone lo que la base tiene después de por donde iba; si va por detrás, desde ahí.
        """
        sala = self._reparto.salas.get(id_)
        if sala is None:
            return
        cambio, secuencia = iba
        self._poner_al_dia_los_miembros(sala, cambios.miembros if cambios else {}, cambio)
        if cambios is None:
            return
        if sala.ultimo_cambio is None:
            sala.empezar(min(cambio, cambios.hasta), min(secuencia, cambios.ultima_secuencia))
            self._reparto.seguir(sala)
        self.apuntar({id_: cambios.hasta}, Por.EPOCA)

    # En olas: lo que se echa en falta a la vez se lee de una vez

    def _pronto(self, sala: Sala, por: Por) -> None:
        if sala in self._pendientes:
            return
        self._pendientes[sala] = por
        self._siguientes.append(sala)
        if len(self._siguientes) == 1:
            ola = asyncio.create_task(self._ola())
            self._olas.add(ola)
            ola.add_done_callback(self._olas.discard)

    async def _ola(self) -> None:
        await asyncio.sleep(ESPERA_DE_HUECO)
        salas, self._siguientes = self._siguientes, []
        faltan = [sala for sala in salas if self._falta(sala)]
        antes = {sala: sala.ultimo_cambio for sala in faltan}
        try:
            for i in range(0, len(faltan), MAX_SALAS):
                await self._reparar(faltan[i : i + MAX_SALAS])
        except Exception as error:
            anotar(error, "reparar lo que faltaba")
            await asyncio.sleep(ESPERA_TRAS_FALLO)
            antes = {}
        finally:
            por = {sala: self._pendientes.pop(sala) for sala in salas}
        for sala in salas:
            # Lo que se echó en falta mientras se leía, o no se pudo leer.
            if self._falta(sala) and antes.get(sala) != sala.ultimo_cambio:
                self._pronto(sala, por[sala])
            else:
                self._van_por.pop(sala.id, None)
            if sala in antes and antes[sala] != sala.ultimo_cambio:
                metricas.HUECOS.labels(por[sala]).inc()

    def _falta(self, sala: Sala) -> bool:
        if self._reparto.salas.get(sala.id) is not sala:
            return False
        return sala.con_hueco or self._van_por.get(sala.id, 0) > (sala.ultimo_cambio or 0)

    async def _reparar(self, salas: list[Sala]) -> None:
        """Repone lo que les falte; lo que no cabe en una lectura, en las siguientes."""
        faltan = {sala.id: sala for sala in salas}
        nuevos: set[str] = set()
        while faltan:
            vistos = {id_: sala.ultimo_cambio for id_, sala in faltan.items()}
            cursores = {id_: visto for id_, visto in vistos.items() if visto is not None}
            epoca = self._reparto.epoca
            leidos = await en_hilo_de_lectura(consultas.cambios_desde, cursores)
            if not self._reparto.sigue_en(epoca):
                # Esos cursores ya no dicen nada: cada sala se sitúa en la nueva.
                return
            for id_, sala in list(faltan.items()):
                cambios = leidos.get(id_)
                if cambios is None or self._reparto.salas.get(id_) is not sala:
                    del faltan[id_]
                    continue
                self._aplicar(sala, cambios, nuevos)
                if cambios.completo:
                    del faltan[id_]
                    self._van_por.pop(id_, None)
                    self._reparto.seguir(sala)

    def _aplicar(self, sala: Sala, cambios: Cambios, nuevos: set[str]) -> None:
        """Primero quién pertenece: lo confirmado tras una salida no llega a quien salió.

        `nuevos` son los mensajes ya dados como nuevos por una lectura anterior, que no pudo traerlo
        todo: si entre tanto cambiaron, no se dan por nuevos otra vez.
        """
        visto = sala.ultimo_cambio or 0
        if cambios.hasta <= visto:
            return
        if cambios.conversacion is not None:
            self._poner_al_dia_los_miembros(sala, cambios.miembros, cambios.hasta)
        for mensaje in cambios.mensajes:
            if mensaje.secuencia_cambio > visto:
                self._reponer(sala, mensaje, nuevos)
        if cambios.conversacion is not None:
            self._reparto.entregar_en(sala, _actualizada(sala, cambios, cambios.conversacion))
        sala.saltar_a(cambios.hasta, cambios.ultima_secuencia if cambios.completo else 0)

    def _poner_al_dia_los_miembros(
        self, sala: Sala, miembros: Mapping[str, bool | None], cambio: int
    ) -> None:
        salieron = [u for u in sala.miembros if miembros.get(u) is None]
        # Antes de remover a nadie: una sala que se queda vacía se cierra.
        for usuario, puede_enviar in miembros.items():
            if puede_enviar is not None:
                self._reparto.admitir(sala, usuario, puede_enviar)
        for usuario in salieron:
            self._remover(sala, usuario, cambio)

    def _remover(self, sala: Sala, usuario: str, cambio: int) -> None:
        empuje = empujes.ParticipanteRemovido(
            conversacion_id=sala.id, secuencia_cambio=cambio, usuario_id=usuario
        )
        self._reparto.entregar_en(
            sala,
            sobre(empuje, Alcance.MIEMBROS, conversacion=sala.id, miembros={usuario: None}),
        )

    def _reponer(self, sala: Sala, mensaje: formas.Mensaje, nuevos: set[str]) -> None:
        es_nuevo = mensaje.secuencia > sala.ultima_secuencia and mensaje.id not in nuevos
        if es_nuevo:
            nuevos.add(mensaje.id)
        for empuje in _repuestos(sala.id, mensaje, es_nuevo):
            self._reparto.entregar_en(sala, _de_cambio(sala, empuje))

    def cerrar(self) -> None:
        for ola in self._olas:
            ola.cancel()


def _repuestos(id_: str, mensaje: formas.Mensaje, es_nuevo: bool) -> list[empujes.Cambio]:
    cambio = mensaje.secuencia_cambio
    if es_nuevo:
        nuevo = empujes.NuevoMensaje(conversacion_id=id_, secuencia_cambio=cambio, mensaje=mensaje)
        return [nuevo, _de_fijar(id_, mensaje)] if mensaje.fijado.fijado else [nuevo]
    if mensaje.eliminado.eliminado:
        return [
            empujes.MensajeEliminado(
                conversacion_id=id_, secuencia_cambio=cambio, mensaje_id=mensaje.id
            )
        ]
    return [
        empujes.MensajeEditado(conversacion_id=id_, secuencia_cambio=cambio, mensaje=mensaje),
        empujes.ReaccionAgregada(
            conversacion_id=id_,
            secuencia_cambio=cambio,
            mensaje_id=mensaje.id,
            reacciones=mensaje.reacciones,
        ),
        _de_fijar(id_, mensaje),
    ]


def _de_fijar(
    id_: str, mensaje: formas.Mensaje
) -> empujes.MensajeFijado | empujes.MensajeDesfijado:
    tipo = empujes.MensajeFijado if mensaje.fijado.fijado else empujes.MensajeDesfijado
    return tipo(
        conversacion_id=id_,
        secuencia_cambio=mensaje.secuencia_cambio,
        mensaje_id=mensaje.id,
        fijado=mensaje.fijado,
    )


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
        propias=cambios.propias,
    )


def tandas(ids: list[str], cuantos: int) -> list[list[str]]:
    return [ids[i : i + cuantos] for i in range(0, len(ids), cuantos)]
