"""Lo que llega se lee entero o se dice por qué no, y un disco malo no para a nadie."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any

import pytest
from django.core.exceptions import RequestAborted

from mensajeria.protocolo.errores import ErrorMensajeria
from servitech import cuerpos
from tests.servicios import PACIENCIA

MAXIMO = 4 * cuerpos.BLOQUE


def _recibir(*trozos: bytes, se_va: bool = False) -> Callable[[], Any]:
    mensajes: list[dict[str, Any]] = [
        {"type": "http.request", "body": trozo, "more_body": True} for trozo in trozos
    ]
    if se_va:
        mensajes.append({"type": "http.disconnect"})
    else:
        mensajes[-1]["more_body"] = False

    async def recibir() -> dict[str, Any]:
        return mensajes.pop(0)

    return recibir


@pytest.mark.parametrize("leer", [cuerpos.en_memoria, cuerpos.en_disco])
@pytest.mark.parametrize("largos", [(0,), (5,), (100_000,) * 9, (MAXIMO - 1, 1)])
async def test_llega_entero(leer: Any, largos: Sequence[int]) -> None:
    trozos = [bytes([n]) * largo for n, largo in enumerate(largos)]
    with await leer(_recibir(*trozos), MAXIMO, PACIENCIA) as cuerpo:
        cuerpo.seek(0)
        assert cuerpo.read() == b"".join(trozos)


@pytest.mark.parametrize("leer", [cuerpos.en_memoria, cuerpos.en_disco])
async def test_lo_que_no_cabe_y_quien_se_va(leer: Any) -> None:
    with pytest.raises(cuerpos.NoCabe):
        await leer(_recibir(bytes(MAXIMO), b"x"), MAXIMO, PACIENCIA)
    with pytest.raises(RequestAborted):
        await leer(_recibir(b"x", se_va=True), MAXIMO, PACIENCIA)


def _sin_sitio(*_: object) -> IO[bytes]:
    raise OSError(28, "No queda sitio en el disco")


@pytest.mark.parametrize("donde", ["al abrir", "al escribir"])
async def test_sin_sitio_es_que_no_se_puede_y_no_un_fallo(
    donde: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if donde == "al abrir":
        monkeypatch.setattr(tempfile, "TemporaryFile", _sin_sitio)
    else:
        monkeypatch.setattr(cuerpos, "_escribir", _sin_sitio)
    with pytest.raises(ErrorMensajeria) as error:
        await cuerpos.en_disco(_recibir(bytes(MAXIMO)), MAXIMO, PACIENCIA)
    assert error.value.codigo == "UNAVAILABLE"


async def test_un_disco_lento_no_para_al_bucle(monkeypatch: pytest.MonkeyPatch) -> None:
    escribiendo, seguir = threading.Event(), threading.Event()
    de_verdad = cuerpos._escribir

    def despacio(archivo: IO[bytes], bloque: bytes) -> None:
        escribiendo.set()
        assert seguir.wait(PACIENCIA)
        de_verdad(archivo, bloque)

    monkeypatch.setattr(cuerpos, "_escribir", despacio)
    subida = asyncio.create_task(cuerpos.en_disco(_recibir(bytes(MAXIMO)), MAXIMO, PACIENCIA))
    assert await asyncio.to_thread(escribiendo.wait, PACIENCIA)
    # El bucle sigue: si no, no se llegaría aquí.
    assert not subida.done()
    seguir.set()
    (await subida).close()
