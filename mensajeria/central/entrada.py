"""Cómo entra una conexión: primero espera, luego lee, y lo que pasó entre medias le aguarda.

Mientras espera, la sala le guarda lo suyo; su respuesta y lo guardado salen en la misma vuelta del
bucle. Así no hay ventana: ni se pierde nada, ni llega dos veces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from mensajeria import consultas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.reparto import Reparto
from mensajeria.central.sala import Receptor
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.central.vigilancia import Vigilancia
from mensajeria.consultas import Participacion, Puesta, Vigencia


class Entrada:
    """Cómo entra y se va cada conexión de este proceso."""

    def __init__(
        self, reparto: Reparto, suscripciones: Suscripciones, vigilancia: Vigilancia
    ) -> None:
        self._reparto = reparto
        self._suscripciones = suscripciones
        self._vigilancia = vigilancia
        # Quien está entrando aún no figura en el reparto, pero ya escucha su grupo.
        self._entrando: Counter[str] = Counter()

    async def ingresar(
        self, receptor: Receptor, vigencia: Vigencia, responder: Callable[[], None]
    ) -> None:
        """Une la conexión a todas las conversaciones activas de su usuario.

        `responder` envía `autenticado`, antes de que le llegue nada más.
        """
        usuario = receptor.usuario_id
        self._entrando[usuario] += 1
        try:
            with self._vigilancia.atenta():
                await self._ingresar(receptor, vigencia, responder)
            self._vigilancia.revisar(usuario)
        finally:
            self._entrando[usuario] -= 1
            self._dejar_de_escuchar_a(usuario)

    async def _ingresar(
        self, receptor: Receptor, vigencia: Vigencia, responder: Callable[[], None]
    ) -> None:
        usuario = receptor.usuario_id
        previas = [
            p.conversacion_id
            for p in await en_hilo_de_lectura(consultas.participaciones_de, usuario)
        ]
        actuales = await self._escuchar_y_leer(receptor, previas)
        self._reparto.agregar(receptor)
        self._vigilancia.conocer(usuario, vigencia)
        responder()
        for id_ in previas:
            self._entrar(receptor, id_, actuales.pop(id_, None))
        if actuales:
            await self.unir(receptor, dict.fromkeys(actuales), lambda _: None)

    async def _escuchar_y_leer(
        self, receptor: Receptor, previas: list[str]
    ) -> dict[str, Participacion]:
        """Espera en todas y vuelve a leer, ya escuchando: lo que pasó entre medias no se pierde."""
        usuario = receptor.usuario_id
        for id_ in previas:
            self._reparto.abrir(id_).esperar(receptor)
        try:
            await self._suscripciones.escuchar(previas, usuario)
            leidas = await en_hilo_de_lectura(consultas.participaciones_de, usuario)
        except BaseException:
            for id_ in previas:
                self._reparto.soltar(receptor, id_)
            raise
        return {p.conversacion_id: p for p in leidas}

    async def unir(
        self,
        receptor: Receptor,
        cursores: Mapping[str, int | None],
        responder: Callable[[dict[str, Puesta]], None],
    ) -> None:
        """Une la conexión a esas conversaciones, sin ventana entre la respuesta y lo que sigue.

        `responder` recibe lo que le faltaba de cada una que es suya, y envía la respuesta (o lanza
        el error) en el acto.
        """
        with self._vigilancia.atenta():
            estaba = self._esperar(receptor, cursores)
            try:
                await self._suscripciones.escuchar(cursores)
                puestas = await en_hilo_de_lectura(
                    consultas.poner_al_dia, receptor.usuario_id, cursores
                )
                # A quien sacaron mientras se leía ya no se le espera.
                puestas = {id_: p for id_, p in puestas.items() if self._espera(receptor, id_)}
                responder(puestas)
            except BaseException:
                self._desistir(receptor, cursores, estaba)
                raise
            for id_ in cursores:
                self._entrar(receptor, id_, puestas.get(id_))

    def _esperar(self, receptor: Receptor, ids: Iterable[str]) -> set[str]:
        """Espera en todas; devuelve en las que ya estaba unida."""
        salas = [self._reparto.abrir(id_) for id_ in ids]
        estaba = {sala.id for sala in salas if receptor in sala.unidos}
        for sala in salas:
            sala.esperar(receptor)
        return estaba

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

    def _entrar(self, receptor: Receptor, id_: str, leido: Participacion | Puesta | None) -> None:
        """Entra en esa conversación con lo que se leyó de ella; si no es suya, no."""
        if leido is None or not self._espera(receptor, id_):
            self._reparto.soltar(receptor, id_)
        else:
            self._reparto.unir(
                receptor,
                self._reparto.salas[id_],
                leido.puede_enviar,
                leido.ultimo_cambio,
                leido.ultima_secuencia,
            )

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
