"""Lo que el servidor dice de sí entre dos momentos, por `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests
from prometheus_client.parser import text_string_to_metric_families

PLAZO = 10.0
ACUSE = "mensajeria_acuse_segundos"
BUCLE = "mensajeria_bucle_retraso_segundos"
LOTE = "mensajeria_segundos_por_lote"
_CPU = "process_cpu_seconds_total"

# De cada cubo de un histograma, su límite en segundos y cuántos no pasan de él.
Cubos = dict[float, float]


@dataclass(frozen=True)
class Foto:
    """`cpu`, en segundos desde que arrancó; con varios procesos no se dice."""

    cpu: float | None
    cubos: dict[str, Cubos] = field(default_factory=dict)


def leer(texto: str) -> Foto:
    """La de un texto de Prometheus."""
    cpu, cubos = None, {nombre: Cubos() for nombre in (ACUSE, BUCLE, LOTE)}
    for familia in text_string_to_metric_families(texto):
        for muestra in familia.samples:
            if muestra.name == _CPU:
                cpu = muestra.value
            elif muestra.name == f"{familia.name}_bucket" and familia.name in cubos:
                limite = float(muestra.labels["le"])
                antes = cubos[familia.name].get(limite, 0.0)
                cubos[familia.name][limite] = antes + muestra.value
    return Foto(cpu, cubos)


def fotografiar(url: str, token: str) -> Foto | None:
    """Ninguna, si no la deja ver."""
    cabeceras = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        respuesta = requests.get(f"{url}/metrics", headers=cabeceras, timeout=PLAZO)
    except requests.RequestException:
        return None
    return leer(respuesta.text) if respuesta.ok else None


def percentil(antes: Cubos, despues: Cubos, parte: float) -> float | None:
    """El de lo anotado entre medias, repartido por igual dentro de su cubo; si no hubo, ninguno."""
    limites = sorted(despues)
    hasta = [despues[limite] - antes.get(limite, 0.0) for limite in limites]
    if not hasta or hasta[-1] <= 0:
        return None
    busca, piso, previos = parte * hasta[-1], 0.0, 0.0
    for limite, cuantos in zip(limites, hasta, strict=True):
        if cuantos >= busca:
            if limite == float("inf"):
                return piso
            return piso + (limite - piso) * (busca - previos) / (cuantos - previos)
        piso, previos = limite, cuantos
    return piso
