"""Los eventos que no cambian la base: entrar, unirse, reanudar, salir, teclear y contar."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from mensajeria import consultas, metricas
from mensajeria.avisos import preferencias
from mensajeria.central.entrada import Puestas
from mensajeria.consultas import Puesta
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import epoca_actual
from mensajeria.operaciones import presencia
from mensajeria.operaciones.autenticacion import leer_token
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.avisos import CambiarAvisos
from mensajeria.protocolo.errores import no_existe, sin_permiso
from mensajeria.protocolo.tipos import MAX_ENUMERADOS, Carga, iso
from mensajeria.sesion.conexion import Peticion
from mensajeria.sesion.interlocutor import Interlocutor

Trabajo = Coroutine[Any, Any, None]


def autenticar(cliente: Interlocutor, peticion: Peticion, carga: cargas.Autenticar) -> Trabajo:
    return cliente.ingresar(
        leer_token(carga.token),
        lambda empuje: cliente.contestar(peticion, empuje),
        quien_dice=carga.quien_dice,
    )


def renovar(cliente: Interlocutor, peticion: Peticion, carga: cargas.RenovarToken) -> Trabajo:
    credencial = leer_token(carga.token)

    async def acreditar() -> None:
        await cliente.renovar(credencial)
        fecha = credencial.fecha_de_expiracion
        cliente.contestar(peticion, empujes.TokenRenovado(expira=iso(fecha) if fecha else None))

    return acreditar()


def unirse(cliente: Interlocutor, peticion: Peticion, carga: cargas.UnirseConversacion) -> Trabajo:
    id_ = carga.conversacion_id
    conectados = {cliente.usuario_id}

    def leer(usuario: str, cursores: Mapping[str, int | None]) -> Puestas:
        puestas = consultas.poner_al_dia(usuario, cursores, carga.epoca)
        puesta = puestas.get(id_)
        if puesta and puesta.conversacion.total_participantes <= MAX_ENUMERADOS:
            conectados.update(compartido().presencia.unidos(id_))
        return puestas

    def responder(puestas: Puestas) -> None:
        # Si es suya, cabe: va sola.
        puesta = puestas.get(id_)
        if puesta is None:
            raise no_existe("conversacionId")
        sala = cliente.nodo.reparto.salas.get(id_)
        # Quien acaba de unirse aquí aún no consta en la presencia.
        if sala is not None and puesta.conversacion.total_participantes <= MAX_ENUMERADOS:
            conectados.update({receptor.usuario_id for receptor in sala.unidos})
        cliente.contestar(peticion, _unido(puesta, sorted(conectados)))
        _dar_por_enviada(cliente, puesta)

    cursores = {id_: carga.desde_cambio}
    return cliente.nodo.entrada.unir(cliente, cursores, responder, leer, cliente.leer)


def _dar_por_enviada(cliente: Interlocutor, puesta: Puesta) -> None:
    """Sus mensajes, si van todos los que faltaban; sin ninguno, no hay de qué pedir recibo."""
    if puesta.cambios and puesta.completa:
        cliente.enviado_hasta(puesta.conversacion.id, puesta.ultima_secuencia)


def _unido(puesta: Puesta, conectados: list[str]) -> empujes.UnidoConversacion:
    return empujes.UnidoConversacion(
        conversacion_id=puesta.conversacion.id,
        participantes_conectados=conectados,
        ultima_secuencia=puesta.ultima_secuencia,
        ultimo_cambio=puesta.hasta,
        conversacion=puesta.conversacion,
        cambios=puesta.cambios,
        completo=puesta.completa,
        epoca=puesta.epoca,
        reiniciado=puesta.reiniciada,
    )


def reanudar(cliente: Interlocutor, peticion: Peticion, carga: cargas.Reanudar) -> Trabajo:
    def leer(usuario: str, cursores: Mapping[str, int | None]) -> Puestas:
        return consultas.poner_al_dia(usuario, cursores, carga.epoca)

    def responder(puestas: Puestas) -> None:
        reanudadas = {
            id_: empujes.Reanudada(
                ultimo_cambio=p.hasta,
                conversacion=p.conversacion,
                cambios=p.cambios,
                completo=p.completa,
                reiniciado=p.reiniciada,
            )
            for id_, p in puestas.items()
            if p is not None
        }
        leidas = [p for p in puestas.values() if p is not None]
        empuje = empujes.Reanudado(
            conversaciones=reanudadas,
            pendientes=sorted(puestas.keys() - reanudadas.keys()),
            epoca=leidas[0].epoca if leidas else epoca_actual(),
        )
        if no_existen := len(carga.cursores) - len(puestas):
            cliente.fallidas.cobrar(no_existen)
        cliente.contestar(peticion, empuje)
        metricas.CAMBIOS_REANUDADOS.observe(sum(len(p.cambios) for p in leidas))
        if not cliente.reanudo:
            cliente.reanudo = True
            metricas.RECONEXIONES.inc()
        for puesta in leidas:
            _dar_por_enviada(cliente, puesta)

    cursores = dict(carga.cursores)
    return cliente.nodo.entrada.unir(cliente, cursores, responder, leer, cliente.leer)


def salir(cliente: Interlocutor, peticion: Peticion, carga: cargas.SalirConversacion) -> None:
    cliente.teclado.calla(carga.conversacion_id)
    if not cliente.nodo.reparto.salir(cliente, carga.conversacion_id):
        raise no_existe("conversacionId")
    cliente.responder(peticion, empujes.SalidoConversacion(conversacion_id=carga.conversacion_id))


def teclear(cliente: Interlocutor, peticion: Peticion, carga: cargas.Escribiendo) -> None:
    if carga.conversacion_id is not None:
        _teclear_en(cliente, carga.conversacion_id, carga.escribiendo)
    cliente.responder(peticion, None)


def _teclear_en(cliente: Interlocutor, conversacion_id: str, escribiendo: bool) -> None:
    puede = cliente.nodo.reparto.puede_enviar(cliente.usuario_id, conversacion_id)
    if puede is None:
        raise no_existe("conversacionId")
    if not puede:
        raise sin_permiso("Sin permisos para enviar")
    if escribiendo:
        cliente.teclado.teclea(cliente.usuario_id, conversacion_id)
    else:
        cliente.teclado.calla(conversacion_id)


def mirar(cliente: Interlocutor, peticion: Peticion, carga: cargas.DecirVisibilidad) -> None:
    cliente.mira = carga.mira
    cliente.nodo.reparto.revisar_vista(cliente.usuario_id)
    cliente.responder(peticion, None)


def cambiar_avisos(cliente: Interlocutor, peticion: Peticion, carga: CambiarAvisos) -> Trabajo:
    async def cambiar() -> None:
        quedan = await cliente.leer(preferencias.cambiar, cliente.usuario_id, carga)
        cliente.responder(
            peticion, empujes.AvisosActualizados(zona=quedan.zona, canales=quedan.canales)
        )
        cliente.nodo.emisor.emitir(preferencias.avisar(cliente.usuario_id, quedan))

    return cambiar()


def contar(cliente: Interlocutor, peticion: Peticion, _: cargas.ObtenerEstadisticas) -> Trabajo:
    async def leer_cifras() -> None:
        cliente.contestar(peticion, await cliente.leer(presencia.estadisticas))

    return leer_cifras()


def contestar_ping(cliente: Interlocutor, peticion: Peticion, _: cargas.Ping) -> None:
    cliente.contestar(peticion, empujes.Pong())


MANEJADORES: dict[type[Carga], Callable[[Interlocutor, Peticion, Any], Trabajo | None]] = {
    cargas.Autenticar: autenticar,
    cargas.RenovarToken: renovar,
    cargas.UnirseConversacion: unirse,
    cargas.SalirConversacion: salir,
    cargas.Escribiendo: teclear,
    cargas.DecirVisibilidad: mirar,
    CambiarAvisos: cambiar_avisos,
    cargas.Reanudar: reanudar,
    cargas.ObtenerEstadisticas: contar,
    cargas.Ping: contestar_ping,
}
