"""Las órdenes que cambian conversaciones, con un servidor en marcha y gente conectada."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integracion.cliente import como, conectar, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import Servidor


@pytest.mark.parametrize("con_redis", [False, True])
async def test_purgar_y_borrar_llegan_a_los_conectados(
    tmp_path: Path, redis: str, con_redis: bool
) -> None:
    """Sin Redis, la orden no puede avisar: el servidor lee de la base qué hay, no qué pasó."""
    entorno = {"REDIS_URL": redis} if con_redis else {}
    with Servidor(tmp_path, **entorno) as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as ana, como(uno, "beto") as beto:
            viejo = (await beto.pedir("enviar_mensaje", hola(conv, "viejo")))["mensajeId"]
            await _purgar(uno, viejo)
            await ana.esperar("mensaje_eliminado", lambda d: d["mensajeId"] == viejo)

            await asyncio.to_thread(uno.orden, "borrar_usuario", "beto", "--si")
            await beto.cierre()
            if con_redis:
                await ana.esperar("participante_removido", lambda d: d["usuarioId"] == "beto")
            forma = await ana.esperar(
                "conversacion_actualizada", lambda d: d["conversacionId"] == conv
            )
            gente = {p["usuario"]["_id"]: p for p in forma["conversacion"]["participantes"]}
            assert gente["beto"]["usuario"]["nombre"] == "Usuario borrado"
            assert not gente["beto"]["activo"]

            acuse = await ana.pedir("enviar_mensaje", hola(conv, "seguimos"))
            await ana.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 2)
            suyos = [d for _, d in ana.empujes if d.get("conversacionId") == conv]
            cambios = [d["secuenciaCambio"] for d in suyos if "secuenciaCambio" in d]
            assert sorted(cambios) == cambios
            assert acuse["secuencia"] == 2
        token = uno.token("beto")
        async with conectar(uno) as otra_vez:
            with pytest.raises(Exception, match="AUTH_INVALID"):
                await otra_vez.pedir("autenticar", {"token": token})


async def _purgar(servidor: Servidor, mensaje: str) -> None:
    """Con ese mensaje como si fuera de hace años."""
    antigua = "UPDATE mensajeria_mensaje SET fecha_envio = '2020-01-01 00:00:00'"
    await asyncio.to_thread(servidor.sql, f"{antigua} WHERE _id = '{mensaje}'")
    await asyncio.to_thread(servidor.orden, "purgar", "--dias", "365", "--si")
