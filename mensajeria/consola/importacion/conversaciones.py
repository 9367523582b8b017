"""Un documento de `conversaciones` como `Conversacion` y sus participantes. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.valores import Documento, Nota, Notas, Rechazo
from mensajeria.models import Conversacion, Participante, ahora, clave_de_pareja
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_NOMBRE, MAX_PARTICIPANTES

CAMPOS = frozenset(
    {
        "_id",
        "__v",
        "codigoConversacion",
        "participantes",
        "asesoria",
        "tipo",
        "configuracion",
        "estadisticas",
        "activa",
        "estado",
        "fechaCreacion",
        "fechaUltimaActividad",
        "createdAt",
        "updatedAt",
    }
)

_TIPOS = frozenset(Conversacion.Tipo.values)
_SINONIMOS_DE_TIPO = {"privada": "individual", "grupo": "grupal", "group": "grupal"}
_ROLES = frozenset(Participante.Rol.values)
_SINONIMOS_DE_ROL = {
    "usuario": "cliente",
    "asesor": "experto",
    "administrador": "admin",
    "soporte": "moderador",
}
_CERRADA = {"cerrada", "archivada", "inactiva", "finalizada"}
_MAX_CODIGO = 40


@dataclass(slots=True)
class ConversacionTraida:
    """`conexiones`: la última conexión de cada participante, que aquí es del usuario."""

    fila: Conversacion
    participantes: list[Participante]
    notas: Notas
    conexiones: dict[str, datetime] = field(default_factory=dict)


def leer(doc: Documento, usuarios: Container[str]) -> ConversacionTraida:
    """`usuarios` son los que existen. Lanza `Rechazo` si nadie podría verla."""
    notas: Notas = []
    id_ = valores.identificador(doc)
    creada = (
        valores.fecha(valores.primero(doc, "fechaCreacion", "createdAt"), "fechaCreacion", notas)
        or valores.fecha_del_id(doc.get("_id"))
        or ahora()
    )
    fila = Conversacion(
        id=id_,
        activa=_activa(doc),
        fecha_creacion=creada,
        fecha_ultima_actividad=fecha_de_actividad(doc, notas) or creada,
        ultimo_cambio=1,
        secuencia_cambio=1,
    )
    traida = ConversacionTraida(fila, [], notas)
    _participantes(traida, doc, usuarios)
    fila.tipo = valores.elegir(
        doc.get("tipo"),
        _TIPOS,
        _SINONIMOS_DE_TIPO,
        "individual" if len(traida.participantes) == 2 else "grupal",
        "tipo",
        notas,
    )
    _identificar(fila, doc, notas)
    _configurar(fila, valores.mapa(doc.get("configuracion")), notas)
    fila.clave_pareja = _pareja(fila, traida.participantes)
    return traida


def fecha_de_actividad(doc: Documento, notas: Notas) -> datetime | None:
    return valores.fecha(
        valores.primero(doc, "fechaUltimaActividad", "updatedAt"), "fechaUltimaActividad", notas
    )


def _activa(doc: Documento) -> bool:
    estado = doc.get("estado")
    if isinstance(estado, str) and estado.strip().lower() in _CERRADA:
        return False
    return valores.cierto(doc.get("activa"), True)


def _identificar(fila: Conversacion, doc: Documento, notas: Notas) -> None:
    codigo = doc.get("codigoConversacion")
    if isinstance(codigo, str) and len(codigo) <= _MAX_CODIGO and not en_blanco(codigo):
        fila.codigo = valores.texto(codigo, _MAX_CODIGO, "codigoConversacion", notas)
    else:
        notas.append(Nota("codigoConversacion", "falta o no vale: se le da uno", codigo))
    if doc.get("asesoria") is not None:
        fila.asesoria = valores.id_de(doc["asesoria"])
        if fila.asesoria is None:
            motivo = "no es un identificador: queda sin asesoría"
            notas.append(Nota("asesoria", motivo, valores.llano(doc["asesoria"])))


def _configurar(fila: Conversacion, doc: Documento, notas: Notas) -> None:
    fila.nombre_personalizado = valores.nombre(
        doc.get("nombrePersonalizado"), MAX_NOMBRE, "configuracion.nombrePersonalizado", notas
    )
    fila.descripcion = valores.texto(
        doc.get("descripcion"), 1000, "configuracion.descripcion", notas
    )
    fila.avatar = valores.texto(doc.get("avatar"), 2048, "configuracion.avatar", notas)
    fila.configuracion_privacidad = valores.objeto(
        doc.get("configuracionPrivacidad"), "configuracion.configuracionPrivacidad", notas
    )
    fila.notificaciones_activas = valores.cierto(doc.get("notificacionesActivas"), True)


def _pareja(fila: Conversacion, participantes: list[Participante]) -> str | None:
    """Solo si esta conversación puede ser la que se devuelve al pedir otra entre los dos."""
    activos = [p.usuario_id for p in participantes if p.activo]
    abierta = fila.activa and fila.tipo == Conversacion.Tipo.INDIVIDUAL and not fila.asesoria
    if not abierta or len(activos) != 2 or len(participantes) != 2:
        return None
    return clave_de_pareja(*activos)


def _participantes(traida: ConversacionTraida, doc: Documento, usuarios: Container[str]) -> None:
    por_usuario: dict[str, Participante] = {}
    for i, crudo in enumerate(valores.lista(doc.get("participantes"))):
        campo = f"participantes.{i}"
        suyo = valores.mapa(crudo) if isinstance(crudo, dict) else {"usuario": crudo}
        usuario = valores.id_de(valores.primero(suyo, "usuario", "usuarioId", "_id"))
        if usuario is None or usuario not in usuarios:
            traida.notas.append(Nota(campo, "ese usuario no existe: se omite", usuario))
        elif usuario in por_usuario:
            traida.notas.append(Nota(campo, "repetido: vale el primero", usuario))
        else:
            por_usuario[usuario] = _participante(traida, suyo, usuario, campo)
    traida.participantes = list(por_usuario.values())
    if not traida.participantes:
        raise Rechazo("ninguno de sus participantes existe: nadie podría verla", "participantes")
    if len(traida.participantes) > MAX_PARTICIPANTES:
        motivo = f"tiene más de los {MAX_PARTICIPANTES} que admite una nueva; entran todos"
        traida.notas.append(Nota("participantes", motivo))


def _participante(
    traida: ConversacionTraida, doc: Documento, usuario: str, campo: str
) -> Participante:
    permisos = valores.mapa(doc.get("permisos"))
    rol = valores.elegir(
        doc.get("rol"), _ROLES, _SINONIMOS_DE_ROL, "cliente", f"{campo}.rol", traida.notas
    )
    conexion = valores.fecha(doc.get("ultimaConexion"), f"{campo}.ultimaConexion", traida.notas)
    if conexion is not None:
        traida.conexiones[usuario] = conexion
    ingreso: Any = valores.primero(doc, "fechaIngreso", "fechaUnion")
    return Participante(
        conversacion=traida.fila,
        usuario_id=usuario,
        rol=rol,
        fecha_ingreso=valores.fecha(ingreso, f"{campo}.fechaIngreso", traida.notas)
        or traida.fila.fecha_creacion,
        activo=valores.cierto(doc.get("activo"), True),
        puede_enviar=valores.cierto(permisos.get("puedeEnviar"), True),
        puede_eliminar=valores.cierto(permisos.get("puedeEliminar"), False),
        puede_moderar=valores.cierto(permisos.get("puedeModerar"), False),
        secuencia_cambio=1,
    )
