"""Un lote: lo que se lee, se cambia y se anuncia en una transacción.

Carga de una vez todo lo que sus órdenes nombran, con las conversaciones bloqueadas por orden de id;
las órdenes deciden y cambian en memoria, en su orden; después se guarda todo junto. Así el número
de consultas no depende de cuántas órdenes haya ni de cómo se mezclen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from mensajeria.consultas import con_lo_que_cita, presentar_conversaciones, presentar_mensajes
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe
from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Notificacion,
    Participante,
    Reaccion,
    Usuario,
    ahora,
)
from mensajeria.operaciones.orden import Actor, Orden
from mensajeria.protocolo.empujes import Empuje

_CURSORES = (
    "entregado_hasta",
    "leido_hasta",
    "enviados",
    "enviados_leidos",
    "entregado_por_todos",
    "leido_por_todos",
)
_PAPEL = (
    "rol",
    "activo",
    "puede_enviar",
    "puede_eliminar",
    "puede_moderar",
    "secuencia_cambio",
    "fecha_ingreso",
)
_CUENTAS = (
    "ultima_secuencia",
    "ultimo_cambio",
    "secuencia_cambio",
    "fecha_ultima_actividad",
    "ultimo_mensaje",
    "activa",
)
_EDICION = ("texto", "historial", "editado", "fecha_edicion", "secuencia_cambio")
_LAPIDA = (
    "texto",
    "archivo",
    "historial",
    "eliminado",
    "fecha_eliminacion",
    "eliminado_por",
    "razon_eliminacion",
    "secuencia_cambio",
)

_OCULTACION = (
    "oculto",
    "fecha_ocultacion",
    "oculto_por",
    "razon_ocultacion",
    "secuencia_cambio",
)


class Presentados:
    """Las formas pedidas por los anuncios, una vez guardado todo."""

    def __init__(self, mensajes: Iterable[Mensaje], conversaciones: Sequence[Conversacion]) -> None:
        self.mensajes = {f.id: f for f in presentar_mensajes(list(mensajes))}
        self.conversaciones = (
            {f.id: f for f in presentar_conversaciones(conversaciones)} if conversaciones else {}
        )


@dataclass(slots=True)
class Anuncio:
    """Un evento pendiente de que el lote se guarde; después, `empuje` lo tiene."""

    hacer: Callable[[Presentados], Empuje | None]
    alcance: Alcance
    destino: dict[str, Any]
    empuje: Empuje | None = None

    def construir(self, presentados: Presentados) -> Sobre | None:
        self.empuje = self.hacer(presentados)
        return sobre(self.empuje, self.alcance, **self.destino) if self.empuje else None


class Lote:
    def __init__(self, ordenes: Sequence[Orden], con_todos: Callable[[Orden], bool]) -> None:
        self.ahora = ahora()
        self.mensajes: dict[str, Mensaje] = {}
        self.conversaciones: dict[str, Conversacion] = {}
        self.participantes: dict[tuple[str, str], Participante] = {}
        self.usuarios: dict[str, Usuario] = {}
        self.previos: dict[tuple[str, str], Mensaje] = {}
        self.reacciones: dict[str, dict[str, Reaccion]] = {}
        self.parejas: dict[str | None, Conversacion] = {}
        self._mensajes_nuevos: list[Mensaje] = []
        self._mensajes_cambiados: dict[str, Mensaje] = {}
        self._mensajes_eliminados: dict[str, Mensaje] = {}
        self._mensajes_ocultados: dict[str, Mensaje] = {}
        self._conversaciones_nuevas: list[Conversacion] = []
        self._conversaciones_cambiadas: dict[str, Conversacion] = {}
        self._configuradas: dict[str, Conversacion] = {}
        self._participantes_nuevos: list[Participante] = []
        self._participantes_cambiados: dict[str, Participante] = {}
        self._cursores_cambiados: dict[str, Participante] = {}
        self._lecturas_a_medias: set[str] = set()
        self._lecturas: list[Lectura] = []
        self._reacciones_nuevas: list[Reaccion] = []
        self._reacciones_cambiadas: dict[str, Reaccion] = {}
        self._reacciones_borradas: list[str] = []
        self._notificaciones: list[Notificacion] = []
        self._usuarios_cambiados: dict[str, Usuario] = {}
        self._usuarios_tocados: set[str] = set()
        self._anuncios: list[Anuncio] = []
        self._a_presentar: dict[str, Mensaje] = {}
        self._conversaciones_a_presentar: dict[str, Conversacion] = {}
        self._ultimos_pedidos: dict[tuple[str, str], tuple[str, int]] = {}
        self._cargar(ordenes, con_todos)

    # Cargar

    def _cargar(self, ordenes: Sequence[Orden], con_todos: Callable[[Orden], bool]) -> None:
        todas: set[str] = set()
        enteras: set[str] = set()
        actores: set[str] = set()
        for orden, nombrada in zip(ordenes, conversaciones_de(ordenes), strict=True):
            actores.add(orden.actor.usuario_id)
            if nombrada:
                todas.add(nombrada)
                if con_todos(orden):
                    enteras.add(nombrada)
        self._cargar_conversaciones(todas)
        self._cargar_participantes(todas, enteras, actores)
        nombrados = {
            id_
            for o in ordenes
            for campo in ("mensaje_id", "respuesta_a")
            if (id_ := getattr(o.carga, campo, None))
        }
        self._cargar_mensajes(nombrados)
        self._cargar_previos(ordenes)

    def _cargar_conversaciones(self, ids: Iterable[str]) -> None:
        # El cerrojo de PostgreSQL; en SQLite lo es BEGIN IMMEDIATE, y en MongoDB el conflicto de
        # escritura sobre este mismo documento.
        filas = Conversacion.objects.select_for_update().filter(pk__in=sorted(ids)).order_by("pk")
        self.conversaciones = {f.pk: f for f in filas} if ids else {}

    def _cargar_participantes(
        self, todas: Iterable[str], enteras: Iterable[str], actores: Iterable[str]
    ) -> None:
        if not todas:
            return
        cuales = Q(conversacion__in=list(todas), usuario__in=list(actores))
        if enteras:
            cuales |= Q(conversacion__in=list(enteras))
        for fila in Participante.objects.filter(cuales).select_related("usuario"):
            self.participantes[fila.conversacion_id, fila.usuario_id] = fila
            self.usuarios[fila.usuario_id] = fila.usuario

    def _cargar_mensajes(self, ids: Iterable[str]) -> None:
        if ids:
            filas = con_lo_que_cita(Mensaje.objects.filter(pk__in=list(ids)))
            self.mensajes = {f.pk: f for f in filas}
            # Una sola instancia de cada uno: lo que una orden le haga a lo citado se ve al citarlo.
            for fila in self.mensajes.values():
                if fila.respuesta_a_id in self.mensajes:
                    fila.respuesta_a = self.mensajes[fila.respuesta_a_id]

    def _cargar_previos(self, ordenes: Sequence[Orden]) -> None:
        claves = {
            (o.actor.usuario_id, o.carga.id_cliente)  # type: ignore[attr-defined]
            for o in ordenes
            if getattr(o.carga, "id_cliente", None)
        }
        if claves:
            filas = Mensaje.objects.filter(
                remitente__in={r for r, _ in claves}, id_cliente__in={i for _, i in claves}
            )
            self.previos = {(f.remitente_id or "", f.id_cliente or ""): f for f in filas}

    def cargar_reacciones(self, mensaje_ids: Iterable[str]) -> None:
        for id_ in mensaje_ids:
            self.reacciones[id_] = {}
        for r in Reaccion.objects.filter(mensaje__in=list(self.reacciones)).order_by("fecha", "pk"):
            self.reacciones[r.mensaje_id][r.usuario_id] = r

    def cargar_usuarios(self, ids: Iterable[str]) -> None:
        faltan = set(ids) - self.usuarios.keys()
        if faltan:
            self.usuarios |= {u.pk: u for u in Usuario.objects.filter(pk__in=faltan)}

    # Decidir

    def participante(self, conversacion_id: str, actor: Actor) -> Participante:
        """La fila del actor si participa y está activo; si no, NOT_FOUND."""
        fila = self.participantes.get((conversacion_id, actor.usuario_id))
        if fila is None or not fila.activo or not fila.usuario.is_active:
            raise no_existe("conversacionId")
        return fila

    def abierta(self, conversacion_id: str) -> Conversacion:
        """La conversación, si admite cambios; si no, CONVERSATION_CLOSED."""
        fila = self.conversaciones[conversacion_id]
        if not fila.activa:
            raise ErrorMensajeria(CodigoError.CONVERSATION_CLOSED)
        return fila

    def mensaje_visible(self, mensaje_id: str, actor: Actor) -> Mensaje:
        """El mensaje, si el actor participa en su conversación o es personal; si no, NOT_FOUND."""
        fila = self.mensajes.get(mensaje_id)
        if fila is None:
            raise no_existe("mensajeId")
        if not actor.personal:
            try:
                self.participante(fila.conversacion_id, actor)
            except ErrorMensajeria:
                raise no_existe("mensajeId") from None
        return fila

    def activos(self, conversacion_id: str) -> list[Participante]:
        """Los participantes activos; completo solo si la orden pidió cargarlos todos."""
        return [p for (c, _), p in self.participantes.items() if c == conversacion_id and p.activo]

    # Cambiar

    def siguiente_cambio(self, conversacion: Conversacion) -> int:
        """El número del cambio que se está haciendo."""
        conversacion.ultimo_cambio += 1
        self._conversaciones_cambiadas[conversacion.pk] = conversacion
        return conversacion.ultimo_cambio

    def nuevo_mensaje(self, fila: Mensaje) -> None:
        self._mensajes_nuevos.append(fila)
        self.mensajes[fila.pk] = fila
        if fila.id_cliente and fila.remitente_id:
            self.previos[fila.remitente_id, fila.id_cliente] = fila

    def mensaje_editado(self, fila: Mensaje) -> None:
        self._mensajes_cambiados[fila.pk] = fila

    def mensaje_eliminado(self, fila: Mensaje) -> None:
        self._mensajes_eliminados[fila.pk] = fila

    def mensaje_ocultado(self, fila: Mensaje) -> None:
        self._mensajes_ocultados[fila.pk] = fila

    def nueva_conversacion(self, fila: Conversacion) -> None:
        self._conversaciones_nuevas.append(fila)
        self.conversaciones[fila.pk] = fila

    def conversacion_configurada(self, fila: Conversacion) -> None:
        self._configuradas[fila.pk] = fila

    def nuevo_participante(self, fila: Participante) -> None:
        self._participantes_nuevos.append(fila)
        self.participantes[fila.conversacion_id, fila.usuario_id] = fila

    def papel_cambiado(self, fila: Participante) -> None:
        self._participantes_cambiados[fila.pk] = fila
        self.tocar_usuario(fila.usuario_id)

    def cursor_cambiado(self, fila: Participante) -> None:
        self._cursores_cambiados[fila.pk] = fila

    def lectura(self, fila: Lectura, *, a_medias: bool = False) -> None:
        """Un acuse; `a_medias` si no llega al último mensaje y hay que contar los propios."""
        self._lecturas.append(fila)
        if a_medias:
            self._lecturas_a_medias.add(fila.participante_id)
        elif fila.clase == Lectura.Clase.LEIDO:
            self._lecturas_a_medias.discard(fila.participante_id)

    def reaccion_puesta(self, fila: Reaccion, *, nueva: bool) -> None:
        if nueva:
            self._reacciones_nuevas.append(fila)
        elif fila not in self._reacciones_nuevas:
            self._reacciones_cambiadas[fila.pk] = fila

    def reaccion_quitada(self, fila: Reaccion) -> None:
        if fila in self._reacciones_nuevas:
            self._reacciones_nuevas.remove(fila)
        else:
            self._reacciones_cambiadas.pop(fila.pk, None)
            self._reacciones_borradas.append(fila.pk)

    def notificar(self, fila: Notificacion) -> None:
        self._notificaciones.append(fila)

    def usuario_cambiado(self, fila: Usuario) -> None:
        self._usuarios_cambiados[fila.pk] = fila
        self.tocar_usuario(fila.pk)

    def tocar_usuario(self, usuario_id: str) -> None:
        """Sube su versión: los procesos con conexiones suyas miran qué cambió."""
        self._usuarios_tocados.add(usuario_id)

    # Anunciar

    def anunciar(
        self,
        hacer: Callable[[Presentados], Empuje | None],
        alcance: Alcance,
        *,
        mensaje: Mensaje | None = None,
        presentar: Conversacion | None = None,
        **destino: Any,
    ) -> Anuncio:
        """Un evento para después de confirmar; `hacer` recibe las formas que pide y lo construye.

        `mensaje` y `presentar` son lo que hay que presentar, ya guardado; `destino`, los demás
        campos del sobre.
        """
        if mensaje is not None:
            self._a_presentar[mensaje.pk] = mensaje
        if presentar is not None:
            self._conversaciones_a_presentar[presentar.pk] = presentar
        anuncio = Anuncio(hacer, alcance, destino)
        self._anuncios.append(anuncio)
        return anuncio

    def anunciar_cambio(
        self,
        conversacion: Conversacion,
        hacer: Callable[[Presentados], Empuje],
        alcance: Alcance = Alcance.UNIDOS,
        **resto: Any,
    ) -> Anuncio:
        """Lo mismo, de algo que acaba de tomar número con `siguiente_cambio`."""
        return self.anunciar(
            hacer,
            alcance,
            conversacion=conversacion.pk,
            cambio=conversacion.ultimo_cambio,
            secuencia=conversacion.ultima_secuencia,
            **resto,
        )

    def pedir_ultimo_de(
        self, participante: Participante, campo: str
    ) -> Callable[[], tuple[str, int]]:
        """Id y secuencia del último mensaje suyo hasta `campo`, o `("", 0)`; se sabe al guardar."""
        clave = (participante.pk, campo)
        self._ultimos_pedidos[clave] = ("", 0)
        return lambda: self._ultimos_pedidos[clave]

    # Guardar

    def guardar(self) -> list[Sobre]:
        """Escribe todo lo cambiado y devuelve los sobres que hay que emitir tras confirmar."""
        self._guardar_conversaciones()
        _crear(Participante, self._participantes_nuevos)
        _crear(Mensaje, self._mensajes_nuevos)
        _actualizar(Mensaje, self._mensajes_cambiados, _EDICION)
        _actualizar(Mensaje, self._mensajes_ocultados, _OCULTACION)
        _actualizar(Participante, self._participantes_cambiados, _PAPEL)
        _actualizar(Participante, self._cursores_cambiados, _CURSORES)
        _crear(Lectura, self._lecturas)
        self._mirar_cursores()
        self._guardar_reacciones()
        self._guardar_lapidas()
        _crear(Notificacion, self._notificaciones)
        _actualizar(Usuario, self._usuarios_cambiados, ("is_active", "tokens_desde"))
        if self._usuarios_tocados:
            tocados = Usuario.objects.filter(pk__in=sorted(self._usuarios_tocados))
            tocados.update(version=F("version") + 1)
        presentados = Presentados(
            self._a_presentar.values(), list(self._conversaciones_a_presentar.values())
        )
        return [
            s for anuncio in self._anuncios if (s := anuncio.construir(presentados)) is not None
        ]

    def _guardar_conversaciones(self) -> None:
        _crear(Conversacion, self._conversaciones_nuevas)
        nuevas = {f.pk for f in self._conversaciones_nuevas}
        for fila in self._configuradas.values():
            fila.save(
                update_fields=[
                    "nombre_personalizado",
                    "descripcion",
                    "avatar",
                    "configuracion_privacidad",
                    "notificaciones_activas",
                ]
            )
        cambiadas = {k: f for k, f in self._conversaciones_cambiadas.items() if k not in nuevas}
        _actualizar(Conversacion, cambiadas, _CUENTAS)

    def _guardar_lapidas(self) -> None:
        _actualizar(Mensaje, self._mensajes_eliminados, _LAPIDA)
        if self._mensajes_eliminados:
            ids = list(self._mensajes_eliminados)
            Mensaje.objects.filter(pk__in=ids).update(metadatos={})
            Reaccion.objects.filter(mensaje__in=ids).delete()

    def _mirar_cursores(self) -> None:
        """Lo que depende de un cursor ya guardado: cuántos propios cubre y cuál es el último."""
        ids = self._lecturas_a_medias | {pk for pk, _ in self._ultimos_pedidos}
        if not ids:
            return
        filas = Participante.objects.filter(pk__in=ids).annotate(
            propios=_propio_hasta("leido_hasta", "numero_de_remitente"),
            leido=_propio_hasta("leido_por_todos", "pk"),
            leido_n=_propio_hasta("leido_por_todos", "secuencia"),
            entregado=_propio_hasta("entregado_por_todos", "pk"),
            entregado_n=_propio_hasta("entregado_por_todos", "secuencia"),
        )
        corregidos = {}
        for fila in filas:
            for campo, hallado in (
                ("leido_por_todos", (fila.leido, fila.leido_n)),
                ("entregado_por_todos", (fila.entregado, fila.entregado_n)),
            ):
                if (fila.pk, campo) in self._ultimos_pedidos and hallado[0]:
                    self._ultimos_pedidos[fila.pk, campo] = hallado
            if fila.pk in self._lecturas_a_medias:
                fila.enviados_leidos = fila.propios or 0
                corregidos[fila.pk] = fila
        _actualizar(Participante, corregidos, ("enviados_leidos",))

    def _guardar_reacciones(self) -> None:
        if self._reacciones_borradas:
            Reaccion.objects.filter(pk__in=self._reacciones_borradas).delete()
        _crear(Reaccion, self._reacciones_nuevas)
        _actualizar(Reaccion, self._reacciones_cambiadas, ("tipo", "fecha"))


def _propio_hasta(cursor: str, campo: str) -> Subquery:
    """`campo` del último mensaje del participante que no pasa de su `cursor`."""
    suyos = Mensaje.objects.filter(
        conversacion=OuterRef("conversacion"),
        remitente=OuterRef("usuario"),
        secuencia__lte=OuterRef(cursor),
    )
    return Subquery(suyos.order_by("-secuencia").values(campo)[:1])


def conversaciones_de(ordenes: Sequence[Orden]) -> list[str | None]:
    """De qué conversación es cada orden. La de un mensaje no cambia: se lee antes de bloquear."""
    ids = {m for o in ordenes if (m := getattr(o.carga, "mensaje_id", None))}
    de_mensaje: dict[str | None, str] = {}
    if ids:
        filas = Mensaje.objects.filter(pk__in=ids).values_list("pk", "conversacion_id")
        de_mensaje = dict(filas)
    return [
        getattr(o.carga, "conversacion_id", None)
        or de_mensaje.get(getattr(o.carga, "mensaje_id", None))
        for o in ordenes
    ]


def _crear(modelo: Any, filas: Sequence[Any]) -> None:
    if filas:
        modelo.objects.bulk_create(filas)


def _actualizar(modelo: Any, filas: dict[str, Any], campos: Sequence[str]) -> None:
    if filas:
        modelo.objects.bulk_update([filas[k] for k in sorted(filas)], campos)
