"""Los ingresos de una persona: empiezan al entrar, sus tokens rotan, y se acaban uno a uno.

Cuáles siguen abiertos lo dice la fila del usuario, con su versión: quien la lee para saber si una
credencial vale no pregunta nada más, y la vigilancia de cada proceso cierra los sockets de los que
se acaban.

La lista negra de simplejwt no sirve: en MongoDB no funciona, guarda los tokens enteros, y mirarla
sería otra consulta por petición.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest

from mensajeria.base_de_datos import en_transaccion
from mensajeria.models import Dispositivo, Ingreso, Novedad, Usuario, ahora, nuevo_id
from mensajeria.operaciones.autenticacion import (
    abierto,
    credencial_de,
    tomar_vistos,
    usuario_de,
    vigencia_de,
)
from mensajeria.operaciones.dispositivos import abreviar, nombre_de
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_existe

registro = logging.getLogger("mensajeria.ingresos")

# Qué ingreso es, en la sesión de Django; y la vuelta, en un token de renovación.
EN_LA_SESION = "ingreso"
VUELTA = "vuelta"
# Los abiertos de una persona: uno más acaba con el que hace más que no se usa.
MAX_ABIERTOS = 200
# Cuánto vale aún el último token gastado, por si quien lo gastó no vio la respuesta: una espera
# agotada del cliente (15 s) y su reintento, o dos pestañas a la vez. Más largo, quien lo robó y su
# dueño podrían ir gastando los mismos sin que se note.
GRACIA = timedelta(seconds=30)
_MAX_VUELTA = 2**31 - 2
_DE_UNA_VEZ = 500


class Siguiente(NamedTuple):
    """El token de renovación que le toca a un ingreso."""

    usuario: Usuario
    ingreso: str
    vuelta: int


def empezar(
    usuario: Usuario, meta: Mapping[str, Any], via: str, id_: str | None = None
) -> str | None:
    """Abre un ingreso de quien acaba de probar quién es, y da su identificador.

    `meta` es el de su petición. Nada, si entre tanto le cambiaron la contraseña o lo desactivaron,
    o si el de `id_` ya se acabó.
    """
    return en_transaccion(_empezar, usuario, meta, via, id_ or nuevo_id())


def _empezar(usuario: Usuario, meta: Mapping[str, Any], via: str, id_: str) -> str | None:
    fila = _bloquear(usuario.pk)
    if fila is None or not fila.is_active or fila.tokens_desde != usuario.tokens_desde:
        return None
    if id_ in fila.abiertos:
        return id_
    Ingreso.objects.filter(usuario=fila.pk, expira__lte=ahora()).delete()
    if Ingreso.objects.filter(pk=id_).exists():
        return None
    desde = _despues_de(fila.tokens_desde)
    Ingreso.objects.create(
        id=id_,
        usuario_id=fila.pk,
        via=via,
        desde=desde,
        ultima_vez=desde,
        expira=_hasta(via),
        **_de_donde(meta),
    )
    quedan = _los_que_caben(fila.abiertos)
    _guardar(
        fila, {**quedan, id_: round(desde.timestamp() * 1000)}, se_acaba=quedan != fila.abiertos
    )
    return id_


def _bloquear(usuario_id: str) -> Usuario | None:
    campos = ("is_active", "tokens_desde", "abiertos")
    return Usuario.objects.select_for_update().only(*campos).filter(pk=usuario_id).first()


def _guardar(fila: Usuario, abiertos: Mapping[str, int], *, se_acaba: bool) -> None:
    """Si alguno se acaba, los procesos con sockets suyos lo miran."""
    suya = Usuario.objects.filter(pk=fila.pk)
    if se_acaba:
        suya.update(abiertos=abiertos, version=F("version") + 1)
        Novedad.de_usuarios([fila.pk])
    else:
        suya.update(abiertos=abiertos)


def _los_que_caben(abiertos: Mapping[str, int]) -> dict[str, int]:
    """Los que no han caducado y dejan sitio a otro."""
    filas = Ingreso.objects.filter(pk__in=list(abiertos)).order_by("-ultima_vez", "-pk")
    caben = set(filas.values_list("pk", flat=True)[: MAX_ABIERTOS - 1])
    return {id_: desde for id_, desde in abiertos.items() if id_ in caben}


def _despues_de(revocados: datetime | None) -> datetime:
    """Ahora, y después de la última revocación aunque la hiciera un reloj que va por delante."""
    return max(ahora(), revocados + timedelta(milliseconds=1)) if revocados else ahora()


def _hasta(via: str) -> datetime:
    """Hasta cuándo puede valer algo suyo."""
    if via == Ingreso.COOKIE:
        return ahora() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    ajustes: Any = settings.SIMPLE_JWT
    dura: timedelta = max(ajustes["REFRESH_TOKEN_LIFETIME"], ajustes["ACCESS_TOKEN_LIFETIME"])
    return ahora() + dura


def _de_donde(meta: Mapping[str, Any]) -> dict[str, str]:
    """De la dirección, solo su red: para reconocerse basta."""
    return {
        "dispositivo": nombre_de(meta.get("HTTP_USER_AGENT") or ""),
        "direccion": abreviar(meta.get("REMOTE_ADDR") or ""),
    }


# Los tokens de renovación (RFC 9700, 4.14.2)


def renovar(datos: dict[str, Any], meta: Mapping[str, Any]) -> Siguiente:
    """Gasta un token de renovación ya comprobado, y dice el que toca después.

    El que ya estaba gastado acaba con su ingreso: alguien más lo tiene. Salvo el último, en
    `GRACIA`: da el mismo turno. Lanza AUTH_INVALID.
    """
    credencial = credencial_de(datos, "refresh")
    usuario = usuario_de(credencial)
    vuelta: Any
    if credencial.ingreso is None:
        ingreso, vuelta = _adoptar(usuario, datos.get("jti"), meta), 0
    else:
        ingreso, vuelta = credencial.ingreso, datos.get(VUELTA)
    if type(vuelta) is not int or not 0 <= vuelta <= _MAX_VUELTA:
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    if not _gastar(usuario.pk, ingreso, vuelta, meta):
        _exigir_que_se_repita(usuario.pk, ingreso, vuelta)
    return Siguiente(usuario, ingreso, vuelta + 1)


def _adoptar(usuario: Usuario, jti: Any, meta: Mapping[str, Any]) -> str:
    """El de un token que no dice de cuál es: anterior a que los hubiera, o de otro sistema."""
    if jti is None:
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    id_ = hashlib.sha256(str(jti).encode(errors="surrogatepass")).hexdigest()[:32]
    if id_ in usuario.abiertos or empezar(usuario, meta, Ingreso.TOKEN, id_):
        return id_
    raise ErrorMensajeria(CodigoError.AUTH_INVALID)


def _gastar(usuario_id: str, ingreso: str, vuelta: int, meta: Mapping[str, Any]) -> bool:
    """Si era el que tocaba: uno solo lo logra, aunque lleguen a la vez a dos procesos.

    Uno posterior al que dice la base también toca: se restauró una copia.
    """
    suyos = Ingreso.objects.filter(pk=ingreso, usuario=usuario_id, vuelta__lte=vuelta)
    # La hora de la base, que es de todos: con la de cada máquina, la gracia duraría otra cosa.
    cambios = {"rotado": Now(), "ultima_vez": ahora(), "expira": _hasta(Ingreso.TOKEN)}
    return bool(suyos.update(vuelta=vuelta + 1, **cambios, **_de_donde(meta)))


def _exigir_que_se_repita(usuario_id: str, ingreso: str, vuelta: int) -> None:
    """Es el último gastado, y hace poco; si no, se acaba su ingreso y lanza AUTH_INVALID."""
    filas = Ingreso.objects.filter(pk=ingreso, usuario=usuario_id)
    fila = filas.values_list("vuelta", "rotado", Now()).first()
    if fila is not None:
        toca, rotado, ya = fila
        # En valor absoluto: la base pudo pasar a otra máquina.
        if toca == vuelta + 1 and rotado and abs(ya - rotado) <= GRACIA:
            return
        acabar(usuario_id, [ingreso])
        registro.warning(
            "Se reusó un token de renovación gastado: se acaba %s de %s", ingreso, usuario_id
        )
    raise ErrorMensajeria(CodigoError.AUTH_INVALID)


# La cookie de la página y de la mesa


def al_entrar_con_cookie(request: HttpRequest, user: Any, **_: Any) -> None:
    """La sesión de Django sabe de qué ingreso es; sin él no vale, si no se pudo abrir."""
    if isinstance(user, Usuario):
        if previo := el_de(request):  # entró otra vez sin haber salido
            acabar(user.pk, [previo])
        request.session[EN_LA_SESION] = empezar(user, request.META, Ingreso.COOKIE)


def seguir_dentro(peticion: HttpRequest) -> None:
    """Tras cambiar su propia contraseña, que acaba con todos sus ingresos: abre otro aquí."""
    usuario = auth.get_user(peticion)
    if isinstance(usuario, Usuario) and usuario_con_cookie(peticion) is None:
        al_entrar_con_cookie(peticion, usuario)


def usuario_con_cookie(peticion: HttpRequest) -> Usuario | None:
    """El usuario de la sesión de Django de esa petición, si vale y su ingreso sigue abierto."""
    usuario = auth.get_user(peticion)
    if not isinstance(usuario, Usuario):
        return None
    ingreso = el_de(peticion)
    return usuario if ingreso and abierto(ingreso, vigencia_de(usuario)) else None


def el_de(peticion: HttpRequest) -> str | None:
    """El ingreso que dice su sesión de Django, sin mirar si sigue abierto."""
    ingreso: str | None = peticion.session.get(EN_LA_SESION)
    return ingreso


def al_borrar_sesion(instance: Session, **_: Any) -> None:
    """Salió de la mesa, o caducó su sesión de Django.

    `user_logged_out` llega antes, con la sesión aún abierta.
    """
    datos = instance.get_decoded()
    usuario_id, ingreso = datos.get(auth.SESSION_KEY), datos.get(EN_LA_SESION)
    if usuario_id and ingreso:
        acabar(usuario_id, [ingreso])


# Verlos y acabarlos


def abiertos_de(usuario: Usuario) -> list[Ingreso]:
    """Los suyos, el usado más recientemente primero."""
    quien = vigencia_de(usuario)
    filas = Ingreso.objects.filter(pk__in=list(usuario.abiertos), expira__gt=ahora())
    return [f for f in filas.order_by("-ultima_vez", "-pk") if abierto(f.pk, quien)]


def guardar_vistos(conectados: Iterable[str]) -> None:
    """Que esos, y los usados aquí desde la vez anterior, se usaron ahora."""
    vistos = sorted(tomar_vistos().union(conectados))
    for i in range(0, len(vistos), _DE_UNA_VEZ):
        Ingreso.objects.filter(pk__in=vistos[i : i + _DE_UNA_VEZ]).update(ultima_vez=ahora())


def acabar_uno(usuario_id: str, ingreso: str) -> None:
    """Acaba ese; NOT_FOUND si no es suyo. Repetirlo no cambia nada."""
    if not Ingreso.objects.filter(pk=ingreso, usuario=usuario_id).exists():
        raise no_existe()
    acabar(usuario_id, [ingreso])


def acabar(usuario_id: str, cuales: Iterable[str]) -> None:
    """Nada suyo vale ya, y sus sockets se cierran en todos los procesos."""
    acabados = set(cuales)
    en_transaccion(_quitar, usuario_id, acabados.__contains__)


def acabar_los_demas(usuario_id: str, este: str | None) -> None:
    """Todos menos `este`."""
    en_transaccion(_quitar, usuario_id, lambda ingreso: ingreso != este)


def _quitar(usuario_id: str, quitar: Callable[[str], bool]) -> None:
    fila = _bloquear(usuario_id)
    if fila is not None and any(map(quitar, fila.abiertos)):
        quedan = {id_: desde for id_, desde in fila.abiertos.items() if not quitar(id_)}
        _guardar(fila, quedan, se_acaba=True)
        acabados = fila.abiertos.keys() - quedan.keys()
        Dispositivo.objects.filter(usuario=usuario_id, ingreso__in=sorted(acabados)).delete()
