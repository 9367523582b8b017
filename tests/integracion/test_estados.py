"""Una máquina de estados mueve clientes, redes y servidores, y comprueba los seis invariantes.

Cada ejemplo estrena conversación en dos servidores que comparten Redis y PostgreSQL. Hypothesis
elige qué pasa y en qué orden; si algo falla, reduce la secuencia a la menor que lo repite.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.caos import balance_final, historia
from tests.insistente import Insistente, Sencilla, SocketIO
from tests.integracion.conftest import (
    nueva_conversacion,
    revisar_registro,
)
from tests.servicios import nueva_base
from tests.soak import Escenario

pytestmark = pytest.mark.elige_base

CUANTOS = 4
QUIEN = st.integers(0, CUANTOS - 1)
CUAL = st.integers(0, 1)


class Bucle:
    """Un bucle de eventos en su hilo, para llamarlo desde reglas síncronas."""

    def __init__(self) -> None:
        self._bucle = asyncio.new_event_loop()
        self._hilo = threading.Thread(target=self._bucle.run_forever, daemon=True)
        self._hilo.start()

    def __call__(self, trabajo: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(trabajo, self._bucle).result(90)

    def parar(self) -> None:
        self._bucle.call_soon_threadsafe(self._bucle.stop)
        self._hilo.join(5)
        self._bucle.close()


@pytest.fixture
def escenario(tmp_path: Path, postgres: str) -> Iterator[Escenario]:
    uno = Escenario(tmp_path, nueva_base(postgres), random.Random(1))
    try:
        uno.arrancar()
        yield uno
    finally:
        uno.cerrar()
    for servidor in uno.servidores:
        revisar_registro(servidor.registro)


def maquina(escenario: Escenario, bucle: Bucle) -> type[RuleBasedStateMachine]:
    class Mensajeria(RuleBasedStateMachine):
        @initialize()
        def conversar(self) -> None:
            uno = escenario.servidores[0]
            self.conv = nueva_conversacion(uno, "ana", "beto")
            urls = [s.url for s in escenario.servidores]
            tokens = {n: uno.token(n) for n in ("ana", "beto")}

            async def conectar() -> list[Insistente]:
                return [
                    Insistente(
                        f"{n}{i}-{self.conv[-6:]}",
                        tokens[n],
                        self.conv,
                        urls if i % 2 else urls[::-1],
                        SocketIO() if i < 2 else Sencilla(),
                    )
                    for i, n in enumerate(("ana", "beto", "ana", "beto"))
                ]

            self.clientes: list[Insistente] = bucle(conectar())

        @rule(quien=QUIEN, cuantos=st.integers(1, 15))
        def enviar(self, quien: int, cuantos: int) -> None:
            async def decir() -> None:
                for _ in range(cuantos):
                    await self.clientes[quien].decir("hola")

            bucle(decir())

        @rule(quien=QUIEN, texto=st.sampled_from(["v2", "v3"]))
        def editar(self, quien: int, texto: str) -> None:
            self._sobre_uno(quien, "editar_mensaje", texto=texto)

        @rule(quien=QUIEN, tipo=st.sampled_from(["like", "sad"]))
        def reaccionar(self, quien: int, tipo: str) -> None:
            self._sobre_uno(quien, "agregar_reaccion", tipo=tipo)

        @rule(quien=QUIEN, evento=st.sampled_from(["fijar_mensaje", "desfijar_mensaje"]))
        def fijar(self, quien: int, evento: str) -> None:
            self._sobre_uno(quien, evento)

        @rule(quien=QUIEN)
        def eliminar(self, quien: int) -> None:
            self._sobre_uno(quien, "eliminar_mensaje")

        def _sobre_uno(self, quien: int, evento: str, **datos: str) -> None:
            cliente = self.clientes[quien]
            if cliente.acusados:
                primero = next(iter(cliente.acusados.values()))["mensajeId"]
                bucle(cliente.pedir(evento, {"mensajeId": primero, **datos}))

        @rule(quien=QUIEN)
        def cortar(self, quien: int) -> None:
            async def corte() -> None:
                self.clientes[quien].cortar()

            bucle(corte())

        @rule(cual=CUAL, senal=st.sampled_from([signal.SIGKILL, signal.SIGTERM]))
        def caer(self, cual: int, senal: signal.Signals) -> None:
            servidor = escenario.servidores[cual]
            servidor.parar(senal)
            with contextlib.suppress(requests.RequestException):
                servidor.arrancar()

        @rule()
        def vaciar_redis(self) -> None:
            escenario.vaciar_redis()

        def teardown(self) -> None:
            if not hasattr(self, "clientes"):
                return
            servidor = escenario.servidores[0]
            balance = bucle(balance_final(servidor, self.clientes, self.conv))
            assert balance.limpio(), str(balance)
            assert balance.acusados == balance.enviados
            # Confidencialidad: carla, ajena, no ve nada de esto.
            with pytest.raises(requests.HTTPError):
                historia(servidor, self.conv, "carla")

    return Mensajeria


def test_pase_lo_que_pase_los_invariantes_se_cumplen(escenario: Escenario) -> None:
    bucle = Bucle()
    try:
        run_state_machine_as_test(
            maquina(escenario, bucle),
            settings=settings(
                max_examples=6,
                stateful_step_count=14,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )
    finally:
        bucle.parar()
