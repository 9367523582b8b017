"""El límite de mensajes: se cuenta antes de bloquear nada, y lo que no gastaba se devuelve.

Contar puede esperar a Redis, así que nunca se hace con filas retenidas. Lo que quepa pasa sin mirar
nada más; solo si a alguien no le cabe todo se mira, sin bloquear, qué de lo suyo gastaba de verdad:
un reintento de lo ya guardado no se niega nunca.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from mensajeria.entre_procesos import limites
from mensajeria.entre_procesos.ventanas import Gasto
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.vistazo import Caso, Vistazo
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga


def contar(casos: Sequence[Caso]) -> dict[int, ErrorMensajeria]:
    """Cuenta lo que aún no se contó; por sitio, el error de lo que no cabe."""
    por_quien = _sin_contar(casos)
    if not por_quien:
        return {}
    gastos = limites.gastar_mensajes({quien: len(suyos) for quien, suyos in por_quien.items()})
    sin_sitio: dict[str, list[Caso]] = {}
    for quien, suyos in por_quien.items():
        if gastos[quien].cabidas < len(suyos):
            sin_sitio[quien] = suyos
        else:
            for caso in suyos:
                caso.orden.contada = True
    return _negar(casos, sin_sitio, gastos) if sin_sitio else {}


def caben(casos: Sequence[Caso]) -> bool:
    """Si cabe todo lo que aún no se contó, lo cuenta; si no, no cuenta nada. No mira la base."""
    por_quien = _sin_contar(casos)
    gastos = limites.gastar_mensajes({quien: len(suyos) for quien, suyos in por_quien.items()})
    if any(gastos[quien].cabidas < len(suyos) for quien, suyos in por_quien.items()):
        limites.devolver_mensajes({quien: gasto.cabidas for quien, gasto in gastos.items()})
        return False
    for suyos in por_quien.values():
        for caso in suyos:
            caso.orden.contada = True
    return True


def _sin_contar(casos: Sequence[Caso]) -> dict[str, list[Caso]]:
    por_quien: defaultdict[str, list[Caso]] = defaultdict(list)
    vistos: set[tuple[str, str]] = set()
    for caso in casos:
        if not caso.orden.contada and not _ya_visto(caso, vistos):
            por_quien[caso.quien].append(caso)
    return por_quien


def devolver(ordenes: Sequence[Orden[Carga]]) -> None:
    """Lo contado de esas órdenes, que al final no gastaban."""
    sobran = Counter(orden.actor.usuario_id for orden in ordenes if orden.contada)
    for orden in ordenes:
        orden.contada = False
    if sobran:
        limites.devolver_mensajes(sobran)


def _ya_visto(caso: Caso, vistos: set[tuple[str, str]]) -> bool:
    """Si es el segundo del lote con ese `idCliente`: un reintento, que irá como vaya el primero."""
    if caso.nombra.previo is None:
        return False
    clave = (caso.quien, caso.nombra.previo)
    visto = clave in vistos
    vistos.add(clave)
    return visto


def _negar(
    casos: Sequence[Caso], sin_sitio: Mapping[str, list[Caso]], gastos: Mapping[str, Gasto]
) -> dict[int, ErrorMensajeria]:
    """De quienes no cupieron, se mira qué gasta de verdad; a lo primero le toca lo que cupo."""
    # Después de contar: lo que otro confirmó mientras tanto ya se ve.
    vistazo = Vistazo([caso for suyos in sin_sitio.values() for caso in suyos])
    negadas: dict[tuple[str, str], ErrorMensajeria] = {}
    errores: dict[int, ErrorMensajeria] = {}
    sobran: dict[str, int] = {}
    for quien, suyos in sin_sitio.items():
        gastan = [caso for caso in suyos if vistazo.gasta(caso)]
        quedan, espera = gastos[quien]
        for caso in gastan[:quedan]:
            caso.orden.contada = True
        for caso in gastan[quedan:]:
            errores[caso.sitio] = limites.exceso_de_mensajes(espera)
            negadas[quien, caso.nombra.previo or ""] = errores[caso.sitio]
        if quedan > len(gastan):
            sobran[quien] = quedan - len(gastan)
    if sobran:
        limites.devolver_mensajes(sobran)
    for caso in casos:
        if caso.nombra.previo and (error := negadas.get((caso.quien, caso.nombra.previo))):
            errores[caso.sitio] = error
    return errores
