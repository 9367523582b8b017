"""Crear y configurar conversaciones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mensajeria.difusion.sobre import Alcance
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, no_valido, sin_permiso
from mensajeria.models import Conversacion, Participante, clave_de_pareja
from mensajeria.operaciones.lote import Anuncio, Lote, Presentados
from mensajeria.operaciones.notificaciones import avisar_de_ingreso
from mensajeria.operaciones.orden import Orden
from mensajeria.operaciones.participantes import anunciar_actualizada, estrenar, exigir_moderador
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    ActualizarConversacion,
    ConfiguracionEnviada,
    CrearConversacion,
)
from mensajeria.protocolo.tipos import Forma


class Existente(Forma, kw_only=True):
    """La conversación individual que ya había entre esas dos personas."""

    conversacion_id: str


def preparar(lote: Lote, ordenes: Sequence[Orden]) -> None:
    cargas: list[CrearConversacion] = [o.carga for o in ordenes]  # type: ignore[misc]
    lote.cargar_usuarios(
        {p.usuario_id for c in cargas for p in c.participantes}
        | {o.actor.usuario_id for o in ordenes}
    )
    claves = {k for o in ordenes if (k := _clave(o)) is not None}
    lote.parejas = {c.clave_pareja: c for c in Conversacion.objects.filter(clave_pareja__in=claves)}
    existentes = [c.pk for c in lote.parejas.values()]
    for fila in Participante.objects.filter(conversacion__in=existentes).select_related("usuario"):
        lote.participantes[fila.conversacion_id, fila.usuario_id] = fila


def _miembros(orden: Orden) -> dict[str, str | None]:
    """Quién participa y con qué rol pedido; quien crea, también."""
    carga: CrearConversacion = orden.carga  # type: ignore[assignment]
    roles: dict[str, str | None] = {orden.actor.usuario_id: None}
    for p in carga.participantes:
        roles[p.usuario_id] = p.rol
    return roles


def _clave(orden: Orden) -> str | None:
    carga: CrearConversacion = orden.carga  # type: ignore[assignment]
    miembros = list(_miembros(orden))
    if carga.tipo != "individual" or carga.asesoria is not None or len(miembros) != 2:
        return None
    return clave_de_pareja(*miembros)


def crear(lote: Lote, orden: Orden) -> Anuncio | Existente:
    """Crea la conversación y la anuncia; o devuelve la individual que ya hay."""
    carga: CrearConversacion = orden.carga  # type: ignore[assignment]
    roles = _miembros(orden)
    _validar(lote, orden, roles)
    clave = _clave(orden)
    if clave is not None and (existente := lote.parejas.get(clave)):
        propia = lote.participantes.get((existente.pk, orden.actor.usuario_id))
        if propia is None or not propia.activo:
            raise ErrorMensajeria(
                CodigoError.CONFLICT, "Ya tuvieron una conversación y no participas en ella"
            )
        return Existente(conversacion_id=existente.pk)

    conversacion = Conversacion(
        tipo=carga.tipo,
        asesoria=carga.asesoria,
        clave_pareja=clave,
        fecha_creacion=lote.ahora,
        fecha_ultima_actividad=lote.ahora,
    )
    if carga.configuracion is not None:
        _configurar(conversacion, carga.configuracion)
    lote.nueva_conversacion(conversacion)
    if clave is not None:
        lote.parejas[clave] = conversacion
    conversacion.secuencia_cambio = cambio = lote.siguiente_cambio(conversacion)
    for usuario_id, rol in roles.items():
        dueno = usuario_id == orden.actor.usuario_id and carga.tipo != "individual"
        fila = estrenar(lote, conversacion, lote.usuarios[usuario_id], rol, modera=dueno)
        lote.nuevo_participante(fila)
        lote.tocar_usuario(usuario_id)
        if usuario_id != orden.actor.usuario_id:
            avisar_de_ingreso(lote, conversacion, usuario_id)

    def hacer(presentados: Presentados) -> empujes.ConversacionCreada:
        return empujes.ConversacionCreada(
            conversacion_id=conversacion.pk,
            secuencia_cambio=cambio,
            conversacion=presentados.conversaciones[conversacion.pk],
        )

    return lote.anunciar_cambio(
        conversacion,
        hacer,
        Alcance.MIEMBROS,
        presentar=conversacion,
        miembros=dict.fromkeys(roles, True),
        no_leidos=dict.fromkeys(roles, 0),
    )


def _validar(lote: Lote, orden: Orden, roles: dict[str, str | None]) -> None:
    carga: CrearConversacion = orden.carga  # type: ignore[assignment]
    creador = lote.usuarios[orden.actor.usuario_id]
    if carga.tipo == "individual":
        if len(roles) != 2:
            raise no_valido(
                "Una conversación individual es entre quien la crea y otra persona", "participantes"
            )
        if not creador.is_staff and any(r in ("moderador", "admin") for r in roles.values()):
            raise sin_permiso("En una conversación individual nadie modera")
    for usuario_id in roles:
        usuario = lote.usuarios.get(usuario_id)
        if usuario is None or not usuario.is_active:
            raise no_existe("participantes")


def actualizar(lote: Lote, orden: Orden) -> Anuncio:
    """Cambia la configuración, o cierra y reabre con `activa`. Pide `puedeModerar`."""
    carga: ActualizarConversacion = orden.carga  # type: ignore[assignment]
    conversacion = exigir_moderador(lote, orden, carga.conversacion_id)
    if orden.actor.personal and carga.activa == conversacion.activa:
        estado = "abierta" if conversacion.activa else "cerrada"
        raise ErrorMensajeria(CodigoError.CONFLICT, f"La conversación ya está {estado}")
    if carga.activa is not None:
        conversacion.activa = carga.activa
    if carga.configuracion is not None:
        _configurar(conversacion, carga.configuracion)
        lote.conversacion_configurada(conversacion)
    conversacion.secuencia_cambio = lote.siguiente_cambio(conversacion)
    # Nombra a todos: quien estaba en una cerrada no la tiene a mano hasta que se reabre.
    todos = {
        p.usuario_id: p.puede_enviar and conversacion.activa for p in lote.activos(conversacion.pk)
    }
    return anunciar_actualizada(lote, conversacion, todos)


def _configurar(conversacion: Conversacion, configuracion: ConfiguracionEnviada) -> None:
    for campo in configuracion.__struct_fields__:
        valor = getattr(configuracion, campo)
        if valor is not msgspec.UNSET:
            setattr(conversacion, campo, valor)
