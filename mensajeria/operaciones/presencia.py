"""Lo que se anuncia sin guardarse: quién llega y quién se va; y cuántos hay."""

from __future__ import annotations

import contextlib
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


def llegar(claves: Collection[Clave], vecinas: Mapping[str, Collection[str]]) -> list[Sobre]:
    """Sostiene esas claves en este proceso; los anuncios de las que antes no sostenía nadie.

    `vecinas` dice en qué conversaciones está cada usuario de los que llegan.
    """
    try:
        nuevas = compartido().presencia.anotar(claves)
    except RedisError:
        nuevas = [True] * len(claves)
    llegan = [c for c, nueva in zip(claves, nuevas, strict=True) if nueva]
    return _anuncios(llegan, vecinas, conectado=True)


def irse(claves: Collection[Clave]) -> list[Sobre]:
    """Suelta esas claves; los anuncios de las que ya no sostiene nadie."""
    try:
        solas = compartido().presencia.borrar(claves)
    except RedisError:
        solas = [True] * len(claves)
    return _marchas([c for c, sola in zip(claves, solas, strict=True) if sola])


def mirar(que: Mapping[str, Collection[str]]) -> list[Sobre]:
    """Lo que cada uno tiene ahora a la vista aquí; a nadie se le anuncia."""
    with contextlib.suppress(RedisError):
        compartido().miradas.anotar(que)
    return []


def latir() -> list[Sobre]:
    """Renueva el arriendo; los anuncios de quien se fue con otro, o volvió sin decirlo."""
    try:
        llegan, idas = compartido().presencia.latir()
        compartido().miradas.latir()
    except RedisError:
        return []
    return _marchas(idas) + _anuncios(llegan, _vecinas(llegan), conectado=True)


def contar() -> list[Sobre]:
    """De cada conversación numerosa en la que hubo llegadas o marchas, cuántos están unidos.

    Una vez por segundo como mucho entre todos los procesos: las que otro acaba de contar, y todas
    si Redis o la base no responden, quedan para la próxima.
    """
    presencia = compartido().presencia
    try:
        # La que mientras tanto dejó de serlo ya dijo quiénes están.
        numerosas = consultas.numerosas(presencia.por_contar)
        presencia.por_contar.intersection_update(numerosas)
        cuentas = presencia.recuento(list(numerosas))
    except (RedisError, DatabaseError):
        return []
    presencia.por_contar.difference_update(cuentas)
    return [
        sobre(
            empujes.PresenciaActualizada(conversacion_id=id_, total_conectados=conectados),
            Alcance.UNIDOS,
            conversacion=id_,
        )
        for id_, conectados in cuentas.items()
    ]


def _marchas(claves: list[Clave]) -> list[Sobre]:
    idos = [c.usuario for c in claves if not c.conversacion]
    if idos:
        try:
            Usuario.objects.filter(pk__in=idos).update(ultima_conexion=ahora())
        except DatabaseError as error:
            # Cuándo se fueron se pierde; que se fueron se anuncia igual.
            error_de(error, "apuntar la última conexión")
    return _anuncios(claves, _vecinas(claves), conectado=False)


def _vecinas(claves: Iterable[Clave]) -> dict[str, list[str]]:
    return consultas.conversaciones_por_usuario(c.usuario for c in claves if not c.conversacion)


def _anuncios(
    claves: Collection[Clave], vecinas: Mapping[str, Collection[str]], *, conectado: bool
) -> list[Sobre]:
    """De quien llega o se va, y de cada uno un sobre para todas sus conversaciones.

    En una numerosa no se dice nada: queda por contar.
    """
    quienes = [c.usuario for c in claves if not c.conversacion]
    ids = {c.conversacion for c in claves if c.conversacion}
    ids.update(*(vecinas.get(u, ()) for u in quienes))
    numerosas = consultas.numerosas(ids)
    unidas: dict[str, list[str]] = {}
    for clave in claves:
        if clave.conversacion in numerosas:
            compartido().presencia.por_contar.add(clave.conversacion)
        elif clave.conversacion:
            unidas.setdefault(clave.usuario, []).append(clave.conversacion)
    tipo = empujes.UsuarioConectado if conectado else empujes.UsuarioDesconectado
    en_ellas = [
        sobre(
            tipo(conversacion_id="", usuario_id=usuario),
            Alcance.UNIDOS,
            conversaciones=suyas,
            salvo_usuario=usuario,
        )
        for usuario, suyas in unidas.items()
    ]
    de_ellos = [
        sobre(
            empujes.EstadoUsuarioCambiado(usuario_id=usuario, conectado=conectado),
            Alcance.VECINOS,
            conversaciones=[id_ for id_ in vecinas.get(usuario, ()) if id_ not in numerosas],
            salvo_usuario=usuario,
        )
        for usuario in quienes
    ]
    return de_ellos + en_ellas if conectado else en_ellas + de_ellos


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
