"""Borrar a una persona: sus datos se van; las conversaciones siguen siendo legibles para los demás.

Queda una fila sin nombre, que es de quien son sus mensajes: sin ella no cuadrarían los números, los
recibos ni los permisos de nadie. Cada paso se puede repetir.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from mensajeria.archivos import limpieza
from mensajeria.base_de_datos import atomico
from mensajeria.consola.tandas import LEIDOS, Progreso, borrar_filas, pedir_todas, por_tandas
from mensajeria.models import (
    Aviso,
    Dispositivo,
    Ingreso,
    Mensaje,
    Notificacion,
    Novedad,
    PalabraDeUsuario,
    Participante,
    PreferenciasDeAvisos,
    Usuario,
    plegado,
    revocacion,
)
from mensajeria.protocolo import cargas

NOMBRE = "Usuario borrado"
RAZON = "Se borró la cuenta de su autor"

CON_ORIGEN = Q(ip__gt="") | Q(agente__gt="") | Q(socket_id__gt="")


@dataclass(frozen=True, slots=True)
class Recuento:
    conversaciones: int
    mensajes: int
    notificaciones: int


def recontar(usuario_id: str) -> Recuento:
    return Recuento(
        conversaciones=Participante.objects.filter(usuario=usuario_id).count(),
        mensajes=Mensaje.objects.filter(remitente=usuario_id, eliminado=False).count(),
        notificaciones=Notificacion.objects.filter(usuario=usuario_id).count(),
    )


def es_el_ultimo_administrador(usuario: Usuario) -> bool:
    otros = Usuario.objects.filter(is_superuser=True, is_active=True).exclude(pk=usuario.pk)
    return usuario.is_superuser and usuario.is_active and not otros.exists()


def borrar_usuario(usuario: Usuario, progreso: Progreso, *, con_mensajes: bool = False) -> int:
    """Desde el primer paso no puede entrar ni escribir, y sus conexiones se cierran.

    Devuelve cuántos archivos no dejó borrar el almacén: ya no los ve nadie, y se borrarán.
    """
    _anonimizar(usuario)
    _olvidar(usuario.pk, progreso)
    if con_mensajes:
        _eliminar_mensajes(usuario.pk, progreso)
    _borrar_rastro(usuario, progreso)
    return _borrar_archivos(usuario.pk, progreso)


def _anonimizar(usuario: Usuario) -> None:
    with atomico():
        Usuario.objects.filter(pk=usuario.pk).update(
            username=f"borrado-{usuario.pk}",
            nombre_plegado=plegado(f"borrado-{usuario.pk}"),
            nombre=NOMBRE,
            apellido="",
            email="",
            correo_plegado="",
            avatar_url="",
            password=make_password(None),
            es_experto=False,
            is_active=False,
            is_staff=False,
            is_superuser=False,
            last_login=None,
            ultima_conexion=None,
            **revocacion(),
        )
        PalabraDeUsuario.objects.filter(usuario=usuario.pk).delete()
        Novedad.de_usuarios([usuario.pk])
        usuario.groups.clear()
        usuario.user_permissions.clear()


def _olvidar(usuario_id: str, progreso: Progreso) -> None:
    suyas = Participante.objects.filter(usuario=usuario_id).order_by("conversacion_id")
    ids = list(suyas.values_list("conversacion_id", flat=True))
    pedir_todas(
        (cargas.OlvidarParticipante(conversacion_id=c, usuario_id=usuario_id) for c in ids),
        lambda n: progreso("conversaciones", n, len(ids)),
        # Cada una carga a todos sus participantes.
        tanda=10,
    )


def _eliminar_mensajes(usuario_id: str, progreso: Progreso) -> None:
    suyos = Mensaje.objects.filter(remitente=usuario_id, eliminado=False)
    total = suyos.count()
    pedir_todas(
        (cargas.EliminarMensaje(mensaje_id=id_, razon=RAZON) for id_ in _en_su_orden(suyos)),
        lambda n: progreso("mensajes", n, total),
    )


def _en_su_orden(suyos: QuerySet[Mensaje]) -> Iterator[str]:
    """Por conversación y por número: de ahí salen los de cambio, y cada base daría otros.

    De una en una, que el índice de su autor empieza por ella: pedir cien cada vez los recorría
    todos cada vez.
    """
    donde = suyos.order_by("conversacion_id").values_list("conversacion_id", flat=True)
    for conversacion in list(donde.distinct()):
        de_esta = pagina = suyos.filter(conversacion=conversacion).order_by("secuencia")
        while parte := list(pagina.values_list("secuencia", "pk")[:LEIDOS]):
            yield from (id_ for _, id_ in parte)
            pagina = de_esta.filter(secuencia__gt=parte[-1][0])


def _borrar_rastro(usuario: Usuario, progreso: Progreso) -> None:
    """Lo que nadie más ve: desde dónde escribió y entró, sus avisos y su nombre en la historia."""
    borrar_origenes(
        Mensaje.objects.filter(CON_ORIGEN, remitente=usuario.pk),
        lambda n: progreso("direcciones", n, 0),
    )
    suyos = Ingreso.objects.filter(usuario=usuario.pk)
    borrar_filas(suyos, lambda n: progreso("sesiones", n, 0))
    for modelo in (Aviso, Dispositivo, PreferenciasDeAvisos):
        # Los avisos van solos con su dispositivo: los que queden, después.
        modelo._base_manager.filter(usuario=usuario.pk).delete()
    suyas = Notificacion.objects.filter(usuario=usuario.pk)
    borrar_filas(suyas, lambda n: progreso("notificaciones", n, 0))
    tipo = ContentType.objects.get_for_model(Usuario)
    LogEntry.objects.filter(content_type=tipo, object_id=usuario.pk).update(object_repr=NOMBRE)


def _borrar_archivos(usuario_id: str, progreso: Progreso) -> int:
    """Los que no llegó a enviar, y los de los mensajes que se eliminaron; cuántos quedan."""
    return limpieza.olvidar_sin_enviar(usuario_id, lambda n: progreso("archivos", n, 0)).quedan


def borrar_origenes(filas: QuerySet[Mensaje], avisar: Callable[[int], None]) -> int:
    """Quita de esos mensajes el socket, la dirección y el agente, que no salen a ningún cliente."""

    def quitar(ids: list[str]) -> None:
        Mensaje.objects.filter(pk__in=ids).update(socket_id="", ip="", agente="")

    return por_tandas(filas, quitar, avisar)
