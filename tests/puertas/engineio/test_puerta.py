import asyncio

from mensajeria.puertas.engineio.puerta import PLAZO_DE_RECOGIDA
from tests.puertas.asgi import (
    PeticionHTTP,
    PuertaEco,
    WebSocket,
    abrir,
    con_bucle,
    get,
    post,
)

SIN_SESION = (400, '{"code":1,"message":"Session ID unknown"}')
INCORRECTA = (400, '{"code":3,"message":"Bad request"}')


# Ritmo


@con_bucle
async def test_la_lectura_en_pausa_no_toma_mas_tramas() -> None:
    puerta = PuertaEco()
    ws = await WebSocket.abrir(puerta)
    puerta.ecos[0].sesion.pausar()
    for _ in range(5):
        ws.enviar("4a")
    await asyncio.sleep(0.01)
    # Una la estaba esperando ya; las demás siguen en el servidor.
    assert ws.entrada.qsize() == 4 and ws.salida.empty()

    puerta.ecos[0].sesion.reanudar()
    assert [await ws.trama() for _ in range(5)] == ["4a"] * 5


@con_bucle
async def test_un_post_se_procesa_al_ritmo_de_la_aplicacion() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    eco = puerta.ecos[0]
    recibidos: list[str | bytes] = []

    def entregar(paquete: str | bytes) -> None:
        recibidos.append(paquete)
        eco.sesion.pausar()

    eco.entregar = entregar  # type: ignore[method-assign]
    envio = PeticionHTTP(puerta, "POST", sid, "4a\x1e4b\x1e4c")
    for esperados in (["a"], ["a", "b"], ["a", "b", "c"]):
        await asyncio.sleep(0.01)
        assert recibidos == esperados
        assert envio.tarea.done() == (len(esperados) == 3)
        eco.sesion.reanudar()
    assert await envio.respuesta() == (200, "ok")


# Apagado


@con_bucle
async def test_apagar() -> None:
    puerta = PuertaEco()
    sid, otro_sid = await abrir(puerta), await abrir(puerta)
    ws, sondeo = await WebSocket.abrir(puerta), PeticionHTTP(puerta, "GET", sid)
    envio = PeticionHTTP(puerta, "POST", otro_sid, cuerpo=None)
    envio.trozo("4a")
    await asyncio.sleep(0.01)
    await puerta.apagar()

    assert await ws.codigo() == 1012
    # Con un `1`, el cliente de python-socketio se da por despedido y no vuelve.
    assert await sondeo.respuesta() == SIN_SESION
    assert await envio.respuesta() == INCORRECTA
    assert [eco.motivos for eco in puerta.ecos] == [["server shutting down"]] * 3
    assert len(puerta.sesiones) == 0
    assert (await get(puerta))[0] == 503
    ws = WebSocket(puerta)
    assert (await ws.mensaje())["type"] == "websocket.close"


@con_bucle
async def test_al_apagar_se_espera_a_quien_tiene_algo_que_recoger() -> None:
    puerta = PuertaEco()
    con_algo, sin_nada = await abrir(puerta), await abrir(puerta)
    assert await post(puerta, con_algo, "4a\x1e4b") == (200, "ok")
    apagado = asyncio.ensure_future(puerta.apagar())
    await asyncio.sleep(0.01)

    assert await get(puerta, sin_nada) == SIN_SESION
    # El cliente de python-socketio 5.5 no vuelve si se le niega un POST.
    assert await post(puerta, sin_nada, "4a") == (200, "ok")
    assert not apagado.done()
    assert await post(puerta, con_algo, "4c") == (200, "ok")
    assert await get(puerta, con_algo) == (200, "4a\x1e4b")
    await asyncio.wait_for(apagado, 0.5)
    assert await get(puerta, con_algo) == SIN_SESION


@con_bucle
async def test_al_apagar_no_se_espera_mucho_a_quien_no_viene() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    await post(puerta, sid, "4a")
    await asyncio.wait_for(puerta.apagar(), PLAZO_DE_RECOGIDA + 1)

    assert len(puerta.sesiones) == 0
    assert await get(puerta, sid) == SIN_SESION
