"""Quién está en una conversación y qué puede hacer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from mensajeria import models
from mensajeria.filas import ConversacionLigera, ParticipanteLigero, UsuarioLigero
from mensajeria.models import nuevo_id
from mensajeria.operaciones.historia import entrada
from mensajeria.operaciones.notificaciones import avisar_al_agregado, avisar_al_removido
from mensajeria.operaciones.recibos import avanzar_pisos
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    AgregarParticipante,
    CambiarParticipante,
    OlvidarParticipante,
    RemoverParticipante,
)
from mensajeria.protocolo.errores import (
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
    sin_permiso,
)
from mensajeria.protocolo.tipos import MAX_ENUMERADOS, MAX_PARTICIPANTES

_DE_ESTRENO = ("fecha_ingreso", "secuencia_cambio", "entregado_hasta", "leido_hasta")
_PAPEL = ("rol", "puede_enviar", "puede_eliminar", "puede_moderar")


def exigir_moderador(lote: Lote, actor: Actor, conversacion_id: str) -> ConversacionLigera:
    """La conversación, si el actor la modera; NOT_FOUND al ajeno, PERMISSION_DENIED al que no."""
    conversacion = lote.filas.conversaciones.get(conversacion_id)
    if conversacion is None:
        raise no_existe("conversacionId")
    if not actor.personal:
        participante = lote.participante(conversacion_id, actor)
        if not participante.puede_moderar:
            raise sin_permiso("Sin permisos para moderar esta conversación")
    return conversacion


def estrenar(
    lote: Lote,
    conversacion: ConversacionLigera,
    usuario: UsuarioLigero,
    rol: str | None,
    *,
    modera: bool = False,
) -> ParticipanteLigero:
    """Una fila nueva; sus cursores empiezan en el mensaje más nuevo."""
    rol = rol or ("experto" if usuario.es_experto else "cliente")
    modera = modera or rol in ("moderador", "admin")
    return ParticipanteLigero(
        id=nuevo_id(),
        conversacion_id=conversacion.id,
        usuario_id=usuario.id,
        usuario=usuario,
        rol=rol,
        fecha_ingreso=lote.ahora,
        puede_eliminar=modera,
        puede_moderar=modera,
        secuencia_cambio=conversacion.ultimo_cambio,
        entregado_hasta=conversacion.ultima_secuencia,
        leido_hasta=conversacion.ultima_secuencia,
    )


def agregar(lote: Lote, orden: Orden[AgregarParticipante]) -> Anuncio:
    """Agrega a alguien, o lo vuelve a admitir. Pide `puedeModerar`; no en las individuales."""
    carga = orden.carga
    conversacion = exigir_moderador(lote, orden.actor, carga.conversacion_id)
    usuario = _agregable(lote, conversacion, orden)
    fila = lote.filas.participantes.get((conversacion.id, usuario.id))
    avisar_al_agregado(lote, conversacion, usuario.id, _quien(lote, orden.actor, conversacion))
    if fila is not None:
        return readmitir(lote, conversacion, fila, *_PAPEL, rol=carga.rol)
    fila = estrenar(lote, conversacion, usuario, carga.rol)
    lote.crear(fila)
    return _anunciar_agregado(lote, conversacion, fila)


AGREGAR = Verbo(
    AgregarParticipante,
    agregar,
    nombra=lambda o: Nombra(
        conversacion=o.carga.conversacion_id, usuarios=(o.carga.usuario_id,), todos=True
    ),
)


def _agregable(
    lote: Lote, conversacion: ConversacionLigera, orden: Orden[AgregarParticipante]
) -> UsuarioLigero:
    """A quien ya estuvo lo ve quien modera, aunque no comparta nada más con él."""
    usuario_id = orden.carga.usuario_id
    lote.abierta(conversacion.id)
    if conversacion.tipo == models.Conversacion.Tipo.INDIVIDUAL:
        raise no_valido("A una conversación individual no se suma nadie")
    usuario = lote.filas.usuarios.get(usuario_id)
    fila = lote.filas.participantes.get((conversacion.id, usuario_id))
    oculto = fila is None and usuario_id in orden.no_vistos
    if usuario is None or not usuario.is_active or oculto:
        raise no_existe("usuarioId")
    if fila is not None and fila.activo:
        raise ErrorMensajeria(CodigoError.CONFLICT, "Ya participa", campo="usuarioId")
    if len(lote.activos(conversacion)) >= MAX_PARTICIPANTES:
        raise no_valido(f"Una conversación admite {MAX_PARTICIPANTES} participantes", "usuarioId")
    return usuario


def _quien(lote: Lote, actor: Actor, conversacion: ConversacionLigera) -> UsuarioLigero | None:
    """Quien actúa, para decirlo; el personal lo hace sin decir su nombre."""
    return (
        None
        if actor.personal
        else lote.filas.participantes[conversacion.id, actor.usuario_id].usuario
    )


def _anunciar_agregado(
    lote: Lote, conversacion: ConversacionLigera, fila: ParticipanteLigero
) -> Anuncio:
    lote.numerar(fila)
    lote.tocar_usuario(fila.usuario_id)
    return lote.anunciar(
        empujes.ParticipanteAgregado,
        conversacion,
        miembros={fila.usuario_id: fila.puede_enviar},
        nombrados=[fila.usuario_id],
        usuario_id=fila.usuario_id,
        conversacion=conversacion,
    )


def readmitir(
    lote: Lote,
    conversacion: ConversacionLigera,
    fila: ParticipanteLigero,
    *papel: str,
    rol: str | None = None,
) -> Anuncio:
    """Quien salió vuelve y se anuncia. Su historia empieza de nuevo; de su papel, solo lo dicho."""
    nueva = estrenar(lote, conversacion, fila.usuario, rol)
    for campo in (*_DE_ESTRENO, *papel):
        setattr(fila, campo, getattr(nueva, campo))
    fila.activo = True
    fila.enviados_leidos, fila.retirados_sin_leer = fila.enviados, 0
    lote.cambiar(fila, *_DE_ESTRENO, *papel, "activo", "enviados_leidos", "retirados_sin_leer")
    return _anunciar_agregado(lote, conversacion, fila)


def _otro(lote: Lote, conversacion: ConversacionLigera, usuario_id: str) -> ParticipanteLigero:
    fila = lote.filas.participantes.get((conversacion.id, usuario_id))
    if fila is None or not fila.activo:
        raise no_existe("usuarioId")
    return fila


def _suya(lote: Lote, carga: CambiarParticipante | RemoverParticipante) -> ParticipanteLigero:
    return lote.filas.participantes[carga.conversacion_id, carga.usuario_id]


def cambiar(lote: Lote, orden: Orden[CambiarParticipante]) -> Anuncio:
    """Da o quita rol y permisos a un participante. Pide `puedeModerar`."""
    carga = orden.carga
    conversacion = exigir_moderador(lote, orden.actor, carga.conversacion_id)
    fila = _otro(lote, conversacion, carga.usuario_id)
    if carga.rol is not None:
        fila.rol = carga.rol
    for campo, valor in _permisos(carga).items():
        setattr(fila, campo, valor)
    lote.cambiar(fila, "rol", *_permisos(carga))
    lote.numerar(fila)
    lote.tocar_usuario(fila.usuario_id)
    puede_enviar = fila.puede_enviar and conversacion.activa
    return anunciar_actualizada(
        lote, conversacion, {fila.usuario_id: puede_enviar}, nombrados=[fila.usuario_id]
    )


def _permisos(carga: CambiarParticipante) -> dict[str, bool]:
    """Los que da o quita, por el nombre de su campo."""
    dados = msgspec.structs.asdict(carga.permisos) if carga.permisos is not None else {}
    return {campo: valor for campo, valor in dados.items() if valor is not None}


def _cambio_de_papel(carga: CambiarParticipante) -> str:
    partes = [] if carga.rol is None else [f"rol: {models.Participante.Rol(carga.rol).label}"]
    for campo, valor in _permisos(carga).items():
        partes.append(f"{campo.replace('_', ' ')}: {'sí' if valor else 'no'}")
    return f"Participante cambiado ({', '.join(partes)})"


CAMBIAR = Verbo(
    CambiarParticipante,
    cambiar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, todos=True),
    historia=lambda lote, o: entrada(o, _suya(lote, o.carga), _cambio_de_papel(o.carga)),
)


def anunciar_actualizada(
    lote: Lote,
    conversacion: ConversacionLigera,
    miembros: Mapping[str, bool | None],
    nombrados: Sequence[str] = (),
) -> Anuncio:
    """`conversacion_actualizada` a los participantes, que el lote cargó todos."""
    return lote.anunciar(
        empujes.ConversacionActualizada,
        conversacion,
        miembros=miembros,
        nombrados=nombrados,
        conversacion=conversacion,
    )


def remover(lote: Lote, orden: Orden[RemoverParticipante]) -> Anuncio:
    """Remueve a alguien de la conversación; cualquiera puede salir por su cuenta."""
    carga = orden.carga
    if orden.actor.usuario_id == carga.usuario_id and not orden.actor.personal:
        lote.participante(carga.conversacion_id, orden.actor)
        conversacion = lote.filas.conversaciones[carga.conversacion_id]
    else:
        conversacion = exigir_moderador(lote, orden.actor, carga.conversacion_id)
    fila = _otro(lote, conversacion, carga.usuario_id)
    _remover(lote, conversacion, fila)
    if orden.actor.usuario_id != carga.usuario_id:
        quien = _quien(lote, orden.actor, conversacion)
        avisar_al_removido(lote, conversacion, carga.usuario_id, quien)
    return _anunciar_removido(lote, conversacion, fila)


REMOVER = Verbo(
    RemoverParticipante,
    remover,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, todos=True),
    historia=lambda lote, o: entrada(o, _suya(lote, o.carga), "Participante quitado"),
)


def _remover(lote: Lote, conversacion: ConversacionLigera, fila: ParticipanteLigero) -> None:
    fila.activo = False
    lote.cambiar(fila, "activo")
    lote.numerar(fila)
    lote.tocar_usuario(fila.usuario_id)
    avanzar_pisos(lote, conversacion)


def _anunciar_removido(
    lote: Lote, conversacion: ConversacionLigera, fila: ParticipanteLigero
) -> Anuncio:
    """A los participantes; si con él deja de ser numerosa, además, quiénes quedan."""
    quedan = len(lote.activos(conversacion))
    anuncio = lote.anunciar(
        empujes.ParticipanteRemovido,
        conversacion,
        miembros={fila.usuario_id: None},
        usuario_id=fila.usuario_id,
        total_participantes=quedan if quedan > MAX_ENUMERADOS else msgspec.UNSET,
    )
    if quedan == MAX_ENUMERADOS:
        lote.numerar(conversacion)
        anunciar_actualizada(lote, conversacion, {})
    return anuncio


def olvidar(lote: Lote, orden: Orden[OlvidarParticipante]) -> Anuncio:
    """Remueve, si seguía dentro, a quien se borró, y hace que los demás lo vean ya sin nombre."""
    carga = orden.carga
    conversacion = lote.filas.conversaciones.get(carga.conversacion_id)
    fila = lote.filas.participantes.get((carga.conversacion_id, carga.usuario_id))
    if conversacion is None or fila is None or not orden.actor.personal:
        raise no_existe("conversacionId")
    if fila.activo:
        _remover(lote, conversacion, fila)
        _anunciar_removido(lote, conversacion, fila)
    lote.numerar(conversacion)
    return anunciar_actualizada(lote, conversacion, {})


OLVIDAR = Verbo(
    OlvidarParticipante,
    olvidar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, todos=True),
)
