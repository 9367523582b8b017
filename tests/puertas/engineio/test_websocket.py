import asyncio
from typing import Any

import pytest

from mensajeria.entre_procesos.compartido import compartido
from tests.puertas.asgi import (
    ORIGEN,
    PeticionHTTP,
    PuertaEco,
    WebSocket,
    abrir,
    con_bucle,
    get,
    post,
)

ORIGEN_MALO = ORIGEN + ".mala.com"
PROHIBIDO = (403, '{"code":4,"message":"Forbidden"}')
SIN_SESION = (400, '{"code":1,"message":"Session ID unknown"}')
INCORRECTA = (400, '{"code":3,"message":"Bad request"}')
CON_CUERPO: dict[str, Any] = {"websocket.http.response": {}}


@con_bucle
async def test_un_origen_ajeno_no_abre_por_websocket() -> None:
    puerta = PuertaEco()
    ws = WebSocket(puerta, cabeceras={"origin": ORIGEN_MALO}, extensiones=CON_CUERPO)
    inicio, cuerpo = await ws.mensaje(), await ws.mensaje()
    ws.cerrar()
    ws.cerrar()
    await ws.tarea
    assert (inicio["status"], cuerpo["body"].decode()) == PROHIBIDO

    ws = WebSocket(puerta, cabeceras={"origin": ORIGEN_MALO})
    assert (await ws.mensaje())["type"] == "websocket.close"
    await ws.tarea


# WebSocket


@con_bucle
async def test_eco_por_websocket() -> None:
    ws = await WebSocket.abrir(PuertaEco())
    ws.enviar("4a")
    ws.enviar(b"b")

    assert [await ws.trama(), await ws.trama()] == ["4a", b"b"]


@con_bucle
async def test_lo_malo_y_lo_excesivo_cierran() -> None:
    puerta = PuertaEco(carga_maxima=100)
    for trama, codigo, motivo in (
        ("abc", 1000, "parse error"),
        ("4" * 101, 1009, "payload too large"),
        (b"x" * 101, 1009, "payload too large"),
        ("1", 1000, "transport close"),
    ):
        ws = await WebSocket.abrir(puerta)
        ws.enviar(trama)
        assert await ws.codigo() == codigo
        assert puerta.ecos[-1].motivos == [motivo]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_lo_contestado_sale_antes_del_cierre() -> None:
    ws = await WebSocket.abrir(PuertaEco())
    ws.enviar("4a")
    ws.enviar("abc")

    assert await ws.trama() == "4a"
    assert await ws.codigo() == 1000


@con_bucle
async def test_el_cliente_se_va() -> None:
    puerta = PuertaEco()
    ws = await WebSocket.abrir(puerta)
    ws.cerrar()
    await ws.tarea

    assert puerta.ecos[0].motivos == ["transport close"]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_websocket_con_un_sid_desconocido() -> None:
    ws = WebSocket(PuertaEco(), "x", extensiones=CON_CUERPO)

    assert (await ws.mensaje())["status"] == 400
    assert (await ws.mensaje())["body"].decode() == SIN_SESION[1]


@con_bucle
async def test_el_servidor_ya_no_puede_escribir() -> None:
    puerta = PuertaEco()
    ws = await WebSocket.abrir(puerta)
    ws.roto = True
    ws.enviar("4a")
    await asyncio.sleep(0.01)

    assert puerta.ecos[0].motivos == ["transport close"]
    ws.cerrar()
    await asyncio.wait_for(ws.tarea, 2)


@con_bucle
async def test_un_defecto_al_enviar_termina_la_sesion_y_deja_su_sitio() -> None:
    puerta = PuertaEco()
    antes = compartido().aforo._aqui.copy()
    ws = await WebSocket.abrir(puerta)
    ws.fallo, ws.roto = ValueError("defecto"), True
    ws.enviar("4a")
    await asyncio.wait_for(ws.tarea, 2)

    assert puerta.ecos[0].motivos == ["transport close"]
    assert puerta.sesiones == {} and compartido().aforo._aqui == antes


