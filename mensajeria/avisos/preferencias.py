"""Qué quiere cada persona que se le avise, por dónde y a qué horas."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from mensajeria.base_de_datos import en_transaccion
from mensajeria.consultas.preparada import Preparada
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.models import Canal, PreferenciasDeAvisos
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.avisos import CambiarAvisos
from mensajeria.protocolo.errores import no_valido

_CAMBIADAS = Preparada(
    lambda usuarios: PreferenciasDeAvisos.objects.filter(usuario__de_la_lista=usuarios).values_list(
        "usuario_id", "zona", "canales"
    ),
    1,
)


def de_fabrica() -> formas.MisAvisos:
    """Las de quien no ha cambiado nada."""
    return formas.MisAvisos(zona=settings.TIME_ZONE, canales=formas.CanalesDeAvisos())


def de(usuarios: Collection[str]) -> dict[str, formas.MisAvisos]:
    """Las de cada uno; las de fábrica, las mismas para todos. Una consulta."""
    todas = dict.fromkeys(usuarios, de_fabrica())
    for usuario, zona, canales in _CAMBIADAS(sorted(usuarios)):
        todas[usuario] = _leidas(zona, canales)
    return todas


def las_de(usuario_id: str) -> formas.MisAvisos:
    return de([usuario_id])[usuario_id]


def _leidas(zona: str, canales: dict[str, Any]) -> formas.MisAvisos:
    return formas.MisAvisos(
        zona=zona or settings.TIME_ZONE,
        canales=msgspec.convert(canales, formas.CanalesDeAvisos),
    )


def cambiar(usuario_id: str, carga: CambiarAvisos) -> formas.MisAvisos:
    """Pone lo que trae, y devuelve cómo quedan todas."""
    if carga.zona is not None:
        _exigir_zona(carga.zona)
    return en_transaccion(_cambiar, usuario_id, carga)


def _cambiar(usuario_id: str, carga: CambiarAvisos) -> formas.MisAvisos:
    filas = PreferenciasDeAvisos.objects.select_for_update().filter(usuario=usuario_id)
    fila = filas.first() or PreferenciasDeAvisos(usuario_id=usuario_id)
    if carga.zona is not None:
        fila.zona = carga.zona
    fila.canales = _juntas(fila.canales, _traidas(carga.canales))
    fila.save()
    return _leidas(fila.zona, fila.canales)


def _traidas(valor: Any) -> Any:
    """Lo dicho, sin lo que falta."""
    if isinstance(valor, dict):
        return {k: _traidas(v) for k, v in valor.items() if v is not None}
    return valor if not isinstance(valor, msgspec.Struct) else _traidas(msgspec.to_builtins(valor))


def _juntas(antes: dict[str, Any], nuevas: dict[str, Any] | None) -> dict[str, Any]:
    juntas = dict(antes)
    for clave, valor in (nuevas or {}).items():
        previo = juntas.get(clave)
        juntas[clave] = _juntas(previo or {}, valor) if isinstance(valor, dict) else valor
    return juntas


def _exigir_zona(nombre: str) -> None:
    try:
        ZoneInfo(nombre)
    except (ValueError, OSError, LookupError):
        mal = "No es un nombre de zona horaria, como America/Bogota o Europe/Madrid"
        raise no_valido(mal, "zona") from None


def zona_de(nombre: str) -> ZoneInfo:
    """La de ese nombre; si la máquina ya no la conoce, la de la casa: nadie se queda sin avisos."""
    try:
        return ZoneInfo(nombre)
    except (ValueError, OSError, LookupError):
        return ZoneInfo(settings.TIME_ZONE)


def avisar(usuario_id: str, quedan: formas.MisAvisos) -> list[Sobre]:
    """Para que las sepan todas sus conexiones."""
    empuje = empujes.AvisosActualizados(zona=quedan.zona, canales=quedan.canales)
    return [sobre(empuje, Alcance.USUARIOS, usuarios=[usuario_id])]


# Cuándo


def canal_de(preferencias: formas.MisAvisos, canal: str) -> formas.AvisosDeCanal:
    suyas: formas.AvisosDeCanal = getattr(preferencias.canales, Canal(canal).value)
    return suyas


def cuando(
    preferencias: formas.MisAvisos, canal: str, clase: str, prioridad: str, desde: datetime
) -> datetime | None:
    """No antes de cuándo puede salir por ese canal lo que pasó en `desde`; `None`, nunca.

    Lo urgente no espera ni a las horas tranquilas, y solo no sale por correo a quien lo apagó: la
    baja ha de valer. Lo demás, espera; y de baja prioridad, solo lo de la aplicación.
    """
    suyas = canal_de(preferencias, canal)
    if prioridad == "urgente":
        return None if _apago_el_correo(suyas) else desde
    if prioridad == "baja" and canal != Canal.APLICACION:
        return None
    valor = getattr(suyas, clase)
    if valor == "nunca":
        return None
    if isinstance(suyas, formas.AvisosPorCorreo) and prioridad != "alta":
        desde = desde + timedelta(minutes=suyas.cada)
    return sin_molestar(preferencias, canal, clase, prioridad, desde)


def _apago_el_correo(suyas: formas.AvisosDeCanal) -> bool:
    de_correo = isinstance(suyas, formas.AvisosPorCorreo)
    return de_correo and suyas.mensajes == suyas.menciones == "nunca"


def sin_molestar(
    preferencias: formas.MisAvisos, canal: str, clase: str, prioridad: str, instante: datetime
) -> datetime:
    """Ese instante, o cuando acaban las horas tranquilas, si de esa clase han de esperarlas."""
    suyas = canal_de(preferencias, canal)
    if prioridad == "urgente" or getattr(suyas, clase) != "fuera_de_horas":
        return instante
    return tras_las_tranquilas(suyas.tranquilas, preferencias.zona, instante)


def tras_las_tranquilas(horas: formas.HorasTranquilas, zona: str, cuando: datetime) -> datetime:
    """Ese instante, o en el que acaban las horas tranquilas que lo cubren.

    En la hora de la pared: si esa noche cambia el reloj, acaban cuando él lo diga.
    """
    if horas.desde == horas.hasta:
        return cuando
    empiezan, acaban = time.fromisoformat(horas.desde), time.fromisoformat(horas.hasta)
    local = cuando.astimezone(zona_de(zona))
    hora = local.time()
    if empiezan < acaban:
        dentro, manana = empiezan <= hora < acaban, False
    else:
        dentro, manana = hora >= empiezan or hora < acaban, hora >= empiezan
    if not dentro:
        return cuando
    if manana:
        acaba = datetime.combine(local.date() + timedelta(days=1), acaban, local.tzinfo)
    else:
        # `fold`: al repetirse una hora, la suya y no la de antes.
        acaba = datetime.combine(local.date(), acaban, local.tzinfo).replace(fold=local.fold)
    return acaba.astimezone(cuando.tzinfo)
