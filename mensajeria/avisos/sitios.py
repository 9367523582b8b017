"""A cuántos se llama a la vez en cada origen: el que no contesta no deja sin sitio a los demás."""

from __future__ import annotations

from collections import Counter, defaultdict
from urllib.parse import urlsplit

from mensajeria.salientes import A_LA_VEZ

# Los que caben a la vez en un origen del que aún no se sabe nada.
DE_ENTRADA = 10
# Los que comparten los que no tienen sitio propio.
COMUNES = 5
# Lo que tarda más, en segundos, ocupa el sitio de otros.
LENTO = 2.0
MAX_ORIGENES = 1_000


def origen_de(punto: str) -> str:
    """Esquema, máquina y puerto; vacío, si no es una dirección (el token de un teléfono)."""
    try:
        partes = urlsplit(punto)
    except ValueError:
        return ""
    return f"{partes.scheme}://{partes.netloc}".lower() if partes.netloc else ""


class Sitios:
    """Cada origen tiene los suyos: uno más por cada vez que acaba pronto, hasta todos, y la mitad
    por cada una que tarda. El que los llenó, o se quedó sin ninguno, toma de los comunes.

    Así un gran servicio los tiene todos, y cien direcciones que no contestan, cinco.
    """

    def __init__(self) -> None:
        self._propios: dict[str, int] = {}
        # Los dispositivos que no cupieron: mientras sea así, nada se toma para ellos.
        self._esperan: defaultdict[str, set[str]] = defaultdict(set)

    def caben(self, origen: str, en_camino: Counter[str]) -> bool:
        """Si cabe uno más, con los que van ya a cada origen."""
        if not origen or en_camino[origen] < self._de(origen):
            return True
        return sum(max(0, van - self._de(o)) for o, van in en_camino.items() if o) < COMUNES

    def esperar(self, origen: str, dispositivo: str) -> None:
        self._esperan[origen].add(dispositivo)

    def los_que_esperan(self, en_camino: Counter[str]) -> set[str]:
        llenos = [o for o in self._esperan if not self.caben(o, en_camino)]
        return {dispositivo for origen in llenos for dispositivo in self._esperan[origen]}

    def acabo(self, origen: str, segundos: float) -> None:
        """Uno de los que iban a ese origen, y lo que tardó."""
        propios = self._de(origen)
        if segundos < LENTO:
            self._esperan.pop(origen, None)
            propios = min(A_LA_VEZ, propios + 1)
        else:
            propios //= 2
        self._propios[origen] = propios
        if len(self._propios) > MAX_ORIGENES:
            mas_viejo = next(iter(self._propios))
            del self._propios[mas_viejo]
            self._esperan.pop(mas_viejo, None)

    def _de(self, origen: str) -> int:
        return self._propios.get(origen, DE_ENTRADA)
