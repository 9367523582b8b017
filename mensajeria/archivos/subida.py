"""Subir un archivo: mirarlo, apuntarlo, guardarlo y, ya entero, darlo por bueno.

La fila va siempre por delante de los bytes: si el proceso muere entre medias, la limpieza sabe qué
quedó. Hasta que está entero, nadie lo puede enviar ni ver.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Sum

from mensajeria import metricas
from mensajeria.archivos import antivirus, avatares, deposito, limpieza
from mensajeria.archivos.taller.procesos import Mortal, taller
from mensajeria.archivos.taller.resultado import Inspeccionado, NoAdmitido
from mensajeria.archivos.taller.tipos import EXTENSIONES
from mensajeria.entre_procesos import limites
from mensajeria.models import Archivo, sin_controles
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_NOMBRE, PARTES

CAMPO = "archivo"
# Los que alguien tiene subidos y no ha enviado: uno más se niega.
MAX_SIN_ENVIAR = 100
# Una imagen hecha de nuevo ocupa a veces más que la que llegó: tantas veces lo que cabe, no más.
CRECE = 2
_OCUPAN = (*Archivo.SIN_ENVIAR, Archivo.Estado.ENVIADO, Archivo.Estado.AVATAR)


def subir(
    usuario_id: str,
    conversacion_id: str | None,
    nombre: str,
    crudo: bytes,
    id_cliente: str | None = None,
) -> Archivo:
    """Su fila, LISTO o EN_REVISION; con `conversacion_id`, solo se podrá enviar en esa.

    Lanza el error que diga por qué no se admite, o UNAVAILABLE.
    """
    fila = Archivo(
        usuario_id=usuario_id,
        conversacion_id=conversacion_id,
        huella=huella_de(crudo),
        id_cliente=id_cliente,
    )
    with _subiendo(fila, crudo):
        hallado, estado = _mirar(usuario_id, crudo)
        fila.nombre = _nombre(nombre, hallado.tipo)
        guardar(fila, hallado, estado)
    return fila


def subir_avatar(usuario_id: str, conversacion_id: str | None, crudo: bytes) -> Archivo:
    """Su fila: de esa persona o, si se dice, de esa conversación. Los mismos límites y errores.

    Lo que el antivirus no pudo mirar no se guarda, que se vería sin permiso: UNAVAILABLE.
    """
    fila = Archivo(
        usuario_id=usuario_id,
        conversacion_id=conversacion_id,
        huella=huella_de(crudo),
        nombre="avatar.webp",
    )
    with _subiendo(fila, crudo):
        hallado, estado = _mirar(usuario_id, crudo, avatares.LADO)
        if estado is not Archivo.Estado.LISTO:
            raise ErrorMensajeria(
                CodigoError.UNAVAILABLE, "Ahora no se puede revisar", reintentar_en=60.0
            )
        guardar(fila, hallado, Archivo.Estado.AVATAR)
    return fila


@contextlib.contextmanager
def _subiendo(fila: Archivo, crudo: bytes) -> Iterator[None]:
    """Con lo que se le exige a cualquiera, y contado en las métricas, salga como salga."""
    usuario_id = fila.usuario_id or ""
    try:
        if len(crudo) > settings.ARCHIVO_BYTES:
            raise demasiado_grande()
        with limites.subiendo(usuario_id):
            _exigir_sitio(usuario_id, len(crudo))
            yield
    except ErrorMensajeria as error:
        metricas.ARCHIVOS.labels(error.codigo).inc()
        raise
    metricas.ARCHIVOS.labels(fila.estado).inc()
    metricas.BYTES_DE_ARCHIVOS.inc(sum(fila.tamanos.values()))


def huella_de(crudo: bytes) -> str:
    """Por la que se reconoce que llega otra vez lo mismo: lo que se guarda puede ser otra cosa."""
    return hashlib.sha256(crudo).hexdigest()


def demasiado_grande() -> ErrorMensajeria:
    maximo = settings.ARCHIVO_BYTES // 1024**2
    return ErrorMensajeria(
        CodigoError.PAYLOAD_TOO_LARGE, f"Un archivo ocupa como mucho {maximo} MB", campo=CAMPO
    )


def _exigir_sitio(usuario_id: str, largo: int) -> None:
    deposito.exigir_sitio()
    suyos = Archivo.objects.filter(usuario=usuario_id)
    if suyos.filter(estado__in=Archivo.SIN_ENVIAR).count() >= MAX_SIN_ENVIAR:
        raise _sin_sitio(f"Tienes {MAX_SIN_ENVIAR} archivos sin enviar: envía o borra alguno")
    # Lo que sobra ya no es de nadie, aunque tarde en borrarse.
    ocupan = suyos.filter(estado__in=_OCUPAN).aggregate(todos=Sum("tamano"))["todos"] or 0
    if ocupan + largo > settings.ARCHIVOS_MB_POR_PERSONA * 1024**2:
        raise _sin_sitio(
            f"Tus archivos ocupan los {settings.ARCHIVOS_MB_POR_PERSONA} MB que caben:"
            " elimina mensajes que lleven alguno"
        )


def _sin_sitio(por_que: str) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.CONFLICT, por_que, campo=CAMPO)


def _mirar(usuario_id: str, crudo: bytes, lado: int = 0) -> tuple[Inspeccionado, Archivo.Estado]:
    try:
        hallado = taller().inspeccionar(crudo, CRECE * settings.ARCHIVO_BYTES, lado)
        return hallado, _estado(crudo)
    except NoAdmitido as rechazo:
        if isinstance(rechazo, Mortal):
            limites.agotar_archivos(usuario_id)
        raise ErrorMensajeria(rechazo.codigo, rechazo.mensaje, campo=CAMPO) from None
    except antivirus.Infectado:
        raise ErrorMensajeria(CodigoError.FILE_INFECTED, campo=CAMPO) from None


def _estado(crudo: bytes) -> Archivo.Estado:
    """EN_REVISION si el antivirus no supo decir; lanza `Infectado`."""
    try:
        antivirus.mirar(crudo)
    except antivirus.SinSaber:
        return Archivo.Estado.EN_REVISION
    return Archivo.Estado.LISTO


def _nombre(dicho: str, tipo: str) -> str:
    """El que se enseña: en una línea, y que quepa con su extensión. Nunca es un camino."""
    nombre = sin_controles(dicho)
    if en_blanco(nombre):
        return f"archivo{EXTENSIONES[tipo][0]}"
    if len(nombre) <= MAX_NOMBRE:
        return nombre
    raiz, punto, extension = nombre.rpartition(".")
    extension = punto + extension if raiz and len(extension) <= 10 else ""
    return nombre[: MAX_NOMBRE - len(extension)] + extension


def guardar(fila: Archivo, hallado: Inspeccionado, estado: Archivo.Estado) -> None:
    """La fila, los bytes y que ya están, con ese estado; si algo falla, nada."""
    partes = dict(zip(PARTES, (hallado.contenido, *hallado.miniaturas), strict=False))
    fila.tipo, fila.clase, fila.datos = hallado.tipo, hallado.clase, hallado.datos
    fila.tamano = len(hallado.contenido)
    fila.tamanos = {parte: len(crudo) for parte, crudo in partes.items()}
    fila.save(force_insert=True)
    try:
        for parte, crudo in partes.items():
            deposito.guardar(fila.pk, parte, crudo)
        _dar_por_bueno(fila, estado)
    except BaseException:
        # Si tampoco se puede borrar, queda apuntado que está a medias.
        with contextlib.suppress(Exception):
            limpieza.borrar([fila.pk])
        raise


def _dar_por_bueno(fila: Archivo, estado: Archivo.Estado) -> None:
    suya = Archivo.objects.filter(pk=fila.pk, estado=Archivo.Estado.SUBIENDO)
    if not suya.update(estado=estado):
        # Tardó tanto que la limpieza lo dio por perdido.
        raise ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=1.0)
    fila.estado = estado


def borrar_sin_enviar(fila: Archivo) -> bool:
    """Si nadie lo envió antes; desde entonces no existe para nadie."""
    suya = Archivo.objects.filter(pk=fila.pk, estado__in=Archivo.POR_ENVIAR)
    if not suya.update(estado=Archivo.Estado.SOBRA):
        return False
    limpieza.borrar([fila.pk])
    return True
