"""Un documento de `conversaciones` como `Conversacion` y sus participantes. Pura."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.llano import llano
from mensajeria.consola.importacion.valores import Documento, Nota, Notas, Rechazo
from mensajeria.models import Conversacion, Participante, ahora, clave_de_pareja
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_NOMBRE, MAX_PARTICIPANTES

_TIPOS = frozenset(Conversacion.Tipo.values)
_SINONIMOS_DE_TIPO = {"privada": "individual", "grupo": "grupal", "group": "grupal"}
_ROLES = frozenset(Participante.Rol.values)
_SINONIMOS_DE_ROL = {
    "usuario": "cliente",
    "asesor": "experto",
    "administrador": "admin",
    "soporte": "moderador",
}
# Qué es aquí cada estado: si sigue abierta, y si está archivada. El original archiva lo que lleva
# un mes quieto, y en lo archivado se sigue escribiendo.
_ESTADOS = {
    "activa": (True, False),
    "archivada": (True, True),
    "cerrada": (False, False),
    "inactiva": (False, False),
    "finalizada": (False, False),
}
_MAX_CODIGO = 40
_MAX_DESCRIPCION = 1000


@dataclass(slots=True)
class ConversacionTraida:
    """`conexiones`: la última conexión de cada participante, que aquí es del usuario."""

    fila: Conversacion
    participantes: list[Participante]
    notas: Notas
    conexiones: dict[str, datetime] = field(default_factory=dict)


def clave(doc: Documento) -> tuple[str, int, str]:
    """Su orden: las abiertas, las que alguien dejó, las cerradas; de cada clase, por actividad.

    De varias entre las mismas dos personas, la primera es la suya.
    """
    gente = valores.lista(doc.get("participantes"))
    dejada = any(isinstance(p, dict) and not _activo(p, "", []) for p in gente)
    clase = "1 dejada" if dejada else "0 abierta"
    if not _estado(doc, [])[0]:
        clase = "2 cerrada"
    actividad = fecha_de_actividad(doc, [])
    milis = int(actividad.timestamp() * 1000) if actividad else 0
    return clase, -milis, valores.id_de(doc.get("_id")) or ""


def leer(doc: Documento, usuarios: Container[str]) -> ConversacionTraida:
    """`usuarios` son los que existen. Lanza `Rechazo` si nadie podría verla."""
    notas: Notas = []
    id_ = valores.identificador(doc)
    creada = (
        valores.fecha(valores.primero(doc, "fechaCreacion", "createdAt"), "fechaCreacion", notas)
        or valores.fecha_del_id(doc.get("_id"))
        or ahora()
    )
    activa, archivada = _estado(doc, notas)
    fila = Conversacion(
        id=id_,
        activa=activa,
        archivada=archivada,
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
    _configurar(fila, doc, notas)
    fila.clave_pareja = _pareja(fila, traida.participantes)
    return traida


def fecha_de_actividad(doc: Documento, notas: Notas) -> datetime | None:
    return valores.fecha(
        valores.primero(doc, "fechaUltimaActividad", "updatedAt"), "fechaUltimaActividad", notas
    )


def _estado(doc: Documento, notas: Notas) -> tuple[bool, bool]:
    """Si está abierta y si está archivada."""
    crudo = doc.get("estado")
    dicho = _ESTADOS.get(crudo.strip().lower()) if isinstance(crudo, str) else None
    if crudo is not None and dicho is None:
        notas.append(Nota("estado", "aquí no existe: queda abierta", llano(crudo)))
    abierta, archivada = dicho or _ESTADOS["activa"]
    queda = (
        abierta and valores.cierto(doc.get("activa"), True, "activa", notas),
        archivada or valores.cierto(doc.get("archivada"), False, "archivada", notas),
    )
    if dicho is not None and queda != dicho:
        notas.append(Nota("estado", "no casa con «activa» o «archivada», que mandan", crudo))
    for campo, valor in zip(("activa", "archivada"), queda, strict=True):
        if valores.cierto(doc.get(campo), valor, campo, []) != valor:
            notas.append(Nota(campo, "no casa con «estado», que manda", not valor))
    return queda


def _identificar(fila: Conversacion, doc: Documento, notas: Notas) -> None:
    codigo = doc.get("codigoConversacion")
    if isinstance(codigo, str) and len(codigo) <= _MAX_CODIGO and not en_blanco(codigo):
        fila.codigo = valores.texto(codigo, _MAX_CODIGO, "codigoConversacion", notas)
    else:
        motivo = "falta o no vale: se le da uno"
        notas.append(Nota("codigoConversacion", motivo, llano(codigo)))
    fila.asesoria = valores.referencia(doc.get("asesoria"), "asesoria", notas)


def _configurar(fila: Conversacion, doc: Documento, notas: Notas) -> None:
    """`titulo` y `descripcion` son los del original, que la semilla pone en `configuracion`."""
    suya = valores.parte(doc, "configuracion", notas)
    nombre = valores.nombre(
        suya.get("nombrePersonalizado"), MAX_NOMBRE, "configuracion.nombrePersonalizado", notas
    )
    titulo = valores.nombre(doc.get("titulo"), MAX_NOMBRE, "titulo", notas)
    fila.nombre_personalizado = _el_primero(nombre, titulo, "titulo", notas)
    en_suya = valores.texto(
        suya.get("descripcion"), _MAX_DESCRIPCION, "configuracion.descripcion", notas
    )
    fuera = valores.texto(doc.get("descripcion"), _MAX_DESCRIPCION, "descripcion", notas)
    fila.descripcion = _el_primero(en_suya, fuera, "descripcion", notas)
    fila.avatar = valores.avatar(suya.get("avatar"), "configuracion.avatar", notas)
    fila.configuracion_privacidad = valores.objeto(
        suya.get("configuracionPrivacidad"), "configuracion.configuracionPrivacidad", notas
    )
    avisos = "configuracion.notificacionesActivas"
    fila.notificaciones_activas = valores.cierto(
        suya.get("notificacionesActivas"), True, avisos, notas
    )


def _el_primero(uno: str, otro: str, campo: str, notas: Notas) -> str:
    if uno and otro and uno != otro:
        notas.append(Nota(campo, "vale el de configuracion", otro))
    return uno or otro


def _pareja(fila: Conversacion, participantes: list[Participante]) -> str | None:
    """Como en las de aquí, también la de la que uno salió, que lo readmite, y la cerrada."""
    individual = fila.tipo == Conversacion.Tipo.INDIVIDUAL and not fila.asesoria
    if not individual or len(participantes) != 2:
        return None
    return clave_de_pareja(*(p.usuario_id for p in participantes))


def _participantes(traida: ConversacionTraida, doc: Documento, usuarios: Container[str]) -> None:
    por_usuario: dict[str, Participante] = {}
    for i, crudo in enumerate(valores.lista(doc.get("participantes"))):
        campo = f"participantes.{i}"
        suyo = crudo if isinstance(crudo, dict) else {"usuario": crudo}
        usuario = valores.id_de(valores.primero(suyo, "usuario", "usuarioId", "_id"))
        if usuario is None or usuario not in usuarios:
            motivo = "ese usuario no existe: se omite"
            traida.notas.append(Nota(campo, motivo, llano(crudo)))
        elif usuario in por_usuario:
            traida.notas.append(Nota(campo, "repetido: vale el primero", llano(crudo)))
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
    permisos = valores.parte(doc, "permisos", traida.notas, f"{campo}.")

    def puede(que: str, por_defecto: bool) -> bool:
        dicho = permisos.get(que)
        return valores.cierto(dicho, por_defecto, f"{campo}.permisos.{que}", traida.notas)

    rol = valores.elegir(
        doc.get("rol"), _ROLES, _SINONIMOS_DE_ROL, "cliente", f"{campo}.rol", traida.notas
    )
    # Sin tomarla: aquí es de la persona, la más reciente de las suyas.
    conexion = valores.fecha(valores.mirar(doc, "ultimaConexion"), f"{campo}.ultimaConexion", [])
    if conexion is not None:
        traida.conexiones[usuario] = conexion
    ingreso: Any = valores.primero(doc, "fechaIngreso", "fechaUnion")
    return Participante(
        conversacion=traida.fila,
        usuario_id=usuario,
        rol=rol,
        fecha_ingreso=valores.fecha(ingreso, f"{campo}.fechaIngreso", traida.notas)
        or traida.fila.fecha_creacion,
        activo=_activo(doc, campo, traida.notas),
        puede_enviar=puede("puedeEnviar", True),
        puede_eliminar=puede("puedeEliminar", False),
        puede_moderar=puede("puedeModerar", False),
        secuencia_cambio=1,
    )


def _activo(doc: Documento, campo: str, notas: Notas) -> bool:
    """Si ese participante sigue en la conversación."""
    return valores.cierto(doc.get("activo"), True, f"{campo}.activo", notas)
