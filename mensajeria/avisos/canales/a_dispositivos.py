"""Lo que sale a un dispositivo: Web Push y FCM, con lo que tienen en común."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from mensajeria.avisos import buzon, contenido, preferencias
from mensajeria.avisos.buzon import SOBRA, Quedo, Resultado
from mensajeria.avisos.canales import fcm, webpush
from mensajeria.avisos.dicho import LoQueDice
from mensajeria.models import Aviso, Canal, Dispositivo
from mensajeria.operaciones.autenticacion import abierto, vigencia_de
from mensajeria.salientes import Salientes

Entregar = Callable[[Salientes, Aviso, LoQueDice, str, Dispositivo], Awaitable[Resultado]]
# Uno preparado: qué dice, cuánto enseña y adónde va; o en qué queda sin salir.
Preparado = tuple[LoQueDice, str, Dispositivo] | Resultado

POR: dict[str, Entregar] = {Canal.WEBPUSH: webpush.entregar, Canal.FCM: fcm.entregar}
_NO_EXISTE = Resultado(Quedo.OLVIDADO, "Se salió de ese dispositivo")


async def entregar(salientes: Salientes, aviso: Aviso, listo: Preparado) -> Resultado:
    """En qué quedó."""
    if isinstance(listo, Resultado):
        return listo
    buzon.contar_entrega(aviso)
    try:
        return await POR[aviso.canal](salientes, aviso, *listo)
    except Exception as error:
        # Su dirección y sus claves las puso alguien: uno imposible no para a los demás.
        return buzon.fallo_al_enviar(error)


def preparar(avisos: Sequence[Aviso]) -> list[Preparado]:
    sitios = Dispositivo.objects.select_related("usuario").in_bulk(
        {a.dispositivo_id for a in avisos}
    )
    queridas = preferencias.de({a.usuario_id or "" for a in avisos})
    listos: list[Preparado] = []
    for aviso, dice in zip(avisos, contenido.preparar(avisos), strict=True):
        sitio = sitios.get(aviso.dispositivo_id or "")
        if sitio is None or not sigue_dentro(sitio):
            listos.append(_NO_EXISTE)
        elif dice is None:
            listos.append(SOBRA)
        else:
            suyas = preferencias.canal_de(queridas[aviso.usuario_id or ""], aviso.canal)
            listos.append((dice, suyas.muestra, sitio))
    return listos


def sigue_dentro(sitio: Dispositivo) -> bool:
    """Si el ingreso con que se registró sigue abierto: quien salió, o cambió la clave, se fue."""
    usuario = sitio.usuario
    if not usuario.is_active:
        return False
    if usuario.tokens_desde is not None and sitio.ultima_vez < usuario.tokens_desde:
        return False
    return not sitio.ingreso or abierto(sitio.ingreso, vigencia_de(usuario))
