"""De dónde salen las personas de una prueba de carga: inventadas aquí, o cuentas que ya hay."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from bancos.siembra import Siembra, gente_de
from tests.servicios import firmar

# Por él se quitan, y no se toca nada más.
PREFIJO = "carga-"
PLAZO = 10.0


@dataclass(frozen=True)
class Persona:
    token: str
    conversacion: str


@contextlib.contextmanager
def inventada(cuantas: int, por_sala: int) -> Iterator[list[Persona]]:
    """En la base de esta instalación, por salas; al salir se quitan, con lo que escribieron."""
    from django.conf import settings

    from bancos.sembrar import sembrar

    marca = f"{PREFIJO}{secrets.token_hex(3)}-"
    salas = [f"{marca}{n}" for n in range(-(-cuantas // por_sala))]
    siembra = Siembra()
    for sala in salas:
        siembra.sala(sala, por_sala)
    _quitar()
    try:
        sembrar(siembra.conversaciones, analizar=False)
        mas = {"aud": settings.JWT_AUDIENCIA, "iss": settings.JWT_EMISOR}
        puesto: dict[str, Any] = {reclamo: valor for reclamo, valor in mas.items() if valor}
        yield [
            Persona(firmar(quien, secreto=settings.JWT_SECRET, **puesto), sala)
            for sala in salas
            for quien in gente_de(sala, por_sala)
        ][:cuantas]
    finally:
        _quitar()


def _quitar() -> None:
    from mensajeria.consola.tandas import borrar_filas
    from mensajeria.models import Conversacion, Mensaje, Usuario

    for filas in (
        Mensaje.objects.filter(conversacion__id__startswith=PREFIJO),
        Conversacion.objects.filter(pk__startswith=PREFIJO),
        Usuario.objects.filter(pk__startswith=PREFIJO),
    ):
        borrar_filas(filas, lambda _: None)


def de_cuentas(url: str, tokens: list[str], cuantas: int) -> list[Persona]:
    """Conexiones de esas cuentas, por turnos, en un grupo nuevo que crea la primera."""
    quienes = [_quien(url, token) for token in tokens]
    # Un grupo de uno no puede ser; con una sola cuenta, su conversación más reciente.
    conversacion = _grupo(url, tokens[0], quienes[1:]) if quienes[1:] else _una(url, tokens[0])
    return [Persona(tokens[n % len(tokens)], conversacion) for n in range(cuantas)]


def _quien(url: str, token: str) -> str:
    return str(_pedir("GET", f"{url}/api/mensajeria/usuarios/yo/", token)["_id"])


def _grupo(url: str, token: str, otros: list[str]) -> str:
    datos = {
        "tipo": "grupal",
        "participantes": [{"usuarioId": otro} for otro in dict.fromkeys(otros)],
        "configuracion": {"nombrePersonalizado": "Prueba de carga"},
    }
    return str(_pedir("POST", f"{url}/api/mensajeria/conversaciones/", token, datos)["_id"])


def _una(url: str, token: str) -> str:
    suyas = _pedir("GET", f"{url}/api/mensajeria/conversaciones/?limite=1", token)["results"]
    if not suyas:
        raise ConnectionError("Esa cuenta no está en ninguna conversación: da los tokens de dos")
    return str(suyas[0]["_id"])


def _pedir(metodo: str, url: str, token: str, datos: object = None) -> dict[str, Any]:
    respuesta = requests.request(
        metodo, url, json=datos, headers={"Authorization": f"Bearer {token}"}, timeout=PLAZO
    )
    if not respuesta.ok:
        raise ConnectionError(f"{url}: {respuesta.status_code} {respuesta.text[:200]}")
    dicho: dict[str, Any] = respuesta.json()
    return dicho
