"""Qué cedió en un escalón: de lo medido, a la causa más probable (docs/carga.md)."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bancos.carga.servidor import ACUSE, BUCLE, LOTE, Foto, percentil

# De un núcleo: por encima, ese proceso no da más.
LLENO = 0.85
# Lo que se le perdona a una vuelta del bucle.
VUELTA_LENTA = 0.1
# Lo que ha de explicar una parte para echarle la culpa.
CASI_TODO = 0.5


@dataclass(frozen=True)
class Medida:
    """Un escalón. En segundos; CPU, en núcleos; lo que no se pudo saber, `None`.

    `acuses`, lo que esperó cada envío. `fallo`, lo primero que salió mal, si algo salió mal.
    """

    gente: int
    segundos: float
    acuses: list[float]
    entregas: int
    probador: float
    cpu: float | None = None
    bucle: float | None = None
    lote: float | None = None
    acuse_del_servidor: float | None = None
    fallo: str | None = None

    def percentil(self, cual: int) -> float | None:
        if len(self.acuses) < 2:
            return None
        return statistics.quantiles(self.acuses, n=100, method="inclusive")[cual - 1]


def del_servidor(
    antes: Foto | None, despues: Foto | None, segundos: float
) -> dict[str, float | None]:
    """Los campos de una `Medida` que salen de dos fotos."""
    if antes is None or despues is None:
        return {}
    cpu = None
    if antes.cpu is not None and despues.cpu is not None:
        cpu = (despues.cpu - antes.cpu) / segundos
    p99 = {
        nombre: percentil(antes.cubos[nombre], despues.cubos[nombre], 0.99)
        for nombre in (BUCLE, LOTE, ACUSE)
    }
    return {
        "cpu": cpu,
        "bucle": p99[BUCLE],
        "lote": p99[LOTE],
        "acuse_del_servidor": p99[ACUSE],
    }


CAUSAS = {
    "limite": "un límite por persona o por dirección, que no es capacidad",
    "sin-sitio": "el servidor no admite más conexiones",
    "probador": "este probador: hace falta otra máquina desde la que probar",
    "cpu": "la CPU del servidor",
    "bucle": "el bucle del servidor, que algo detiene sin gastar su CPU",
    "base": "la base de datos, o su disco",
    "camino": "lo que hay entre medias: la red o el proxy",
    "sin-saber": "algo que estas medidas no dicen",
}
_DE_LIMITE = ("RATE_LIMITED", "HTTP/1.1 429")
_SIN_SITIO = ("HTTP/1.1 503", "UNAVAILABLE", "Too many open files")


def cede(medida: Medida, tope: float) -> str | None:
    """La causa, de `CAUSAS`, si algo salió mal o el p99 pasó de `tope`; si no, ninguna."""
    fallo, p99 = medida.fallo or "", medida.percentil(99)
    if not fallo and (p99 is None or p99 <= tope):
        return None
    if any(senal in fallo for senal in _DE_LIMITE):
        return "limite"
    if medida.probador >= LLENO:
        return "probador"
    if (medida.cpu or 0.0) >= LLENO:
        return "cpu"
    if any(senal in fallo for senal in _SIN_SITIO):
        return "sin-sitio"
    if (medida.bucle or 0.0) >= VUELTA_LENTA:
        return "bucle" if medida.cpu is not None else "cpu"
    if p99 is not None and (medida.lote or 0.0) >= CASI_TODO * p99:
        return "base"
    dentro = medida.acuse_del_servidor
    if p99 is not None and dentro is not None and dentro < CASI_TODO * p99:
        return "camino"
    return "sin-saber"
