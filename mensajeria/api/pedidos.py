"""De una petición REST a una orden, con las cargas de los sockets, y a lo que se responde."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from mensajeria import consultas, rastro
from mensajeria.api.paginas import BARRA, ID
from mensajeria.entre_procesos import limites
from mensajeria.models import Usuario
from mensajeria.nodo import nodo
from mensajeria.operaciones.conversaciones import Existente
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas, empujes, formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.tipos import Carga
from mensajeria.protocolo.validacion import convertir

C = TypeVar("C", bound=Carga)


class ConIds(ViewSet):
    """Las rutas con identificadores, que pueden llevar una `/`."""

    lookup_value_regex = ID

    def dispatch(self, request: Any, *args: Any, **de_la_ruta: str) -> Any:
        ids = {nombre: id_.replace(BARRA, "/") for nombre, id_ in de_la_ruta.items()}
        return super().dispatch(request, *args, **ids)


def usuario_de_peticion(request: Request) -> Usuario:
    return cast(Usuario, request.user)


def carga_de(request: Request, tipo: type[C], **de_la_ruta: Any) -> C:
    """La carga con el cuerpo de la petición y lo que dice la ruta, que manda sobre el cuerpo."""
    datos = request.data
    if not isinstance(datos, dict):
        raise no_valido("El cuerpo es un objeto JSON")
    return convertir({**datos, **de_la_ruta}, tipo)


def pedir(request: Request, carga: Carga) -> Any:
    """Ejecuta la orden de quien firma la petición; lanza el error que la rechace.

    Con ella va a quiénes no ve (`VISIBILIDAD`), para que no los reúna. Lo que crea o suma cuenta en
    sus límites; que ya lo hubiera, o que falle, no.
    """
    actor = Actor.de_http(usuario_de_peticion(request).pk, request.META)
    with limites.creando(actor.usuario_id, *_lo_que_crea(actor, carga)) as contadas:
        no_vistos = consultas.no_vistos_por(usuario_de_peticion(request), carga)
        resultado = nodo().pedir_una(Orden(actor, carga, no_vistos=no_vistos))
    if isinstance(resultado, Existente):
        limites.devolver(contadas)
    return resultado


def _lo_que_crea(actor: Actor, carga: Carga) -> tuple[int, int]:
    """Cuántas conversaciones crea, y a cuántas personas suma, sin contarse a sí mismo."""
    if isinstance(carga, cargas.CrearConversacion):
        return 1, len({p.usuario_id for p in carga.participantes} - {actor.usuario_id})
    return 0, int(isinstance(carga, cargas.AgregarParticipante))


def enviar(
    request: Request, carga: cargas.EnviarMensaje
) -> formas.Mensaje | empujes.MensajeEnviado:
    """El mensaje enviado como lo ve quien firma; a quien reintenta uno y ya no participa, el acuse:
    nada más nuevo.
    """
    acuse: empujes.MensajeEnviado = pedir(request, carga)
    if rastro.encendido:
        rastro.anotar("contestado", mensaje=acuse.mensaje_id)
    try:
        return mensaje_visto(request, acuse.mensaje_id)
    except ErrorMensajeria as error:
        if error.codigo is not CodigoError.NOT_FOUND:
            raise
        return acuse


def mensaje_visto(request: Request, mensaje_id: str, *, entero: bool = False) -> formas.Mensaje:
    """El mensaje como lo ve quien firma la petición; `entero`, con todo su historial; NOT_FOUND si
    no es suyo.
    """
    fila = consultas.mensaje_de(usuario_de_peticion(request).pk, mensaje_id)
    return consultas.presentar_mensajes([fila], enteros=entero)[0]
