"""Un intento de guardar unas conversaciones con sus mensajes, en una transacción.

Todo lo que hace falta leer se lee de una vez; nada de lo leído de la fuente cambia, así que una
tanda que choca con otra transacción se repite entera.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mensajeria.consola.importacion.conversaciones import ConversacionTraida
from mensajeria.consola.importacion.insercion import insertar
from mensajeria.consola.importacion.mensajes import MensajeTraido
from mensajeria.consola.importacion.recibos import RecibosDeConversacion
from mensajeria.consola.importacion.valores import Nota, Notas
from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Moderacion,
    Novedad,
    Participante,
    Reaccion,
    tocar,
)
from mensajeria.models.conversacion import nuevo_codigo
from mensajeria.protocolo.tipos import iso

_CURSORES = (
    "entregado_hasta",
    "leido_hasta",
    "enviados",
    "enviados_leidos",
    "retirados_sin_leer",
    "entregado_por_todos",
    "leido_por_todos",
)
_CUENTAS = ("ultima_secuencia", "ultimo_cambio", "fecha_ultima_actividad", "ultimo_mensaje")


@dataclass(slots=True)
class Hilera:
    """Mensajes seguidos de una conversación; `primera`, si son los que la abren."""

    traida: ConversacionTraida
    mensajes: list[MensajeTraido] = field(default_factory=list)
    primera: bool = True


@dataclass(slots=True)
class ConversacionEnCurso:
    """Una conversación mientras se le añaden mensajes."""

    fila: Conversacion
    participantes: dict[str, Participante]
    nueva: bool
    recibos: RecibosDeConversacion
    escritos: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Vistos:
    """Lo único que tiene dueño en lo ya guardado por esta importación."""

    codigos: set[str] = field(default_factory=set)
    parejas: set[str] = field(default_factory=set)
    claves: set[tuple[str, str]] = field(default_factory=set)

    def sumar(self, otros: Vistos) -> None:
        self.codigos |= otros.codigos
        self.parejas |= otros.parejas
        self.claves |= otros.claves


class Tanda:
    """Sin `guardar`, `abierta` es la conversación que dejó a medias la tanda anterior."""

    def __init__(
        self,
        hileras: Sequence[Hilera],
        vistos: Vistos,
        abierta: ConversacionEnCurso | None = None,
        *,
        bloquear: bool = True,
    ) -> None:
        self._hileras = hileras
        self._bloquear = bloquear
        self._vistos = vistos
        self.suyos = Vistos()
        self.mensajes: list[tuple[MensajeTraido, Notas]] = []
        self.ya_estaban = 0
        self.notas_de_conversacion: dict[str, Notas] = {}
        self._sumados: list[Participante] = []
        self._cargar(abierta)
        for hilera in hileras:
            self._enhebrar(hilera, self.en_curso[hilera.traida.fila.pk])
        for en_curso in self.en_curso.values():
            en_curso.recibos.avanzar_pisos()

    # Cargar

    def _cargar(self, abierta: ConversacionEnCurso | None) -> None:
        ids = [h.traida.fila.pk for h in self._hileras]
        filas = Conversacion.objects.filter(pk__in=sorted(ids)).order_by("pk")
        hay = {f.pk: f for f in (filas.select_for_update() if self._bloquear else filas)}
        participantes: dict[str, dict[str, Participante]] = {pk: {} for pk in hay}
        for p in Participante.objects.filter(conversacion__in=list(hay)) if hay else ():
            participantes[p.conversacion_id][p.usuario_id] = p
        self._mirar_repetidos()
        self.en_curso: dict[str, ConversacionEnCurso] = {}
        for hilera in self._hileras:
            pk = hilera.traida.fila.pk
            if pk in hay:
                self.en_curso[pk] = _en_curso(hay[pk], participantes[pk].values(), nueva=False)
            elif abierta is not None and abierta.fila.pk == pk:
                self.en_curso[pk] = abierta
            else:
                self.en_curso[pk] = self._nueva(hilera.traida)
        self._citables = self._cargar_citas()

    def _mirar_repetidos(self) -> None:
        """De lo que trae esta tanda, qué hay ya guardado que no admite otro igual."""
        traidas = [h.traida.fila for h in self._hileras]
        mensajes = [m for h in self._hileras for m in h.mensajes]
        self._guardados = _hallar(Mensaje, "pk", [m.fila.pk for m in mensajes])
        self._codigos = _hallar(Conversacion, "codigo", [f.codigo for f in traidas])
        claves = [f.clave_pareja for f in traidas if f.clave_pareja]
        # De quién es cada una aquí, y si sigue abierta.
        suyas = Conversacion.objects.filter(clave_pareja__in=claves) if claves else ()
        self._parejas = {c.clave_pareja: c.activa for c in suyas}
        de_cliente = [m.fila.id_cliente for m in mensajes if m.fila.id_cliente]
        self._claves: set[tuple[str | None, str | None]] = set()
        if de_cliente:
            usadas = Mensaje.objects.filter(id_cliente__in=de_cliente)
            self._claves = set(usadas.values_list("remitente_id", "id_cliente"))

    def _cargar_citas(self) -> dict[str, str]:
        """De qué conversación es cada mensaje que se puede citar."""
        citados = [m.responde_a for h in self._hileras for m in h.mensajes if m.responde_a]
        if not citados:
            return {}
        filas = Mensaje.objects.filter(pk__in=citados)
        return dict(filas.values_list("pk", "conversacion_id"))

    def _nueva(self, traida: ConversacionTraida) -> ConversacionEnCurso:
        fila = copy.copy(traida.fila)
        notas = list(traida.notas)
        if fila.codigo in self._codigos | self._vistos.codigos | self.suyos.codigos:
            notas.append(Nota("codigoConversacion", "repetido: se le da otro", fila.codigo))
            fila.codigo = nuevo_codigo()
        self.suyos.codigos.add(fila.codigo)
        if fila.clave_pareja:
            self._emparejar(fila, notas)
        self.notas_de_conversacion[fila.pk] = notas
        return _en_curso(fila, [copy.copy(p) for p in traida.participantes], nueva=True)

    def _emparejar(self, fila: Conversacion, notas: Notas) -> None:
        """De dos entre las mismas personas, solo una se les da al pedirla; de aquí, la abierta."""
        pareja = fila.clave_pareja or ""
        tomada = pareja in self._vistos.parejas | self.suyos.parejas
        if pareja in self._parejas:
            tomada = self._parejas[pareja] or not fila.activa
        if tomada:
            if fila.activa:
                motivo = "esas dos personas tienen otra más reciente; al pedir una, se les da esa"
                notas.append(Nota("participantes", motivo))
            fila.clave_pareja = None
            return
        self.suyos.parejas.add(pareja)

    # Numerar

    def _enhebrar(self, hilera: Hilera, en_curso: ConversacionEnCurso) -> None:
        for traido in hilera.mensajes:
            if traido.fila.pk in self._guardados:
                self.ya_estaban += 1
            else:
                self._numerar(traido, en_curso)

    def _numerar(self, traido: MensajeTraido, en_curso: ConversacionEnCurso) -> None:
        notas = list(traido.notas)
        fila, conversacion = traido.fila, en_curso.fila
        conversacion.ultima_secuencia += 1
        conversacion.ultimo_cambio += 1
        enviado = fila.fecha_envio
        conversacion.fecha_ultima_actividad = max(conversacion.fecha_ultima_actividad, enviado)
        conversacion.ultimo_mensaje = max(conversacion.ultimo_mensaje or enviado, enviado)
        fila.conversacion_id = conversacion.pk
        fila.secuencia = conversacion.ultima_secuencia
        fila.secuencia_cambio = conversacion.ultimo_cambio
        fila.remitente_id = traido.remitente
        fila.respuesta_a_id = self._cita(traido, en_curso, notas)
        if traido.remitente is not None:
            self._contar_envio(fila, traido.remitente, en_curso)
        self._revisar_clave(traido, notas)
        _revisar_lecturas(traido, en_curso, notas)
        en_curso.recibos.anotar(traido)
        en_curso.escritos.add(fila.pk)
        self.mensajes.append((traido, notas))

    def _cita(
        self, traido: MensajeTraido, en_curso: ConversacionEnCurso, notas: Notas
    ) -> str | None:
        citado = traido.responde_a
        if citado is None:
            return None
        if citado in en_curso.escritos or self._citables.get(citado) == en_curso.fila.pk:
            return citado
        notas.append(Nota("respuestaA", "lo que cita no está antes en esta conversación", citado))
        return None

    def _contar_envio(self, fila: Mensaje, remitente: str, en_curso: ConversacionEnCurso) -> None:
        """Quien escribió y ya no figura entra como participante que salió."""
        p = en_curso.participantes.get(remitente)
        if p is None:
            p = Participante(
                conversacion_id=en_curso.fila.pk,
                usuario_id=remitente,
                fecha_ingreso=fila.fecha_envio,
                activo=False,
                secuencia_cambio=en_curso.fila.ultimo_cambio,
            )
            en_curso.participantes[remitente] = p
            en_curso.recibos.sumar(p)
            if not en_curso.nueva:
                self._sumados.append(p)
        p.enviados += 1
        fila.numero_de_remitente = p.enviados
        en_curso.recibos.movidos[p.pk] = p

    def _revisar_clave(self, traido: MensajeTraido, notas: Notas) -> None:
        fila = traido.fila
        if fila.id_cliente is None or traido.remitente is None:
            return
        clave = (traido.remitente, fila.id_cliente)
        if clave in self._claves or clave in self._vistos.claves or clave in self.suyos.claves:
            notas.append(Nota("idCliente", "otro mensaje suyo lo usa: se quita", fila.id_cliente))
            fila.id_cliente = None
        else:
            self.suyos.claves.add(clave)

    # Guardar

    def guardar(self) -> None:
        """Dentro de una transacción."""
        nuevas = [e for e in self.en_curso.values() if e.nueva]
        if cedidas := self.suyos.parejas & self._parejas.keys():
            Conversacion.objects.filter(clave_pareja__in=cedidas).update(clave_pareja=None)
        insertar(Conversacion, [e.fila for e in nuevas])
        insertar(Participante, [p for e in nuevas for p in e.participantes.values()])
        insertar(Participante, self._sumados)
        filas = [traido.fila for traido, _ in self.mensajes]
        insertar(Mensaje, filas)
        insertar(Moderacion, [t.moderacion for t, _ in self.mensajes if t.moderacion])
        insertar(Lectura, [f for e in self.en_curso.values() for f in e.recibos.filas])
        insertar(Reaccion, [r for traido, _ in self.mensajes for r in _reacciones(traido)])
        con_mensajes = {f.conversacion_id for f in filas}
        viejas = [e for pk, e in self.en_curso.items() if not e.nueva and pk in con_mensajes]
        _actualizar(Conversacion, [e.fila for e in viejas], _CUENTAS)
        recientes = {p.pk for p in self._sumados}
        movidos = [p for e in viejas for p in e.recibos.movidos.values() if p.pk not in recientes]
        _actualizar(Participante, movidos, _CURSORES)
        # Quien ya esté conectado mira qué conversaciones nuevas tiene.
        tocar({u for e in nuevas for u in e.participantes})
        cambios = {e.fila.pk: e.fila.ultimo_cambio for e in viejas}
        if cambios:
            Novedad(conversaciones=cambios).save(force_insert=True)


def _revisar_lecturas(traido: MensajeTraido, en_curso: ConversacionEnCurso, notas: Notas) -> None:
    """Los acuses son de quienes participan."""
    for usuario, fecha in traido.lecturas.items():
        if usuario not in en_curso.participantes:
            motivo = "quien leyó no figura en la conversación: se omite"
            notas.append(Nota(traido.leida_en[usuario], motivo, [usuario, iso(fecha)]))


def _reacciones(traido: MensajeTraido) -> list[Reaccion]:
    return [
        Reaccion(mensaje_id=traido.fila.pk, usuario_id=usuario, tipo=tipo, fecha=fecha)
        for usuario, (tipo, fecha) in traido.reacciones.items()
    ]


def _actualizar(modelo: Any, filas: Sequence[Any], campos: Sequence[str]) -> None:
    if filas:
        modelo.objects.bulk_update(sorted(filas, key=lambda f: f.pk), campos)


def _en_curso(
    fila: Conversacion, participantes: Iterable[Participante], *, nueva: bool
) -> ConversacionEnCurso:
    por_usuario = {p.usuario_id: p for p in participantes}
    return ConversacionEnCurso(
        fila, por_usuario, nueva, RecibosDeConversacion(por_usuario.values())
    )


def _hallar(modelo: Any, campo: str, valores: Sequence[Any]) -> set[Any]:
    if not valores:
        return set()
    return set(modelo.objects.filter(**{f"{campo}__in": valores}).values_list(campo, flat=True))
