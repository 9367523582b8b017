"""Crear y configurar conversaciones."""

from __future__ import annotations

from mensajeria import presentacion
from mensajeria.archivos.avatares import por_guardar
from mensajeria.filas import ConversacionLigera
from mensajeria.models import clave_de_pareja, nuevo_codigo, nuevo_id
from mensajeria.operaciones.historia import entrada
from mensajeria.operaciones.notificaciones import avisar_de_la_nueva
from mensajeria.operaciones.participantes import (
    anunciar_actualizada,
    estrenar,
    exigir_moderador,
    readmitir,
)
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import (
    ActualizarConversacion,
    ConfiguracionEnviada,
    CrearConversacion,
)
from mensajeria.protocolo.errores import (
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
    sin_permiso,
)
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import Forma


class Existente(Forma, kw_only=True):
    """La conversación individual que ya había entre esas dos personas."""

    conversacion_id: str


def _miembros(orden: Orden[CrearConversacion]) -> dict[str, str | None]:
    """Quién participa y con qué rol pedido; quien crea, también."""
    carga = orden.carga
    roles: dict[str, str | None] = {orden.actor.usuario_id: None}
    for p in carga.participantes:
        roles[p.usuario_id] = p.rol
    return roles


def _clave(orden: Orden[CrearConversacion]) -> str | None:
    carga = orden.carga
    miembros = list(_miembros(orden))
    if carga.clase != "individual" or carga.asesoria is not None or len(miembros) != 2:
        return None
    return clave_de_pareja(*miembros)


def crear(lote: Lote, orden: Orden[CrearConversacion]) -> Anuncio | Existente:
    """Crea la conversación y la anuncia; o devuelve la individual que ya hay.

    Si de ella salió quien la pide, vuelve; si salió el otro o está cerrada, se empieza una nueva.
    """
    carga = orden.carga
    roles = _miembros(orden)
    _validar(lote, orden, roles)
    clave = _clave(orden)
    anterior = lote.filas.parejas.get(clave) if clave is not None else None
    if anterior is not None and _sirve(lote, orden.actor, anterior):
        return _la_que_hay(lote, orden.actor, anterior)
    _exigir_visibles(lote, orden, anterior)
    if anterior is not None:
        anterior.clave_pareja = None
        lote.cambiar(anterior, "clave_pareja")
    conversacion = _nueva(lote, carga, clave)
    creador = lote.filas.usuarios[orden.actor.usuario_id]
    for usuario_id, rol in roles.items():
        dueno = usuario_id == orden.actor.usuario_id and carga.clase != "individual"
        usuario = lote.filas.usuarios[usuario_id]
        lote.crear(estrenar(lote, conversacion, usuario, rol, modera=dueno))
        lote.tocar_usuario(usuario_id)
        if usuario_id != orden.actor.usuario_id:
            avisar_de_la_nueva(lote, conversacion, usuario_id, creador)
    return lote.anunciar(
        empujes.ConversacionCreada,
        conversacion,
        miembros=dict.fromkeys(roles, True),
        conversacion=conversacion,
        creada_por=presentacion.persona(creador),
    )


CREAR = Verbo(
    CrearConversacion,
    crear,
    nombra=lambda o: Nombra(usuarios=_miembros(o), pareja=_clave(o)),
)


def _nueva(lote: Lote, carga: CrearConversacion, clave: str | None) -> ConversacionLigera:
    fila = ConversacionLigera(
        id=nuevo_id(),
        codigo=nuevo_codigo(),
        tipo=carga.clase,
        asesoria=carga.asesoria,
        clave_pareja=clave,
        fecha_creacion=lote.ahora,
        fecha_ultima_actividad=lote.ahora,
    )
    if carga.configuracion is not None:
        _configurar(fila, carga.configuracion)
    lote.crear(fila)
    lote.numerar(fila)
    return fila


def _sirve(lote: Lote, actor: Actor, anterior: ConversacionLigera) -> bool:
    otros = (p for p in lote.activos(anterior) if p.usuario_id != actor.usuario_id)
    return anterior.activa and any(otros)


def _la_que_hay(lote: Lote, actor: Actor, existente: ConversacionLigera) -> Existente:
    propia = lote.filas.participantes[existente.id, actor.usuario_id]
    if not propia.activo:
        readmitir(lote, existente, propia)
    return Existente(conversacion_id=existente.id)


def _validar(lote: Lote, orden: Orden[CrearConversacion], roles: dict[str, str | None]) -> None:
    carga = orden.carga
    creador = lote.filas.usuarios[orden.actor.usuario_id]
    if carga.clase == "individual":
        if len(roles) != 2:
            raise no_valido(
                "Una conversación individual es entre quien la crea y otra persona", "participantes"
            )
        if not creador.is_staff and any(r in ("moderador", "admin") for r in roles.values()):
            raise sin_permiso("En una conversación individual nadie modera")
    for usuario_id in roles:
        usuario = lote.filas.usuarios.get(usuario_id)
        if usuario is None or not usuario.is_active:
            raise no_existe("participantes")


def _exigir_visibles(
    lote: Lote, orden: Orden[CrearConversacion], anterior: ConversacionLigera | None
) -> None:
    """NOT_FOUND si reúne a quien no se ve; los que siguen juntos en la `anterior` se ven."""
    juntos = {p.usuario_id for p in lote.activos(anterior)} if anterior is not None else set()
    se_ven = juntos if orden.actor.usuario_id in juntos else set()
    if orden.no_vistos - se_ven:
        raise no_existe("participantes")


def actualizar(lote: Lote, orden: Orden[ActualizarConversacion]) -> Anuncio:
    """Cambia la configuración, o cierra y reabre con `activa`. Pide `puedeModerar`."""
    carga = orden.carga
    conversacion = exigir_moderador(lote, orden.actor, carga.conversacion_id)
    if orden.actor.personal and carga.activa == conversacion.activa:
        estado = "abierta" if conversacion.activa else "cerrada"
        raise ErrorMensajeria(CodigoError.CONFLICT, f"La conversación ya está {estado}")
    if carga.activa is not None:
        conversacion.activa = carga.activa
    for configuracion in carga.como_queda:
        lote.cambiar(conversacion, *_configurar(conversacion, configuracion))
    lote.cambiar(conversacion, "activa")
    lote.numerar(conversacion)
    # Nombra a todos: quien estaba en una cerrada no la tiene a mano hasta que se reabre.
    todos = {
        p.usuario_id: p.puede_enviar and conversacion.activa for p in lote.activos(conversacion)
    }
    return anunciar_actualizada(lote, conversacion, todos)


ACTUALIZAR = Verbo(
    ActualizarConversacion,
    actualizar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, todos=True),
    historia=lambda lote, o: entrada(
        o,
        lote.filas.conversaciones[o.carga.conversacion_id],
        "Conversación reabierta" if o.carga.activa else "Conversación cerrada",
    ),
)


def _configurar(conversacion: ConversacionLigera, configuracion: ConfiguracionEnviada) -> list[str]:
    """Pone lo que trae, y dice qué campos son; un nombre en blanco es no tener ninguno."""
    traidos = {
        campo: valor
        for campo in configuracion.__struct_fields__
        if (valor := getattr(configuracion, campo)) is not None
    }
    if "avatar" in traidos:
        traidos["avatar"] = por_guardar(traidos["avatar"])
    for campo, valor in traidos.items():
        setattr(conversacion, campo, valor)
    if en_blanco(conversacion.nombre_personalizado):
        conversacion.nombre_personalizado = ""
    return list(traidos)
