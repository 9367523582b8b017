"""Lo que cuesta por un socket entrar, enviar, unirse y acusar recibo, en un servidor de verdad.

De varias veces vale la menor: lo que el proceso hace cada tanto solo suma. Lo que sube un tope lo
razona el mismo commit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import pytest
from django.db import connection

from mensajeria.central import asistencia
from mensajeria.models import Conversacion as Fila
from mensajeria.models import Participante
from tests.puertas.contado import Cuenta, Datos, Sencilla, Servidor, SocketIO, servir

pytestmark = [pytest.mark.servidor, pytest.mark.django_db(transaction=True)]

VECES = 12


class Conversacion:
    """Ana y beto, conectados y en `conv`: cada cosa que se hace, y lo que cuesta."""

    def __init__(self, servidor: Servidor, ana: Sencilla, beto: Sencilla) -> None:
        self._servidor, self._ana, self._beto = servidor, ana, beto

    def enviar(self) -> Cuenta:
        return self._servidor.contar(self._decir)

    def entrar(self) -> Cuenta:
        """Otra conexión de beto, ya autenticada."""
        with contextlib.ExitStack() as pila:
            otra = type(self._beto).abrir(self._servidor.puerto, "beto")
            return self._servidor.contar(partial(pila.enter_context, otra))

    def unirse(self) -> Cuenta:
        self._beto.pedir("salir_conversacion", {"conversacionId": "conv"})
        unirse = partial(self._beto.pedir, "unirse_conversacion", {"conversacionId": "conv"})
        return self._servidor.contar(unirse)

    def recibir(self) -> Cuenta:
        recibo = {"conversacionId": "conv", "hastaSecuencia": self._decir()["secuencia"]}
        return self._servidor.contar(partial(self._acusar, "marcar_entregado", recibo))

    def leer(self) -> Cuenta:
        self._decir()
        lectura = {"conversacionId": "conv"}
        return self._servidor.contar(partial(self._acusar, "marcar_leido", lectura))

    def _decir(self) -> Datos:
        """Vuelve cuando ana tiene su acuse y beto su mensaje, que es lo que devuelve."""
        dicho = {"conversacionId": "conv", "contenido": {"texto": "hola"}}
        self._ana.pedir("enviar_mensaje", dicho)
        mensaje: Datos = self._beto.esperar("nuevo_mensaje")["mensaje"]
        return mensaje

    def _acusar(self, evento: str, datos: Datos) -> None:
        self._beto.pedir(evento, datos)
        self._ana.esperar("mensaje_actualizado")


class Tope(NamedTuple):
    """Como `Cuenta`. La puerta solo cambia lo que se hace en el bucle, y la base, en el hilo."""

    idas: dict[str, int]
    vueltas: dict[str, int]
    tareas: int
    instancias: int
    codificadas: dict[str, int]
    en_el_bucle: dict[str, dict[type[Sencilla], int]]
    en_los_hilos: dict[str, int]

    def para(self, puerta: type[Sencilla], base: str) -> Cuenta:
        return Cuenta(
            self.idas[base],
            self.vueltas[base],
            self.tareas,
            self.codificadas[base],
            self.instancias,
            self.en_el_bucle[base][puerta],
            self.en_los_hilos[base],
        )


# Lo medido; de llamadas, tres de cada cien más. Al hilo se va una vez, y se vuelve dos: con lo que
# se emite y con la respuesta. La tarea de unirse es su turno.
# En PostgreSQL, enviar donde se acaba de enviar no va a ningún hilo: lo que se hacía en él, sin
# leer, se hace en el bucle.
TOPES = {
    "enviar": Tope(
        idas={"sqlite": 1, "postgresql": 0},
        vueltas={"sqlite": 2, "postgresql": 0},
        tareas=0,
        instancias=0,
        codificadas={"sqlite": 7, "postgresql": 9},
        en_el_bucle={
            "sqlite": {Sencilla: 113, SocketIO: 146},
            "postgresql": {Sencilla: 332, SocketIO: 365},
        },
        # De ellas, 21 dicen a quién se nombra y qué habrá que avisar, en la misma novedad. Sin ir a
        # ningún hilo, las que quedan son del cliente de la prueba.
        en_los_hilos={"sqlite": 431, "postgresql": 82},
    ),
    "entrar": Tope(
        idas={"sqlite": 1, "postgresql": 1},
        vueltas={"sqlite": 1, "postgresql": 1},
        tareas=3,
        instancias=0,
        codificadas={"sqlite": 1, "postgresql": 1},
        en_el_bucle={
            "sqlite": {Sencilla: 944, SocketIO: 1051},
            "postgresql": {Sencilla: 944, SocketIO: 1051},
        },
        en_los_hilos={"sqlite": 344, "postgresql": 474},
    ),
    "unirse": Tope(
        idas={"sqlite": 1, "postgresql": 1},
        vueltas={"sqlite": 1, "postgresql": 1},
        tareas=1,
        instancias=0,
        codificadas={"sqlite": 2, "postgresql": 2},
        en_el_bucle={
            "sqlite": {Sencilla: 193, SocketIO: 228},
            "postgresql": {Sencilla: 193, SocketIO: 228},
        },
        en_los_hilos={"sqlite": 391, "postgresql": 628},
    ),
    "recibir": Tope(
        idas={"sqlite": 1, "postgresql": 1},
        vueltas={"sqlite": 2, "postgresql": 2},
        tareas=0,
        instancias=0,
        codificadas={"sqlite": 5, "postgresql": 7},
        en_el_bucle={
            "sqlite": {Sencilla: 91, SocketIO: 124},
            "postgresql": {Sencilla: 97, SocketIO: 130},
        },
        en_los_hilos={"sqlite": 301, "postgresql": 235},
    ),
    "leer": Tope(
        idas={"sqlite": 1, "postgresql": 1},
        vueltas={"sqlite": 2, "postgresql": 2},
        tareas=0,
        instancias=0,
        codificadas={"sqlite": 6, "postgresql": 8},
        en_el_bucle={
            "sqlite": {Sencilla: 111, SocketIO: 144},
            "postgresql": {Sencilla: 118, SocketIO: 151},
        },
        en_los_hilos={"sqlite": 340, "postgresql": 273},
    ),
}


# Estar en una conversación más, en la que no hay nadie: las funciones que por ella empiezan al
# entrar y al irse, en el bucle y en los hilos. De lo demás, nada.
DE_MAS = 100
POR_CONVERSACION = {
    "entrar": {"sqlite": (10, 2), "postgresql": (10, 1)},
    "irse": {"sqlite": (8, 1), "postgresql": (8, 1)},
}


@pytest.fixture
def servidor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servidor]:
    with servir(monkeypatch) as uno:
        yield uno


@pytest.mark.usefixtures("conversacion")
@pytest.mark.parametrize("puerta", [Sencilla, SocketIO])
@pytest.mark.parametrize("que", TOPES)
def test_cada_cosa_cuesta_lo_que_costaba(
    servidor: Servidor, puerta: type[Sencilla], que: str
) -> None:
    with puerta.abrir(servidor.puerto, "ana") as ana, puerta.abrir(servidor.puerto, "beto") as beto:
        hacer = getattr(Conversacion(servidor, ana, beto), que)
        # Lo primero que se hace en una conversación se lee; lo siguiente, se recuerda.
        cuentas = [hacer() for _ in range(VECES)][3:]
    cuenta = Cuenta(*map(min, zip(*cuentas, strict=True)))
    tope = TOPES[que].para(puerta, connection.vendor)
    sin_contar = [c for c, n, m in zip(Cuenta._fields, cuenta, tope, strict=True) if m and not n]
    assert sin_contar in ([], ["tareas"]), "no se cuenta"
    de_mas = [c for c, n, m in zip(Cuenta._fields, cuenta, tope, strict=True) if n > m]
    assert not de_mas, (cuenta, tope)


@pytest.mark.usefixtures("conversacion")
def test_una_conversacion_mas_cuesta_lo_que_costaba(
    servidor: Servidor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asistencia, "GRACIA", 0.01)
    with Sencilla.abrir(servidor.puerto, "ana") as ana:
        antes = _entrar_e_irse(servidor, ana)
        filas = [Fila(id=f"z{i}", codigo=f"z{i}", tipo="grupal") for i in range(DE_MAS)]
        Fila.objects.bulk_create(filas)
        Participante.objects.bulk_create(
            Participante(conversacion=fila, usuario_id="beto") for fila in filas
        )
        ahora = _entrar_e_irse(servidor, ana)
    for que, topes in POR_CONVERSACION.items():
        mas = Cuenta(*(b - a for a, b in zip(antes[que], ahora[que], strict=True)))
        en_el_bucle, en_los_hilos = topes[connection.vendor]
        # Lo que el recorrido tiene de más, sean las que sean, no llega a una por conversación.
        assert mas.en_el_bucle < (en_el_bucle + 1) * DE_MAS, (que, mas)
        assert mas.en_los_hilos < (en_los_hilos + 1) * DE_MAS, (que, mas)
        assert max(mas[:5]) <= 0, (que, mas)


def _entrar_e_irse(servidor: Servidor, ana: Sencilla) -> dict[str, Cuenta]:
    """Lo que cuesta que beto entre y se vaya, hasta que ana lo sabe."""
    cuentas: dict[str, list[Cuenta]] = {"entrar": [], "irse": []}

    def entrar(pila: contextlib.ExitStack) -> None:
        pila.enter_context(Sencilla.abrir(servidor.puerto, "beto"))
        ana.esperar("usuario_conectado")

    def irse(pila: contextlib.ExitStack) -> None:
        pila.close()
        ana.esperar("estado_usuario_cambiado")

    for _ in range(VECES):
        with contextlib.ExitStack() as pila:
            cuentas["entrar"].append(servidor.contar(partial(entrar, pila)))
            cuentas["irse"].append(servidor.contar(partial(irse, pila)))
    return {que: Cuenta(*map(min, zip(*suyas, strict=True))) for que, suyas in cuentas.items()}
