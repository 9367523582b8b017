"""Quién está en una conversación y qué puede hacer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mensajeria import presentacion
from mensajeria.difusion.sobre import Alcance
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, no_valido, sin_permiso
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.operaciones.lote import Anuncio, Lote, Presentados
from mensajeria.operaciones.notificaciones import avisar_de_ingreso, avisar_de_salida
from mensajeria.operaciones.orden import Orden
from mensajeria.operaciones.recibos import avanzar_pisos
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    AgregarParticipante,
    CambiarParticipante,
    OlvidarParticipante,
    RemoverParticipante,
)
from mensajeria.protocolo.tipos import MAX_PARTICIPANTES


def preparar(lote: Lote, ordenes: Sequence[Orden]) -> None:
    lote.cargar_usuarios({o.carga.usuario_id for o in ordenes})  # type: ignore[attr-defined]


def exigir_moderador(lote: Lote, orden: Orden, conversacion_id: str) -> Conversacion:
    """La conversación, si el actor la modera; NOT_FOUND al ajeno, PERMISSION_DENIED al que no."""
    conversacion = lote.conversaciones.get(conversacion_id)
    if conversacion is None:
        raise no_existe("conversacionId")
    if not orden.actor.personal:
        participante = lote.participante(conversacion_id, orden.actor)
        if not participante.puede_moderar:
            raise sin_permiso("Sin permisos para moderar esta conversación")
    return conversacion


def estrenar(
    lote: Lote,
    conversacion: Conversacion,
    usuario: Usuario,
    rol: str | None,
    *,
    modera: bool = False,
) -> Participante:
    """Una fila nueva; sus cursores empiezan en el mensaje más nuevo."""
    rol = rol or ("experto" if usuario.es_experto else "cliente")
    modera = modera or rol in ("moderador", "admin")
    return Participante(
        conversacion=conversacion,
        usuario=usuario,
        rol=rol,
        fecha_ingreso=lote.ahora,
        puede_eliminar=modera,
        puede_moderar=modera,
        secuencia_cambio=conversacion.ultimo_cambio,
        entregado_hasta=conversacion.ultima_secuencia,
        leido_hasta=conversacion.ultima_secuencia,
    )


def agregar(lote: Lote, orden: Orden) -> Anuncio:
    """Agrega a alguien, o lo vuelve a admitir. Pide `puedeModerar`; no en las individuales."""
    carga: AgregarParticipante = orden.carga  # type: ignore[assignment]
    conversacion = exigir_moderador(lote, orden, carga.conversacion_id)
    lote.abierta(conversacion.pk)
    if conversacion.tipo == Conversacion.Tipo.INDIVIDUAL:
        raise no_valido("A una conversación individual no se suma nadie")
    usuario = lote.usuarios.get(carga.usuario_id)
    if usuario is None or not usuario.is_active:
        raise no_existe("usuarioId")
    fila = lote.participantes.get((conversacion.pk, usuario.pk))
    if fila is not None and fila.activo:
        raise ErrorMensajeria(CodigoError.CONFLICT, "Ya participa", campo="usuarioId")
    if len(lote.activos(conversacion.pk)) >= MAX_PARTICIPANTES:
        raise no_valido(f"Una conversación admite {MAX_PARTICIPANTES} participantes", "usuarioId")
    cambio = lote.siguiente_cambio(conversacion)
    if fila is None:
        fila = estrenar(lote, conversacion, usuario, carga.rol)
        lote.nuevo_participante(fila)
        lote.tocar_usuario(usuario.pk)
    else:
        _readmitir(lote, fila, carga.rol)
    avisar_de_ingreso(lote, conversacion, usuario.pk)

    def hacer(presentados: Presentados) -> empujes.ParticipanteAgregado:
        return empujes.ParticipanteAgregado(
            conversacion_id=conversacion.pk,
            secuencia_cambio=cambio,
            usuario_id=usuario.pk,
            conversacion=presentados.conversaciones[conversacion.pk],
        )

    return lote.anunciar_cambio(
        conversacion,
        hacer,
        Alcance.MIEMBROS,
        presentar=conversacion,
        no_leidos=_no_leidos(lote, conversacion),
        miembros={usuario.pk: fila.puede_enviar},
    )


def _readmitir(lote: Lote, fila: Participante, rol: str | None) -> None:
    conversacion = lote.conversaciones[fila.conversacion_id]
    nueva = estrenar(lote, conversacion, fila.usuario, rol)
    for campo in (
        "rol",
        "fecha_ingreso",
        "puede_enviar",
        "puede_eliminar",
        "puede_moderar",
        "secuencia_cambio",
        "entregado_hasta",
        "leido_hasta",
    ):
        setattr(fila, campo, getattr(nueva, campo))
    fila.activo = True
    fila.enviados_leidos = fila.enviados
    lote.papel_cambiado(fila)
    lote.cursor_cambiado(fila)


def _no_leidos(lote: Lote, conversacion: Conversacion) -> dict[str, int]:
    return {
        p.usuario_id: presentacion.sin_leer(p, conversacion.ultima_secuencia)
        for p in lote.activos(conversacion.pk)
    }


def _otro(lote: Lote, conversacion: Conversacion, usuario_id: str) -> Participante:
    fila = lote.participantes.get((conversacion.pk, usuario_id))
    if fila is None or not fila.activo:
        raise no_existe("usuarioId")
    return fila


def cambiar(lote: Lote, orden: Orden) -> Anuncio:
    """Da o quita rol y permisos a un participante. Pide `puedeModerar`."""
    carga: CambiarParticipante = orden.carga  # type: ignore[assignment]
    conversacion = exigir_moderador(lote, orden, carga.conversacion_id)
    fila = _otro(lote, conversacion, carga.usuario_id)
    if carga.rol is not None:
        fila.rol = carga.rol
    if carga.permisos is not None:
        for campo in carga.permisos.__struct_fields__:
            valor = getattr(carga.permisos, campo)
            if valor is not None:
                setattr(fila, campo, valor)
    fila.secuencia_cambio = lote.siguiente_cambio(conversacion)
    lote.papel_cambiado(fila)

    puede_enviar = fila.puede_enviar and conversacion.activa
    return anunciar_actualizada(lote, conversacion, {fila.usuario_id: puede_enviar})


def anunciar_actualizada(
    lote: Lote, conversacion: Conversacion, miembros: Mapping[str, bool | None]
) -> Anuncio:
    """`conversacion_actualizada` a los participantes, que el lote cargó todos."""
    cambio = conversacion.ultimo_cambio

    def hacer(presentados: Presentados) -> empujes.ConversacionActualizada:
        return empujes.ConversacionActualizada(
            conversacion_id=conversacion.pk,
            secuencia_cambio=cambio,
            conversacion=presentados.conversaciones[conversacion.pk],
        )

    return lote.anunciar_cambio(
        conversacion,
        hacer,
        Alcance.MIEMBROS,
        presentar=conversacion,
        no_leidos=_no_leidos(lote, conversacion),
        miembros=dict(miembros),
    )


def remover(lote: Lote, orden: Orden) -> Anuncio:
    """Saca a alguien de la conversación; cualquiera puede salir por su cuenta."""
    carga: RemoverParticipante = orden.carga  # type: ignore[assignment]
    if orden.actor.usuario_id == carga.usuario_id and not orden.actor.personal:
        lote.participante(carga.conversacion_id, orden.actor)
        conversacion = lote.conversaciones[carga.conversacion_id]
    else:
        conversacion = exigir_moderador(lote, orden, carga.conversacion_id)
    fila = _otro(lote, conversacion, carga.usuario_id)
    fila.activo = False
    fila.secuencia_cambio = cambio = lote.siguiente_cambio(conversacion)
    lote.papel_cambiado(fila)
    avanzar_pisos(lote, conversacion)
    if orden.actor.usuario_id != carga.usuario_id:
        avisar_de_salida(lote, conversacion, carga.usuario_id)
    empuje = empujes.ParticipanteRemovido(
        conversacion_id=conversacion.pk, secuencia_cambio=cambio, usuario_id=carga.usuario_id
    )
    return lote.anunciar_cambio(
        conversacion, lambda _: empuje, Alcance.MIEMBROS, miembros={carga.usuario_id: None}
    )


def olvidar(lote: Lote, orden: Orden) -> Anuncio:
    """Saca, si seguía dentro, a quien se borró, y hace que los demás lo vean ya sin nombre."""
    carga: OlvidarParticipante = orden.carga  # type: ignore[assignment]
    conversacion = lote.conversaciones.get(carga.conversacion_id)
    fila = lote.participantes.get((carga.conversacion_id, carga.usuario_id))
    if conversacion is None or fila is None or not orden.actor.personal:
        raise no_existe("conversacionId")
    if fila.activo:
        fila.activo = False
        fila.secuencia_cambio = cambio = lote.siguiente_cambio(conversacion)
        lote.papel_cambiado(fila)
        avanzar_pisos(lote, conversacion)
        empuje = empujes.ParticipanteRemovido(
            conversacion_id=conversacion.pk, secuencia_cambio=cambio, usuario_id=fila.usuario_id
        )
        lote.anunciar_cambio(
            conversacion, lambda _: empuje, Alcance.MIEMBROS, miembros={fila.usuario_id: None}
        )
    conversacion.secuencia_cambio = lote.siguiente_cambio(conversacion)
    return anunciar_actualizada(lote, conversacion, {})
