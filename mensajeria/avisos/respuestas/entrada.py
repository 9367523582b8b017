"""Lo que alguien contestó por correo, enviado en su conversación: por órdenes, como todo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mensajeria import consultas, metricas
from mensajeria.archivos import subida
from mensajeria.avisos.respuestas import direccion, lectura, negativa
from mensajeria.avisos.respuestas.lectura import Adjunto, Correo
from mensajeria.fallos import error_de
from mensajeria.models import Archivo, Participante
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.cargas import EnviarMensaje
from mensajeria.protocolo.errores import (
    CodigoError,
    ErrorMensajeria,
    no_valido,
    sin_permiso,
)
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_TEXTO
from mensajeria.protocolo.validacion import convertir

# Con los que quien lo entrega ha de intentarlo más tarde: no es culpa del correo.
PASAJEROS = {CodigoError.UNAVAILABLE, CodigoError.RATE_LIMITED, CodigoError.INTERNAL_ERROR}
AGENTE = "correo"

# Cumple una orden y da su respuesta, o lanza el error que la rechaza.
Pedir = Callable[[Orden[EnviarMensaje]], Any]


def recibir(crudo: bytes, para: str, sobre: str | None, pedir: Pedir, *, decirlo: bool) -> bool:
    """Envía lo que dice un correo llegado a `para`; `False`, si lo escribió un programa y se tira.

    El mismo, llegado otra vez, no se envía otra vez. Lanza el error que lo niega; con `decirlo`, se
    le dice también a quien lo envió, si no es de los pasajeros ni se llamó a una puerta que no hay.
    """
    correo: Correo | None = None
    try:
        participante_id, caducada = _abrir(para)
        correo = lectura.leer(crudo, sobre)
        if correo.automatico:
            metricas.CORREOS.labels("automatico").inc()
            return False
        if caducada is not None:
            raise caducada
        _enviar(correo, _quien(participante_id, correo.de), pedir)
    except Exception as fallo:
        error = error_de(fallo, "un correo que llegó")
        metricas.CORREOS.labels(error.codigo).inc()
        if decirlo and correo is not None and error.codigo not in PASAJEROS:
            negativa.decir(correo, error)
        raise error from None
    metricas.CORREOS.labels("enviado").inc()
    return True


def _abrir(para: str) -> tuple[str, ErrorMensajeria | None]:
    """Su participante; o nadie y que caducó, que se le dice a quien contesta tarde."""
    try:
        return direccion.leer(para), None
    except ErrorMensajeria as error:
        if error.codigo is not CodigoError.TOKEN_EXPIRED:
            raise
        return "", error


def _quien(participante_id: str, de: str) -> Participante:
    """La dirección dice quién es, y además ha de escribir desde el correo de su cuenta."""
    suyo = Participante.objects.select_related("usuario").filter(
        pk=participante_id, activo=True, usuario__is_active=True
    )
    fila = suyo.first()
    if fila is None:
        raise ErrorMensajeria(
            CodigoError.NOT_FOUND,
            "Ya no participas en esa conversación, o tu cuenta no está activa",
        )
    if not de or not _el_mismo(de, fila.usuario.email):
        raise sin_permiso("Contesta desde el correo de tu cuenta")
    return fila


def _el_mismo(uno: str, otro: str) -> bool:
    """Con otras mayúsculas, solo si es ASCII: fuera, dos buzones distintos se pliegan en uno."""
    ascii_ = uno.isascii() and otro.isascii()
    return uno == otro or (ascii_ and uno.lower() == otro.strip().lower())


def _enviar(correo: Correo, suyo: Participante, pedir: Pedir) -> None:
    """Un mensaje con el texto y el primer archivo, y otro por cada uno de los demás: o todos los
    archivos se admiten, o no se envía nada.
    """
    texto, adjuntos = correo.contenido()
    if en_blanco(texto) and not adjuntos:
        raise no_valido("No trae nada nuevo: ni texto, ni archivos")
    if len(texto) > MAX_TEXTO:
        raise no_valido(f"El texto pasa de {MAX_TEXTO} letras")
    if adjuntos:
        consultas.exigir_que_pueda_enviar(suyo.usuario_id, suyo.conversacion_id)
    clave = f"correo-{suyo.pk}-{correo.huella(texto)}"
    subidos: list[Archivo] = []
    try:
        for n, adjunto in enumerate(adjuntos):
            subidos.append(_subir(suyo, adjunto, f"{clave}-{n}"))
        for n in range(max(1, len(subidos))):
            archivo = {"id": subidos[n].pk} if subidos else None
            contenido = {"texto": "" if n else texto, "archivo": archivo}
            datos = {"conversacionId": suyo.conversacion_id, "contenido": contenido}
            carga = convertir({**datos, "idCliente": f"{clave}-{n}"}, EnviarMensaje)
            _pedir_una_vez(pedir, Orden(Actor(suyo.usuario_id, agente=AGENTE), carga))
    except ErrorMensajeria as error:
        if error.codigo not in PASAJEROS:
            _quitar(subidos)
        raise
    _quitar(subidos)


def _quitar(subidos: list[Archivo]) -> None:
    """Los que nadie envió."""
    for fila in subidos:
        subida.borrar_sin_enviar(fila)


def _pedir_una_vez(pedir: Pedir, orden: Orden[EnviarMensaje]) -> None:
    try:
        pedir(orden)
    except ErrorMensajeria as error:
        # Con ese `Message-ID` ya se envió: llegó dos veces a la vez, o lo tocaron por el camino.
        if error.campo != "idCliente":
            raise


def _subir(suyo: Participante, adjunto: Adjunto, id_cliente: str) -> Archivo:
    """Como el que sube la página; si ya se subió o se envió con este correo, aquel."""
    quien, donde = suyo.usuario_id, suyo.conversacion_id
    huella = subida.huella_de(adjunto.crudo)
    ya = consultas.archivo_repetido(quien, donde, id_cliente, huella)
    if ya is not None:
        return ya
    try:
        return subida.subir(quien, donde, adjunto.nombre, adjunto.crudo, id_cliente)
    except ErrorMensajeria as error:
        cual = f"«{adjunto.nombre or 'archivo'}»: {error.mensaje}"
        raise ErrorMensajeria(error.codigo, cual, reintentar_en=error.reintentar_en) from None
