"""Los clientes de Socket.IO sin modificar contra el servidor de verdad."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
import websockets

from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import como, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import PACIENCIA, RAIZ, SECRETO, Servidor, firmar
from tests.servitech.test_terceros import CLIENTE_DE_NPM, TERCEROS

FLUJO = Path(__file__).with_name("flujo.js")
ESPERADO = {
    "texto": "Hola mundo! ñ€😀",
    "acuse": [True, 1, True],
    "reaccion": "like",
    "pong": "string",
    "negado": [False, "NOT_FOUND", "NOT_FOUND"],
    "binario": "VALIDATION_ERROR",
    "desconocido": "UNKNOWN_EVENT",
    "sustituto": "VALIDATION_ERROR",
    "nulo": "VALIDATION_ERROR",
    "doscientos": [200, 200, True],
    "saludos": 2,
    "reanudado": [199, 200, 201],
    "rechazo": ["Token inválido", "AUTH_INVALID"],
    "fin": "io server disconnect",
    "insiste": False,
}


def correr_flujo(url: str, transportes: str, conv: str, gente: Gente) -> dict[str, Any]:
    """Lo que vio; las personas firman sus tokens allí, que uno es de los que caducan pronto."""
    fin = subprocess.run(
        ["node", FLUJO, url, transportes, conv, gente.ana, gente.beto, gente.carla, SECRETO],
        capture_output=True,
        text=True,
        timeout=2 * PACIENCIA,
        env={"NODE_PATH": str(RAIZ / "node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    assert fin.returncode == 0, fin.stderr
    visto: dict[str, Any] = json.loads(fin.stdout)
    return visto


@pytest.mark.parametrize("transportes", ["defecto", "polling", "websocket"])
def test_el_flujo_de_la_semilla(
    servidor: Servidor, conv: str, transportes: str, gente: Gente
) -> None:
    visto = correr_flujo(servidor.url, transportes, conv, gente)
    de_beto = dict.fromkeys(("saludo", "escribe", "leido"), gente.beto)
    assert visto == {**ESPERADO, **de_beto, "autenticado": gente.ana, "unido": conv}


@pytest.mark.parametrize(
    "usuario, token, conversacion",
    [
        ("test_user", "test_token", "conv_test"),
        # Los de la página y el guion del original.
        ("test_user_001", "test_token_123", "conv_test_001"),
    ],
)
def test_el_cliente_de_muestra_de_la_semilla_tal_cual(
    servidor: Servidor, usuario: str, token: str, conversacion: str
) -> None:
    guion = """
    const io = require('socket.io-client');
    const socket = io(process.argv[1]);
    socket.on('connect', () => {
        console.log('Conectado');
        socket.emit('autenticar', { usuarioId: 'test_user', token: 'test_token' });
    });
    socket.on('autenticado', () => {
        socket.emit('unirse_conversacion', { conversacionId: 'conv_test' });
    });
    socket.on('unido_conversacion', () => {
        socket.emit('enviar_mensaje', {
            conversacionId: 'conv_test', contenido: { texto: 'Hola mundo!' }, tipo: 'texto'
        });
    });
    socket.on('nuevo_mensaje', (data) => {
        console.log('Mensaje recibido:', data.mensaje.contenido.texto);
        socket.disconnect();
    });
    """
    for de, a in (
        ("'conv_test'", conversacion),
        ("'test_user'", usuario),
        ("'test_token'", token),
    ):
        assert de in guion
        guion = guion.replace(de, f"'{a}'")
    fin = subprocess.run(
        ["node", "-e", guion, servidor.url],
        cwd=RAIZ,
        capture_output=True,
        text=True,
        timeout=PACIENCIA,
    )
    assert fin.stdout.splitlines() == ["Conectado", "Mensaje recibido: Hola mundo!"]


async def test_los_botones_de_la_pagina_del_original(servidor: Servidor) -> None:
    """Con sus valores, y sin ningún `error`, que ella enseña con un `alert`."""
    pagina = socketio.AsyncSimpleClient()
    await pagina.connect(servidor.url)
    await pagina.emit("autenticar", {"usuarioId": "test_user_001", "token": "test_token_123"})

    async def hasta(evento: str) -> Any:
        while (llega := await pagina.receive(timeout=PACIENCIA))[0] != evento:
            assert llega[0] != "error", llega
        return llega[1]

    await hasta("autenticado")
    # Se puede teclear antes de unirse a ninguna.
    for escribe in (True, False):
        await pagina.emit("escribiendo", {"conversacionId": None, "escribiendo": escribe})
    conversacion = {"conversacionId": "conv_test_001"}
    await pagina.emit("unirse_conversacion", conversacion)
    assert isinstance((await hasta("unido_conversacion"))["participantes_conectados"], list)
    for tipo, prioridad in zip(
        ("texto", "imagen", "archivo", "audio"),
        ("normal", "alta", "urgente", "normal"),
        strict=True,
    ):
        for escribe in (True, False):
            await pagina.emit("escribiendo", {**conversacion, "escribiendo": escribe})
        mensaje = {"contenido": {"texto": tipo, "tipo": tipo}, "tipo": tipo, "prioridad": prioridad}
        await pagina.emit("enviar_mensaje", {**conversacion, **mensaje})
        nuevo = (await hasta("nuevo_mensaje"))["mensaje"]
        assert nuevo["remitente"]["nombre"] and nuevo["contenido"]["texto"] == tipo
    for tipo in ("like", "love", "laugh", "surprise", "sad"):
        await pagina.emit("agregar_reaccion", {"mensajeId": nuevo["_id"], "tipo": tipo})
        assert (await hasta("reaccion_agregada"))["mensajeId"] == nuevo["_id"]
    await pagina.emit("marcar_leido", conversacion)
    await pagina.emit("salir_conversacion", conversacion)
    await pagina.emit("ping")
    await hasta("pong")
    # El ping se contesta en el acto: lo demás, antes de esto.
    await pagina.emit("unirse_conversacion", conversacion)
    await hasta("unido_conversacion")
    await pagina.disconnect()


@pytest.mark.parametrize("transportes", [["polling", "websocket"], ["polling"], ["websocket"]])
async def test_el_flujo_con_python_socketio(
    servidor: Servidor, conv: str, transportes: list[str], gente: Gente
) -> None:
    ana, beto = socketio.AsyncSimpleClient(), socketio.AsyncSimpleClient()
    con_esquema = {"token": f"Bearer {firmar(gente.ana)}"}
    await ana.connect(servidor.url, auth=con_esquema, transports=transportes)
    await beto.connect(servidor.url, auth={"token": firmar(gente.beto)}, transports=transportes)

    async def hasta(cliente: Any, evento: str) -> Any:
        while True:
            nombre, *datos = await cliente.receive(timeout=PACIENCIA)
            if nombre == evento and datos[0].get("conversacionId", conv) == conv:
                return datos[0]

    acuse = await ana.call(
        "enviar_mensaje", {"conversacionId": conv, "contenido": {"texto": "hola"}}
    )
    assert (acuse["ok"], acuse["datos"]["secuencia"]) == (True, 1)
    assert (await hasta(beto, "nuevo_mensaje"))["mensaje"]["contenido"]["texto"] == "hola"
    await beto.emit("marcar_leido", {"conversacionId": conv})
    assert (await hasta(ana, "todos_mensajes_leidos"))["leidoPor"] == gente.beto
    mensaje = {"mensajeId": acuse["datos"]["mensajeId"]}
    for pedido, evento in (
        ("fijar_mensaje", "mensaje_fijado"),
        ("desfijar_mensaje", "mensaje_desfijado"),
    ):
        acuse = await ana.call(pedido, mensaje)
        assert (acuse["ok"], acuse["datos"]) == (True, await hasta(beto, evento))
    await ana.disconnect()
    await beto.disconnect()

    malo = socketio.AsyncSimpleClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await malo.connect(servidor.url, auth={"token": "malo"}, transports=transportes)


@pytest.mark.parametrize("token", ["", " ", "Bearer ", None])
async def test_un_token_vacio_en_el_saludo_es_como_no_traerlo(
    servidor: Servidor, gente: Gente, token: str | None
) -> None:
    """Una página que aún no tiene ninguno: conecta, y entra con `autenticar`."""
    cliente = socketio.AsyncSimpleClient()
    await cliente.connect(servidor.url, auth={"token": token}, transports=["websocket"])
    acuse = await cliente.call("autenticar", {"token": firmar(gente.ana)})
    assert acuse["datos"]["usuarioId"] == gente.ana
    await cliente.disconnect()


async def test_las_dos_puertas_son_una(servidor: Servidor, conv: str, gente: Gente) -> None:
    """Lo que entra por Socket.IO sale por la sencilla, y al revés."""
    ana = socketio.AsyncSimpleClient()
    await ana.connect(servidor.url, auth={"token": firmar(gente.ana)})
    async with como(servidor, gente.beto) as beto:
        await ana.emit("enviar_mensaje", hola(conv, "por una"))
        await beto.esperar("nuevo_mensaje", lambda d: d["conversacionId"] == conv)
        await beto.pedir("enviar_mensaje", hola(conv, "por otra"))
        textos: list[str] = []
        while len(textos) < 2:
            nombre, *datos = await ana.receive(timeout=PACIENCIA)
            if nombre == "nuevo_mensaje" and datos[0]["conversacionId"] == conv:
                textos.append(datos[0]["mensaje"]["contenido"]["texto"])
        assert textos == ["por una", "por otra"]
    await ana.disconnect()


@pytest.mark.elige_base
async def test_un_latido_contestado_cuenta_como_recibido(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    """Sin `marcar_entregado`: basta con que el cliente conteste al ping que siguió al mensaje."""
    url = servidor.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with como(servidor, gente.ana) as ana, websockets.connect(url) as ws:
        await ws.recv()
        await ws.send("40" + json.dumps({"token": firmar(gente.beto)}))
        async with asyncio.timeout(PACIENCIA):
            # Quien aún no ha entrado no recibe el mensaje, y su latido no dice nada de él.
            while "autenticado" not in str(await ws.recv()):
                pass
            acuse = await ana.pedir("enviar_mensaje", hola(conv))
            cronometro = Cronometro()
            while (marco := await ws.recv()) != "2":
                assert isinstance(marco, str)
        assert ana.recibidos("mensaje_actualizado") == []
        await ws.send("3")
        aviso = await ana.esperar("mensaje_actualizado")
        assert (aviso["mensajeId"], aviso["estado"]) == (acuse["mensajeId"], "entregado")
        assert cronometro.segundos() < 2


@pytest.mark.elige_base
async def test_por_sondeo_el_segundo_tic_tampoco_espera_al_latido(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    url = f"{servidor.url}/socket.io/?EIO=4&transport=polling"

    async def pedir(metodo: str, cuerpo: str | None = None) -> str:
        respuesta = await asyncio.to_thread(
            requests.request, metodo, url, data=cuerpo and cuerpo.encode(), timeout=PACIENCIA
        )
        assert respuesta.status_code == 200
        return respuesta.text

    url += f"&sid={json.loads((await pedir('GET'))[1:])['sid']}"
    await pedir("POST", "40" + json.dumps({"token": firmar(gente.beto)}))
    while "autenticado" not in await pedir("GET"):
        pass
    async with como(servidor, gente.ana) as ana:
        acuse = await ana.pedir("enviar_mensaje", hola(conv))
        cronometro = Cronometro()
        while "2" not in (await pedir("GET")).split("\x1e"):
            pass
        assert ana.recibidos("mensaje_actualizado") == []
        await pedir("POST", "3")
        aviso = await ana.esperar("mensaje_actualizado")
        assert (aviso["mensajeId"], aviso["estado"]) == (acuse["mensajeId"], "entregado")
        assert cronometro.segundos() < 2


def test_el_cliente_de_npm_se_sirve_y_no_es_un_sondeo(servidor: Servidor) -> None:
    for nombre in CLIENTE_DE_NPM:
        donde = f"{servidor.url}/socket.io/{nombre}"
        entero = requests.get(donde, timeout=PACIENCIA)
        assert entero.content == (TERCEROS / nombre).read_bytes()
        como_si_fuera = requests.get(f"{donde}?EIO=4&transport=polling", timeout=PACIENCIA)
        assert como_si_fuera.content == entero.content
        visto = {"If-None-Match": entero.headers["ETag"]}
        assert requests.get(donde, headers=visto, timeout=PACIENCIA).status_code == 304
        assert requests.head(donde, timeout=PACIENCIA).headers["ETag"] == entero.headers["ETag"]
        assert requests.post(donde, timeout=PACIENCIA).status_code == 405


def test_los_errores_son_json(servidor: Servidor) -> None:
    respuesta = requests.get(f"{servidor.url}/socket.io/", timeout=PACIENCIA)
    assert (respuesta.status_code, respuesta.json()) == (
        400,
        {"code": 0, "message": "Transport unknown"},
    )
    vieja = requests.get(f"{servidor.url}/socket.io/?EIO=3&transport=polling", timeout=PACIENCIA)
    assert vieja.json()["code"] == 5


@pytest.mark.elige_base
def test_un_origen_ajeno_no_entra_por_ningun_transporte(exigente: Servidor) -> None:
    url = f"{exigente.url}/socket.io/?EIO=4&transport=polling"
    malo = requests.get(url, headers={"Origin": "http://malo.test"}, timeout=PACIENCIA)
    assert (malo.status_code, malo.json()["code"]) == (403, 4)
    assert "Access-Control-Allow-Origin" not in malo.headers
    bueno = requests.get(url, headers={"Origin": "http://bueno.test"}, timeout=PACIENCIA)
    assert bueno.headers["Access-Control-Allow-Origin"] == "http://bueno.test"
    assert bueno.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in bueno.headers["Vary"]
    assert bueno.cookies.get_dict() == {}
    assert nueva_conversacion(exigente, "ana", "beto")
