"""El guion del original contra nuestro servidor: cada evento a cada cliente, con cada campo.

`grabado.jsonl` es lo que envió el original; en qué nos apartamos de él, y por qué, lo dice
`diferencias.py`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.integracion.conftest import revisar_registro
from tests.original.corrida import correr
from tests.original.diferencias import C1, C2, DIFERENCIAS, A, B, C, esperados
from tests.original.normal import Visto
from tests.servicios import Servidor

AQUI = Path(__file__).parent
GRABADO = [
    Visto(**json.loads(linea)) for linea in (AQUI / "grabado.jsonl").read_text().splitlines()
]
ESPERADO = esperados(GRABADO)
# Los que el original conocía: de estos no puede llegar ninguno de más.
SUYOS = {v.ev for v in GRABADO} | {"error", "#ack", "#connect_error"}

SEMBRAR = f"""
nombres = {{"{A}": "Ana García", "{B}": "Beto López", "{C}": "Carla Ruiz"}}
for pk, nombre in nombres.items():
    models.Usuario.objects.create(
        pk=pk, username=pk, nombre=nombre.split()[0], apellido=nombre.split()[1],
        avatar_url=f"https://ejemplo.co/{{pk[-1]}}.png",
    )
for pk, tipo, cuantos in (("{C1}", "individual", 2), ("{C2}", "grupal", 3)):
    conversacion = models.Conversacion.objects.create(pk=pk, tipo=tipo)
    for persona in list(nombres)[:cuantos]:
        models.Participante.objects.create(conversacion=conversacion, usuario_id=persona)
"""


@pytest.fixture(scope="module")
def visto(tmp_path_factory: pytest.TempPathFactory) -> list[Visto]:
    carpeta = tmp_path_factory.mktemp("original")
    esperado = carpeta / "esperado.json"
    esperado.write_text(json.dumps([v._asdict() for v in ESPERADO]))
    servidor = Servidor(carpeta, MENSAJES_POR_MINUTO="1000", DEMO="0")
    servidor.guion(SEMBRAR)
    with servidor:
        vistos = correr(servidor.url, esperado)
    revisar_registro(servidor.registro)
    return vistos


def _por_paso_y_cliente(vistos: list[Visto]) -> dict[tuple[str, str], list[Visto]]:
    juntos = defaultdict(list)
    for v in vistos:
        if v.ev in SUYOS and v.ev != "mensaje_actualizado":
            juntos[v.paso, v.c].append(v)
    return juntos


def _lleva(hay: Any, ha_de_llevar: Any) -> bool:
    """Cada campo, de cada anidamiento, con su valor; lo que haya de más no importa."""
    if isinstance(ha_de_llevar, dict):
        return isinstance(hay, dict) and all(
            campo in hay and _lleva(hay[campo], valor) for campo, valor in ha_de_llevar.items()
        )
    if isinstance(ha_de_llevar, list):
        return (
            isinstance(hay, list)
            and len(hay) == len(ha_de_llevar)
            and all(map(_lleva, hay, ha_de_llevar))
        )
    return type(hay) is type(ha_de_llevar) and hay == ha_de_llevar


def test_cada_cliente_recibe_lo_que_recibia(visto: list[Visto]) -> None:
    llegado, faltan = _por_paso_y_cliente(visto), []
    for esperado in ESPERADO:
        suyos = llegado[esperado.paso, esperado.c]
        hallado = next((v for v in suyos if v.ev == esperado.ev and _lleva(v.a, esperado.a)), None)
        if hallado is None:
            faltan.append((esperado, suyos))
        else:
            suyos.remove(hallado)
    sobran = [v for suyos in llegado.values() for v in suyos]
    assert not faltan, faltan
    assert not sobran, sobran


def test_cada_mensaje_llega_a_entregado(visto: list[Visto]) -> None:
    """`mensaje_actualizado` dice de todos los propios hasta uno: los cubre todos."""
    enviados: dict[str, list[Any]] = defaultdict(list)
    cubierto: dict[tuple[str, str], int] = defaultdict(int)
    for v in visto:
        if v.ev == "mensaje_enviado":
            enviados[v.c].append(v.a[0])
        elif v.ev == "mensaje_actualizado":
            clave = (v.c, v.a[0]["conversacionId"])
            cubierto[clave] = max(cubierto[clave], v.a[0]["hastaSecuencia"])
    assert enviados.keys() == {"A", "B"}
    for quien, suyos in enviados.items():
        for acuse in suyos:
            assert acuse["secuencia"] <= cubierto[quien, acuse["conversacionId"]], (quien, acuse)


def test_las_diferencias_caben_en_una_docena_y_cada_una_hace_falta() -> None:
    assert len(DIFERENCIAS) <= 12
    for diferencia in DIFERENCIAS:
        toca = any(diferencia.cambia(v) != v for v in GRABADO)
        assert toca or diferencia.llegan, diferencia.razon
