"""Los eventos que no escriben en la base: entrar, unirse, reanudar, salir, teclear y contar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mensajeria.base_de_datos import leer
from mensajeria.consultas import Puesta
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, sin_permiso
from mensajeria.operaciones import conexiones
from mensajeria.operaciones.autenticacion import leer_token, usuario_de
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.tipos import Carga, iso
from mensajeria.sesion.puerta import Pedida

if TYPE_CHECKING:
    from mensajeria.sesion.sesion import Sesion


def autenticar(sesion: Sesion, pedida: Pedida, carga: cargas.Autenticar) -> None:
    credencial = leer_token(carga.token)
    if carga.usuario_id is not None and carga.usuario_id != credencial.usuario_id:
        raise ErrorMensajeria(CodigoError.USER_MISMATCH)
    sesion.en_tarea(
        pedida, sesion.ingresar(credencial, lambda empuje: sesion.contestar(pedida, empuje))
    )


def renovar(sesion: Sesion, pedida: Pedida, carga: cargas.RenovarToken) -> None:
    credencial = leer_token(carga.token)
    if credencial.usuario_id != sesion.usuario_id:
        raise ErrorMensajeria(CodigoError.USER_MISMATCH)

    async def acreditar() -> None:
        await leer(usuario_de, credencial)
        sesion.acreditar(credencial)
        fecha = credencial.fecha_de_expiracion
        sesion.contestar(pedida, empujes.TokenRenovado(expira=iso(fecha) if fecha else None))

    sesion.en_tarea(pedida, acreditar())


def unirse(sesion: Sesion, pedida: Pedida, carga: cargas.UnirseConversacion) -> None:
    id_ = carga.conversacion_id

    async def unir() -> None:
        conectados = set(await leer(compartido().presencia.unidos, id_)) | {sesion.usuario_id}

        def responder(puestas: dict[str, Puesta]) -> None:
            if id_ not in puestas:
                raise no_existe("conversacionId")
            sesion.contestar(pedida, _unido(puestas[id_], sorted(conectados)))

        await sesion.entrada.unir(sesion, {id_: carga.desde_cambio}, responder)

    sesion.en_tarea(pedida, unir())


def _unido(puesta: Puesta, conectados: list[str]) -> empujes.UnidoConversacion:
    return empujes.UnidoConversacion(
        conversacion_id=puesta.conversacion.id,
        participantes_conectados=conectados,
        ultima_secuencia=puesta.ultima_secuencia,
        ultimo_cambio=puesta.hasta,
        conversacion=puesta.conversacion,
        cambios=puesta.cambios,
        completo=puesta.completa,
    )


def reanudar(sesion: Sesion, pedida: Pedida, carga: cargas.Reanudar) -> None:
    def responder(puestas: dict[str, Puesta]) -> None:
        reanudadas = {
            id_: empujes.Reanudada(
                ultimo_cambio=p.hasta,
                conversacion=p.conversacion,
                cambios=p.cambios,
                completo=p.completa,
            )
            for id_, p in puestas.items()
        }
        sesion.contestar(pedida, empujes.Reanudado(conversaciones=reanudadas))

    sesion.en_tarea(pedida, sesion.entrada.unir(sesion, dict(carga.cursores), responder))


def salir(sesion: Sesion, pedida: Pedida, carga: cargas.SalirConversacion) -> None:
    sesion.teclado.calla(carga.conversacion_id)
    if not sesion.reparto.salir(sesion, carga.conversacion_id):
        raise no_existe("conversacionId")
    sesion.responder(pedida, empujes.SalidoConversacion(conversacion_id=carga.conversacion_id))


def teclear(sesion: Sesion, pedida: Pedida, carga: cargas.Escribiendo) -> None:
    puede = sesion.reparto.puede_enviar(sesion.usuario_id, carga.conversacion_id)
    if puede is None:
        raise no_existe("conversacionId")
    if not puede:
        raise sin_permiso("Sin permisos para enviar")
    if carga.escribiendo:
        sesion.teclado.teclea(sesion.usuario_id, carga.conversacion_id)
    else:
        sesion.teclado.calla(carga.conversacion_id)
    sesion.responder(pedida, None)


def contar(sesion: Sesion, pedida: Pedida, _: cargas.ObtenerEstadisticas) -> None:
    async def leer_cifras() -> None:
        sesion.contestar(pedida, await leer(conexiones.estadisticas))

    sesion.en_tarea(pedida, leer_cifras())


def latir(sesion: Sesion, pedida: Pedida, _: cargas.Ping) -> None:
    sesion.contestar(pedida, empujes.Pong())


MANEJADORES: dict[type[Carga], Callable[[Sesion, Pedida, Any], None]] = {
    cargas.Autenticar: autenticar,
    cargas.RenovarToken: renovar,
    cargas.UnirseConversacion: unirse,
    cargas.SalirConversacion: salir,
    cargas.Escribiendo: teclear,
    cargas.Reanudar: reanudar,
    cargas.ObtenerEstadisticas: contar,
    cargas.Ping: latir,
}
