"""El escritor de un proceso: qué va en cada lote, y que a nadie se le deja esperando."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from django.db import connection, transaction

from mensajeria.models import Conversacion, Mensaje
from mensajeria.nodo import Nodo
from mensajeria.ordenes import escritor as modulo
from mensajeria.ordenes.escritor import Escritor
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


class EjecutorFalso:
    """Devuelve lo que le piden; con `cerrojo` cogido, espera a que se suelte."""

    def __init__(self) -> None:
        self.lotes: list[list[Any]] = []
        self.hilos: set[str] = set()
        self.cerrojo = threading.Lock()

    def al_vuelo(self, _ordenes: Sequence[Any], _al_acabar: Any) -> bool:
        return False

    def ejecutar(self, ordenes: Sequence[Any]) -> list[Any]:
        with self.cerrojo:
            self.lotes.append(list(ordenes))
            self.hilos.add(threading.current_thread().name)
            if "roto" in ordenes:
                raise RuntimeError("un defecto")
            return [f"hecho {orden}" for orden in ordenes]


@pytest.fixture
def ejecutor() -> EjecutorFalso:
    return EjecutorFalso()


@pytest_asyncio.fixture
async def escritor(ejecutor: EjecutorFalso) -> AsyncIterator[Any]:
    de_pega: Any = ejecutor
    uno: Any = Escritor(de_pega)
    yield uno
    uno.cerrar()


async def test_lo_de_una_vuelta_va_en_un_lote(escritor: Any, ejecutor: EjecutorFalso) -> None:
    dichos: list[Any] = []
    for i in range(3):
        escritor.pedir(i, dichos.append)
    await escritor.terminar()
    assert ejecutor.lotes == [[0, 1, 2]]
    assert dichos == ["hecho 0", "hecho 1", "hecho 2"]
    assert ejecutor.hilos == {"escritor"}


async def test_mientras_uno_se_confirma_se_forma_el_siguiente(
    escritor: Any, ejecutor: EjecutorFalso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modulo, "MAX_LOTE", 3)
    dichos: list[Any] = []
    with ejecutor.cerrojo:
        for i in range(6):
            escritor.pedir(i, dichos.append)
            # Que el primero salga solo, con el hilo parado en él.
            await asyncio.sleep(0)
    await escritor.terminar()
    assert ejecutor.lotes == [[0], [1, 2, 3], [4, 5]]
    assert dichos == [f"hecho {i}" for i in range(6)]


async def test_lo_que_se_pide_al_responder_tambien_se_hace(
    escritor: Any, ejecutor: EjecutorFalso
) -> None:
    dichos: list[Any] = []

    def otra(resultado: Any) -> None:
        dichos.append(resultado)
        escritor.pedir("otra", dichos.append)

    escritor.pedir("una", otra)
    await escritor.terminar()
    assert dichos == ["hecho una", "hecho otra"]


async def test_un_fallo_no_deja_a_nadie_sin_respuesta(escritor: Any) -> None:
    dichos: list[Any] = []

    def falla(_: Any) -> None:
        raise RuntimeError("otro defecto")

    escritor.pedir("roto", falla)
    escritor.pedir("y este", dichos.append)
    await escritor.terminar()
    [error] = dichos
    assert error.codigo is CodigoError.INTERNAL_ERROR
    escritor.pedir("bien", dichos.append)
    await escritor.terminar()
    assert dichos[1] == "hecho bien"


async def test_al_dia_no_espera_a_lo_que_se_siga_pidiendo(escritor: Any) -> None:
    dichos: list[Any] = []
    seguir = True

    def otra(resultado: Any) -> None:
        dichos.append(resultado)
        if seguir:
            escritor.pedir("otra", otra)

    escritor.pedir("una", otra)
    await asyncio.wait_for(escritor.al_dia(), 5)
    assert dichos[0] == "hecho una"
    seguir = False
    await escritor.terminar()
    await asyncio.wait_for(escritor.al_dia(), 5)


async def test_desde_un_hilo_se_espera(escritor: Any, ejecutor: EjecutorFalso) -> None:
    """Con lo de los sockets, en el mismo lote y en el hilo del escritor."""
    dichos: list[Any] = []
    with ejecutor.cerrojo:
        escritor.pedir("antes", dichos.append)
        await asyncio.sleep(0)
        espera = asyncio.create_task(asyncio.to_thread(escritor.esperar, ["a", "b"]))
        while not escritor._cola:
            await asyncio.sleep(0)
        escritor.pedir("después", dichos.append)
    assert await espera == ["hecho a", "hecho b"]
    await escritor.terminar()
    assert ejecutor.lotes == [["antes"], ["a", "b", "después"]]
    assert ejecutor.hilos == {"escritor"}


async def test_al_cerrar_a_quien_espera_se_le_dice(ejecutor: EjecutorFalso) -> None:
    de_pega: Any = ejecutor
    uno: Any = Escritor(de_pega)
    with ejecutor.cerrojo:
        espera = asyncio.create_task(asyncio.to_thread(uno.esperar, ["a"]))
        while not uno._esperas:
            await asyncio.sleep(0)
        uno.cerrar()
        for pedida in (espera, asyncio.to_thread(uno.esperar, ["tarde"])):
            with pytest.raises(ErrorMensajeria) as error:
                await pedida
            assert error.value.codigo is CodigoError.UNAVAILABLE


def test_sin_bucle_se_ejecuta_aqui(ejecutor: EjecutorFalso) -> None:
    de_pega: Any = ejecutor

    async def crear() -> Any:
        return Escritor(de_pega)

    uno = asyncio.run(crear())
    assert uno.esperar(["a"]) == ["hecho a"]
    assert ejecutor.hilos == {threading.current_thread().name}
    uno.cerrar()


def _envio() -> Orden[cargas.EnviarMensaje]:
    contenido = cargas.ContenidoEnviado(texto="hola")
    return Orden(Actor("ana"), cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido))


@pytest.mark.bd
def test_en_la_transaccion_de_otro_va_con_ella(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aunque el proceso atienda a clientes: su escritor no vería lo que esa transacción hizo."""
    if connection.vendor == "mongodb":
        pytest.skip("la de Django no hace nada allí")
    uno = Nodo()
    emitidos: list[Any] = []
    monkeypatch.setattr(uno.emisor, "emitir", emitidos.extend)
    monkeypatch.setattr(uno, "arrancado", True)
    with transaction.atomic():
        Conversacion.objects.filter(pk="conv").update(ultima_secuencia=7)
        resultado = uno.pedir_una(_envio())
        assert isinstance(resultado, empujes.MensajeEnviado)
        assert (resultado.secuencia, emitidos) == (8, [])
    assert len(emitidos) == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        uno.pedir_una(_envio())
        raise RuntimeError
    assert (Mensaje.objects.count(), len(emitidos)) == (1, 1)
