"""Una central por proceso: sabe quién está conectado aquí y le da cada evento, una vez y en orden.

La capa de canales es un aviso y puede perder lo que lleva; la base de datos es la verdad. La
central sabe el último cambio que repartió de cada conversación con gente aquí: un hueco la hace
leer lo que falta, y cada medio segundo pregunta qué conversaciones y usuarios van por delante.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from django.conf import settings

from mensajeria import consultas
from mensajeria.base_de_datos import leer
from mensajeria.central import escribientes
from mensajeria.central.asistencia import Asistencia
from mensajeria.central.escribientes import Escribientes
from mensajeria.central.reparador import Reparador
from mensajeria.central.sala import Emision, Receptor, Sala
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.consultas import Puesta, Vigencia
from mensajeria.difusion import grupos
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.operaciones.autenticacion import Credencial, sesiones_abiertas, vigente
from mensajeria.operaciones.resumen import resumen
from mensajeria.protocolo import empujes

registro = logging.getLogger("mensajeria.central")


class Conexion(Receptor, Protocol):
    """Lo que la central necesita de una sesión, además de entregarle eventos."""

    credencial: Credencial | None

    def expulsar(self) -> None: ...


class Central:
    """Se crea dentro del bucle de eventos que la usa."""

    def __init__(self, emitir: Callable[[list[Sobre]], None]) -> None:
        self._emitir = emitir
        self._bucle = asyncio.get_running_loop()
        self.salas: dict[str, Sala] = {}
        self.conexiones: dict[str, set[Conexion]] = {}
        self.vigencias: dict[str, Vigencia | None] = {}
        self._salas_de: defaultdict[str, set[str]] = defaultdict(set)
        # Quien está entrando aún no figura entre las conexiones, pero ya escucha su grupo.
        self._entrando: Counter[str] = Counter()
        self._asistencia = Asistencia(self._sostiene, emitir)
        self._reparador = Reparador(self)
        self._escribientes = Escribientes(self.repartir)
        self.suscripciones = Suscripciones(self.repartir)
        self._tareas = [
            asyncio.create_task(self._reparador.vigilar()),
            asyncio.create_task(self._resumir()),
        ]

    @property
    def sockets(self) -> int:
        return sum(map(len, self.conexiones.values()))

    # Reparto

    def repartir(self, sobres: Iterable[Sobre]) -> None:
        """Da cada sobre a quien le toque aquí; los que ocupan un cambio, en su orden."""
        for sobre_ in sobres:
            if sobre_.evento == escribientes.EVENTO and not self._escribientes.cambia(sobre_):
                continue
            if sobre_.alcance in (Alcance.UNIDOS, Alcance.MIEMBROS):
                self._a_sala(sobre_)
            else:
                self._directo(sobre_)

    def _a_sala(self, sobre_: Sobre) -> None:
        sala = self.salas.get(sobre_.conversacion)
        if sala is None:
            if not any(p is not None and u in self.conexiones for u, p in sobre_.miembros.items()):
                return
            sala = self._abrir(sobre_.conversacion)
            sala.saltar_a(sobre_.cambio - 1, sobre_.secuencia)
            self._bucle.create_task(self.suscripciones.escuchar([grupos.de_conversacion(sala.id)]))
        for listo in sala.en_su_turno(sobre_):
            self.entregar_en(sala, listo)
        if sala.con_hueco:
            self._reparador.pronto(sala)

    def entregar_en(self, sala: Sala, sobre_: Sobre) -> None:
        """Reparte un sobre al que ya le tocó, y mueve a quien entre o salga con él."""
        for usuario, puede_enviar in sobre_.miembros.items():
            if puede_enviar is not None:
                self.admitir(sala, usuario, puede_enviar)
        if sobre_.alcance is Alcance.UNIDOS:
            emision = Emision(sobre_.evento, sobre_.datos, sobre_)
            sala.repartir(emision, sobre_, sala.destinatarios)
        else:
            for usuario, suyas in self._de_cada_miembro(sala).items():
                emision = Emision(sobre_.evento, sobre_.datos_para(usuario), sobre_)
                if sobre_.miembros.get(usuario, True) is None:
                    # Quien sale lo sabe en el acto: lo que le espera a medio unirse se tira.
                    for conexion in self.conexiones.get(usuario, ()):
                        conexion.entregar(emision)
                else:
                    sala.repartir(emision, sobre_, suyas)
        for usuario, puede_enviar in sobre_.miembros.items():
            if puede_enviar is None:
                self.despedir(sala, usuario)

    def _de_cada_miembro(self, sala: Sala) -> dict[str, set[Receptor]]:
        """Las conexiones de cada participante, también las que aún están entrando."""
        suyas: dict[str, set[Receptor]] = {
            u: set(self.conexiones.get(u, ())) for u in sala.miembros
        }
        for receptor in sala.los_que_esperan:
            suyas.setdefault(receptor.usuario_id, set()).add(receptor)
        return suyas

    def seguir(self, sala: Sala) -> None:
        """Reparte lo que esperaba a una lectura, y repara si aun así falta algo."""
        for listo in sala.los_que_siguen():
            self.entregar_en(sala, listo)
        if sala.con_hueco:
            self._reparador.pronto(sala)

    def _directo(self, sobre_: Sobre) -> None:
        emision = Emision(sobre_.evento, sobre_.datos, sobre_)
        for receptor in self._alcanzados(sobre_):
            if receptor.usuario_id != sobre_.salvo_usuario:
                receptor.entregar(emision)

    def _alcanzados(self, sobre_: Sobre) -> Collection[Conexion]:
        if sobre_.alcance is Alcance.USUARIOS:
            return [c for u in sobre_.usuarios for c in self.conexiones.get(u, ())]
        if sobre_.alcance is Alcance.PERSONAL:
            return [c for cs in self.conexiones.values() for c in cs if c.personal]
        salas = (self.salas[c] for c in sobre_.conversaciones if c in self.salas)
        usuarios = {u for sala in salas for u in sala.miembros}
        return [c for u in usuarios for c in self.conexiones.get(u, ())]

    # Quién está en cada conversación

    def _abrir(self, conversacion_id: str) -> Sala:
        sala = self.salas.get(conversacion_id)
        if sala is None:
            sala = self.salas[conversacion_id] = Sala(conversacion_id)
        return sala

    def _inscribir(self, sala: Sala, usuario: str, puede_enviar: bool) -> bool:
        """`True` si no estaba."""
        nuevo = usuario not in sala.miembros
        sala.miembros[usuario] = puede_enviar
        self._salas_de[usuario].add(sala.id)
        return nuevo

    def admitir(self, sala: Sala, usuario: str, puede_enviar: bool) -> None:
        """Un participante con conexiones aquí: si es nuevo, quedan todas unidas."""
        conexiones = self.conexiones.get(usuario)
        if conexiones and self._inscribir(sala, usuario, puede_enviar):
            for conexion in conexiones:
                if not sala.espera(conexion):
                    sala.unidos.add(conexion)
            self._asistencia.llega(Clave(usuario, sala.id))

    def despedir(self, sala: Sala, usuario: str) -> None:
        """Deja de participar: ninguna de sus conexiones recibe ya nada de ella."""
        sala.miembros.pop(usuario, None)
        self._salas_de[usuario].discard(sala.id)
        # También a la que se está uniendo, que puede no estar aún entre las suyas.
        for receptor in [r for r in sala.destinatarios if r.usuario_id == usuario]:
            sala.dejar(receptor)
        self._asistencia.quiza_se_va(Clave(usuario, sala.id))
        self._cerrar_si_vacia(sala)

    def _cerrar_si_vacia(self, sala: Sala) -> None:
        if not sala.miembros and not sala.destinatarios:
            self.salas.pop(sala.id, None)
            self.suscripciones.dejar(grupos.de_conversacion(sala.id))

    def _sostiene(self, clave: Clave) -> bool:
        if not clave.conversacion:
            return clave.usuario in self.conexiones
        sala = self.salas.get(clave.conversacion)
        return sala is not None and any(r.usuario_id == clave.usuario for r in sala.unidos)

    # Lo que piden las sesiones

    async def ingresar(
        self, conexion: Conexion, vigencia: Vigencia, responder: Callable[[], None]
    ) -> None:
        """Une la conexión a todas las conversaciones activas de su usuario.

        `responder` escribe `autenticado`, antes de que le llegue nada más.
        """
        usuario = conexion.usuario_id
        self._entrando[usuario] += 1
        try:
            await self._ingresar(conexion, vigencia, responder)
        finally:
            self._entrando[usuario] -= 1
            self._dejar_de_escuchar_a(usuario)

    async def _ingresar(
        self, conexion: Conexion, vigencia: Vigencia, responder: Callable[[], None]
    ) -> None:
        usuario = conexion.usuario_id
        previas = [p.conversacion_id for p in await leer(consultas.participaciones_de, usuario)]
        for id_ in previas:
            self._abrir(id_).esperar(conexion)
        try:
            grupos_ = [grupos.de_usuario(usuario), *map(grupos.de_conversacion, previas)]
            await self.suscripciones.escuchar(grupos_)
            # Se lee otra vez, ya escuchando: lo que pasó entre medias no se pierde.
            actuales = {
                p.conversacion_id: p for p in await leer(consultas.participaciones_de, usuario)
            }
        except BaseException:
            for id_ in previas:
                self._soltar(conexion, id_)
            raise
        self.conexiones.setdefault(usuario, set()).add(conexion)
        compartido().presencia.sockets = self.sockets
        # La más vieja: si otra conexión ya vio la nueva, la vigilancia debe revisar también esta.
        vista = self.vigencias.get(usuario)
        if vista is None or vigencia.version < vista.version:
            self.vigencias[usuario] = vigencia
        responder()
        self._asistencia.llega(Clave(usuario))
        for id_ in previas:
            p = actuales.pop(id_, None)
            if p is None or not self._abrir(id_).espera(conexion):
                self._soltar(conexion, id_)
            else:
                self._entrar(
                    self._abrir(id_), conexion, p.puede_enviar, p.ultimo_cambio, p.ultima_secuencia
                )
        if actuales:
            await self.unir(conexion, dict.fromkeys(actuales), lambda _: None)

    async def unir(
        self,
        conexion: Conexion,
        cursores: Mapping[str, int | None],
        responder: Callable[[dict[str, Puesta]], None],
    ) -> None:
        """Une la conexión a esas conversaciones, sin ventana entre la respuesta y lo que sigue.

        `responder` recibe lo que le faltaba de cada una que es suya, y escribe la respuesta (o
        lanza el error) en el acto.
        """
        estaba = {id_ for id_ in cursores if conexion in self._abrir(id_).unidos}
        for id_ in cursores:
            self._abrir(id_).esperar(conexion)
        try:
            await self.suscripciones.escuchar(map(grupos.de_conversacion, cursores))
            puestas = await leer(consultas.poner_al_dia, conexion.usuario_id, cursores)
            # A quien sacaron mientras se leía ya no se le espera.
            puestas = {id_: p for id_, p in puestas.items() if self._abrir(id_).espera(conexion)}
            responder(puestas)
        except BaseException:
            for id_ in cursores:
                if id_ in estaba and self._abrir(id_).espera(conexion):
                    self._abrir(id_).volver(conexion)
                self._soltar(conexion, id_, si_espera=True)
            raise
        for id_ in cursores.keys() - puestas.keys():
            self._soltar(conexion, id_)
        for id_, puesta in puestas.items():
            self._entrar(
                self._abrir(id_),
                conexion,
                puesta.puede_enviar,
                puesta.ultimo_cambio,
                puesta.ultima_secuencia,
            )

    def _entrar(
        self, sala: Sala, conexion: Conexion, puede_enviar: bool, cambio: int, secuencia: int
    ) -> None:
        if conexion not in self.conexiones.get(conexion.usuario_id, ()):
            self._soltar(conexion, sala.id)
            return
        self._inscribir(sala, conexion.usuario_id, puede_enviar)
        sala.unir(conexion, cambio, secuencia)
        self._asistencia.llega(Clave(conexion.usuario_id, sala.id))
        self.seguir(sala)

    def _soltar(self, conexion: Conexion, id_: str, *, si_espera: bool = False) -> None:
        sala = self.salas.get(id_)
        if sala is not None and (not si_espera or sala.espera(conexion)):
            sala.dejar(conexion)
        if sala is not None:
            self._cerrar_si_vacia(sala)

    def salir(self, conexion: Conexion, conversacion_id: str) -> bool:
        """La conexión deja de recibirla; `False` si el usuario no participa."""
        sala = self.salas.get(conversacion_id)
        if sala is None or conexion.usuario_id not in sala.miembros:
            return False
        sala.dejar(conexion)
        self._asistencia.quiza_se_va(Clave(conexion.usuario_id, conversacion_id))
        return True

    def puede_enviar(self, usuario: str, conversacion_id: str) -> bool | None:
        """Si el usuario puede enviar en ella ahora; `None` si no participa."""
        sala = self.salas.get(conversacion_id)
        return None if sala is None else sala.miembros.get(usuario)

    def desconectar(self, conexion: Conexion) -> None:
        """La conexión se fue: deja de recibir en el acto; la ausencia se anuncia tras la gracia."""
        usuario = conexion.usuario_id
        suyas = self.conexiones.get(usuario)
        if suyas is None or conexion not in suyas:
            return
        suyas.discard(conexion)
        compartido().presencia.sockets = self.sockets
        ultima = not suyas
        if ultima:
            del self.conexiones[usuario]
            self.vigencias.pop(usuario, None)
            self._dejar_de_escuchar_a(usuario)
            self._asistencia.quiza_se_va(Clave(usuario))
        for id_ in list(self._salas_de[usuario]):
            sala = self.salas[id_]
            sala.dejar(conexion)
            if ultima:
                del sala.miembros[usuario]
                self._cerrar_si_vacia(sala)
            self._asistencia.quiza_se_va(Clave(usuario, id_))
        if ultima:
            del self._salas_de[usuario]

    def _dejar_de_escuchar_a(self, usuario: str) -> None:
        if not self._entrando[usuario]:
            del self._entrando[usuario]
            if usuario not in self.conexiones:
                self.suscripciones.dejar(grupos.de_usuario(usuario))

    # Usuarios que cambiaron

    async def revisar_credenciales(self, usuario: str, vigencia: Vigencia | None) -> None:
        """Algo suyo cambió: expulsa a las conexiones cuya credencial ya no vale."""
        for conexion in list(self.conexiones.get(usuario, ())):
            if vigencia is None or not (
                conexion.credencial
                and vigente(conexion.credencial, vigencia.activo, vigencia.tokens_desde)
            ):
                conexion.expulsar()
        # Lo abierto desde la página vale hasta que se borre la sesión con que se abrió.
        credenciales = [c.credencial for c in self.conexiones.get(usuario, ())]
        claves = {c.sesion for c in credenciales if c and c.sesion}
        if claves:
            cerradas = claves - await leer(sesiones_abiertas, usuario, claves)
            for conexion in list(self.conexiones.get(usuario, ())):
                if conexion.credencial and conexion.credencial.sesion in cerradas:
                    conexion.expulsar()
        if usuario in self.conexiones:
            self.vigencias[usuario] = vigencia

    async def revisar_participaciones(self, usuario: str) -> None:
        """Algo suyo cambió: le da las conversaciones en las que entró sin que llegara el aviso."""
        participaciones = await leer(consultas.participaciones_de, usuario)
        nuevas = {p.conversacion_id for p in participaciones} - self._salas_de[usuario]
        if nuevas and usuario in self.conexiones:
            await self.suscripciones.escuchar(map(grupos.de_conversacion, nuevas))
            puestas = await leer(consultas.poner_al_dia, usuario, dict.fromkeys(nuevas))
            for puesta in puestas.values():
                self._presentar(usuario, puesta)

    def _presentar(self, usuario: str, puesta: Puesta) -> None:
        """Le da una conversación nueva cuyo aviso se perdió."""
        id_ = puesta.conversacion.id
        if id_ in self._salas_de[usuario] or usuario not in self.conexiones:
            return
        sala = self._abrir(id_)
        if sala.ultimo_cambio is None:
            sala.saltar_a(puesta.ultimo_cambio, puesta.ultima_secuencia)
        self.admitir(sala, usuario, puesta.puede_enviar)
        empuje = empujes.ConversacionActualizada(
            conversacion_id=id_,
            secuencia_cambio=puesta.ultimo_cambio,
            conversacion=puesta.conversacion,
        )
        self._directo(sobre(empuje, Alcance.USUARIOS, usuarios=[usuario]))

    # Cerrar

    async def despedirse(self) -> None:
        """Suelta la presencia de los suyos."""
        await self._asistencia.despedirse()

    def cerrar(self) -> None:
        """Deja de escuchar y de mirar."""
        for tarea in self._tareas:
            tarea.cancel()
        self._reparador.cerrar()
        self.suscripciones.cerrar()

    async def _resumir(self) -> None:
        while True:
            await asyncio.sleep(settings.RESUMEN_SEGUNDOS)
            try:
                self._emitir(await leer(resumen, settings.RESUMEN_SEGUNDOS))
            except Exception as error:
                registro.warning("No se pudo enviar el resumen: %s", type(error).__name__)
