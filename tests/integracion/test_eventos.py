"""Cada evento del catálogo, por un socket de verdad."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from mensajeria.protocolo.eventos import CLIENTE
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import Rechazo, como, conectar, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import PACIENCIA, Servidor, firmar

# Lo que vale un token que ha de caducar a mitad de una prueba, tras hacer con él un par de cosas.
BREVE = 4.0


async def test_autenticar(servidor: Servidor, gente: Gente) -> None:
    async with conectar(servidor) as c:
        datos = await c.pedir("autenticar", {"token": firmar(gente.ana), "usuarioId": gente.ana})
        assert (datos["usuarioId"], datos["success"]) == (gente.ana, True)
        assert (await c.esperar("autenticado"))["expira"].endswith("Z")


async def test_token_de_muestra_como_en_la_semilla(servidor: Servidor) -> None:
    async with conectar(servidor) as c:
        await c.crudo(
            json.dumps(
                {
                    "evento": "autenticar",
                    "datos": {"usuarioId": "test_user", "token": "test_token"},
                }
            )
        )
        assert (await c.esperar("autenticado"))["usuarioId"] == "test_user"


@pytest.mark.parametrize(
    ("datos", "codigo"),
    [
        (lambda _: {"token": "x"}, "AUTH_INVALID"),
        (lambda _: {"token": firmar("nadie")}, "AUTH_INVALID"),
        (lambda g: {"token": firmar(g.ana), "usuarioId": g.beto}, "USER_MISMATCH"),
        (lambda g: {"token": firmar(g.ana, -5)}, "TOKEN_EXPIRED"),
        (lambda _: {}, "VALIDATION_ERROR"),
    ],
)
async def test_autenticar_rechazado_deja_la_sesion_como_estaba(
    servidor: Servidor,
    conv: str,
    datos: Callable[[Gente], dict[str, str]],
    codigo: str,
    gente: Gente,
) -> None:
    async with como(servidor, gente.ana) as c:
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("autenticar", datos(gente))
        assert rechazo.value.code == codigo
        assert (await c.esperar("error"))["code"] == codigo
        await c.pedir("unirse_conversacion", {"conversacionId": conv})


@pytest.mark.parametrize("evento", [n for n, e in CLIENTE.items() if e.con_credencial])
async def test_sin_autenticar_nada_se_puede(servidor: Servidor, evento: str) -> None:
    async with conectar(servidor) as c:
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir(evento, CLIENTE[evento].ejemplo)
        assert rechazo.value.code == "AUTH_REQUIRED"
        assert rechazo.value.error["message"] == "Usuario no autenticado"
        assert await c.pedir("ping")


async def test_el_token_caduca_con_la_conexion_abierta(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with conectar(servidor) as c:
        await c.pedir("autenticar", {"token": firmar(gente.ana, BREVE)})
        await c.pedir("enviar_mensaje", hola(conv))
        assert (await c.esperar("error"))["code"] == "TOKEN_EXPIRED"
        assert await c.cierre() == 1000


async def test_renovar_token_alarga_sin_reconectar(servidor: Servidor, gente: Gente) -> None:
    async with conectar(servidor) as c:
        await c.pedir("autenticar", {"token": firmar(gente.ana, BREVE)})
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("renovar_token", {"token": firmar(gente.beto)})
        assert rechazo.value.code == "USER_MISMATCH"
        renovado = await c.pedir("renovar_token", {"token": firmar(gente.ana, 60)})
        assert (await c.esperar("token_renovado"))["expira"] == renovado["expira"]
        await asyncio.sleep(BREVE + 0.3)  # pasa la expiración del primero
        await c.eco()


async def test_unirse_y_salir(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
        assert (unido["ultimaSecuencia"], unido["cambios"], unido["completo"]) == (0, [], True)
        assert unido["participantes_conectados"] == [gente.ana, gente.beto]
        assert unido["conversacion"]["_id"] == conv
        assert (await a.esperar("unido_conversacion"))["conversacionId"] == conv

        salida = await b.pedir("salir_conversacion", {"conversacionId": conv})
        assert salida == {"conversacionId": conv}
        await a.pedir("enviar_mensaje", hola(conv))
        await b.eco()
        assert b.recibidos("nuevo_mensaje") == []
        puesto = await b.pedir("unirse_conversacion", {"conversacionId": conv, "desdeCambio": 1})
        assert [m["contenido"]["texto"] for m in puesto["cambios"]] == ["hola"]


async def test_enviar_llega_a_todos_una_vez_y_con_la_misma_forma_que_rest(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with (
        como(servidor, gente.ana) as a,
        como(servidor, gente.beto) as b,
        como(servidor, gente.ana) as a2,
    ):
        acuse = await a.pedir(
            "enviar_mensaje", hola(conv, prioridad="alta", idCliente="c-1", tipo="texto")
        )
        enviado = await a.esperar("mensaje_enviado")
        assert enviado == acuse
        assert (acuse["estado"], acuse["secuencia"], acuse["idCliente"]) == ("enviado", 1, "c-1")
        llegados = [await c.esperar("nuevo_mensaje") for c in (a, b, a2)]
        assert llegados[0] == llegados[1] == llegados[2]
        assert llegados[0]["secuenciaCambio"] == 2
        assert a2.recibidos("mensaje_enviado") == []
        respuesta = requests.get(
            f"{servidor.url}/api/mensajeria/mensajes/{acuse['mensajeId']}/",
            headers={"Authorization": f"Bearer {firmar(gente.beto)}"},
            timeout=PACIENCIA,
        )
        assert respuesta.json() == llegados[0]["mensaje"]


async def test_leer_y_recibir(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        recibo = {"conversacionId": conv, "hastaSecuencia": 1}
        assert await b.pedir("marcar_entregado", recibo) == {}
        entregado = await a.esperar("mensaje_actualizado", lambda d: d["estado"] == "entregado")
        assert entregado["mensajeId"] == id_
        await b.pedir("marcar_leido", {"conversacionId": conv, "mensajeId": id_})
        leido = await a.esperar("mensaje_leido")
        assert (leido["leidoPor"], leido["mensajeId"]) == (gente.beto, id_)
        assert (await a.esperar("mensaje_actualizado", lambda d: d["estado"] == "leido"))[
            "hastaSecuencia"
        ] == 1
        await a.pedir("enviar_mensaje", hola(conv))
        await b.pedir("marcar_leido", {"conversacionId": conv})
        todos = await a.esperar("todos_mensajes_leidos")
        assert (todos["leidoPor"], todos["hastaSecuencia"]) == (gente.beto, 2)
        assert b.recibidos("todos_mensajes_leidos") == []


async def test_escribiendo_llega_a_los_demas_y_termina_solo(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with (
        como(servidor, gente.ana) as a,
        como(servidor, gente.beto) as b,
        como(servidor, gente.beto) as b2,
    ):
        for escribe in (True, False):
            sin_ninguna = {"conversacionId": None, "escribiendo": escribe}
            assert await b.pedir("escribiendo", sin_ninguna) == {}
        empieza = Cronometro()
        antes = time.monotonic()
        await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
        aviso = await a.esperar("usuario_escribiendo")
        assert (aviso["conversacionId"], aviso["usuarioId"], aviso["escribiendo"]) == (
            conv,
            gente.beto,
            True,
        )
        await a.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])
        assert time.monotonic() - antes > 5
        assert empieza.segundos() < 8
        await b2.eco()
        assert b.recibidos("usuario_escribiendo") == b2.recibidos("usuario_escribiendo") == []


async def test_enviar_termina_el_propio_escribiendo(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    """Por esa conexión, por otra suya o por REST; el de los demás sigue."""
    ruta = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/"

    async def por_rest() -> None:
        await asyncio.to_thread(
            requests.post, ruta, json={"contenido": {"texto": "x"}}, **_con(gente.beto)
        )

    async with (
        como(servidor, gente.ana) as a,
        como(servidor, gente.beto) as b,
        como(servidor, gente.beto) as b2,
    ):
        for enviar in (
            lambda: b.pedir("enviar_mensaje", hola(conv)),
            lambda: b2.pedir("enviar_mensaje", hola(conv)),
            por_rest,
        ):
            a.empujes.clear()
            await a.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
            await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
            await a.esperar("usuario_escribiendo", lambda d: d["escribiendo"])
            await enviar()
            await a.esperar("nuevo_mensaje")
            eventos = [(e, d.get("escribiendo")) for e, d in a.empujes if e != "pong"]
            fin = eventos.index(("usuario_escribiendo", False))
            assert fin < [e for e, _ in eventos].index("nuevo_mensaje")
            assert [d for d in b.recibidos("usuario_escribiendo") if not d["escribiendo"]] == []
            await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": False})
            await a.eco()


async def test_quien_se_va_deja_de_escribir(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a:
        async with como(servidor, gente.beto) as b:
            await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
            await a.esperar("usuario_escribiendo")
        await a.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])


async def test_quien_cambia_de_usuario_deja_de_escribir_con_su_nombre(
    servidor: Servidor, gente: Gente
) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, servidor, gente.ana, gente.carla)
    async with como(servidor, gente.carla) as c, como(servidor, gente.ana) as a:
        await a.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
        await c.esperar("usuario_escribiendo", lambda d: d["escribiendo"])
        await a.pedir("autenticar", {"token": firmar(gente.beto)})
        fin = await c.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])
        assert fin["usuarioId"] == gente.ana


async def test_reaccionar_editar_y_eliminar(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        puesta = await b.pedir("agregar_reaccion", {"mensajeId": id_, "tipo": "love"})
        assert await a.esperar("reaccion_agregada") == puesta
        assert puesta["reacciones"][0]["usuario"] == gente.beto
        quitada = await b.pedir("quitar_reaccion", {"mensajeId": id_, "tipo": "love"})
        assert await a.esperar("reaccion_quitada") == quitada
        editado = await a.pedir("editar_mensaje", {"mensajeId": id_, "texto": "adiós"})
        assert await b.esperar("mensaje_editado") == editado
        assert editado["mensaje"]["editado"]["historial"][0]["texto"] == "hola"
        eliminado = await a.pedir("eliminar_mensaje", {"mensajeId": id_})
        assert await b.esperar("mensaje_eliminado") == eliminado
        cambios = [d["secuenciaCambio"] for _, d in b.empujes if "secuenciaCambio" in d]
        assert cambios[-5:] == [2, 3, 4, 5, 6]


async def test_fijar_y_desfijar(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        id_ = (await b.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        fijado = await a.pedir("fijar_mensaje", {"mensajeId": id_})
        assert await b.esperar("mensaje_fijado") == await a.esperar("mensaje_fijado") == fijado
        assert (fijado["fijado"]["fijado"], fijado["fijado"]["por"]) == (True, gente.ana)
        assert fijado["fijado"]["fecha"].endswith("Z")
        ruta = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/fijados/"
        [forma] = (await asyncio.to_thread(requests.get, ruta, **_con(gente.beto))).json()
        assert (forma["_id"], forma["fijado"]) == (id_, fijado["fijado"])
        with pytest.raises(Rechazo) as rechazo:
            await b.pedir("desfijar_mensaje", {"mensajeId": id_})
        assert rechazo.value.code == "PERMISSION_DENIED"
        desfijado = await a.pedir("desfijar_mensaje", {"mensajeId": id_})
        assert await b.esperar("mensaje_desfijado") == desfijado
        assert desfijado["fijado"] == {"fijado": False, "fecha": None, "por": None}
        assert await a.pedir("desfijar_mensaje", {"mensajeId": id_}) | {"timestamp": ""} == (
            desfijado | {"timestamp": ""}
        )
        cambios = [d["secuenciaCambio"] for _, d in b.empujes if "secuenciaCambio" in d]
        assert cambios[-3:] == [2, 3, 4]


async def test_las_preferencias_van_a_todos_sus_dispositivos(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with (
        como(servidor, gente.ana) as a,
        como(servidor, gente.ana) as otro,
        como(servidor, gente.beto) as b,
    ):
        pedidas = {"conversacionId": conv, "silenciadaHasta": "siempre", "archivada": True}
        dichas = await a.pedir("cambiar_preferencias", pedidas)
        assert dichas["preferencias"] == {
            "silenciadaHasta": "siempre",
            "anclada": False,
            "archivada": True,
        }
        for suya in (a, otro):
            assert await suya.esperar("preferencias_actualizadas") == dichas
        await b.eco()
        assert b.recibidos("preferencias_actualizadas") == []
        unida = await otro.pedir("unirse_conversacion", {"conversacionId": conv})
        assert unida["conversacion"]["preferencias"] == dichas["preferencias"]
        de_beto = await b.pedir("reanudar", {"cursores": {conv: 0}})
        assert de_beto["conversaciones"][conv]["conversacion"]["preferencias"]["archivada"] is False


async def test_reanudar_trae_lo_perdido_y_sigue_en_vivo(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        for i in range(5):
            await a.pedir("enviar_mensaje", hola(conv, f"m{i}"))
        async with como(servidor, gente.beto) as b:
            datos = await b.pedir("reanudar", {"cursores": {conv: 3, "no-existe": 0}})
            assert set(datos["conversaciones"]) == {conv}
            puesta = datos["conversaciones"][conv]
            assert [m["secuencia"] for m in puesta["cambios"]] == [3, 4, 5]
            assert (puesta["ultimoCambio"], puesta["completo"]) == (6, True)
            await a.pedir("enviar_mensaje", hola(conv, "vivo"))
            await b.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 6)
            assert len(b.recibidos("reanudado")) == 1


async def test_si_la_base_vuelve_atras_lo_saben_todos(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        primera = (await b.esperar("autenticado"))["epoca"]
        await a.pedir("enviar_mensaje", hola(conv, "antes"))
        await asyncio.to_thread(servidor.orden, "restaurada")
        for c in (a, b):
            assert (await c.esperar("epoca_cambiada"))["epoca"] != primera
        await a.pedir("enviar_mensaje", hola(conv, "después"))
        await b.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 2)
        viejo = {"conversacionId": conv, "hastaSecuencia": 2, "epoca": primera}
        assert await b.pedir("marcar_entregado", viejo) == {}
        for epoca, textos in ((primera, ["antes", "después"]), (None, [])):
            reanudado = await b.pedir("reanudar", {"cursores": {conv: 3}, "epoca": epoca})
            suya = reanudado["conversaciones"][conv]
            assert [m["contenido"]["texto"] for m in suya["cambios"]] == textos
            assert suya["reiniciado"] == bool(textos)
            assert reanudado["epoca"] == suya["conversacion"]["epoca"] != primera


async def test_presencia(servidor: Servidor, conv: str, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a:
        async with como(servidor, gente.beto):
            async with como(servidor, gente.beto):
                conectado = await a.esperar("usuario_conectado")
                assert (conectado["usuarioId"], conectado["conversacionId"]) == (gente.beto, conv)
                cambio = await a.esperar("estado_usuario_cambiado", lambda d: d["conectado"])
                assert cambio["usuarioId"] == gente.beto
            await a.eco()
            assert a.recibidos("usuario_desconectado") == []
        se_fue = Cronometro()
        await a.esperar("usuario_desconectado", lambda d: d["conversacionId"] == conv)
        await a.esperar("estado_usuario_cambiado", lambda d: not d["conectado"])
        assert se_fue.segundos() < 5
        assert len(a.recibidos("usuario_conectado")) == 1


async def test_estadisticas_y_ping(servidor: Servidor, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a:
        # Quien entra se cuenta poco después de entrar.
        async with asyncio.timeout(PACIENCIA):
            while not (cifras := await a.pedir("obtener_estadisticas"))["usuariosConectados"]:
                await a.esperar("estadisticas")
        assert cifras["totalSockets"] >= 1
        assert (await a.esperar("estadisticas")) == cifras
        assert (await a.pedir("ping"))["timestamp"].endswith("Z")
        await a.esperar("pong")


def _con(quien: str) -> dict[str, Any]:
    """Las opciones de una petición suya."""
    return {"headers": {"Authorization": f"Bearer {firmar(quien)}"}, "timeout": PACIENCIA}


async def test_conversaciones_y_participantes_en_vivo(servidor: Servidor, gente: Gente) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.carla) as c:
        conv = await asyncio.to_thread(nueva_conversacion, servidor, gente.ana, gente.beto)
        creada = await a.esperar("conversacion_creada", lambda d: d["conversacionId"] == conv)
        assert creada["conversacion"]["estadisticas"]["mensajesNoLeidos"] == {gente.ana: 0}
        url = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/"
        con = _con(gente.ana)

        await asyncio.to_thread(
            requests.post, url + "participantes/", json={"usuarioId": gente.carla}, **con
        )
        agregada = await c.esperar("participante_agregado", lambda d: d["conversacionId"] == conv)
        assert agregada["usuarioId"] == gente.carla
        avisada = await c.esperar("notificacion", lambda d: d["datos"]["conversacionId"] == conv)
        assert avisada["datos"].keys() >= {"tipoConversacion", "quien"}
        await a.pedir("enviar_mensaje", hola(conv, "para carla"))
        await c.esperar("nuevo_mensaje", lambda d: d["conversacionId"] == conv)

        await asyncio.to_thread(
            requests.patch, url, json={"configuracion": {"descripcion": "d"}}, **con
        )
        cambiada = await c.esperar(
            "conversacion_actualizada", lambda d: d["conversacionId"] == conv
        )
        assert cambiada["conversacion"]["configuracion"]["descripcion"] == "d"
        assert cambiada["conversacion"]["estadisticas"]["mensajesNoLeidos"] == {gente.carla: 1}

        await asyncio.to_thread(requests.delete, url + f"participantes/{gente.carla}/", **con)
        await c.esperar("participante_removido", lambda d: d["conversacionId"] == conv)
        await a.pedir("enviar_mensaje", hola(conv, "sin carla"))
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("enviar_mensaje", hola(conv))
        assert rechazo.value.code == "NOT_FOUND"
        textos = [d["mensaje"]["contenido"]["texto"] for d in c.recibidos("nuevo_mensaje")]
        assert "sin carla" not in textos


async def test_el_resumen_llega_solo_al_personal(servidor: Servidor, gente: Gente) -> None:
    async with como(servidor, "mod") as m, como(servidor, gente.ana) as a:
        resumen = await m.esperar("resumen_actividad")
        assert resumen["estadisticas"]["mensajesEnviados"] >= 0
        await a.eco()
        assert a.recibidos("resumen_actividad") == []


async def test_a_quien_no_mira_se_le_avisa_en_todas_sus_conexiones(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with (
        como(servidor, gente.ana) as a,
        como(servidor, gente.beto) as b,
        como(servidor, gente.beto) as b2,
    ):
        for uno in (b, b2):
            await uno.pedir("visibilidad", {"visible": False})
        enviado = await a.pedir("enviar_mensaje", hola(conv, "¿estás?"))
        for uno in (b, b2):
            aviso = await uno.esperar("notificacion", lambda d: d["tipo"] == "mensaje_nuevo")
            assert aviso["datos"]["mensajeId"] == enviado["mensajeId"]
            assert aviso["mensaje"] == "¿estás?"
        await b2.pedir("marcar_leido", {"conversacionId": conv})
        for uno in (b, b2):
            leidas = await uno.esperar("notificaciones_leidas")
            assert leidas["ids"] == [aviso["_id"]]
        await b.pedir("cambiar_avisos", {"canales": {"webpush": {"muestra": "nada"}}})
        for uno in (b, b2):
            quedan = await uno.esperar("avisos_actualizados")
            assert quedan["canales"]["webpush"]["muestra"] == "nada"
            assert quedan["canales"]["fcm"]["muestra"] == "todo"
        assert [d for d in a.recibidos("notificacion") if d["tipo"] == "mensaje_nuevo"] == []


async def test_de_la_que_no_se_ensena_se_avisa_aunque_la_pagina_se_vea(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:
        await b.pedir("visibilidad", {"visible": True, "conversacionId": None})
        enviado = await a.pedir("enviar_mensaje", hola(conv, "¿estás?"))
        aviso = await b.esperar("notificacion", lambda d: d["tipo"] == "mensaje_nuevo")
        assert aviso["datos"]["mensajeId"] == enviado["mensajeId"]
