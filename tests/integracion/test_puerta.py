"""Lo que la puerta sencilla hace con lo malo, lo grande, lo ajeno y lo que falla detrás."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
import requests
import websockets

from tests import servicios
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import Rechazo, como, conectar, hola
from tests.integracion.conftest import (
    TOKEN,
    con_cookie,
    entrar_en_la_pagina,
    nueva_conversacion,
    salir_de_la_pagina,
)
from tests.servicios import PACIENCIA, Servidor, firmar, nueva_base

MARCOS_MALOS: list[str | bytes] = [
    "",
    "abc",
    "[]",
    "null",
    "{}",
    '{"evento": 5}',
    '{"evento": "ping", "datos": NaN}',
    '{"evento": "ping", "datos": Infinity}',
    '{"evento": "autenticar", "datos": {"a": 1e999}}',
    '{"evento": "ping", "id": 1.5}',
    '{"evento": "ping", "id": true}',
    '{"evento": "ping", "id": {}}',
    json.dumps({"evento": "ping", "id": "x" * 65}),
    '{"evento": "autenticar", "datos": {"a": "\\u0000"}}',
    '{"evento": "autenticar", "datos": {"a": "\\ud800"}}',
    '{"evento": "ping", "datos": ' + '{"a":' * 32 + "1" + "}" * 33,
    '{"evento": "ping", "datos": ' + "[" * 50_000,
    '{"a":' * 50_000,
    b"\xff\xfe",
    b"\x00",
]


_CUANTOS = "SELECT count(*) FROM mensajeria_mensaje WHERE conversacion_id = '{}'"
HONDO = '{"a":' * 32 + "1" + "}" * 32


@pytest.mark.parametrize(
    "marco",
    [
        '{"evento":"autenticar","datos":{"a":"\\u0000"},"id":"x"}',
        '{"id":"x","evento":"autenticar","datos":{"a":"\\u001b"}}',
        '{"evento":"autenticar","datos":{"a":"\\ud800"},"id":"x"}',
        f'{{"evento":"ping","datos":{HONDO},"id":"x"}}',
        f'{{"id":"x","evento":"ping","datos":{HONDO}}}',
        '{"evento":"ping","datos":%s,"id":"x"}' % ("[" * 50_000 + "]" * 50_000),
        '{"evento":"autenticar","datos":{"a":1e999},"id":"x"}',
        '{"evento":5,"id":"x"}',
        '{"id":"x"}',
    ],
    ids=range(9),
)
async def test_una_negativa_responde_a_su_id(servidor: Servidor, marco: str) -> None:
    async with conectar(servidor) as c:
        respuesta = c.espera_de("x")
        await c.crudo(marco)
        negativa = await asyncio.wait_for(respuesta, PACIENCIA)
        assert (negativa["ok"], negativa["error"]["code"]) == (False, "VALIDATION_ERROR")
        assert (await c.esperar("error"))["id"] == "x"


@pytest.mark.parametrize("marco", MARCOS_MALOS, ids=range(len(MARCOS_MALOS)))
async def test_lo_que_no_es_una_peticion_se_dice_y_sigue_abierta(
    servidor: Servidor, marco: str | bytes, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as c:
        await c.crudo(marco)
        assert (await c.esperar("error"))["code"] == "VALIDATION_ERROR"
        await c.pedir("ping")


async def test_treinta_y_dos_niveles_caben(servidor: Servidor) -> None:
    async with conectar(servidor) as c:
        await c.crudo('{"evento": "ping", "datos": ' + '{"a":' * 31 + "1" + "}" * 32)
        await c.esperar("pong")


async def test_un_marco_demasiado_grande_cierra_con_1009(servidor: Servidor, gente: Gente) -> None:
    async with como(servidor, gente.ana) as c:
        await c.crudo(json.dumps({"evento": "ping", "datos": {"a": "x" * 1_000_001}}))
        assert await c.cierre() == 1009


async def test_lo_que_alguien_envia_se_hace_en_su_orden(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        futuros = []
        for i in range(40):
            futuros.append(await a.enviar("enviar_mensaje", hola(conv, f"m{i}")))
            if i % 10 == 5:
                futuros.append(await a.enviar("marcar_leido", {"conversacionId": conv}))
                futuros.append(await a.enviar("unirse_conversacion", {"conversacionId": conv}))
        respuestas = await asyncio.gather(*futuros)
        assert all(r["ok"] for r in respuestas)
        secuencias = [r["datos"]["secuencia"] for r in respuestas if "secuencia" in r["datos"]]
        assert secuencias == list(range(1, 41))
        vistas = [r["datos"]["ultimaSecuencia"] for r in respuestas if "cambios" in r["datos"]]
        assert vistas == [6, 16, 26, 36]
        await a.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 40)
        nuevos = [d["mensaje"]["secuencia"] for d in a.recibidos("nuevo_mensaje")]
        assert nuevos == list(range(1, 41))


async def test_sin_id_tambien_se_contesta_con_el_evento(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        await a.crudo(json.dumps({"evento": "enviar_mensaje", "datos": hola(conv)}))
        assert (await a.esperar("mensaje_enviado"))["secuencia"] == 1
        await a.crudo(json.dumps({"evento": "enviar_mensaje", "datos": {}, "id": None}))
        error = await a.esperar("error")
        assert (error["campo"], error["evento"]) == ("conversacionId", "enviar_mensaje")
        assert "id" not in error


@pytest.mark.elige_base
@pytest.mark.parametrize("origen", ["http://malo.test", "null", "http://127.0.0.1.malo.test"])
async def test_un_origen_ajeno_se_rechaza(exigente: Servidor, origen: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as rechazo:
        await websockets.connect(exigente.ws, origin=origen)  # type: ignore[arg-type]
    assert rechazo.value.response.status_code == 403
    for admitido in ("http://bueno.test", exigente.url, None):
        async with websockets.connect(exigente.ws, origin=admitido):  # type: ignore[arg-type]
            pass


async def test_la_puerta_es_la_misma_sin_la_barra_final(servidor: Servidor, gente: Gente) -> None:
    token = {"token": firmar(gente.ana)}
    for camino in (servidor.ws.rstrip("/"), servidor.ws):
        async with websockets.connect(camino) as ws:
            await ws.send(json.dumps({"evento": "autenticar", "datos": token}))
            assert json.loads(await ws.recv())["evento"] == "autenticado"
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(f"{servidor.ws}otra"):
            pass


@pytest.mark.elige_base
async def test_una_maquina_ajena_se_rechaza_como_en_rest(exigente: Servidor) -> None:
    sondeo = f"{exigente.url}/socket.io/?EIO=4&transport=polling"
    for host, estado in (("chat.test", 200), ("otra.test", 400), ("[", 400)):
        for url in (sondeo, f"{exigente.url}/salud/"):
            respuesta = await asyncio.to_thread(
                requests.get, url, headers={"Host": host}, timeout=PACIENCIA
            )
            assert respuesta.status_code == estado, (host, url)
    for camino in ("/ws/mensajeria/", "/socket.io/?EIO=4&transport=websocket"):
        async with aiohttp.ClientSession() as sesion:
            with pytest.raises(aiohttp.WSServerHandshakeError) as rechazo:
                await sesion.ws_connect(exigente.url + camino, headers={"Host": "otra.test"})
        assert rechazo.value.status == 400


async def test_la_sesion_de_la_pagina_vale_solo_desde_su_origen(servidor: Servidor) -> None:
    navegador = await asyncio.to_thread(entrar_en_la_pagina, servidor, "mod")
    cookie = navegador.cookies["sessionid"]
    async with con_cookie(servidor, cookie, servidor.url) as propia:
        assert (await propia.esperar("autenticado"))["usuarioId"] == "mod"
    for origen in ("http://malo.test", None):
        async with con_cookie(servidor, cookie, origen) as ajena:
            with pytest.raises(Rechazo) as rechazo:
                await ajena.pedir("obtener_estadisticas")
            assert rechazo.value.code == "AUTH_REQUIRED"


async def test_un_navegador_da_su_token_como_subprotocolo(servidor: Servidor, gente: Gente) -> None:
    token = servidor.token(gente.ana)
    for ofrecidos, elegido in (
        (["jwt", token], "jwt"),
        (["chat", "jwt", token], "chat"),
        ([token], None),
    ):
        async with conectar(servidor, subprotocols=ofrecidos) as c:
            assert c.ws.subprotocol == elegido
            assert (await c.esperar("autenticado"))["usuarioId"] == gente.ana
    async with conectar(servidor, subprotocols=["jwt", "no.vale"]) as c:
        assert (await c.esperar("error"))["code"] == "AUTH_INVALID"
        await c.pedir("autenticar", {"token": f"Bearer {token}"})
        await c.pedir("renovar_token", {"token": f"bearer {token}"})


async def test_las_dos_puertas_aceptan_el_primer_subprotocolo(servidor: Servidor) -> None:
    ofrecidos = [websockets.Subprotocol(p) for p in ("uno", "otro")]
    sondeo = f"{servidor.url}/socket.io/?EIO=4&transport=polling"
    apertura = await asyncio.to_thread(requests.get, sondeo, timeout=PACIENCIA)
    asciende = f"&sid={json.loads(apertura.text[1:])['sid']}"
    socketio = servidor.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    for url in (servidor.ws, socketio, socketio + asciende):
        async with websockets.connect(url, subprotocols=ofrecidos) as ws:
            assert ws.subprotocol == "uno"
        async with websockets.connect(url.removesuffix(asciende)) as ws:
            assert ws.subprotocol is None


async def test_salir_de_la_pagina_cierra_los_sockets_de_esa_sesion(servidor: Servidor) -> None:
    navegador = await asyncio.to_thread(entrar_en_la_pagina, servidor, "mod")
    otro = await asyncio.to_thread(entrar_en_la_pagina, servidor, "mod")
    cookie, otra_cookie = navegador.cookies["sessionid"], otro.cookies["sessionid"]
    async with (
        con_cookie(servidor, cookie, servidor.url) as sale,
        con_cookie(servidor, cookie, servidor.url) as tambien_sale,
        con_cookie(servidor, otra_cookie, servidor.url) as sigue,
        como(servidor, "mod") as con_token,
    ):
        for c in (sale, tambien_sale, sigue):
            await c.esperar("autenticado")
        cronometro = Cronometro()
        await asyncio.to_thread(salir_de_la_pagina, servidor, navegador)
        await asyncio.gather(sale.cierre(), tambien_sale.cierre())
        assert cronometro.segundos() < 1
        assert (await sale.esperar("error"))["code"] == "AUTH_INVALID"
        for c in (sigue, con_token):
            await c.eco()
    async with con_cookie(servidor, cookie, servidor.url) as vuelve:
        with pytest.raises(Rechazo) as rechazo:
            await vuelve.pedir("obtener_estadisticas")
        assert rechazo.value.code == "AUTH_REQUIRED"


async def test_limites_de_mensajes_y_de_eventos(tmp_path: Path) -> None:
    limites = {
        "MENSAJES_POR_MINUTO": "2",
        "EVENTOS_POR_SEGUNDO": "5",
        "CONEXIONES_POR_USUARIO": "2",
    }
    with Servidor(tmp_path, **limites) as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a, como(uno, "beto") as b:
            for _ in range(2):
                await a.pedir("enviar_mensaje", hola(conv))
            with pytest.raises(Rechazo) as rechazo:
                await a.pedir("enviar_mensaje", hola(conv))
            assert rechazo.value.code == "RATE_LIMITED"
            assert rechazo.value.error["message"] == "Límite de mensajes excedido"
            assert 0 < rechazo.value.error["reintentarEn"] <= 60
            await b.pedir("enviar_mensaje", hola(conv))

            respuestas = await asyncio.gather(*[await b.enviar("ping") for _ in range(80)])
            frenados = [r for r in respuestas if not r["ok"]]
            assert frenados
            assert {r["error"]["code"] for r in frenados} == {"RATE_LIMITED"}

            async with como(uno, "ana"), conectar(uno) as tercera:
                token = await asyncio.to_thread(uno.token, "ana")
                with pytest.raises(Rechazo) as rechazo:
                    await tercera.pedir("autenticar", {"token": token})
                assert rechazo.value.code == "RATE_LIMITED"


@pytest.mark.elige_base
async def test_cada_429_dice_cuando_repetir(tmp_path: Path) -> None:
    limites = {
        "MENSAJES_POR_MINUTO": "1",
        "INGRESOS_FALLIDOS_POR_MINUTO": "1",
        "CONEXIONES_POR_IP": "1",
    }

    def dos_veces(metodo: str, ruta: str, **mas: Any) -> requests.Response:
        for _ in range(2):
            respuesta = requests.request(metodo, uno.url + ruta, timeout=PACIENCIA, **mas)
        return respuesta

    def rehusadas() -> list[requests.Response]:
        conv = nueva_conversacion(uno, "ana", "beto")
        mensajes = f"/api/mensajeria/conversaciones/{conv}/mensajes/"
        texto = {"contenido": {"texto": "hola"}}
        ana = {"Authorization": f"Bearer {uno.token('ana')}"}
        return [
            dos_veces("POST", mensajes, json=texto, headers=ana),
            dos_veces("POST", "/api/token/", json={"username": "beto", "password": "mala"}),
            dos_veces("GET", "/socket.io/?EIO=4&transport=polling"),
        ]

    with Servidor(tmp_path, **limites) as uno:
        vistas = await asyncio.to_thread(rehusadas)
        with pytest.raises(websockets.InvalidStatus) as rechazo:
            await websockets.connect(
                uno.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
            )
        assert rechazo.value.response.status_code == 429
        assert rechazo.value.response.headers["Retry-After"] == "60"
    assert [r.status_code for r in vistas] == [429] * 3
    for respuesta in vistas[:2]:
        # Hacia arriba: quien espere lo que se le dice, cabe.
        espera = respuesta.json()["reintentarEn"]
        assert espera <= int(respuesta.headers["Retry-After"]) < espera + 1
    assert vistas[2].headers["Retry-After"] == "60"


async def test_un_defecto_dentro_es_internal_error_y_nadie_mas_lo_nota(tmp_path: Path) -> None:
    with Servidor(tmp_path) as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a, como(uno, "beto") as b:
            id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
            romper = """UPDATE mensajeria_mensaje SET historial = '{"no es": "una lista"}'"""
            await asyncio.to_thread(uno.sql, romper)
            roto = await a.enviar("editar_mensaje", {"mensajeId": id_, "texto": "x"})
            sano = await b.enviar("enviar_mensaje", hola(conv, "sigo"))
            error = (await roto)["error"]
            assert error["code"] == "INTERNAL_ERROR"
            assert "lista" not in error["message"]
            assert (await sano)["ok"]


@pytest.mark.elige_base
async def test_sin_base_de_datos_se_dice_y_luego_se_recupera(tmp_path: Path, postgres: str) -> None:
    """A la base se le cortan las conexiones y se le niegan nuevas, como si se hubiera caído."""
    url = nueva_base(postgres)
    base = url.rsplit("/", 1)[1]
    with (
        psycopg.connect(postgres, autocommit=True) as admin,
        Servidor(tmp_path, DATABASE_URL=url) as uno,
    ):
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a:
            await a.pedir("enviar_mensaje", hola(conv))
            admin.execute(f"ALTER DATABASE {base} ALLOW_CONNECTIONS false")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [base]
            )
            pendiente = await a.enviar("enviar_mensaje", hola(conv, "sin base"))
            await a.pedir("ping")
            error = (await asyncio.wait_for(pendiente, PACIENCIA))["error"]
            assert error["code"] == "UNAVAILABLE"
            assert error["reintentarEn"] > 0
            admin.execute(f"ALTER DATABASE {base} ALLOW_CONNECTIONS true")
            async with asyncio.timeout(PACIENCIA):
                while not (await (await a.enviar("enviar_mensaje", hola(conv, "con base"))))["ok"]:
                    await asyncio.sleep(0.2)


async def test_sigterm_termina_lo_que_esta_en_vuelo_y_cierra_con_1012(tmp_path: Path) -> None:
    with Servidor(tmp_path) as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a:
            futuros = [await a.enviar("enviar_mensaje", hola(conv, f"m{i}")) for i in range(30)]
            await futuros[0]
            assert uno.proceso is not None
            uno.proceso.send_signal(signal.SIGTERM)
            assert await a.cierre() == 1012
            acusados = [f for f in futuros if f.done() and f.result()["ok"]]
        assert await asyncio.to_thread(uno.proceso.wait, PACIENCIA) == 0
        [(guardados,)] = await asyncio.to_thread(uno.sql, _CUANTOS.format(conv))
        assert guardados >= len(acusados) > 0


@pytest.mark.elige_base
async def test_sigterm_sale_en_diez_segundos_aunque_la_base_no_conteste(
    tmp_path: Path, postgres: str
) -> None:
    """Los procesos de PostgreSQL que atienden al servidor, parados: nada de lo pedido vuelve.

    Los sockets se cierran y los sondeos se sueltan igual.
    """
    base = nueva_base(postgres)
    with (
        psycopg.connect(postgres, autocommit=True) as admin,
        Servidor(tmp_path, DATABASE_URL=base) as uno,
    ):
        sondeo = f"{uno.url}/socket.io/?EIO=4&transport=polling"
        sid = json.loads(requests.get(sondeo, timeout=PACIENCIA).text[1:])["sid"]
        requests.post(f"{sondeo}&sid={sid}", "40", timeout=PACIENCIA)
        assert requests.get(f"{sondeo}&sid={sid}", timeout=PACIENCIA).text.startswith("40")
        pendiente = asyncio.create_task(
            asyncio.to_thread(requests.get, f"{sondeo}&sid={sid}", timeout=PACIENCIA)
        )
        async with como(uno, "ana") as a:
            # El hilo que escribe ya tiene su conexión, que es una de las que se paran.
            await a.pedir("enviar_mensaje", hola("conv_test"))
            suyos = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", [base.rsplit("/", 1)[1]]
            ).fetchall()
            for (pid,) in suyos:
                os.kill(pid, signal.SIGSTOP)
            try:
                colgado = await a.enviar("enviar_mensaje", hola("conv_test"))
                await a.pedir("ping")
                assert uno.proceso is not None
                uno.proceso.send_signal(signal.SIGTERM)
                pedido = Cronometro()
                assert await a.cierre() == 1012
                assert not colgado.done()
                soltado = await asyncio.wait_for(pendiente, PACIENCIA)
                assert (soltado.status_code, soltado.json()["code"]) == (400, 1)
                await asyncio.to_thread(uno.proceso.wait, PACIENCIA)
                assert pedido.segundos() < 10
            finally:
                for (pid,) in suyos:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def _sondeo(servidor: Servidor, una_conexion_por_peticion: bool) -> Any:
    """Una sesión de ana por sondeo: `pedir(cuerpo)` publica, y `pedir()` sondea."""
    conector = aiohttp.TCPConnector(force_close=una_conexion_por_peticion)
    url = f"{servidor.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession(connector=conector) as http:

        async def pedir(cuerpo: str | None = None) -> str:
            metodo = "GET" if cuerpo is None else "POST"
            async with http.request(metodo, url, data=cuerpo) as respuesta:
                assert respuesta.status == 200, await respuesta.text()
                return await respuesta.text()

        url += "&sid=" + json.loads((await pedir())[1:])["sid"]
        await pedir("40" + json.dumps({"token": await asyncio.to_thread(servidor.token, "ana")}))
        while "autenticado" not in await pedir():
            pass
        yield pedir


async def test_sigterm_entrega_a_los_sondeos_los_acuses_que_se_les_deben(tmp_path: Path) -> None:
    """Conserven la conexión o abran una por petición."""
    with Servidor(tmp_path) as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with contextlib.AsyncExitStack() as pila:
            testigo = await pila.enter_async_context(conectar(uno))
            clientes = [await pila.enter_async_context(_sondeo(uno, bool(i % 2))) for i in range(6)]
            envios = "\x1e".join(
                f"42{i}" + json.dumps(["enviar_mensaje", hola(conv, f"m{i}")]) for i in range(50)
            )
            await asyncio.gather(*[pedir(envios) for pedir in clientes])
            assert uno.proceso is not None
            uno.proceso.send_signal(signal.SIGTERM)
            # Para entonces todo está confirmado, y nadie ha venido aún por sus acuses.
            assert await testigo.cierre() == 1012
            # Todos a la vez: se les espera dos segundos.
            recogido = await asyncio.gather(*[pedir() for pedir in clientes])
        assert await asyncio.to_thread(uno.proceso.wait, PACIENCIA) == 0
        acusados = sum(carga.count('[{"ok":true') for carga in recogido)
        # Sin despedida: con ella, el cliente de python-socketio no volvería.
        assert not any(carga.endswith("\x1e1") for carga in recogido)
        [(guardados,)] = await asyncio.to_thread(uno.sql, _CUANTOS.format(conv))
        assert guardados == acusados > 0


@pytest.mark.elige_base
async def test_mientras_se_detiene_no_entra_nadie(tmp_path: Path) -> None:
    """A un sondeo se le debe algo y no viene: se escucha por él, y a los demás se les dice 503."""
    with Servidor(tmp_path) as uno:
        async with conectar(uno) as testigo, _sondeo(uno, True) as pedir:
            await pedir("420" + json.dumps(["ping", {}]))
            assert uno.proceso is not None
            uno.proceso.send_signal(signal.SIGTERM)
            assert await testigo.cierre() == 1012
            nueva = f"{uno.url}/socket.io/?EIO=4&transport=polling"
            respuesta = await asyncio.to_thread(requests.get, nueva, timeout=PACIENCIA)
            assert (respuesta.status_code, respuesta.headers["Retry-After"]) == (503, "5")
            for url in (uno.ws, nueva.replace("http", "ws").replace("polling", "websocket")):
                with pytest.raises(websockets.InvalidStatus) as rechazo:
                    await websockets.connect(url)
                assert rechazo.value.response.status_code == 503
                assert rechazo.value.response.headers["Retry-After"] == "5"
            assert "pong" in await pedir()
            assert await asyncio.to_thread(uno.proceso.wait, PACIENCIA) == 0


@pytest.mark.elige_base
async def test_al_drenar_se_reparten_los_cierres_y_lo_demas_se_atiende(tmp_path: Path) -> None:
    with Servidor(tmp_path, SEGUNDOS_DE_DRENAJE="3") as uno:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with contextlib.AsyncExitStack() as pila:
            estan = [await pila.enter_async_context(como(uno, "ana")) for _ in range(5)]
            cierres = {asyncio.create_task(una.cierre()): una for una in estan}
            assert uno.proceso is not None
            uno.proceso.send_signal(signal.SIGTERM)
            await asyncio.wait(cierres, return_when=asyncio.FIRST_COMPLETED, timeout=PACIENCIA)
            primero = asyncio.get_running_loop().time()
            with pytest.raises(websockets.InvalidStatus) as rechazo:
                await websockets.connect(uno.ws)
            assert rechazo.value.response.status_code == 503
            # Quien aún está envía y recibe, y REST atiende sin guardar la conexión.
            [una, otra, *_] = [c for fin, c in cierres.items() if not fin.done()]
            enviado = await una.pedir("enviar_mensaje", hola(conv))
            id_ = enviado["mensajeId"]
            await otra.esperar("nuevo_mensaje", lambda d: d["mensaje"]["_id"] == id_)
            salud = await asyncio.to_thread(requests.get, f"{uno.url}/salud/", timeout=PACIENCIA)
            assert (salud.status_code, salud.headers["Connection"]) == (200, "close")
            assert set(await asyncio.gather(*cierres)) == {1012}
            # Cada 0,6 s se cierra uno.
            assert asyncio.get_running_loop().time() - primero > 1.5
        assert await asyncio.to_thread(uno.proceso.wait, PACIENCIA) == 0


@pytest.mark.elige_base
def test_un_puerto_ocupado_se_dice_en_una_linea(servidor: Servidor, tmp_path: Path) -> None:
    otro = Servidor(tmp_path)
    otro.entorno["PORT"] = str(servidor.puerto)
    fin = subprocess.run(
        [sys.executable, "manage.py", "servir"],
        cwd=servicios.RAIZ,
        env=otro.entorno,
        capture_output=True,
        text=True,
        timeout=PACIENCIA,
    )
    assert fin.returncode != 0
    assert f"{servidor.puerto}" in fin.stderr
    assert len(fin.stderr.strip().splitlines()) == 1


async def test_el_registro_nombra_los_sockets_y_calla_los_textos(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        await a.pedir("enviar_mensaje", hola(conv, "palabra-que-no-debe-salir"))
    texto = servidor.registro.read_text()
    assert "Socket.IO" in texto
    assert "palabra-que-no-debe-salir" not in texto
    assert not TOKEN.search(texto)
