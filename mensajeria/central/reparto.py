"""Quién está en este proceso, y qué se le da: cada evento una vez, y en orden.

La capa de canales es un aviso y puede perder lo que lleva; la base de datos es la verdad. El
reparto sabe el último cambio que dio de cada conversación con gente aquí: un hueco espera a que
`reparacion` lea lo que falta.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Protocol

from mensajeria.central import escribiendo
from mensajeria.central.asistencia import Asistencia
from mensajeria.central.sala import Receptor, Sala, entregar
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.difusion.emision import Emision
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.entre_procesos.presencia import Clave

# Sobres de otra época que se guardan mientras la base no dice cuál vale.
MAX_DE_OTRA = 10_000


class Leida(Protocol):
    """Lo que se leyó de una conversación para unir a alguien a ella."""

    @property
    def puede_enviar(self) -> bool: ...
    @property
    def ultimo_cambio(self) -> int: ...
    @property
    def ultima_secuencia(self) -> int: ...


class Reparto:
    """Lo que hay aquí: `receptores`, por usuario, y `salas`, por conversación.

    `epoca` es en la que valen los números de las salas; vacía, todavía no se sabe.

    Las demás partes los leen. Solo el reparto agrega y quita; la entrada, además, hace esperar en
    una sala a quien se está uniendo, y la reparación salta los cambios que ya leyó.
    """

    def __init__(self, asistencia: Asistencia, suscripciones: Suscripciones) -> None:
        self._asistencia = asistencia
        self._suscripciones = suscripciones
        self.salas: dict[str, Sala] = {}
        self.receptores: dict[str, set[Receptor]] = {}
        # Un `set` de cien ocupa casi el doble.
        self._salas_de: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._escribientes = escribiendo.Escribientes(self.repartir)
        self.epoca = ""
        self._de_otra: list[Sobre] = []
        self._hay_de_otra = asyncio.Event()
        self._huecos: set[Sala] = set()
        self._hay_huecos = asyncio.Event()

    # Dar cada evento

    def repartir(self, sobres: Iterable[Sobre]) -> None:
        """Da cada sobre a quien le toque aquí; los que ocupan un cambio, en su orden."""
        for sobre in sobres:
            if sobre.evento == escribiendo.EVENTO and not self._cambia_quien_escribe(sobre):
                continue
            if sobre.evento == escribiendo.ENVIO:
                self._escribientes.envio(sobre)
            if sobre.alcance is Alcance.UNIDOS and sobre.conversaciones:
                self._a_cada_sala(sobre)
            elif sobre.alcance in (Alcance.UNIDOS, Alcance.MIEMBROS):
                self._a_sala(sobre)
            else:
                self._directo(sobre)

    def _cambia_quien_escribe(self, sobre: Sobre) -> bool:
        sala = self.salas.get(sobre.conversacion)
        return self._escribientes.cambia(sobre, sala is not None and sala.hay_muchos)

    def _a_sala(self, sobre: Sobre) -> None:
        if sobre.epoca and sobre.epoca != self.epoca:
            if self.epoca:
                # Los que no caben se echarán en falta, y se leerán.
                if len(self._de_otra) < MAX_DE_OTRA:
                    self._de_otra.append(sobre)
                self._hay_de_otra.set()
                return
            self.epoca = sobre.epoca
        sala = self.salas.get(sobre.conversacion)
        if sala is None:
            if not any(p is not None and u in self.receptores for u, p in sobre.miembros.items()):
                return
            sala = self.abrir(sobre.conversacion)
            sala.saltar_a(sobre.cambio - 1, sobre.secuencia)
            self._suscripciones.escuchar_luego(sala.id)
        for listo in sala.en_su_turno(sobre):
            self.entregar_en(sala, listo)
        if sala.con_hueco:
            self._apuntar_hueco(sala)

    def _a_cada_sala(self, sobre: Sobre) -> None:
        """Quien llega a cien conversaciones lo dice en las cien, y en casi ninguna hay nadie."""
        for id_ in sobre.conversaciones:
            sala = self.salas.get(id_)
            if sala is not None and sala.hay_otros(sobre.salvo_usuario):
                self.entregar_en(sala, sobre.de_una(id_))

    def entregar_en(self, sala: Sala, sobre: Sobre) -> None:
        """Reparte un sobre al que ya le tocó, y mueve a quien entre o salga con él."""
        for usuario, puede_enviar in sobre.miembros.items():
            if puede_enviar is not None:
                self.admitir(sala, usuario, puede_enviar)
        if sobre.alcance is Alcance.UNIDOS:
            emision = Emision(sobre.evento, sobre.datos, sobre)
            sala.repartir(emision, sobre, sala.a_quienes(sobre))
        else:
            comun = None if sobre.es_de_cada_uno else Emision(sobre.evento, sobre.datos, sobre)
            for usuario, suyos in self._de_cada_miembro(sala).items():
                emision = comun or Emision(sobre.evento, sobre.datos_para(usuario), sobre)
                if sobre.miembros.get(usuario, True) is None:
                    # Quien sale lo sabe en el acto: lo que le espera a medio unirse se tira.
                    entregar(emision, self.receptores.get(usuario, ()))
                else:
                    sala.repartir(emision, sobre, suyos)
        for usuario, puede_enviar in sobre.miembros.items():
            if puede_enviar is None:
                self._remover(sala, usuario)

    def _de_cada_miembro(self, sala: Sala) -> dict[str, set[Receptor]]:
        """Los receptores de cada participante, también los que aún están entrando."""
        suyos: dict[str, set[Receptor]] = {
            u: set(self.receptores.get(u, ())) for u in sala.miembros
        }
        for receptor in sala.los_que_esperan:
            suyos.setdefault(receptor.usuario_id, set()).add(receptor)
        return suyos

    def _directo(self, sobre: Sobre) -> None:
        salvo = sobre.salvo_usuario
        a_quienes = [r for r in self._alcanzados(sobre) if r.usuario_id != salvo]
        entregar(Emision(sobre.evento, sobre.datos, sobre), a_quienes)

    def _alcanzados(self, sobre: Sobre) -> Collection[Receptor]:
        if sobre.alcance is Alcance.USUARIOS:
            return [r for u in sobre.usuarios for r in self.receptores.get(u, ())]
        usuarios: set[str] = set()
        for id_ in sobre.conversaciones:
            if (sala := self.salas.get(id_)) is not None:
                usuarios.update(sala.miembros)
        return [r for u in usuarios for r in self.receptores.get(u, ())]

    # Épocas

    def sigue_en(self, epoca: str) -> bool:
        """Si lo leído sabiendo que era esa aún vale; vacía una de las dos, no se sabía, y vale."""
        return not epoca or self.epoca in ("", epoca)

    async def esperar_de_otra(self) -> None:
        """Hasta que haya algún sobre de otra época, más nueva o más vieja: lo dirá la base."""
        await self._hay_de_otra.wait()
        self._hay_de_otra.clear()

    def recordar_los_de_otra(self) -> None:
        """No se pudo saber en qué época está la base: quien espera lo intenta otra vez."""
        if self._de_otra:
            self._hay_de_otra.set()

    def empezar_epoca(self, epoca: str) -> dict[str, tuple[int, int]]:
        """Olvida los números de las salas; devuelve el último cambio y mensaje de cada una."""
        iban = {id_: (s.ultimo_cambio or 0, s.ultima_secuencia) for id_, s in self.salas.items()}
        for sala in self.salas.values():
            sala.olvidar()
        self._huecos.clear()
        self.epoca = epoca
        return iban

    @property
    def esperan_de_otra(self) -> int:
        """Cuántos sobres esperan a saber en qué época está la base."""
        return len(self._de_otra)

    def repartir_los_de_otra(self, cuantos: int) -> None:
        """De los primeros que esperaban, los de esta época; los demás se tiran."""
        esperaban = self._de_otra[:cuantos]
        del self._de_otra[:cuantos]
        self.repartir(s for s in esperaban if s.epoca == self.epoca)

    def repartido(self, epoca: str, conversacion_id: str) -> int:
        """Hasta qué cambio se repartió aquí en esa época; 0 si no se sabe. Desde cualquier hilo."""
        sala = self.salas.get(conversacion_id)
        ultimo = None if sala is None else sala.ultimo_cambio
        return ultimo if ultimo is not None and epoca == self.epoca else 0

    # Huecos

    def seguir(self, sala: Sala) -> None:
        """Reparte lo que esperaba a una lectura; si aun así falta algo, queda como hueco."""
        for listo in sala.los_que_siguen():
            self.entregar_en(sala, listo)
        if sala.con_hueco:
            self._apuntar_hueco(sala)

    def _apuntar_hueco(self, sala: Sala) -> None:
        self._huecos.add(sala)
        self._hay_huecos.set()

    async def esperar_huecos(self) -> set[Sala]:
        """Las salas a las que les falta algo, desde la última vez; si no hay, espera."""
        await self._hay_huecos.wait()
        self._hay_huecos.clear()
        huecos, self._huecos = self._huecos, set()
        return huecos

    # Quién está aquí

    def agregar(self, receptor: Receptor) -> None:
        """Un usuario tiene una conexión más; aún no está unida a nada."""
        self.receptores.setdefault(receptor.usuario_id, set()).add(receptor)
        self._asistencia.contar(1)
        self._asistencia.llegan([Clave(receptor.usuario_id)])
        self.revisar_vista(receptor.usuario_id)

    def revisar_vista(self, usuario: str) -> None:
        """Quizá cambió lo que sus páginas tienen a la vista; irse lo cambia tras la gracia."""
        if suyos := self.receptores.get(usuario):
            self._asistencia.mira(usuario, {r.mira for r in suyos if r.mira is not None})

    def quitar(self, receptor: Receptor) -> bool:
        """Deja de recibir en el acto; la ausencia se anuncia tras la gracia.

        `True` si era la última conexión de su usuario.
        """
        usuario = receptor.usuario_id
        suyos = self.receptores.get(usuario)
        if suyos is None or receptor not in suyos:
            return False
        suyos.discard(receptor)
        self._asistencia.contar(-1)
        suyas = list(self.salas_de(usuario))
        claves = [Clave(usuario, id_) for id_ in suyas]
        if not suyos:
            del self.receptores[usuario]
            claves.append(Clave(usuario))
        self._asistencia.quiza_se_van(claves)
        for id_ in suyas:
            sala = self.salas[id_]
            sala.dejar(receptor)
            if not suyos:
                del sala.miembros[usuario]
                self._cerrar_si_vacia(sala)
        if not suyos:
            self._salas_de.pop(usuario, None)
        else:
            self.revisar_vista(usuario)
        return not suyos

    def sostiene(self, clave: Clave) -> bool:
        """Si alguna conexión de aquí la hace verdad."""
        if clave.usuario not in self.receptores or not clave.conversacion:
            return clave.usuario in self.receptores
        sala = self.salas.get(clave.conversacion)
        return sala is not None and any(r.usuario_id == clave.usuario for r in sala.unidos)

    def salas_de(self, usuario: str) -> Set[str]:
        """Las conversaciones en las que participa, que se sepa aquí."""
        return self._salas_de.get(usuario, {}).keys()

    def puede_enviar(self, usuario: str, conversacion_id: str) -> bool | None:
        """Si el usuario puede enviar en ella ahora; `None` si no participa."""
        sala = self.salas.get(conversacion_id)
        return None if sala is None else sala.miembros.get(usuario)

    # Quién está en cada conversación

    def abrir(self, conversacion_id: str) -> Sala:
        """Su sala, nueva si no había."""
        sala = self.salas.get(conversacion_id)
        if sala is None:
            sala = self.salas[conversacion_id] = Sala(conversacion_id)
        return sala

    def unir(self, receptor: Receptor, leidas: Mapping[str, Leida | None]) -> None:
        """Une a quien esperaba en esas salas y ya tiene su respuesta, que cubre lo leído de cada
        una; de las que no son suyas (`None`), o de las que lo sacaron entre medias, lo suelta.
        """
        usuario, unidas = receptor.usuario_id, []
        for id_, leida in leidas.items():
            sala = self.salas.get(id_)
            esta = receptor in self.receptores.get(usuario, ())
            if not (
                esta
                and sala is not None
                and leida is not None
                and sala.unir(receptor, leida.ultimo_cambio, leida.ultima_secuencia)
            ):
                self.soltar(receptor, id_)
                continue
            self._inscribir(sala, usuario, leida.puede_enviar)
            unidas.append(Clave(usuario, id_))
            if sala.con_hueco:
                self.seguir(sala)
        self._asistencia.llegan(unidas)

    def admitir(self, sala: Sala, usuario: str, puede_enviar: bool) -> None:
        """Un participante con conexiones aquí: si es nuevo, quedan todas unidas."""
        suyos = self.receptores.get(usuario)
        if suyos and self._inscribir(sala, usuario, puede_enviar):
            for receptor in suyos:
                sala.admitir(receptor)
            self._asistencia.llegan([Clave(usuario, sala.id)])

    def _inscribir(self, sala: Sala, usuario: str, puede_enviar: bool) -> bool:
        """`True` si no estaba."""
        nuevo = usuario not in sala.miembros
        sala.miembros[usuario] = puede_enviar
        self._salas_de[usuario][sala.id] = None
        return nuevo

    def _remover(self, sala: Sala, usuario: str) -> None:
        """Deja de participar: ninguna de sus conexiones recibe ya nada de ella."""
        if sala.miembros.pop(usuario, None) is not None:
            self._salas_de[usuario].pop(sala.id, None)
        # También a la que se está uniendo, que puede no estar aún entre las suyas.
        for receptor in [r for r in sala.destinatarios if r.usuario_id == usuario]:
            sala.dejar(receptor)
        self._asistencia.quiza_se_van([Clave(usuario, sala.id)])
        self._cerrar_si_vacia(sala)

    def salir(self, receptor: Receptor, conversacion_id: str) -> bool:
        """La conexión deja de recibirla; `False` si el usuario no participa."""
        sala = self.salas.get(conversacion_id)
        if sala is None or receptor.usuario_id not in sala.miembros:
            return False
        sala.dejar(receptor)
        self._asistencia.quiza_se_van([Clave(receptor.usuario_id, conversacion_id)])
        return True

    def soltar(self, receptor: Receptor, conversacion_id: str) -> None:
        """Quien se estaba uniendo no se une."""
        sala = self.salas.get(conversacion_id)
        if sala is not None:
            sala.dejar(receptor)
            self._cerrar_si_vacia(sala)

    def _cerrar_si_vacia(self, sala: Sala) -> None:
        if sala.vacia:
            self.salas.pop(sala.id, None)
            self._suscripciones.dejar_conversacion(sala.id)
