import asyncio

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


# Origen y CORS


@con_bucle
async def test_un_origen_ajeno_no_abre_por_http() -> None:
    puerta = PuertaEco()
    for metodo in ("GET", "POST", "OPTIONS"):
        peticion = PeticionHTTP(puerta, metodo, cabeceras={"origin": ORIGEN_MALO})
        assert await peticion.respuesta() == PROHIBIDO
        assert peticion.cabeceras("access-control-allow-origin") == []
        assert peticion.cabeceras("vary") == ["Origin"]
    assert await PeticionHTTP(puerta, "GET", cabeceras={"origin": "null"}).respuesta() == PROHIBIDO
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_un_origen_ajeno_no_usa_una_sesion_abierta() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)

    assert (
        await PeticionHTTP(puerta, "GET", sid, cabeceras={"origin": ORIGEN_MALO}).respuesta()
        == PROHIBIDO
    )


@con_bucle
async def test_cors_de_un_origen_de_la_lista() -> None:
    for credenciales, esperado in ((False, []), (True, ["true"])):
        peticion = PeticionHTTP(PuertaEco(credenciales), "GET", cabeceras={"origin": ORIGEN})
        assert (await peticion.respuesta())[0] == 200
        assert peticion.cabeceras("access-control-allow-origin") == [ORIGEN]
        assert peticion.cabeceras("access-control-allow-credentials") == esperado
        assert peticion.cabeceras("vary") == ["Origin"]


@con_bucle
async def test_sin_origen_no_hay_cors_ni_cookie() -> None:
    peticion = PeticionHTTP(PuertaEco(credenciales=True), "GET")
    await peticion.respuesta()

    assert peticion.cabeceras("access-control-allow-origin") == []
    assert peticion.cabeceras("access-control-allow-credentials") == []
    assert peticion.cabeceras("set-cookie") == []
    assert peticion.cabeceras("vary") == ["Origin"]


@con_bucle
async def test_preflight() -> None:
    cabeceras = {"origin": ORIGEN, "access-control-request-headers": "x-uno"}
    peticion = PeticionHTTP(PuertaEco(), "OPTIONS", cabeceras=cabeceras)

    assert await peticion.respuesta() == (204, "")
    assert peticion.cabeceras("access-control-allow-methods") == ["GET, POST"]
    assert peticion.cabeceras("access-control-allow-headers") == ["x-uno"]
    assert peticion.cabeceras("vary") == ["Origin", "Access-Control-Request-Headers"]


# Sondeo


@con_bucle
async def test_sid_de_144_bits() -> None:
    puerta = PuertaEco()
    sids = {await abrir(puerta) for _ in range(10)}

    assert len(sids) == 10 and {len(sid.partition(".")[0]) for sid in sids} == {24}


@con_bucle
async def test_mil_paquetes_por_sondeo() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    carga = "\x1e".join(f"4{n}" for n in range(1000))

    assert await post(puerta, sid, carga) == (200, "ok")
    assert await get(puerta, sid) == (200, carga)


@con_bucle
async def test_una_carga_con_un_paquete_malo_no_se_procesa() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)

    assert await post(puerta, sid, "4a\x1e4b\x1ex") == INCORRECTA
    assert puerta.ecos[0].motivos == ["parse error"]
    assert await get(puerta, sid) == SIN_SESION


@con_bucle
async def test_solo_texto() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    cabeceras = {"content-type": "application/octet-stream"}

    assert await PeticionHTTP(puerta, "POST", sid, "4a", cabeceras).respuesta() == INCORRECTA
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_un_sondeo_espera_al_primer_mensaje() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    sondeo = PeticionHTTP(puerta, "GET", sid)
    await asyncio.sleep(0.01)
    assert not sondeo.tarea.done()
    await post(puerta, sid, "4a")

    assert await sondeo.respuesta() == (200, "4a")


@con_bucle
async def test_dos_sondeos_a_la_vez_terminan_la_sesion() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    primero = PeticionHTTP(puerta, "GET", sid)
    await asyncio.sleep(0.01)

    assert await get(puerta, sid) == INCORRECTA
    assert await primero.respuesta() == (200, "1")
    assert await get(puerta, sid) == SIN_SESION


