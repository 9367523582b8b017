"""El registro de novedades, leído desde una posición y sin saltarse lo que confirma tarde."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from mensajeria.base_de_datos import atomico
from mensajeria.models import Novedad

# Posición, conversaciones y usuarios.
Fila = tuple[int, dict[str, int], list[str]]

# Las que se conservan para quien se quede atrás, y las que se borran de una vez.
SE_CONSERVAN = 10_000
SE_BORRAN = 2_000
# Las que esperan, como mucho, a que alguien reparta sus avisos.
MAX_POR_AVISAR = 1_000_000
# Lo que puede durar una transacción nuestra: PostgreSQL corta la que se para (settings, `OPTIONS`),
# y toma su posición lo último. Pasado, lo que falta es de una que se deshizo.
SEGUNDOS_DE_TRANSACCION = 60.0
# Las que pueden estar a medias cuando alguien empieza a leer.
EN_VUELO = 100
# Más huecos no se siguen: se mira todo y se empieza otra vez.
MAX_HUECOS = 500


@dataclass(slots=True, eq=False)
class Leidas:
    """Lo que dicen unas novedades: hasta qué cambio va cada conversación, y qué usuarios mirar."""

    conversaciones: dict[str, int] = field(default_factory=dict)
    usuarios: set[str] = field(default_factory=set)

    def sumar(self, otras: Leidas) -> None:
        for id_, numero in otras.conversaciones.items():
            self.conversaciones[id_] = max(numero, self.conversaciones.get(id_, 0))
        self.usuarios.update(otras.usuarios)


class Seguimiento:
    """Hasta dónde ha leído alguien el registro.

    `hasta` es la mayor posición vista, y `_huecos` las anteriores que faltaban, con la hora en que
    se echaron en falta: se piden otra vez hasta que aparecen o ya no pueden. Se usa de uno en uno.

    `retrocedio`: si lo último que se leyó ya no está, y no porque se podara.
    """

    def __init__(self) -> None:
        """Desde ahora: lo que aún no se ve de entre las últimas cuenta como hueco."""
        vistas = _de(Novedad.objects.order_by("-pk")[:EN_VUELO])[::-1]
        self.hasta = max(0, vistas[-1][0] - EN_VUELO) if vistas else 0
        self.retrocedio = False
        self._ultima: Fila | None = None
        self._huecos: dict[int, float] = {}
        self._avanzar(vistas)

    def leer(self) -> Leidas | None:
        """Lo dicho desde la última vez; `None` si no se puede saber: hay que mirarlo todo.

        Una consulta, y otra si faltaba algo. La de la posición `hasta` se lee otra vez: si no está,
        se podó lo que seguía, o la base volvió atrás; si es otra, volvió atrás.
        """
        desde = self._ultima
        filas = _filas(pk__gte=self.hasta)
        if desde is not None and filas[:1] != [desde]:
            self.retrocedio = not _pudo_podarse(desde)
            return None
        filas += self._los_huecos()
        self._avanzar(filas)
        if len(self._huecos) > MAX_HUECOS or len(filas) > SE_CONSERVAN:
            return None
        leidas = Leidas()
        for fila in filas:
            if fila != desde:
                leidas.sumar(Leidas(fila[1], set(fila[2])))
        return leidas

    def _los_huecos(self) -> list[Fila]:
        limite = time.monotonic() - SEGUNDOS_DE_TRANSACCION
        self._huecos = {pk: visto for pk, visto in self._huecos.items() if visto > limite}
        return _filas(pk__in=list(self._huecos)) if self._huecos else []

    def _avanzar(self, filas: Iterable[Fila]) -> None:
        ahora = time.monotonic()
        for fila in filas:
            pk = fila[0]
            if pk > self.hasta:
                # Sin ninguna vista, no se sabe dónde empieza la cuenta.
                caben = MAX_HUECOS + 1 if self.hasta else EN_VUELO
                faltan = range(max(self.hasta + 1, pk - caben), pk)
                self._huecos |= dict.fromkeys(faltan, ahora)
                self.hasta, self._ultima = pk, fila
            else:
                self._huecos.pop(pk, None)


def _pudo_podarse(fila: Fila) -> bool:
    """Si hay bastantes después para que esa sobrara; sin ninguna, no se sabe."""
    mayor = Novedad.objects.order_by("-pk").values_list("pk", flat=True).first()
    return mayor is None or mayor >= fila[0] + SE_CONSERVAN


def _de(filas: QuerySet[Novedad]) -> list[Fila]:
    return list(filas.values_list("pk", "conversaciones", "usuarios"))


def _filas(**cuales: object) -> list[Fila]:
    return _de(Novedad.objects.filter(**cuales).order_by("pk")[: SE_CONSERVAN + 1])


def podar_novedades(hasta: int) -> None:
    """Borra las que sobran de antes de `hasta`, unas cuantas y siempre las primeras: quien sigue el
    registro sabe por la última que leyó si le falta alguna. La que aún ha de causar avisos detiene
    a las que van detrás.
    """
    por_avisar = Novedad.objects.filter(por_avisar=True).order_by("pk").first()
    tope = hasta - SE_CONSERVAN
    if por_avisar is not None:
        tope = max(min(tope, por_avisar.pk - 1), hasta - MAX_POR_AVISAR)
    sobran = Novedad.objects.filter(pk__lte=tope).order_by("pk")
    ids = list(sobran.values_list("pk", flat=True)[:SE_BORRAN])
    if ids:
        with atomico():
            Novedad.objects.filter(pk__in=ids).delete()
