"""Conversaciones y participantes."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import paginas
from mensajeria.api.original.respuestas import (
    DelOriginal,
    PaginaPorNumero,
    como_en_el_token,
    conversacion,
    cuerpo,
    hecho,
)
from mensajeria.api.pedidos import pedir, usuario_de_peticion
from mensajeria.consultas.coste import leidas
from mensajeria.models import Conversacion
from mensajeria.protocolo import cargas, formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.validacion import convertir

POR_PAGINA = 20


class ConversacionesDelOriginal(DelOriginal):
    def list(self, request: Request) -> Response:
        """Las mías, por actividad; las activas, si no se dice `estado`."""
        usuario_id = usuario_de_peticion(request).pk
        pagina = PaginaPorNumero.pedida(request, POR_PAGINA)
        estado = paginas.opcion(request, "estado", ["activa", "cerrada"])
        suyas = consultas.por_actividad(usuario_id).filter(activa=estado != "cerrada")
        if tipo := paginas.opcion(request, "tipo", Conversacion.Tipo.values):
            suyas = suyas.filter(tipo=tipo)
        filas = list(suyas[pagina.tramo])
        leidas(filas=len(filas))
        presentadas = consultas.presentar_conversaciones(filas, usuario_id)
        return hecho(
            **pagina.con(conversaciones=[conversacion(f) for f in presentadas]),
            estadisticas={
                "totalNoLeidos": sum(_sin_leer(f) for f in presentadas),
                "conversacionesActivas": sum(f.activa for f in presentadas),
            },
        )

    def create(self, request: Request) -> Response:
        resultado = pedir(request, convertir(_crear(cuerpo(request)), cargas.CrearConversacion))
        return hecho(
            201,
            conversacion=conversacion(_la_mia(request, resultado.conversacion_id)),
            message="Conversación creada exitosamente",
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        forma = _la_mia(request, pk)
        return hecho(conversacion=conversacion(forma), mensajesNoLeidos=_sin_leer(forma))

    def leer(self, request: Request, pk: str) -> Response:
        pedir(request, cargas.MarcarLeido(conversacion_id=pk))
        return hecho(message="Todos los mensajes marcados como leídos")


def _la_mia(request: Request, conversacion_id: str) -> formas.Conversacion:
    usuario_id = usuario_de_peticion(request).pk
    fila = consultas.conversacion_de(usuario_id, conversacion_id)
    return consultas.presentar_conversaciones([fila], usuario_id)[0]


def _sin_leer(forma: formas.Conversacion) -> int:
    """Los de quien lee, que son los únicos que lleva."""
    return sum(forma.estadisticas.mensajes_no_leidos.values())


def _crear(datos: dict[str, Any]) -> dict[str, Any]:
    """Los campos de `CrearConversacion`; en el original se nombra también a quien la crea."""
    participantes = datos.get("participantes")
    if not isinstance(participantes, list) or len(participantes) < 2:
        raise no_valido("Se requieren al menos 2 participantes", "participantes")
    participantes = [_con_su_id(p) if isinstance(p, dict) else p for p in participantes]
    titulo = datos.get("titulo")
    pedida = {
        "participantes": participantes,
        "tipo": datos.get("tipo"),
        "asesoria": datos.get("asesoriaId"),
        "configuracion": {"nombrePersonalizado": titulo} if titulo else None,
    }
    return {campo: valor for campo, valor in pedida.items() if valor is not None}


def _con_su_id(datos: dict[str, Any]) -> dict[str, Any]:
    return {c: como_en_el_token(v) if c == "usuarioId" else v for c, v in datos.items()}


# Qué se pide, con qué negativa se sabe que ya estaba así, y qué se contesta.
_ACCIONES: dict[str, tuple[Any, CodigoError, str]] = {
    "agregar": (
        cargas.AgregarParticipante,
        CodigoError.CONFLICT,
        "Participante agregado exitosamente",
    ),
    "remover": (
        cargas.RemoverParticipante,
        CodigoError.NOT_FOUND,
        "Participante removido exitosamente",
    ),
}


class Participantes(DelOriginal):
    # `usuarioId` es aquí a quién se agrega o se remueve.
    firmas = ("adminId",)

    def update(self, request: Request, pk: str) -> Response:
        """Agrega o remueve según `accion`; lo que ya estaba así se queda, y se contesta igual."""
        datos = cuerpo(request)
        accion = datos.get("accion")
        if not isinstance(accion, str) or accion not in _ACCIONES:
            raise no_valido("«accion» es agregar o remover", "accion")
        tipo, ya_estaba, mensaje = _ACCIONES[accion]
        try:
            pedir(request, convertir({**_con_su_id(datos), "conversacionId": pk}, tipo))
        except ErrorMensajeria as error:
            if (error.codigo, error.campo) != (ya_estaba, "usuarioId"):
                raise
        return hecho(message=mensaje)
