"""Una base con muchos mensajes como los de verdad: pocas palabras, en casi todos; y muchas, en muy
pocos."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from mensajeria import indice_de_busqueda
from mensajeria.consola.importacion.insercion import insertar
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from mensajeria.models.campos import buscable_de
from mensajeria.protocolo.palabras import buscable

INICIO = datetime(2024, 11, 1, tzinfo=UTC)
ANOS = 2
# En las conversaciones corrientes; las demás son de `pocas` y de `calladas`.
GRUPOS = 20_000
GENTE = 400
PALABRAS = 30_000
TANDA = 20_000
# Textos distintos: hacerlos cuesta más que guardarlos.
TEXTOS = 150_000
_SILABAS = [c + v for c in "bcdfglmnprst" for v in "aeiou"]
_FINALES = ["", "s", "r", "ndo", "mos", "cion", "dor", "mente"]


def palabra(n: int) -> str:
    """La que hace `n` en frecuencia: las primeras, en uno de cada tres mensajes."""
    suelta = random.Random(n)
    silabas = "".join(suelta.choices(_SILABAS, k=suelta.choice([2, 3, 3, 4])))
    return silabas + suelta.choice(_FINALES)


class Textos:
    def __init__(self) -> None:
        self._palabras = [palabra(n) for n in range(PALABRAS)]
        self._pesos = list(itertools.accumulate(1 / (n + 3) for n in range(PALABRAS)))
        self._azar = random.Random(15)

    def uno(self) -> str:
        largo = min(60, 2 + int(self._azar.expovariate(1 / 9)))
        return " ".join(self._azar.choices(self._palabras, cum_weights=self._pesos, k=largo))


def sembrar(mensajes: int) -> None:
    """`pocas` está en tres conversaciones, una muy larga; `muchas`, en dos mil de las corrientes;
    `calladas`, en otras dos mil, de un mensaje cada una.
    """
    indice_de_busqueda.quitar(connection)
    azar = random.Random(1)
    ids = [f"c{n}" for n in range(GRUPOS)]
    mias = [f"m{n}" for n in range(3)]
    quietas = [f"q{n}" for n in range(2_000)]
    gente = [f"u{n}" for n in range(GENTE)]
    pesos = list(itertools.accumulate(1 / (n + 20) ** 0.5 for n in range(GRUPOS)))
    donde = azar.choices(ids, cum_weights=pesos, k=mensajes)
    for i in range(0, mensajes, 20):
        donde[i] = mias[0]
    for i in range(7, mensajes, 1_000):
        donde[i] = mias[1 + (i // 1_000) % 2]
    for n, i in enumerate(range(3, mensajes, max(1, mensajes // len(quietas)))):
        donde[i] = quietas[n % len(quietas)]
    quien = {"pocas": mias, "muchas": azar.sample(ids, 2_000), "calladas": quietas}
    with transaction.atomic():
        insertar(Usuario, [_usuario(u) for u in [*gente, *quien]])
        _conversaciones([*ids, *mias, *quietas], donde)
        insertar(Participante, [_participante(c, u) for u, suyas in quien.items() for c in suyas])
        insertar(Participante, [_participante(c, azar.choice(gente)) for c in ids])
        filas = _mensajes(donde, gente)
        while tanda := list(itertools.islice(filas, TANDA)):
            insertar(Mensaje, tanda)


def _usuario(id_: str) -> Usuario:
    fila = Usuario(id=id_, username=id_, nombre=id_, password="!")
    fila.nombre_plegado = id_
    return fila


def _participante(conversacion: str, usuario: str) -> Participante:
    return Participante(conversacion_id=conversacion, usuario_id=usuario)


def _conversaciones(ids: list[str], donde: list[str]) -> None:
    ultima: dict[str, int] = {}
    for c in donde:
        ultima[c] = ultima.get(c, 0) + 1
    insertar(
        Conversacion,
        [
            Conversacion(
                id=c, codigo=c, tipo="grupal", ultima_secuencia=ultima.get(c, 0), ultimo_cambio=1
            )
            for c in ids
        ],
    )


def _mensajes(donde: list[str], gente: list[str]) -> Iterator[Any]:
    textos, azar = Textos(), random.Random(2)
    dichos = [textos.uno() for _ in range(min(TEXTOS, len(donde)))]
    buscables = [buscable(texto) for texto in dichos]
    cada = timedelta(days=365 * ANOS) / len(donde)
    numeros: dict[str, int] = {}
    modelo = vars(Mensaje(id=""))
    for i, conversacion in enumerate(donde):
        numero = numeros[conversacion] = numeros.get(conversacion, 0) + 1
        cual = azar.randrange(len(dichos))
        fila = Mensaje.__new__(Mensaje)
        fila.__dict__.update(modelo)
        fila.__dict__.update(
            id=f"{i:024x}",
            conversacion_id=conversacion,
            remitente_id=azar.choice(gente),
            texto=dichos[cual],
            buscable=buscables[cual],
            secuencia=numero,
            secuencia_cambio=numero,
            fecha_envio=INICIO + i * cada,
        )
        if i % 50 == 0:
            fila.tipo, fila.archivo = "archivo", _archivo(palabra(i % 5_000))
            fila.buscable = buscable_de(fila)
        yield fila


def _archivo(nombre: str) -> dict[str, Any]:
    return {"nombre": f"{nombre}.pdf", "url": "/x", "tamano": 1, "tipo": "application/pdf"}
