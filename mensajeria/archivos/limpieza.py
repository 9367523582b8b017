"""Lo que sobra se borra: primero los bytes, y después la fila que dice dónde están.

Sobra lo de un mensaje eliminado, lo que nadie llegó a enviar, y lo que dejó a medias un proceso que
murió. Repetirla no cambia nada, y varias a la vez no se estorban.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db.models import QuerySet

from mensajeria import metricas
from mensajeria.archivos import antivirus, avatares, deposito
from mensajeria.base_de_datos import Hilo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.fallos import anotar
from mensajeria.models import Archivo, Mensaje, ahora
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import CONTENIDO

registro = logging.getLogger("mensajeria.archivos")

PERIODO = 60
# Lo que dura como mucho cada cosa de las de cada minuto: lo que quede, en el siguiente.
SEGUNDOS = 25.0
# Guardar uno son segundos: si lleva tanto, quien lo guardaba ya no está.
A_MEDIAS = timedelta(minutes=10)
# Lo que se espera a que se envíe lo subido.
PARA_ENVIAR = timedelta(hours=24)
# Lo que hay en el almacén y no dice ninguna fila, si no acaba de llegar.
HUERFANO = timedelta(hours=1)
TANDA = 200
# Las veces que se le da al antivirus uno con el que no puede.
INTENTOS = 3
# Los que se borran antes de quitar sus filas.
JUNTOS = 20

_E = Archivo.Estado
# Se llama con cuántos van.
Avisar = Callable[[int], None]


class Limpieza:
    """La de cada minuto, que hace un solo proceso. Se usa en el bucle de eventos."""

    def __init__(self) -> None:
        self._hilo = Hilo("archivos", 1)

    def arrancar(self) -> None:
        self._tarea = asyncio.create_task(self._limpiar())

    def cerrar(self) -> None:
        self._tarea.cancel()
        self._hilo.cerrar()

    async def _limpiar(self) -> None:
        while True:
            try:
                if await self._hilo(compartido().turnos.tomar, "archivos", PERIODO):
                    # Antes, lo que alguien espera.
                    await self._hacer(revisar, "revisar los archivos con el antivirus")
                    await self._hacer(limpiar, "borrar los archivos que sobran")
                await self._hilo(_contar)
            except Exception as error:
                anotar(error, "repartirse la limpieza de archivos")
            await asyncio.sleep(PERIODO)

    async def _hacer(self, paso: Callable[..., object], que: str) -> None:
        """Cada uno por su lado: que falle el primero no deja sin hacer el segundo."""
        try:
            await self._hilo(partial(paso, hasta=time.monotonic() + SEGUNDOS))
        except Exception as error:
            anotar(error, que)


def _contar() -> None:
    """Los que esperan a algo, para quien mira las métricas."""
    medidos = {_E.EN_REVISION: metricas.EN_REVISION, _E.SOBRA: metricas.POR_BORRAR}
    for estado, medidor in medidos.items():
        medidor.set(Archivo.objects.filter(estado=estado).count())


class Borrados(NamedTuple):
    """Cuántos se borraron, y cuántos quedan porque el almacén no dejó: se intentará otra vez."""

    hechos: int
    quedan: int


def _sin_decirlo(_: int) -> None:
    """A nadie le importa cuántos van."""


def limpiar(*, hasta: float = math.inf, avisar: Avisar = _sin_decirlo) -> Borrados:
    """Borra lo que sobra y lo que caducó; lo que no dé tiempo antes de `hasta`, queda."""
    for caducados in _caducados():
        caducados.update(estado=_E.SOBRA)
    return _borrar_los_que_sobran(Archivo.objects.all(), hasta, avisar)


def _caducados() -> Iterator[QuerySet[Archivo]]:
    """Los que quedaron a medias, y los que nadie envió a tiempo."""
    instante = ahora()
    for estados, plazo in (((_E.SUBIENDO,), A_MEDIAS), (Archivo.POR_ENVIAR, PARA_ENVIAR)):
        yield Archivo.objects.filter(estado__in=estados, fecha__lt=instante - plazo)


def olvidar_sin_enviar(usuario_id: str, avisar: Avisar = _sin_decirlo) -> Borrados:
    """Borra lo que subió esa persona y no envió, su avatar, y lo que ya sobraba de lo suyo."""
    suyos = Archivo.objects.filter(usuario=usuario_id)
    suyos.filter(estado__in=Archivo.SIN_ENVIAR).update(estado=_E.SOBRA)
    suyos.filter(estado=_E.AVATAR, conversacion=None).update(estado=_E.SOBRA)
    return _borrar_los_que_sobran(suyos, math.inf, avisar)


def _borrar_los_que_sobran(de: QuerySet[Archivo], hasta: float, avisar: Avisar) -> Borrados:
    filas, hechos = de.filter(estado=_E.SOBRA), 0
    for ids in _tandas(filas, JUNTOS):
        borrados = len(borrar(ids))
        hechos += borrados
        avisar(hechos)
        # Si no se pudo con ninguno, es el almacén.
        if not borrados or time.monotonic() >= hasta:
            break
    return Borrados(hechos, filas.count())


def borrar(ids: Sequence[str]) -> list[str]:
    """Los bytes de esos archivos y, de los que se pudo, sus filas; cuáles."""
    borrados = deposito.borrar(ids)
    Archivo.objects.filter(pk__in=borrados).delete()
    return borrados


def _tandas(filas: QuerySet[Archivo], de_cada: int = TANDA) -> Iterator[list[str]]:
    pagina = filas.order_by("pk")
    while ids := list(pagina.values_list("pk", flat=True)[:de_cada]):
        yield ids
        pagina = filas.filter(pk__gt=ids[-1]).order_by("pk")


def revisar(*, hasta: float = math.inf) -> int:
    """Pasa otra vez por el antivirus lo que no se pudo mirar; cuántos quedaron limpios.

    Antes, los que menos veces se intentaron: uno con el que no puede no detiene a los demás.
    """
    limpios = 0
    filas = Archivo.objects.filter(estado=_E.EN_REVISION).order_by("intentos", "fecha")
    for fila in filas[:TANDA]:
        if time.monotonic() >= hasta:
            break
        try:
            limpios += _revisar(fila)
        except FileNotFoundError:
            continue
        except (antivirus.NoContesta, ErrorMensajeria):
            # Ni el antivirus ni el almacén harán otra cosa con el siguiente.
            break
    return limpios


def _revisar(fila: Archivo) -> int:
    """1 si está limpio; el que no, o con el que no se puede tras varios intentos, sobra."""
    suya = Archivo.objects.filter(pk=fila.pk, estado=_E.EN_REVISION)
    try:
        antivirus.mirar(deposito.leer_entero(fila.pk, CONTENIDO, fila.tamano))
    except antivirus.Infectado as que:
        registro.warning("El antivirus no admite el archivo %s: %s", fila.pk, que)
        suya.update(estado=_E.SOBRA)
    except antivirus.NoPuede as por_que:
        if fila.intentos + 1 < INTENTOS:
            suya.update(intentos=fila.intentos + 1)
        else:
            registro.warning("El antivirus no puede con el archivo %s: %s", fila.pk, por_que)
            suya.update(estado=_E.SOBRA)
    else:
        return suya.update(estado=_E.LISTO)
    return 0


def marcar_perdidos() -> int:
    """Marca como sobrantes los que ya no lleva ningún mensaje, ni nadie como avatar, por lo que
    fuera; cuántos.
    """
    return sum(
        Archivo.objects.filter(pk__in=ids).update(estado=_E.SOBRA) for ids in _perdidos() if ids
    )


def retirar_avatar(direccion: str, **de: str | None) -> None:
    """El que estaba en esa dirección, si era de aquí y de quien se dice, ya no hace falta."""
    suyo = Archivo.objects.filter(pk=avatares.archivo_de(direccion), estado=_E.AVATAR)
    if suyo.filter(**de).update(estado=_E.SOBRA):
        borrar([avatares.archivo_de(direccion) or ""])


def _avatares_que_nadie_lleva() -> Iterator[list[str]]:
    """Los que se cambiaron por otra vía, o a la vez; no el que se está poniendo."""
    viejos = Archivo.objects.filter(estado=_E.AVATAR, fecha__lt=ahora() - A_MEDIAS)
    for ids in _tandas(viejos):
        filas = Archivo.objects.select_related("usuario", "conversacion").filter(pk__in=ids)
        yield [f.pk for f in filas if avatares.archivo_de(avatares.lo_lleva(f)) != f.pk]


def _perdidos() -> Iterator[list[str]]:
    yield from _avatares_que_nadie_lleva()
    for ids in _tandas(Archivo.objects.filter(estado=_E.ENVIADO)):
        de_cada = dict(Archivo.objects.filter(pk__in=ids).values_list("pk", "mensaje_id"))
        mensajes = Mensaje.objects.filter(pk__in=[m for m in de_cada.values() if m])
        vivos = set(mensajes.filter(eliminado=False).values_list("pk", flat=True))
        yield [id_ for id_, mensaje in de_cada.items() if mensaje not in vivos]


def por_borrar() -> int:
    """Cuántos borraría `limpiar`."""
    sobran = Archivo.objects.filter(estado=_E.SOBRA).count()
    return sobran + sum(filas.count() for filas in _caducados())


def perdidos() -> int:
    """Cuántos marcaría `marcar_perdidos`."""
    return sum(len(ids) for ids in _perdidos())


class Guardados(NamedTuple):
    """Lo que hay en el almacén: cuántos con su fila, y lo de los que no tienen ninguna."""

    con_fila: int
    huerfanos: dict[str, list[str]]


def guardados() -> Guardados:
    """Un huérfano no acaba de llegar; de cada uno, por su identificador, los nombres de lo suyo."""
    todos = dict(deposito.guardados())
    con_fila = _con_fila(list(todos))
    viejos = {id_: suyo for id_, suyo in todos.items() if _edad(id_) > HUERFANO}
    sin_fila = sorted(viejos.keys() - con_fila)
    return Guardados(len(con_fila), {id_: viejos[id_] for id_ in sin_fila})


def borrar_huerfanos(de_cada: Mapping[str, list[str]], avisar: Avisar = _sin_decirlo) -> int:
    """Los de `guardados`; cuántos se pudo."""
    hechos, ids = 0, list(de_cada)
    for desde in range(0, len(ids), JUNTOS):
        juntos = {id_: de_cada[id_] for id_ in ids[desde : desde + JUNTOS]}
        borrados = len(deposito.borrar_guardado(juntos))
        hechos += borrados
        avisar(hechos)
        if not borrados:
            break
    return hechos


def _con_fila(ids: list[str]) -> set[str]:
    hay: set[str] = set()
    for desde in range(0, len(ids), TANDA):
        trozo = Archivo.objects.filter(pk__in=ids[desde : desde + TANDA])
        hay.update(trozo.values_list("pk", flat=True))
    return hay


def _edad(archivo_id: str) -> timedelta:
    """Desde cuándo existe, que lo dice su identificador."""
    return datetime.now(UTC) - datetime.fromtimestamp(int(archivo_id[:8], 16), UTC)
