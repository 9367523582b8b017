"""Lo que se rompe por debajo: Redis parado, vaciado o muerto; un servidor muerto de golpe."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis as cliente_redis
import requests

from tests import servicios
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import Cliente, Rechazo, como, conectar, hola
from tests.integracion.conftest import MOTORES, dos_servidores, nueva_conversacion, todos_al_dia
from tests.servicios import PACIENCIA, Servidor, nueva_base

pytestmark = pytest.mark.elige_base

Dos = tuple[Servidor, Servidor]


async def _tanda(a: Cliente, b: Cliente, conv: str, cuantos: int) -> None:
    envios = [
        await quien.enviar("enviar_mensaje", hola(conv, f"{i}"))
        for i in range(cuantos // 2)
        for quien in (a, b)
    ]
    respuestas = await asyncio.wait_for(asyncio.gather(*envios), PACIENCIA)
    assert all(r["ok"] for r in respuestas)


async def test_redis_vaciado_parado_y_reiniciado_con_trafico(tmp_path: Path, postgres: str) -> None:
    base = nueva_base(postgres)
    puerto = servicios.puerto_libre()
    with (
        servicios.redis(puerto) as url,
        dos_servidores(tmp_path, REDIS_URL=url, DATABASE_URL=base) as (uno, otro),
    ):
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a, como(otro, "beto") as b:
            r = cliente_redis.Redis.from_url(url)
            await _tanda(a, b, conv, 20)
            await asyncio.to_thread(r.flushall)
            await _tanda(a, b, conv, 20)
            await todos_al_dia(conv, 40, a, b)

            # Parado: se confirma y se acusa igual, y la base repone lo que no se avisa.
            await asyncio.to_thread(r.execute_command, "CLIENT", "PAUSE", "4000")
            empieza = Cronometro()
            await _tanda(a, b, conv, 20)
            assert empieza.segundos() < 3
            await todos_al_dia(conv, 60, a, b)
            await asyncio.to_thread(r.ping)

            # Vaciado, cada uno vuelve a contar los suyos.
            await asyncio.to_thread(r.flushall)
            async with asyncio.timeout(PACIENCIA):
                while (await a.pedir("obtener_estadisticas"))["usuariosConectados"] != 2:
                    await asyncio.sleep(0.2)
            r.close()


async def test_redis_muerto_y_vuelto_en_el_mismo_puerto(tmp_path: Path, postgres: str) -> None:
    base = nueva_base(postgres)
    puerto = servicios.puerto_libre()
    primero = servicios.redis(puerto)
    url = primero.__enter__()
    with dos_servidores(tmp_path, REDIS_URL=url, DATABASE_URL=base) as (uno, otro):
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a, como(otro, "beto") as b:
            await _tanda(a, b, conv, 10)
            await asyncio.to_thread(primero.__exit__, None, None, None)
            await _tanda(a, b, conv, 10)
            await todos_al_dia(conv, 20, a, b)
            with servicios.redis(puerto):
                await _tanda(a, b, conv, 10)
                await todos_al_dia(conv, 30, a, b)
                # Con Redis de vuelta, lo de uno llega al otro sin esperar a la reparación.
                async with asyncio.timeout(PACIENCIA):
                    ultima, espera = 30, 1.0
                    while espera > 0.2:
                        await a.pedir("enviar_mensaje", hola(conv, "¿ya?"))
                        ultima += 1
                        empieza = Cronometro()
                        await todos_al_dia(conv, ultima, b)
                        espera = empieza.segundos()


async def test_con_redis_colgado_se_entra_y_al_volver_la_presencia_se_corrige(
    tmp_path: Path, postgres: str
) -> None:
    base = nueva_base(postgres)
    with (
        servicios.redis() as url,
        dos_servidores(tmp_path, REDIS_URL=url, DATABASE_URL=base) as (uno, otro),
    ):
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto", "carla")
        tokens = [await asyncio.to_thread(otro.token, u) for u in ("beto", "carla")]
        r = cliente_redis.Redis.from_url(url)
        pid = r.info("server")["process_id"]
        r.close()

        async def entrar(token: str) -> None:
            async with conectar(otro) as c:
                await c.pedir("autenticar", {"token": token})

        async def llega_a(c: Cliente, quien: str, conectado: bool) -> None:
            empieza = Cronometro()
            await c.esperar(
                "estado_usuario_cambiado",
                lambda d: (d["usuarioId"], d["conectado"]) == (quien, conectado),
            )
            assert empieza.segundos() < 9

        async with como(uno, "ana") as a, como(otro, "beto") as b:
            async with como(otro, "ana"), como(otro, "carla"):
                await llega_a(a, "beto", True)
                await llega_a(a, "carla", True)
                os.kill(pid, signal.SIGSTOP)
            try:
                entran = Cronometro()
                await asyncio.gather(*[entrar(t) for t in tokens for _ in range(10)])
                assert entran.segundos() < 3
                await a.pedir("enviar_mensaje", hola(conv))
                # En su nodo se van las dos; la otra conexión de ana no se ve desde aquí.
                await llega_a(b, "ana", False)
                await llega_a(b, "carla", False)
                b.empujes.clear()
            finally:
                os.kill(pid, signal.SIGCONT)
            await asyncio.gather(llega_a(b, "ana", True), llega_a(a, "carla", False))
            assert not [
                d for d in a.recibidos("estado_usuario_cambiado") if d["usuarioId"] == "ana"
            ]


@pytest.mark.parametrize("motor", os.environ.get("MOTORES", "nats").split())
async def test_la_capa_muerta_y_vuelta_con_trafico(
    tmp_path: Path, redis: str, postgres: str, motor: str
) -> None:
    """Sin ella se envía y se acusa igual, y repone la base; vuelta, lleva otra vez."""
    puerto = servicios.puerto_libre()
    entorno = {"REDIS_URL": redis, "DATABASE_URL": nueva_base(postgres)}
    with contextlib.ExitStack() as pila:
        with MOTORES[motor](puerto) as url:
            uno, otro = pila.enter_context(dos_servidores(tmp_path, CAPA_URL=url, **entorno))
            conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
            a = await _entrar(pila_de_clientes := contextlib.AsyncExitStack(), uno, "ana")
            b = await _entrar(pila_de_clientes, otro, "beto")
            await _tanda(a, b, conv, 20)
            await todos_al_dia(conv, 20, a, b)
            envios = [await a.enviar("enviar_mensaje", hola(conv)) for _ in range(20)]
        async with pila_de_clientes:
            empieza = Cronometro()
            await asyncio.gather(*envios)
            await _tanda(a, b, conv, 20)
            assert empieza.segundos() < 3
            await todos_al_dia(conv, 60, a, b)
            await _hasta_que_se_diga(uno, "no responde")
            with MOTORES[motor](puerto):
                await _tanda(a, b, conv, 20)
                await todos_al_dia(conv, 80, a, b)
                await _hasta_que_lleve(conv, a, b)
                await _hasta_que_se_diga(uno, "bien")


async def _entrar(pila: contextlib.AsyncExitStack, servidor: Servidor, quien: str) -> Cliente:
    return await pila.enter_async_context(como(servidor, quien))


async def _hasta_que_se_diga(servidor: Servidor, estado: str) -> None:
    """En `/salud/` y en las métricas, sin dejar de estar listo."""
    linea = f'mensajeria_arriba{{parte="capa"}} {float(estado == "bien")}'
    async with asyncio.timeout(PACIENCIA):
        while True:
            salud, metricas, listo = [
                await asyncio.to_thread(requests.get, servidor.url + ruta, timeout=PACIENCIA)
                for ruta in ("/salud/", "/metrics", "/salud/listo")
            ]
            assert (salud.status_code, listo.status_code) == (200, 200)
            if salud.json()["capa"] == estado and linea in metricas.text:
                return
            await asyncio.sleep(0.1)


async def _hasta_que_lleve(conv: str, a: Cliente, b: Cliente) -> None:
    """`escribiendo` no está en la base: si llega, lo llevó la capa."""
    await b.pedir("unirse_conversacion", {"conversacionId": conv})
    async with asyncio.timeout(PACIENCIA):
        while not b.recibidos("usuario_escribiendo"):
            for escribiendo in (False, True):
                await a.pedir("escribiendo", {"conversacionId": conv, "escribiendo": escribiendo})
            await asyncio.sleep(0.1)


async def test_un_servidor_muerto_de_golpe_no_deja_fantasmas(
    tmp_path: Path, redis: str, postgres: str
) -> None:
    base = nueva_base(postgres)
    entorno = {"REDIS_URL": redis, "DATABASE_URL": base}
    with Servidor(tmp_path, **entorno) as uno:
        otro = Servidor(tmp_path, **entorno)
        otro.arrancar()
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        try:
            async with como(uno, "ana") as a:
                b = como(otro, "beto")
                cliente = await b.__aenter__()
                await a.esperar("estado_usuario_cambiado", lambda d: d["conectado"])
                await cliente.pedir("enviar_mensaje", hola(conv, "antes de morir"))
                otro.parar(signal.SIGKILL)
                muere = Cronometro()
                await a.esperar("usuario_desconectado")
                await a.esperar("estado_usuario_cambiado", lambda d: not d["conectado"])
                assert muere.segundos() < 10
                idos = [d for d in a.recibidos("estado_usuario_cambiado") if not d["conectado"]]
                assert [d["usuarioId"] for d in idos] == ["beto"]
                unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
                assert unido["participantes_conectados"] == ["ana"]
        finally:
            otro.parar(signal.SIGKILL)


async def test_veinte_parpadeos_son_una_sola_presencia(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        async with como(servidor, gente.beto):
            await a.esperar("usuario_conectado", lambda d: d["conversacionId"] == conv)
        for _ in range(20):
            async with como(servidor, gente.beto):
                pass
        async with como(servidor, gente.beto) as b:
            await b.eco()
            await a.eco()
            deconv = [
                e
                for e, d in a.empujes
                if e in ("usuario_conectado", "usuario_desconectado")
                and d["conversacionId"] == conv
            ]
            assert deconv == ["usuario_conectado"]


def _por_turnos(
    pedir: Callable[[Servidor], requests.Response], uno: Servidor, otro: Servidor, veces: int
) -> list[int]:
    """Los estados de pedir lo mismo a uno y a otro, por turnos."""
    return [pedir((uno, otro)[i % 2]).status_code for i in range(veces)]


def _ingreso_fallido(servidor: Servidor) -> requests.Response:
    datos = {"username": "beto", "password": "mala"}
    return requests.post(f"{servidor.url}/api/token/", json=datos, timeout=PACIENCIA)


def _saludo_de_lejos(servidor: Servidor) -> requests.Response:
    return requests.get(
        f"{servidor.url}/socket.io/?EIO=4&transport=polling",
        headers={"X-Forwarded-For": "203.0.113.7"},
        timeout=PACIENCIA,
    )


async def test_los_limites_son_de_todos_los_nodos(
    tmp_path: Path, redis: str, postgres: str
) -> None:
    limites = {
        "MENSAJES_POR_MINUTO": "4",
        "EVENTOS_POR_SEGUNDO": "10",
        "CONEXIONES_POR_USUARIO": "3",
        "CONEXIONES_POR_IP": "8",
        "INGRESOS_FALLIDOS_POR_MINUTO": "2",
        "REDIS_URL": redis,
        "DATABASE_URL": nueva_base(postgres),
    }
    with dos_servidores(tmp_path, **limites) as (uno, otro):
        assert await asyncio.to_thread(_por_turnos, _ingreso_fallido, uno, otro, 4) == [
            *[401] * 2,
            *[429] * 2,
        ]
        assert await asyncio.to_thread(_por_turnos, _saludo_de_lejos, uno, otro, 10) == [
            *[200] * 8,
            *[429] * 2,
        ]
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a, como(otro, "ana") as a2, como(otro, "beto") as b:
            for quien in (a, a2, a, a2):
                await quien.pedir("enviar_mensaje", hola(conv))
            for quien in (a, a2):
                with pytest.raises(Rechazo) as rechazo:
                    await quien.pedir("enviar_mensaje", hola(conv))
                assert rechazo.value.code == "RATE_LIMITED"
            await b.pedir("enviar_mensaje", hola(conv))

            async with como(uno, "ana"):
                token = await asyncio.to_thread(otro.token, "ana")
                async with conectar(otro) as cuarta:
                    with pytest.raises(Rechazo) as rechazo:
                        await cuarta.pedir("autenticar", {"token": token})
                assert rechazo.value.code == "RATE_LIMITED"

            # La ráfaga gastada en uno se nota en el otro.
            async def pings(c: Cliente, cuantos: int) -> int:
                respuestas = await asyncio.gather(*[await c.enviar("ping") for _ in range(cuantos)])
                return sum(r["ok"] for r in respuestas)

            assert await pings(a, 95) > 80
            async with asyncio.timeout(PACIENCIA):
                while await pings(a2, 1):
                    await asyncio.sleep(0)
