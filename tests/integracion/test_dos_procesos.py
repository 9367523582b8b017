"""Dos servidores detrás de un Redis, y de lo que lleve los avisos: para los clientes son uno."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as cliente_redis
import requests
import socketio

from tests import servicios
from tests.cronometro import Cronometro
from tests.gente import BULTO, Gente
from tests.integracion.cliente import Rechazo, como, conectar, hola
from tests.integracion.conftest import (
    capa,
    con_cookie,
    dos_servidores,
    entrar_en_la_pagina,
    nueva_conversacion,
    revisar_registro,
    salir_de_la_pagina,
    todos_al_dia,
)
from tests.servicios import PACIENCIA, Servidor, nueva_base

pytestmark = pytest.mark.elige_base

Dos = tuple[Servidor, Servidor]
SESIONES = "/api/mensajeria/sesiones/"


@pytest.fixture(scope="module", params=os.environ.get("MOTORES", "redis").split())
def dos(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    redis_del_modulo: str,
    postgres: str,
) -> Iterator[Dos]:
    carpeta = tmp_path_factory.mktemp("dos")
    base = nueva_base(postgres)
    with (
        capa(request.param) as entorno,
        dos_servidores(carpeta, REDIS_URL=redis_del_modulo, DATABASE_URL=base, **entorno) as ambos,
    ):
        yield ambos


def _llamar(servidor: Servidor, quien: str, metodo: str, ruta: str) -> requests.Response:
    cabecera = {"Authorization": f"Bearer {servidor.token(quien)}"}
    return requests.request(metodo, servidor.url + ruta, headers=cabecera, timeout=PACIENCIA)


async def test_lo_de_uno_llega_al_otro_en_orden(dos: Dos, gente: Gente) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], gente.ana, gente.beto)
    async with como(dos[0], gente.ana) as a, como(dos[1], gente.beto) as b:
        envios = [
            await quien.enviar("enviar_mensaje", hola(conv, f"{i}"))
            for i in range(100)
            for quien in (a, b)
        ]
        respuestas = await asyncio.gather(*envios)
        assert sorted(r["datos"]["secuencia"] for r in respuestas) == list(range(1, 201))
        for c in (a, b):
            await c.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 200)
            vistos = [
                d["secuenciaCambio"]
                for d in c.recibidos("nuevo_mensaje")
                if d["conversacionId"] == conv
            ]
            assert vistos == list(range(2, 202))


async def test_de_una_numerosa_se_cuentan_los_de_todos(dos: Dos, gente: Gente) -> None:
    ana, beto, carla = gente.ana, gente.beto, gente.carla
    con = (beto, carla, *BULTO[:98])
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], ana, *con)
    async with como(dos[0], ana) as a:
        async with como(dos[1], beto), como(dos[1], carla) as c:
            for quien in (a, c):
                await quien.esperar("presencia_actualizada", lambda d: d["totalConectados"] == 3)
            ruta = f"/api/mensajeria/conversaciones/{conv}/"
            cabecera = {"Authorization": f"Bearer {dos[1].token(ana)}"}
            await asyncio.to_thread(
                requests.patch,
                dos[1].url + ruta,
                json={"configuracion": {"descripcion": "d"}},
                headers=cabecera,
                timeout=PACIENCIA,
            )
            for quien, id_ in ((a, ana), (c, carla)):
                forma = (await quien.esperar("conversacion_actualizada"))["conversacion"]
                assert [p["usuario"]["_id"] for p in forma["participantes"]] == [id_]
                assert forma["totalParticipantes"] == 101
        await a.esperar("presencia_actualizada", lambda d: d["totalConectados"] == 1)
        assert a.recibidos("usuario_conectado") == a.recibidos("usuario_desconectado") == []
        # Sale uno por un proceso, y en el otro se sabe quiénes quedan.
        camino = f"{ruta}participantes/{carla}/"
        await asyncio.to_thread(_llamar, dos[1], ana, "DELETE", camino)
        quedan = await a.esperar(
            "conversacion_actualizada", lambda d: d["conversacion"]["totalParticipantes"] == 100
        )
        assert "totalConectados" not in quedan["conversacion"]


@pytest.mark.parametrize("dos", ["redis"], indirect=True)
async def test_en_redis_todo_es_de_su_espacio_y_lo_ajeno_no_se_atiende(
    dos: Dos, gente: Gente, redis_del_modulo: str
) -> None:
    async with como(dos[0], gente.ana), como(dos[1], gente.beto):
        with cliente_redis.Redis.from_url(redis_del_modulo, decode_responses=True) as r:
            nombres = [str(n) for n in (*r.pubsub_channels(), *r.keys("*"))]
            hallados = [re.match("servitech(?::cache)?[.:]([0-9a-f]{12})", n) for n in nombres]
            assert None not in hallados, nombres
            [espacio] = {hallado[1] for hallado in hallados if hallado}
            assert r.publish(f"servitech.{espacio}__group__todos", b"de otro") == 2
        async with asyncio.timeout(PACIENCIA):
            while (
                "mensajeria_ajenos_total 1"
                not in (
                    await asyncio.to_thread(
                        requests.get, f"{dos[1].url}/metrics", timeout=PACIENCIA
                    )
                ).text
            ):
                await asyncio.sleep(0.05)


async def test_el_mismo_id_en_los_dos_a_la_vez_es_un_solo_mensaje(dos: Dos, gente: Gente) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], gente.ana, gente.beto)
    async with como(dos[0], gente.ana) as a, como(dos[1], gente.ana) as a2:
        envios = [
            await quien.enviar("enviar_mensaje", hola(conv, idCliente="el-mismo"))
            for _ in range(25)
            for quien in (a, a2)
        ]
        respuestas = await asyncio.gather(*envios)
        assert len({r["datos"]["mensajeId"] for r in respuestas}) == 1
        assert {r["datos"]["secuencia"] for r in respuestas} == {1}


async def test_presencia_y_estadisticas_son_de_todos(dos: Dos, gente: Gente) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], gente.ana, gente.beto)
    async with como(dos[0], gente.ana) as a:
        async with como(dos[1], gente.beto):
            await a.esperar("estado_usuario_cambiado", lambda d: d["conectado"])
            unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
            assert unido["participantes_conectados"] == [gente.ana, gente.beto]
            # Aquí se cuentan todos: a quien soltó otra prueba se le nota la ausencia pasada la
            # gracia. Antes de que llegue beto no vale: podría contarse ese otro y aún no ana.
            async with asyncio.timeout(PACIENCIA):
                while (await a.pedir("obtener_estadisticas"))["usuariosConectados"] != 2:
                    await asyncio.sleep(0.1)
            async with como(dos[0], gente.beto):
                pass
        await a.esperar("estado_usuario_cambiado", lambda d: not d["conectado"])


async def test_una_salida_en_uno_vale_en_el_otro(dos: Dos, gente: Gente) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], gente.ana, gente.beto)
    async with como(dos[0], gente.ana) as a, como(dos[1], gente.beto) as b:
        await b.pedir("unirse_conversacion", {"conversacionId": conv})
        ruta = f"/api/mensajeria/conversaciones/{conv}/participantes/{gente.beto}/"
        await asyncio.to_thread(_llamar, dos[0], gente.ana, "DELETE", ruta)
        await a.pedir("enviar_mensaje", hola(conv, "sin beto"))
        await b.esperar("participante_removido", lambda d: d["conversacionId"] == conv)
        await b.eco()
        assert b.recibidos("nuevo_mensaje") == []
        with pytest.raises(Rechazo) as rechazo:
            await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
        assert rechazo.value.code == "NOT_FOUND"


async def test_revocar_en_uno_cierra_en_el_otro(dos: Dos, gente: Gente) -> None:
    async with como(dos[1], gente.carla) as c:
        await asyncio.to_thread(_llamar, dos[0], gente.carla, "POST", "/api/token/revocar/")
        assert (await c.esperar("error"))["code"] == "AUTH_INVALID"
        assert await c.cierre() == 1000


def _ingresar(servidor: Servidor, quien: str) -> dict[str, str]:
    cuerpo = {"username": quien, "password": "demo"}
    respuesta = requests.post(f"{servidor.url}/api/token/", json=cuerpo, timeout=PACIENCIA)
    pareja: dict[str, str] = respuesta.json()
    return pareja


def _renovar(servidor: Servidor, pareja: dict[str, str]) -> requests.Response:
    cuerpo = {"refresh": pareja["refresh"]}
    return requests.post(f"{servidor.url}/api/token/refresh/", json=cuerpo, timeout=PACIENCIA)


async def _por_socketio(
    servidor: Servidor, pareja: dict[str, str], transporte: str
) -> asyncio.Future[str]:
    """Entra, y da el último `error` que recibió cuando el servidor la echa."""
    cliente = socketio.AsyncClient(reconnection=False)
    dichos: list[str] = []
    adios: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    cliente.on("error", lambda error: dichos.append(error["code"]))
    cliente.on("disconnect", lambda *_: adios.set_result(dichos[-1]))
    auth = {"token": pareja["access"]}
    await cliente.connect(servidor.url, auth=auth, transports=[transporte])
    return adios


async def test_acabar_una_sesion_en_uno_cierra_sus_sockets_en_el_otro(
    dos: Dos, gente: Gente
) -> None:
    una, otra = [await asyncio.to_thread(_ingresar, dos[0], gente.ana) for _ in range(2)]
    async with conectar(dos[1]) as sale, conectar(dos[1]) as sigue:
        for cliente, pareja in ((sale, una), (sigue, otra)):
            await cliente.pedir("autenticar", {"token": pareja["access"]})
        salen = [await _por_socketio(dos[1], una, por) for por in ("polling", "websocket")]
        firma = {"Authorization": f"Bearer {otra['access']}"}
        cronometro = Cronometro()
        await asyncio.to_thread(
            requests.delete, f"{dos[0].url}{SESIONES}", headers=firma, timeout=PACIENCIA
        )
        assert await sale.cierre() == 1000
        async with asyncio.timeout(PACIENCIA):
            dichos = [await adios for adios in salen]
        assert cronometro.segundos() < 1
        assert [(await sale.esperar("error"))["code"], *dichos] == ["AUTH_INVALID"] * 3
        await sigue.eco()
    async with conectar(dos[1]) as vuelve:
        with pytest.raises(Rechazo) as rechazo:
            await vuelve.pedir("autenticar", {"token": una["access"]})
        assert rechazo.value.code == "AUTH_INVALID"


async def test_dos_renovaciones_a_la_vez_en_dos_procesos_siguen_las_dos(
    dos: Dos, gente: Gente
) -> None:
    pareja = await asyncio.to_thread(_ingresar, dos[0], gente.ana)
    for _ in range(3):
        renovadas = await asyncio.gather(
            *(asyncio.to_thread(_renovar, servidor, pareja) for servidor in dos)
        )
        assert [r.status_code for r in renovadas] == [200, 200]
        pareja = renovadas[0].json()


async def test_salir_de_la_pagina_en_uno_cierra_en_el_otro(dos: Dos) -> None:
    """La sesión está también en la copia de Redis."""
    navegador = await asyncio.to_thread(entrar_en_la_pagina, dos[0], "mod")
    otro = await asyncio.to_thread(entrar_en_la_pagina, dos[1], "mod")
    async with (
        con_cookie(dos[1], navegador.cookies["sessionid"], dos[1].url) as sale,
        con_cookie(dos[1], otro.cookies["sessionid"], dos[1].url) as sigue,
    ):
        for c in (sale, sigue):
            await c.esperar("autenticado")
        sale_de_la_pagina = Cronometro()
        await asyncio.to_thread(salir_de_la_pagina, dos[0], navegador)
        await sale.cierre()
        assert sale_de_la_pagina.segundos() < 1
        await sigue.eco()


async def test_desactivar_cierra_en_todos_los_nodos_en_un_segundo(dos: Dos, gente: Gente) -> None:
    uno, otro = dos
    # Con su novedad, como todo lo que se cambia sin órdenes: sin ella lo hallaría el repaso.
    desactivar = (
        "UPDATE mensajeria_usuario SET is_active = false, version = version + 1"
        f" WHERE _id = '{gente.beto}'; INSERT INTO mensajeria_novedad (conversaciones, usuarios,"
        f" avisos, por_avisar) VALUES ('{{}}', '[\"{gente.beto}\"]', '{{}}', false)"
    )
    async with (
        como(uno, gente.beto) as b,
        como(otro, gente.beto) as b2,
        como(uno, gente.ana) as a,
    ):
        await asyncio.to_thread(uno.sql, desactivar)
        # Desde que consta: quien escribe aparte puede esperar su turno en la base.
        empieza = Cronometro()
        for c in (b, b2):
            assert (await c.esperar("error"))["code"] == "AUTH_INVALID"
            assert await c.cierre() == 1000
        assert empieza.segundos() < 1.2
        await a.eco()
        async with conectar(otro) as c:
            with pytest.raises(Rechazo) as rechazo:
                await c.pedir("autenticar", {"token": otro.token(gente.beto)})
            assert rechazo.value.code == "AUTH_INVALID"


async def test_quien_sale_no_recibe_nada_confirmado_despues(dos: Dos, gente: Gente) -> None:
    """Doscientos envíos desde un nodo mientras el otro saca a beto: hay un corte limpio."""
    uno, otro = dos
    ana, beto = gente.ana, gente.beto
    conv = await asyncio.to_thread(nueva_conversacion, uno, ana, beto)
    async with como(uno, ana) as a, como(otro, beto) as b, como(otro, ana) as a2:
        envios = [await a.enviar("enviar_mensaje", hola(conv, f"{i}")) for i in range(200)]
        await envios[50]
        ruta = f"/api/mensajeria/conversaciones/{conv}/participantes/{beto}/"
        respuesta = await asyncio.to_thread(_llamar, otro, ana, "DELETE", ruta)
        assert respuesta.status_code == 204
        await asyncio.gather(*envios)
        await todos_al_dia(conv, 200, a, a2)
        corte = (await a2.esperar("participante_removido"))["secuenciaCambio"]
        await b.esperar("participante_removido")
        await b.eco()
        recibidos: list[Any] = [d["secuenciaCambio"] for d in b.recibidos("nuevo_mensaje")]
        assert recibidos == sorted(recibidos)
        assert max(recibidos, default=0) < corte
        reanudado = await b.pedir("reanudar", {"cursores": {conv: 0}})
        assert reanudado["conversaciones"] == {}


async def test_con_redis_caido_se_envia_y_todos_se_ponen_al_dia(
    tmp_path: Path, postgres: str
) -> None:
    """La capa es un aviso: sin ella se confirma igual y la base repone en menos de 3 segundos."""
    puerto = servicios.puerto_libre()
    base = nueva_base(postgres)
    with servicios.redis(puerto) as url:
        entorno = {"REDIS_URL": url, "DATABASE_URL": base}
        uno = Servidor(tmp_path, **entorno)
        otro = Servidor(tmp_path, **entorno)
        uno.arrancar()
        otro.arrancar()
    try:  # aquí Redis ya no está
        async with como(uno, "ana") as a, como(otro, "beto") as b:
            envia = Cronometro()
            await a.pedir("enviar_mensaje", hola("conv_test", "sin redis"))
            assert envia.segundos() < 2
            acusado = Cronometro()
            await b.esperar("nuevo_mensaje")
            assert acusado.segundos() < 3
    finally:
        uno.parar()
        otro.parar()


def test_varios_procesos_en_un_puerto_y_el_que_muere_vuelve(
    tmp_path: Path, redis: str, postgres: str
) -> None:
    base = nueva_base(postgres)
    with Servidor(tmp_path, "--procesos", "2", REDIS_URL=redis, DATABASE_URL=base) as uno:
        assert uno.proceso is not None
        hijos = _hijos(uno.proceso.pid)
        assert len(hijos) == 2
        os.kill(hijos[0], signal.SIGKILL)
        limite = time.monotonic() + PACIENCIA
        while not (len(vivos := _hijos(uno.proceso.pid)) == 2 and hijos[0] not in vivos):
            assert time.monotonic() < limite, "no nació otro"
            time.sleep(0.2)
        assert requests.get(f"{uno.url}/salud/", timeout=PACIENCIA).status_code == 200
        assert "mensajeria_repartidos" in requests.get(f"{uno.url}/metrics", timeout=PACIENCIA).text
        uno.parar()
        assert uno.proceso.returncode == 0
        assert _hijos(uno.proceso.pid) == []


async def test_en_produccion_cada_proceso_tiene_sus_conexiones_a_la_base(
    tmp_path: Path, redis: str, postgres: str, gente: Gente
) -> None:
    """Las comprobaciones del arranque usan la base antes de que nazcan los demás."""
    servidor = Servidor(
        tmp_path,
        "--procesos",
        "2",
        REDIS_URL=redis,
        DATABASE_URL=nueva_base(postgres),
        DEBUG="0",
        DEMO="0",
        JWT_SECRET="x" * 32,
        SOCKET_CORS_ORIGIN="https://a.example",
    )
    servidor.guion("models.Usuario.objects.exclude(pk__contains='-').update(password='!')")
    with servidor:
        conv = await asyncio.to_thread(nueva_conversacion, servidor, gente.ana, gente.beto)
        async with contextlib.AsyncExitStack() as pila:
            # Bastantes para que a los dos les toque alguna.
            clientes = [await pila.enter_async_context(como(servidor, gente.ana)) for _ in range(8)]
            envios = [
                await uno.enviar("enviar_mensaje", hola(conv, f"{i}"))
                for i in range(20)
                for uno in clientes
            ]
            assert all([(await envio)["ok"] for envio in envios])
    revisar_registro(servidor.registro)
    assert "La base de datos no responde" not in servidor.registro.read_text()


def _hijos(pid: int) -> list[int]:
    archivo = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(p) for p in archivo.read_text().split()] if archivo.exists() else []
