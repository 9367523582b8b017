"""Cada evento y cada código de error del catálogo, por un socket de verdad."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from mensajeria.errores import CodigoError
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR
from tests.integracion.cliente import Cliente, Rechazo, como, conectar, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import Servidor

MUESTRA = "tu_secreto_jwt_seguro"


def firmar(usuario: str, segundos: float = 3600) -> str:
    return jwt.encode(
        {"userId": usuario, "iat": time.time(), "exp": time.time() + segundos}, MUESTRA, "HS256"
    )


async def test_autenticar(servidor: Servidor) -> None:
    async with conectar(servidor) as c:
        datos = await c.pedir("autenticar", {"token": firmar("ana"), "usuarioId": "ana"})
        assert (datos["usuarioId"], datos["success"]) == ("ana", True)
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
        ({"token": "x"}, "AUTH_INVALID"),
        ({"token": firmar("nadie")}, "AUTH_INVALID"),
        ({"token": firmar("ana"), "usuarioId": "beto"}, "USER_MISMATCH"),
        ({"token": firmar("ana", -5)}, "TOKEN_EXPIRED"),
        ({}, "VALIDATION_ERROR"),
    ],
)
async def test_autenticar_rechazado_deja_la_sesion_como_estaba(
    servidor: Servidor, datos: dict[str, Any], codigo: str
) -> None:
    async with como(servidor, "ana") as c:
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("autenticar", datos)
        assert rechazo.value.code == codigo
        assert (await c.esperar("error"))["code"] == codigo
        await c.pedir("unirse_conversacion", {"conversacionId": "conv_test"})


@pytest.mark.parametrize("evento", [n for n, e in CLIENTE.items() if e.con_sesion])
async def test_sin_autenticar_nada_se_puede(servidor: Servidor, evento: str) -> None:
    async with conectar(servidor) as c:
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir(evento, CLIENTE[evento].ejemplo)
        assert rechazo.value.code == "AUTH_REQUIRED"
        assert rechazo.value.error["message"] == "Usuario no autenticado"
        assert await c.pedir("ping")


async def test_el_token_caduca_con_la_conexion_abierta(servidor: Servidor, conv: str) -> None:
    async with conectar(servidor) as c:
        await c.pedir("autenticar", {"token": firmar("ana", 1.5)})
        await c.pedir("enviar_mensaje", hola(conv))
        assert (await c.esperar("error"))["code"] == "TOKEN_EXPIRED"
        assert await c.cierre() == 1000


async def test_renovar_token_alarga_sin_reconectar(servidor: Servidor) -> None:
    async with conectar(servidor) as c:
        await c.pedir("autenticar", {"token": firmar("ana", 1.5)})
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("renovar_token", {"token": firmar("beto")})
        assert rechazo.value.code == "USER_MISMATCH"
        renovado = await c.pedir("renovar_token", {"token": firmar("ana", 60)})
        assert (await c.esperar("token_renovado"))["expira"] == renovado["expira"]
        await asyncio.sleep(1.8)  # pasa la expiración del primero
        await c.eco()


async def test_unirse_y_salir(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a, como(servidor, "beto") as b:
        unido = await a.pedir("unirse_conversacion", {"conversacionId": conv})
        assert (unido["ultimaSecuencia"], unido["cambios"], unido["completo"]) == (0, [], True)
        assert "ana" in unido["participantes_conectados"]
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
    servidor: Servidor, conv: str
) -> None:
    async with como(servidor, "ana") as a, como(servidor, "beto") as b, como(servidor, "ana") as a2:
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
            headers={"Authorization": f"Bearer {firmar('beto')}"},
            timeout=5,
        )
        assert respuesta.json() == llegados[0]["mensaje"]


async def test_leer_y_recibir(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a, como(servidor, "beto") as b:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        recibo = {"conversacionId": conv, "hastaSecuencia": 1}
        assert await b.pedir("marcar_entregado", recibo) == {}
        entregado = await a.esperar("mensaje_actualizado", lambda d: d["estado"] == "entregado")
        assert entregado["mensajeId"] == id_
        await b.pedir("marcar_leido", {"conversacionId": conv, "mensajeId": id_})
        leido = await a.esperar("mensaje_leido")
        assert (leido["leidoPor"], leido["mensajeId"]) == ("beto", id_)
        assert (await a.esperar("mensaje_actualizado", lambda d: d["estado"] == "leido"))[
            "hastaSecuencia"
        ] == 1
        await a.pedir("enviar_mensaje", hola(conv))
        await b.pedir("marcar_leido", {"conversacionId": conv})
        todos = await a.esperar("todos_mensajes_leidos")
        assert (todos["leidoPor"], todos["hastaSecuencia"]) == ("beto", 2)
        assert b.recibidos("todos_mensajes_leidos") == []


async def test_escribiendo_llega_a_los_demas_y_termina_solo(servidor: Servidor, conv: str) -> None:
    async with (
        como(servidor, "ana") as a,
        como(servidor, "beto") as b,
        como(servidor, "beto") as b2,
    ):
        await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
        empieza = time.monotonic()
        aviso = await a.esperar("usuario_escribiendo")
        assert (aviso["usuarioId"], aviso["escribiendo"]) == ("beto", True)
        await a.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])
        assert 5 < time.monotonic() - empieza < 8
        await b2.eco()
        assert b.recibidos("usuario_escribiendo") == b2.recibidos("usuario_escribiendo") == []


async def test_quien_se_va_deja_de_escribir(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a:
        async with como(servidor, "beto") as b:
            await b.pedir("escribiendo", {"conversacionId": conv, "escribiendo": True})
            await a.esperar("usuario_escribiendo")
        await a.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])


async def test_quien_cambia_de_usuario_deja_de_escribir_con_su_nombre(servidor: Servidor) -> None:
    async with como(servidor, "carla") as c, como(servidor, "ana") as a:
        await a.pedir("escribiendo", {"conversacionId": "conv_123", "escribiendo": True})
        await c.esperar("usuario_escribiendo", lambda d: d["escribiendo"])
        await a.pedir("autenticar", {"token": firmar("beto")})
        fin = await c.esperar("usuario_escribiendo", lambda d: not d["escribiendo"])
        assert fin["usuarioId"] == "ana"


async def test_reaccionar_editar_y_eliminar(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a, como(servidor, "beto") as b:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        puesta = await b.pedir("agregar_reaccion", {"mensajeId": id_, "tipo": "love"})
        assert await a.esperar("reaccion_agregada") == puesta
        assert puesta["reacciones"][0]["usuario"] == "beto"
        quitada = await b.pedir("quitar_reaccion", {"mensajeId": id_, "tipo": "love"})
        assert await a.esperar("reaccion_quitada") == quitada
        editado = await a.pedir("editar_mensaje", {"mensajeId": id_, "texto": "adiós"})
        assert await b.esperar("mensaje_editado") == editado
        assert editado["mensaje"]["editado"]["historial"][0]["texto"] == "hola"
        eliminado = await a.pedir("eliminar_mensaje", {"mensajeId": id_})
        assert await b.esperar("mensaje_eliminado") == eliminado
        cambios = [d["secuenciaCambio"] for _, d in b.empujes if "secuenciaCambio" in d]
        assert cambios[-5:] == [2, 3, 4, 5, 6]


async def test_reanudar_trae_lo_perdido_y_sigue_en_vivo(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a:
        for i in range(5):
            await a.pedir("enviar_mensaje", hola(conv, f"m{i}"))
        async with como(servidor, "beto") as b:
            datos = await b.pedir("reanudar", {"cursores": {conv: 3, "no-existe": 0}})
            assert set(datos["conversaciones"]) == {conv}
            puesta = datos["conversaciones"][conv]
            assert [m["secuencia"] for m in puesta["cambios"]] == [3, 4, 5]
            assert (puesta["ultimoCambio"], puesta["completo"]) == (6, True)
            await a.pedir("enviar_mensaje", hola(conv, "vivo"))
            await b.esperar("nuevo_mensaje", lambda d: d["mensaje"]["secuencia"] == 6)
            assert len(b.recibidos("reanudado")) == 1


async def hasta_que_no_este(quien: str, mira: Cliente, conv: str) -> None:
    """Otra prueba acaba de soltar a esa persona, y su ausencia tarda la gracia en notarse."""
    async with asyncio.timeout(5):
        while True:
            unido = await mira.pedir("unirse_conversacion", {"conversacionId": conv})
            participantes = unido["conversacion"]["participantes"]
            if not any(p["enLinea"] for p in participantes if p["usuario"]["_id"] == quien):
                return
            await asyncio.sleep(0.1)


async def test_presencia(servidor: Servidor, conv: str) -> None:
    """Otra prueba puede estar soltando a otra persona: solo cuenta lo de beto."""

    def de_beto(conectado: bool) -> Callable[[dict[str, Any]], bool]:
        return lambda d: (d["usuarioId"], d["conectado"]) == ("beto", conectado)

    async with como(servidor, "ana") as a:
        await hasta_que_no_este("beto", a, conv)
        a.empujes.clear()
        async with como(servidor, "beto"):
            async with como(servidor, "beto"):
                conectado = await a.esperar(
                    "usuario_conectado", lambda d: d["conversacionId"] == conv
                )
                assert conectado["usuarioId"] == "beto"
                await a.esperar("estado_usuario_cambiado", de_beto(True))
            assert not [d for d in a.recibidos("usuario_desconectado") if d["usuarioId"] == "beto"]
        se_fue = time.monotonic()
        await a.esperar("usuario_desconectado", lambda d: d["conversacionId"] == conv)
        await a.esperar("estado_usuario_cambiado", de_beto(False))
        assert time.monotonic() - se_fue < 5
        assert (
            len([d for d in a.recibidos("usuario_conectado") if d["conversacionId"] == conv]) == 1
        )


async def test_estadisticas_y_ping(servidor: Servidor) -> None:
    async with como(servidor, "ana") as a:
        cifras = await a.pedir("obtener_estadisticas")
        assert cifras["usuariosConectados"] >= 1
        assert cifras["totalSockets"] >= 1
        assert (await a.esperar("estadisticas")) == cifras
        assert (await a.pedir("ping"))["timestamp"].endswith("Z")
        await a.esperar("pong")


async def test_conversaciones_y_participantes_en_vivo(servidor: Servidor) -> None:
    async with como(servidor, "ana") as a, como(servidor, "carla") as c:
        conv = await asyncio.to_thread(nueva_conversacion, servidor, "beto")
        creada = await a.esperar("conversacion_creada", lambda d: d["conversacionId"] == conv)
        assert creada["conversacion"]["estadisticas"]["mensajesNoLeidos"] == {"ana": 0}
        url = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/"
        con = {"headers": {"Authorization": f"Bearer {firmar('ana')}"}, "timeout": 5}

        await asyncio.to_thread(
            requests.post, url + "participantes/", json={"usuarioId": "carla"}, **con
        )
        agregada = await c.esperar("participante_agregado", lambda d: d["conversacionId"] == conv)
        assert agregada["usuarioId"] == "carla"
        await c.esperar("notificacion", lambda d: d["datos"] == {"conversacionId": conv})
        await a.pedir("enviar_mensaje", hola(conv, "para carla"))
        await c.esperar("nuevo_mensaje", lambda d: d["conversacionId"] == conv)

        await asyncio.to_thread(
            requests.patch, url, json={"configuracion": {"descripcion": "d"}}, **con
        )
        cambiada = await c.esperar(
            "conversacion_actualizada", lambda d: d["conversacionId"] == conv
        )
        assert cambiada["conversacion"]["configuracion"]["descripcion"] == "d"
        assert cambiada["conversacion"]["estadisticas"]["mensajesNoLeidos"] == {"carla": 1}

        await asyncio.to_thread(requests.delete, url + "participantes/carla/", **con)
        await c.esperar("participante_removido", lambda d: d["conversacionId"] == conv)
        await a.pedir("enviar_mensaje", hola(conv, "sin carla"))
        with pytest.raises(Rechazo) as rechazo:
            await c.pedir("enviar_mensaje", hola(conv))
        assert rechazo.value.code == "NOT_FOUND"
        textos = [d["mensaje"]["contenido"]["texto"] for d in c.recibidos("nuevo_mensaje")]
        assert "sin carla" not in textos


async def test_el_resumen_llega_solo_al_personal(servidor: Servidor) -> None:
    async with como(servidor, "mod") as m, como(servidor, "ana") as a:
        resumen = await m.esperar("resumen_actividad")
        assert resumen["estadisticas"]["mensajesEnviados"] >= 0
        await a.eco()
        assert a.recibidos("resumen_actividad") == []


# Los códigos de error

NO_ENCONTRADOS: list[tuple[str, dict[str, Any]]] = [
    ("unirse_conversacion", {"conversacionId": "{c}"}),
    ("salir_conversacion", {"conversacionId": "{c}"}),
    ("enviar_mensaje", {"conversacionId": "{c}", "contenido": {"texto": "x"}}),
    ("marcar_leido", {"conversacionId": "{c}"}),
    ("marcar_entregado", {"conversacionId": "{c}", "hastaSecuencia": 1}),
    ("escribiendo", {"conversacionId": "{c}", "escribiendo": True}),
    ("agregar_reaccion", {"mensajeId": "{m}", "tipo": "like"}),
    ("quitar_reaccion", {"mensajeId": "{m}"}),
    ("editar_mensaje", {"mensajeId": "{m}", "texto": "x"}),
    ("eliminar_mensaje", {"mensajeId": "{m}"}),
]


@pytest.mark.parametrize(("evento", "datos"), NO_ENCONTRADOS)
async def test_la_ajena_y_lo_inexistente_reciben_lo_mismo(
    servidor: Servidor, conv: str, evento: str, datos: dict[str, Any]
) -> None:
    async with como(servidor, "ana") as a, como(servidor, "carla") as c:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        a.empujes.clear()
        errores = []
        for cual, mensaje in ((conv, id_), ("nada", "nada")):
            crudo = json.dumps(datos).replace("{c}", cual).replace("{m}", mensaje)
            with pytest.raises(Rechazo) as rechazo:
                await c.pedir(evento, json.loads(crudo))
            error = rechazo.value.error
            errores.append({k: v for k, v in error.items() if k not in ("id", "timestamp")})
        assert errores[0] == errores[1]
        assert errores[0]["code"] == "NOT_FOUND"
        await a.eco()
        assert {e for e, _ in a.empujes} <= {"estadisticas", "estado_usuario_cambiado"}


async def test_sin_permisos_cerrada_plazo_y_conflicto(servidor: Servidor, conv: str) -> None:
    con = {"headers": {"Authorization": f"Bearer {firmar('ana')}"}, "timeout": 5}
    url = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/"
    async with como(servidor, "ana") as a, como(servidor, "beto") as b:

        async def codigo(quien: Any, evento: str, datos: Any) -> str:
            with pytest.raises(Rechazo) as rechazo:
                await quien.pedir(evento, datos)
            return rechazo.value.code

        id_ = (await a.pedir("enviar_mensaje", hola(conv, idCliente="k")))["mensajeId"]
        assert await codigo(b, "editar_mensaje", {"mensajeId": id_, "texto": "x"}) == (
            "PERMISSION_DENIED"
        )
        assert await codigo(b, "eliminar_mensaje", {"mensajeId": id_}) == "PERMISSION_DENIED"
        assert await codigo(a, "enviar_mensaje", hola(conv, "otro", idCliente="k")) == "CONFLICT"
        for i in range(20):
            await a.pedir("editar_mensaje", {"mensajeId": id_, "texto": f"v{i}"})
        assert await codigo(a, "editar_mensaje", {"mensajeId": id_, "texto": "x"}) == (
            "EDIT_WINDOW_CLOSED"
        )
        permisos = {"permisos": {"puedeEnviar": False}}
        await asyncio.to_thread(requests.patch, url + "participantes/beto/", json=permisos, **con)
        assert await codigo(b, "enviar_mensaje", hola(conv)) == "PERMISSION_DENIED"
        escribe = {"conversacionId": conv, "escribiendo": True}
        assert await codigo(b, "escribiendo", escribe) == "PERMISSION_DENIED"
        await asyncio.to_thread(requests.patch, url, json={"activa": False}, **con)
        assert await codigo(a, "enviar_mensaje", hola(conv)) == "CONVERSATION_CLOSED"
        assert await codigo(a, "escribiendo", escribe) == "PERMISSION_DENIED"


async def test_evento_desconocido_y_archivo_demasiado_grande(servidor: Servidor, conv: str) -> None:
    async with como(servidor, "ana") as a:
        with pytest.raises(Rechazo) as rechazo:
            await a.pedir("borrar_todo", {})
        assert rechazo.value.code == "UNKNOWN_EVENT"
        archivo = {"nombre": "a", "url": "/a", "tamano": 11 * 2**20, "tipo": "x/y"}
        with pytest.raises(Rechazo) as rechazo:
            await a.pedir(
                "enviar_mensaje",
                {"conversacionId": conv, "contenido": {"archivo": archivo}},
            )
        assert rechazo.value.code == "PAYLOAD_TOO_LARGE"
        assert rechazo.value.error["campo"] == "contenido.archivo.tamano"


CODIGOS_EN_OTRO_LADO = {
    "RATE_LIMITED": "test_puerta.py",
    "UNAVAILABLE": "test_puerta.py",
    "INTERNAL_ERROR": "test_puerta.py",
}


def test_cada_evento_y_cada_codigo_tiene_su_prueba() -> None:
    """Un evento o un código nuevo sin prueba por un socket hace fallar esta."""
    carpeta = Path(__file__).parent
    texto = "".join(p.read_text() for p in carpeta.glob("test_*.py"))
    for nombre in [*CLIENTE, *SERVIDOR]:
        assert f'"{nombre}"' in texto, nombre
    for codigo in CodigoError:
        assert f'"{codigo.value}"' in texto, codigo
    for codigo, archivo in CODIGOS_EN_OTRO_LADO.items():
        assert f'"{codigo}"' in (carpeta / archivo).read_text(), codigo
