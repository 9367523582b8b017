"""Lo que se anuncia sin guardarse: quién llega, quién se va y quién escribe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from redis import RedisError

from mensajeria import consultas, presencia
from mensajeria.difusion import emisor
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.models import Usuario, ahora
from mensajeria.presencia import Clave
from mensajeria.protocolo import empujes

# Cuánto silencio pone fin a la escritura (contrato, sección 1), y cada cuánto se repite a los demás
# procesos que sigue.
SEGUNDOS_DE_ESCRITURA = 6.0
SEGUNDOS_DE_RENOVACION = 3.0


def llegar(claves: Collection[Clave]) -> None:
    """Sostiene esas claves en este proceso y anuncia las que antes no sostenía nadie."""
    try:
        nuevas = presencia.almacen().anotar(claves)
    except RedisError:
        nuevas = [True] * len(claves)
    _anunciar((c for c, nueva in zip(claves, nuevas, strict=True) if nueva), conectado=True)


def irse(claves: Collection[Clave]) -> None:
    """Suelta esas claves y anuncia las que ya no sostiene nadie."""
    try:
        solas = presencia.almacen().borrar(claves)
    except RedisError:
        solas = [True] * len(claves)
    _despedir([c for c, sola in zip(claves, solas, strict=True) if sola])


def latir() -> None:
    """Renueva el arriendo del proceso; anuncia a quien se fue con otro, o volvió sin decirlo."""
    try:
        llegan, idas = presencia.almacen().latir()
    except RedisError:
        return
    _despedir(idas)
    _anunciar(llegan, conectado=True)


def _despedir(claves: list[Clave]) -> None:
    idos = [c.usuario for c in claves if not c.conversacion]
    if idos:
        Usuario.objects.filter(pk__in=idos).update(ultima_conexion=ahora())
    _anunciar(claves, conectado=False)


def _anunciar(claves: Iterable[Clave], *, conectado: bool) -> None:
    claves = list(claves)
    vecinas = consultas.conversaciones_por_usuario(c.usuario for c in claves if not c.conversacion)
    emisor.emitir([_sobre(clave, conectado, vecinas) for clave in claves])


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


def escribir(conversacion_id: str, usuario_id: str, escribiendo: bool) -> None:
    """Anuncia que alguien escribe o dejó de escribir. No toca la base."""
    emisor.emitir([escribe(conversacion_id, usuario_id, escribiendo)])


def escribe(conversacion_id: str, usuario_id: str, escribiendo: bool) -> Sobre:
    """El sobre que lo dice."""
    empuje = empujes.UsuarioEscribiendo(
        conversacion_id=conversacion_id, usuario_id=usuario_id, escribiendo=escribiendo
    )
    return sobre(empuje, Alcance.UNIDOS, conversacion=conversacion_id, salvo_usuario=usuario_id)


def estadisticas() -> empujes.Estadisticas:
    """Las cifras de la semilla, en todos los nodos."""
    try:
        totales = presencia.totales()
    except RedisError:
        totales = presencia.Totales(0, 0, 0)
    return empujes.Estadisticas(
        usuarios_conectados=totales.usuarios,
        conversaciones_activas=totales.conversaciones,
        total_sockets=totales.sockets,
    )