@con_bucle
async def test_la_sonda_se_va_al_contestarle() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    ws = await WebSocket.abrir(puerta, sid)
    ws.roto = True
    ws.enviar("2probe")
    await asyncio.wait_for(ws.tarea, 2)

    ws = await WebSocket.abrir(puerta, sid)
    ws.enviar("2probe")
    assert await ws.trama() == "3probe"


@con_bucle
async def test_el_servidor_cancela_la_tarea() -> None:
    puerta = PuertaEco()
    ws = await WebSocket.abrir(puerta)
    await asyncio.sleep(0.01)
    ws.tarea.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ws.tarea

    assert puerta.ecos[0].motivos == ["transport close"]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_quien_no_lee_pierde_la_conexion_y_nadie_mas() -> None:
    puerta = PuertaEco(limite_salida=1000)
    lento, otro = await WebSocket.abrir(puerta), await WebSocket.abrir(puerta)
    lento.desatascado.clear()
    for _ in range(30):
        lento.enviar("4" + "x" * 99)
    await asyncio.wait_for(lento.tarea, 2)

    assert puerta.ecos[0].motivos == ["slow consumer"]
    otro.enviar("4a")
    assert await otro.trama() == "4a"


@con_bucle
async def test_un_cierre_que_nadie_lee_tambien_acaba() -> None:
    puerta = PuertaEco(plazo_cierre=0.02)
    ws = await WebSocket.abrir(puerta)
    ws.desatascado.clear()
    puerta.ecos[0].sesion.enviar("4a")
    puerta.ecos[0].sesion.cerrar("x")
    await asyncio.wait_for(ws.tarea, 2)

    assert puerta.ecos[0].motivos == ["x"]
    assert len(puerta.sesiones) == 0


# Ascenso


@con_bucle
async def test_ascenso() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    sondeo = PeticionHTTP(puerta, "GET", sid)
    ws = await WebSocket.abrir(puerta, sid)
    ws.enviar("2probe")
    assert await ws.trama() == "3probe"
    assert await sondeo.respuesta() == (200, "6")
    ws.enviar("5")
    ws.enviar("4a")

    assert await ws.trama() == "4a"
    assert await get(puerta, sid) == INCORRECTA
    otro = await WebSocket.abrir(puerta, sid)
    assert await otro.codigo() == 1000
    ws.enviar("4b")
    assert await ws.trama() == "4b"


@con_bucle
async def test_un_sondeo_que_coincide_con_el_ascenso() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    ws = await WebSocket.abrir(puerta, sid)
    ws.enviar("2probe")
    await ws.trama()
    sondeo = PeticionHTTP(puerta, "GET", sid)
    await asyncio.sleep(0)
    ws.enviar("5")

    assert await sondeo.respuesta() == INCORRECTA
    ws.enviar("4a")
    assert await ws.trama() == "4a"


@con_bucle
async def test_un_ascenso_sin_terminar_no_cuesta_la_sesion() -> None:
    puerta = PuertaEco(plazo_ascenso=0.02)
    sid = await abrir(puerta)
    for tramas in (["4a"], ["2probe", "4a"], ["2probe"], []):
        ws = await WebSocket.abrir(puerta, sid)
        for trama in tramas:
            ws.enviar(trama)
        assert await ws.codigo() == 1000
    ws = await WebSocket.abrir(puerta, sid)
    ws.cerrar()
    await ws.tarea

    await post(puerta, sid, "4a")
    assert await get(puerta, sid) == (200, "4a")


@con_bucle
async def test_la_sesion_que_termina_cierra_su_sonda() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    ws = await WebSocket.abrir(puerta, sid)
    await asyncio.sleep(0.01)
    await post(puerta, sid, "1")

    assert await ws.codigo() == 1000


@con_bucle
async def test_sonda_para_una_sesion_que_acaba_de_terminar() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    ws = WebSocket(puerta, sid)
    ws.desatascado.clear()
    await asyncio.sleep(0.01)
    await post(puerta, sid, "1")
    ws.desatascado.set()

    assert await ws.codigo() == 1000