@con_bucle
async def test_el_cliente_cierra_con_un_sondeo_abierto() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    sondeo = PeticionHTTP(puerta, "GET", sid)
    await asyncio.sleep(0.01)

    assert await post(puerta, sid, "1") == (200, "ok")
    assert await sondeo.respuesta() == (200, "6")
    assert puerta.ecos[0].motivos == ["transport close"]


@con_bucle
async def test_metodo_que_no_es_del_protocolo() -> None:
    puerta = PuertaEco()

    assert await PeticionHTTP(puerta, "PUT", await abrir(puerta)).respuesta() == INCORRECTA


@con_bucle
async def test_un_sondeo_abandonado_termina_la_sesion() -> None:
    puerta = PuertaEco()
    sondeo = PeticionHTTP(puerta, "GET", await abrir(puerta))
    await asyncio.sleep(0.01)
    sondeo.abandonar()
    await sondeo.tarea

    assert puerta.ecos[0].motivos == ["transport error"]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_un_post_abandonado_termina_la_sesion() -> None:
    puerta = PuertaEco()
    envio = PeticionHTTP(puerta, "POST", await abrir(puerta), cuerpo=None)
    envio.trozo("4a")
    envio.abandonar()
    await envio.tarea

    assert puerta.ecos[0].motivos == ["transport error"]


@con_bucle
async def test_lo_que_se_pierde_no_es_una_despedida() -> None:
    """Un `1` en el sondeo que espera sería para siempre, para el cliente de python-socketio."""
    puerta = PuertaEco(limite_salida=10)
    for acabar in ("exceso", "post abandonado"):
        sid = await abrir(puerta)
        sondeo = PeticionHTTP(puerta, "GET", sid)
        await asyncio.sleep(0.01)
        if acabar == "exceso":
            puerta.ecos[-1].sesion.enviar("4" + "x" * 10)
        else:
            envio = PeticionHTTP(puerta, "POST", sid, cuerpo=None)
            envio.abandonar()
        assert await sondeo.respuesta() == SIN_SESION, acabar
        assert len(puerta.sesiones) == 0


@con_bucle
async def test_dos_post_a_la_vez_terminan_la_sesion() -> None:
    puerta = PuertaEco()
    sid = await abrir(puerta)
    primero = PeticionHTTP(puerta, "POST", sid, cuerpo=None)
    primero.trozo("4a")
    await asyncio.sleep(0.01)

    assert await post(puerta, sid, "4b") == INCORRECTA
    assert await primero.respuesta() == INCORRECTA
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_un_cuerpo_declarado_excesivo_no_se_lee() -> None:
    puerta = PuertaEco(carga_maxima=100)
    sid = await abrir(puerta)
    envio = PeticionHTTP(puerta, "POST", sid, None, {"content-length": "101"})

    assert await envio.respuesta() == (413, "")
    assert envio.cabeceras("connection") == ["close"]
    assert puerta.ecos[0].motivos == ["payload too large"]


@con_bucle
async def test_un_cuerpo_que_no_declara_su_tamano_se_corta() -> None:
    puerta = PuertaEco(carga_maxima=100)
    envio = PeticionHTTP(puerta, "POST", await abrir(puerta), None, {"content-length": "x"})
    for _ in range(3):
        envio.trozo("4" * 50)

    assert (await envio.respuesta())[0] == 413
    assert envio.entrada.empty() and len(puerta.sesiones) == 0


@con_bucle
async def test_sin_pong_se_cierra_aunque_nadie_pregunte() -> None:
    puerta = PuertaEco(intervalo_ping=0.02, plazo_pong=0.02)
    await abrir(puerta)
    await asyncio.sleep(0.1)

    assert puerta.ecos[0].motivos == ["ping timeout"]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_latido_confirma_lo_escrito_antes() -> None:
    puerta = PuertaEco(intervalo_ping=0.02)
    ws = await WebSocket.abrir(puerta)
    ws.enviar("4a")
    assert [await ws.trama(), await ws.trama()] == ["4a", "2"]
    ws.enviar("3")
    await ws.trama()

    assert puerta.ecos[0].recibidos == [{"eco": 1}]
