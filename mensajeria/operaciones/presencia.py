"""Lo que se anuncia sin guardarse: quién llega y quién se va; y cuántos hay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import DatabaseError
from redis import RedisError

from mensajeria import consultas
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave, Totales
from mensajeria.fallos import error_de
from mensajeria.models import Usuario, ahora
from mensajeria.protocolo import empujes


def llegar(claves: Collection[Clave], vecinas: Mapping[str, list[str]]) -> list[Sobre]:
    """Sostiene esas claves en este proceso; los anuncios de las que antes no sostenía nadie.

    `vecinas` dice en qué conversaciones está cada usuario.
    """
    try:
        nuevas = compartido().presencia.anotar(claves)
    except RedisError:
        nuevas = [True] * len(claves)
    llegan = [c for c, nueva in zip(claves, nuevas, strict=True) if nueva]
    return [_sobre(clave, True, vecinas) for clave in llegan]


def irse(claves: Collection[Clave]) -> list[Sobre]:
    """Suelta esas claves; los anuncios de las que ya no sostiene nadie."""
    try:
        solas = compartido().presencia.borrar(claves)
    except RedisError:
        solas = [True] * len(claves)
    return _marchas([c for c, sola in zip(claves, solas, strict=True) if sola])


def latir() -> list[Sobre]:
    """Renueva el arriendo; los anuncios de quien se fue con otro, o volvió sin decirlo."""
    try:
        llegan, idas = compartido().presencia.latir()
    except RedisError:
        return []
    return _marchas(idas) + _anuncios(llegan, conectado=True)


def _marchas(claves: list[Clave]) -> list[Sobre]:
    idos = [c.usuario for c in claves if not c.conversacion]
    if idos:
        try:
            Usuario.objects.filter(pk__in=idos).update(ultima_conexion=ahora())
        except DatabaseError as error:
            # Cuándo se fueron se pierde; que se fueron se anuncia igual.
            error_de(error, "apuntar la última conexión")
    return _anuncios(claves, conectado=False)


def _anuncios(claves: Iterable[Clave], *, conectado: bool) -> list[Sobre]:
    claves = list(claves)
    vecinas = consultas.conversaciones_por_usuario(c.usuario for c in claves if not c.conversacion)
    return [_sobre(clave, conectado, vecinas) for clave in claves]


def _sobre(clave: Clave, conectado: bool, vecinas: Mapping[str, list[str]]) -> Sobre:
    if clave.conversacion:
        tipo = empujes.UsuarioConectado if conectado else empujes.UsuarioDesconectado
        return sobre(
            tipo(conversacion_id=clave.conversacion, usuario_id=clave.usuario),
            Alcance.UNIDOS,
            conversacion=clave.conversacion,
            salvo_usuario=clave.usuario,
        )
    return sobre(
        empujes.EstadoUsuarioCambiado(usuario_id=clave.usuario, conectado=conectado),
        Alcance.VECINOS,
        conversaciones=vecinas.get(clave.usuario, []),
        salvo_usuario=clave.usuario,
    )


def estadisticas() -> empujes.EstadisticasDelSistema:
    """Las cifras de la semilla, en todos los nodos."""
    try:
        totales = compartido().presencia.totales()
    except RedisError:
        totales = Totales()
    return empujes.EstadisticasDelSistema(
        usuarios_conectados=totales.usuarios,
        conversaciones_activas=totales.conversaciones,
        total_sockets=totales.sockets,
    )
