"""A quién se avisa de lo que pasó, por dónde y no antes de cuándo: del registro al buzón.

Se decide ya confirmado el mensaje, y no al enviarlo: quien escribe no espera a que se mire quién
está, y de cien mensajes seguidos se mira una vez.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from mensajeria.avisos import buzon, preferencias
from mensajeria.avisos.canales import aplicacion
from mensajeria.avisos.por_decir import SEGUNDA_MIRADA, DeMensaje, Destinatario, PorDecir, Presentes
from mensajeria.base_de_datos import en_transaccion
from mensajeria.consultas.preparada import Preparada
from mensajeria.fallos import anotar, es_caida
from mensajeria.models import (
    Aviso,
    Canal,
    Dispositivo,
    Mensaje,
    Notificacion,
    Novedad,
    Participante,
    ahora,
    clave_de_aviso,
)
from mensajeria.ordenes.puntos_de_fallo import PuntoDeAviso, pasar
from mensajeria.protocolo import formas

# Novedades que se reparten de una vez (menos, si entre ellas mueven muchas conversaciones: quien
# muere a medias no deja mucho por hacer otra vez), y mensajes de cada conversación que se miran.
TANDA = 200
MAX_CONVERSACIONES = 100
MAX_MENSAJES = 100

Tramos = dict[str, tuple[int, int]]

_MENSAJES = Preparada(
    lambda conversacion, desde, hasta: (
        Mensaje.objects.filter(
            conversacion=conversacion,
            secuencia__gte=desde,
            secuencia__lte=hasta,
            eliminado=False,
            oculto=False,
        )
        .order_by("-secuencia")
        .values_list("secuencia", "remitente_id", "prioridad", "menciones", "fecha_envio")[
            :MAX_MENSAJES
        ]
    ),
    3,
)


_DESTINATARIOS = Preparada(
    lambda conversaciones: Participante.objects.filter(
        conversacion__de_la_lista=conversaciones,
        conversacion__notificaciones_activas=True,
        activo=True,
        usuario__is_active=True,
    ).values_list(
        *("conversacion_id", "usuario_id", "leido_hasta"),
        *("usuario__ultima_conexion", "usuario__email", "silenciada_hasta"),
    ),
    1,
)
_POR_REPARTIR = Preparada(
    lambda: Novedad.objects.filter(por_avisar=True).order_by("pk").values_list("pk"), 0
)


def hay() -> bool:
    """Si queda algo por repartir."""
    return bool(_POR_REPARTIR(limite=1))


def repartir() -> bool:
    """Reparte lo más antiguo que haya; si no cupo todo.

    Lo que llegue entre tanto es de la próxima vez: quien escribe sin parar no la adelanta.
    """
    if not hay():
        return False
    try:
        faltan = en_transaccion(_repartir, TANDA)
    except Exception as error:
        if es_caida(error):
            raise
        faltan = True
        _repartir_una()
    pasar(PuntoDeAviso.TRAS_REPARTIR)
    return faltan


def _repartir_una() -> None:
    """La primera, y si es la que no se puede, se tacha: por ella nadie más se queda sin avisos."""
    try:
        en_transaccion(_repartir, 1)
    except Exception as error:
        if es_caida(error):
            raise
        anotar(error, "repartir un aviso")
        primera = Novedad.objects.filter(por_avisar=True).order_by("pk").values("pk")[:1]
        Novedad.objects.filter(pk__in=[f["pk"] for f in primera]).update(por_avisar=False)


def _repartir(cuantas: int) -> bool:
    filas = Novedad.objects.select_for_update(skip_locked=True).filter(por_avisar=True)
    tramos: Tramos = {}
    notificaciones: list[str] = []
    cambiados: dict[str, list[int]] = {}
    repartidas: list[int] = []
    for pk, causas in filas.order_by("pk").values_list("pk", "avisos")[:cuantas]:
        _sumar(tramos, causas.get("mensajes", {}))
        notificaciones += causas.get("notificaciones", ())
        for que in ("retirados", "editados"):
            for id_, cuales in causas.get(que, {}).items():
                cambiados.setdefault(id_, []).extend(cuales)
        repartidas.append(pk)
        if len(tramos) >= MAX_CONVERSACIONES:
            break
    if not repartidas:
        return False
    buzon.abrir([*de_mensajes(tramos), *_de_notificaciones(notificaciones)])
    aplicacion.poner_al_dia(cambiados)
    Novedad.objects.filter(pk__in=repartidas).update(por_avisar=False)
    pasar(PuntoDeAviso.AL_REPARTIR)
    return len(repartidas) == cuantas or len(tramos) >= MAX_CONVERSACIONES


def _sumar(tramos: Tramos, otros: Mapping[str, tuple[int, int]]) -> None:
    for id_, (desde, hasta) in otros.items():
        antes = tramos.get(id_, (desde, hasta))
        tramos[id_] = (min(desde, antes[0]), max(hasta, antes[1]))


def de_mensajes(tramos: Tramos) -> list[Aviso]:
    """Los avisos de esos tramos; de quien mira o acaba de irse, uno para mirar otra vez."""
    if not tramos:
        return []
    por_decir = _por_decir(tramos)
    presentes = Presentes.de(p.quien for p in por_decir)
    instante = ahora()
    toca, esperan = [], set()
    for p in por_decir:
        espera = p.prioridad in ("baja", "normal") and presentes.acaba_de_irse(p.quien, instante)
        if espera or presentes.mira(p.quien):
            esperan.add(p.quien.conversacion)
        else:
            toca.append(p)
    revisiones = [_segunda_mirada(id_, tramos[id_], instante) for id_ in sorted(esperan)]
    return _a_cada_sitio(toca) + revisiones


def _por_decir(tramos: Tramos) -> list[PorDecir]:
    """De cada participante, lo ajeno que no ha leído, si su conversación avisa."""
    destinatarios = [Destinatario(*f) for f in _DESTINATARIOS(sorted(tramos))]
    mensajes = {
        id_: [DeMensaje(*f) for f in _MENSAJES(id_, *tramos[id_])]
        for id_ in sorted({quien.conversacion for quien in destinatarios})
    }
    quedan = []
    for quien in destinatarios:
        ajenos = [
            m
            for m in mensajes[quien.conversacion]
            if m.secuencia > quien.leido_hasta and m.remitente != quien.usuario
        ]
        suyo = PorDecir(quien, ajenos)
        if suyo.mensajes:
            quedan.append(suyo)
    return quedan


def _segunda_mirada(conversacion_id: str, tramo: tuple[int, int], instante: datetime) -> Aviso:
    return Aviso(
        id=clave_de_aviso(Canal.REVISION, conversacion_id),
        conversacion_id=conversacion_id,
        canal=Canal.REVISION,
        clase="mensajes",
        desde=tramo[0],
        hasta=tramo[1],
        causado=instante,
        no_antes_de=instante + SEGUNDA_MIRADA,
    )


def mirar_otra_vez(revisiones: Iterable[Aviso]) -> None:
    """Lo que sigue sin leer quien miraba o acababa de irse, si ya no mira."""
    en_transaccion(_mirar_otra_vez, list(revisiones))


def _mirar_otra_vez(revisiones: list[Aviso]) -> None:
    por_decir = _por_decir({a.conversacion_id or "": (a.desde, a.hasta) for a in revisiones})
    presentes = Presentes.de(p.quien for p in por_decir)
    buzon.abrir(_a_cada_sitio([p for p in por_decir if not presentes.mira(p.quien)]))
    recientes = _recientes([p for p in por_decir if presentes.mira(p.quien)])
    for revision in revisiones:
        if fecha := recientes.get(revision.conversacion_id or ""):
            buzon.posponer(revision, fecha + SEGUNDA_MIRADA)


def _recientes(miran: Iterable[PorDecir]) -> dict[str, datetime]:
    """De cada conversación, cuándo llegó lo primero que aún no lleva su rato ante quien la mira."""
    desde = ahora() - SEGUNDA_MIRADA
    fechas: defaultdict[str, list[datetime]] = defaultdict(list)
    for p in miran:
        fechas[p.quien.conversacion] += [m.fecha for m in p.mensajes if m.fecha > desde]
    return {id_: min(suyas) for id_, suyas in fechas.items() if suyas}


# Por dónde


def _a_cada_sitio(toca: list[PorDecir]) -> list[Aviso]:
    if not toca:
        return []
    usuarios = {p.quien.usuario for p in toca}
    queridas = preferencias.de(usuarios)
    dispositivos = dispositivos_de(usuarios)
    avisos = []
    for p in toca:
        sitios = [(Canal.APLICACION, ""), *dispositivos[p.quien.usuario]]
        if p.quien.correo and buzon.sale_por(Canal.CORREO):
            sitios.append((Canal.CORREO, ""))
        for canal, dispositivo in sitios:
            aviso = _aviso(p, canal, dispositivo, queridas[p.quien.usuario])
            if aviso is not None:
                avisos.append(aviso)
    return avisos


def dispositivos_de(usuarios: Iterable[str]) -> defaultdict[str, list[tuple[Canal, str]]]:
    suyos: defaultdict[str, list[tuple[Canal, str]]] = defaultdict(list)
    filas = Dispositivo.objects.filter(usuario__in=sorted(usuarios)).order_by("pk")
    for id_, usuario, canal in filas.values_list("pk", "usuario_id", "canal"):
        if buzon.sale_por(canal):
            suyos[usuario].append((Canal(canal), id_))
    return suyos


def _aviso(p: PorDecir, canal: Canal, dispositivo: str, queridas: formas.MisAvisos) -> Aviso | None:
    """El de ese sitio, si la persona quiere; lo último que calla no cuenta."""
    quien, ultimo = p.quien, p.mensajes[0]
    cuando = preferencias.cuando(queridas, canal, p.clase, p.prioridad, ultimo.fecha)
    if cuando is None:
        return None
    return Aviso(
        id=clave_de_aviso(canal, quien.usuario, quien.conversacion, dispositivo),
        usuario_id=quien.usuario,
        conversacion_id=quien.conversacion,
        dispositivo_id=dispositivo or None,
        canal=canal,
        clase=p.clase,
        prioridad=p.prioridad,
        desde=p.mensajes[-1].secuencia,
        hasta=ultimo.secuencia,
        causado=ultimo.fecha,
        no_antes_de=cuando,
    )


def _de_notificaciones(ids: list[str]) -> list[Aviso]:
    """Las que ya están en la aplicación salen también a los dispositivos de su dueño."""
    if not ids:
        return []
    filas = list(Notificacion.objects.filter(pk__in=ids))
    usuarios = {f.usuario_id for f in filas}
    queridas, dispositivos = preferencias.de(usuarios), dispositivos_de(usuarios)
    avisos = []
    for fila in filas:
        for canal, dispositivo in dispositivos[fila.usuario_id]:
            suyas = queridas[fila.usuario_id]
            cuando = preferencias.cuando(suyas, canal, "conversaciones", "normal", fila.fecha)
            if cuando is not None:
                avisos.append(
                    Aviso(
                        id=clave_de_aviso(canal, fila.pk, dispositivo),
                        usuario_id=fila.usuario_id,
                        dispositivo_id=dispositivo,
                        canal=canal,
                        clase="conversaciones",
                        datos={"notificacion": fila.pk},
                        causado=fila.fecha,
                        no_antes_de=cuando,
                    )
                )
    return avisos
