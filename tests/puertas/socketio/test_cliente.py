import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.puertas.engineio.paquetes import Ajustes
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.socketio.cliente import AcuseSocketIO, ClienteSocketIO, ConexionSocketIO
from mensajeria.puertas.socketio.maquina import AjustesSocketIO
from mensajeria.puertas.socketio.marcos import marco_evento
from mensajeria.sesion.conexion import Peticion, Responder
from tests.apoyo_socketio import cortar
from tests.puertas.asgi import (
    PeticionHTTP,
    WebSocket,
    abrir,
    con_bucle,
    conectar,
    get,
    post,
)


class Aplicacion:
    """Acepta a todos salvo que se pida otra cosa, y apunta todo lo que le llega."""

    def __init__(self, conexion: ConexionSocketIO) -> None:
        self.conexion = conexion
        self.llamadas: list[tuple[Any, ...]] = []
        self.responder: Responder | None = None
        self.al_recibir: Callable[[str], None] | None = None

    def conectar(self, auth: dict[str, Any] | None) -> None:
        self.llamadas.append(("conectar", auth))
        if auth != {"esperar": True}:
            self.conexion.aceptar()

    def recibir(self, peticion: Peticion) -> None:
        self.llamadas.append((peticion.evento, *peticion.argumentos))
        self.responder = peticion.responder
        if self.al_recibir is not None:
            self.al_recibir("x")
        if peticion.evento == "fallar":
            raise ZeroDivisionError

    def negar(self, peticion: Peticion, error: ErrorMensajeria) -> None:
        self.llamadas.append(("ilegible", peticion.evento, error.codigo))
        self.responder = peticion.responder

    def ping_enviado(self) -> None:
        self.llamadas.append(("ping enviado",))

    def ping_contestado(self) -> None:
        self.llamadas.append(("ping contestado",))

    def desconectada(self, motivo: str = "") -> None:
        self.llamadas.append(("desconectado", str(motivo)))


class Puerta(PuertaEngineIO):
    def __init__(self, cliente: AjustesSocketIO | None = None, **ajustes: Any) -> None:
        self.aplicaciones: list[Aplicacion] = []
        super().__init__(
            lambda sesion: ClienteSocketIO(sesion, self._crear, cliente),
            lambda _: True,
            Ajustes(**ajustes),
        )

    def _crear(self, conexion: ConexionSocketIO) -> Aplicacion:
        self.aplicaciones.append(Aplicacion(conexion))
        return self.aplicaciones[-1]


@con_bucle
async def test_conectar_y_recibir() -> None:
    puerta = Puerta()
    ws = await WebSocket.conectar(puerta)
    ws.enviar('42["a",1]')
    ws.enviar('451-["b",{"_placeholder":true,"num":0}]')
    ws.enviar(b"x")
    ws.enviar("41")
    ws.enviar("40")
    await ws.trama()

    primera, segunda = puerta.aplicaciones
    assert primera.llamadas == [
        ("conectar", None),
        ("a", 1),
        ("b", b"x"),
        ("desconectado", "client namespace disconnect"),
    ]
    assert segunda.llamadas == [("conectar", None)]
    assert primera.conexion.sid != segunda.conexion.sid


@con_bucle
async def test_quien_es_el_cliente() -> None:
    puerta = Puerta()
    cabeceras = {"origin": "https://a.test", "user-agent": "Prueba", "x-otra": "1"}
    ws = WebSocket(puerta, cabeceras=cabeceras)
    ws.enviar("40")
    for _ in range(3):
        await ws.mensaje()

    quien = puerta.aplicaciones[0].conexion.quien
    assert (quien.direccion, quien.origen, quien.agente) == ("10.0.0.1", "https://a.test", "Prueba")
    assert (quien.cabecera(b"x-otra"), quien.cabecera(b"x-no")) == ("1", None)
    assert quien.consulta == {"EIO": "4", "transport": "websocket"}


@con_bucle
async def test_aceptar_mas_tarde_y_el_40_va_primero() -> None:
    puerta = Puerta()
    ws = await WebSocket.abrir(puerta)
    ws.enviar('40{"esperar":true}')
    await asyncio.sleep(0.01)
    conexion = puerta.aplicaciones[0].conexion
    conexion.enviar(marco_evento("a", b"1"))
    conexion.aceptar()
    conexion.aceptar()
    conexion.rechazar("tarde")
    conexion.enviar(marco_evento("b", b"2"))

    assert await ws.trama() == f'40{{"sid":"{conexion.sid}"}}'
    assert [await ws.trama(), await ws.trama()] == ['42["a",1]', '42["b",2]']


@con_bucle
async def test_rechazar() -> None:
    puerta = Puerta()
    ws = await WebSocket.abrir(puerta)
    ws.enviar('40{"esperar":true}')
    await asyncio.sleep(0.01)
    conexion = puerta.aplicaciones[0].conexion
    conexion.enviar(marco_evento("a", b"1"))
    conexion.rechazar("Token inválido", {"code": "AUTH_INVALID"})
    conexion.aceptar()
    conexion.enviar(marco_evento("a", b"1"))

    assert await ws.trama() == (
        '44{"message":"Token inv\\u00e1lido","data":{"code":"AUTH_INVALID"}}'
    )
    ws.enviar("40")
    assert (await ws.trama()).startswith("40{")
    assert puerta.aplicaciones[0].llamadas == [("conectar", {"esperar": True})]


@con_bucle
async def test_un_evento_antes_de_la_aceptacion_cierra() -> None:
    puerta = Puerta()
    ws = await WebSocket.abrir(puerta)
    ws.enviar('40{"esperar":true}')
    ws.enviar('42["a"]')

    assert await ws.codigo() == 1000
    assert puerta.aplicaciones[0].llamadas[1:] == [("desconectado", "parse error")]


@con_bucle
async def test_otro_espacio() -> None:
    ws = await WebSocket.abrir(Puerta())
    ws.enviar("40/otro")

    assert await ws.trama() == '44/otro,{"message":"Invalid namespace"}'


@con_bucle
async def test_responder_una_vez() -> None:
    puerta = Puerta()
    ws = await WebSocket.conectar(puerta)
    for n in range(2):
        ws.enviar(f'42{n}["a"]')
        await asyncio.sleep(0.01)
        responder = puerta.aplicaciones[0].responder
        assert isinstance(responder, AcuseSocketIO)
        responder(b'{"ok":true}')
        responder(b"1")

    assert await ws.trama() == '430[{"ok":true}]'
    assert await ws.trama() == '431[{"ok":true}]'
    ws.enviar('42["b"]')
    await asyncio.sleep(0.01)
    assert puerta.aplicaciones[0].responder is None and ws.salida.empty()


@con_bucle
async def test_un_evento_ilegible_se_puede_contestar() -> None:
    puerta = Puerta()
    ws = await WebSocket.conectar(puerta)
    ws.enviar('427["a","\\ud800"]')
    await asyncio.sleep(0.01)
    aplicacion = puerta.aplicaciones[0]
    assert aplicacion.llamadas[-1] == ("ilegible", "a", CodigoError.VALIDATION_ERROR)
    assert aplicacion.responder is not None
    aplicacion.responder(b'{"ok":false}')

    assert await ws.trama() == '437[{"ok":false}]'


@pytest.mark.parametrize("nombre", ["connect", "disconnect", "disconnecting", "newListener"])
def test_un_nombre_reservado_no_llega_a_la_aplicacion(nombre: str) -> None:
    @con_bucle
    async def prueba() -> None:
        puerta = Puerta()
        ws = await WebSocket.conectar(puerta)
        ws.enviar(f'42["{nombre}",{{}},{{"token":"forged"}}]')
        assert await ws.codigo() == 1000
        assert [llamada[0] for llamada in puerta.aplicaciones[0].llamadas] == [
            "conectar",
            "desconectado",
        ]

    prueba()


@con_bucle
async def test_despedir_deja_leer_el_41() -> None:
    puerta = Puerta(AjustesSocketIO(plazo_despedida=0.1))
    ws = await WebSocket.conectar(puerta)
    aplicacion = puerta.aplicaciones[0]
    aplicacion.conexion.enviar(marco_evento("error", b"{}"))
    aplicacion.conexion.cerrar("TOKEN_EXPIRED")
    aplicacion.conexion.enviar(marco_evento("a", b"1"))
    assert len(aplicacion.llamadas) == 1, "no se avisa dentro de su propia llamada"
    ws.enviar('42["a"]')

    assert [await ws.trama(), await ws.trama()] == ['42["error",{}]', "41"]
    await asyncio.sleep(0.05)
    assert ws.salida.empty()
    assert await ws.codigo() == 1000
    assert aplicacion.llamadas[1:] == [("desconectado", "TOKEN_EXPIRED")]


@con_bucle
async def test_despedir_por_sondeo() -> None:
    puerta = Puerta(AjustesSocketIO(plazo_despedida=0.02))
    sid = await conectar(puerta)
    puerta.aplicaciones[0].conexion.cerrar("x")

    assert await get(puerta, sid) == (200, "41")
    assert await get(puerta, sid) == (200, "1")
    assert (await get(puerta, sid))[0] == 400


@con_bucle
async def test_cerrar_y_cortar_antes_de_aceptar() -> None:
    puerta = Puerta()
    for acabar in (ConexionSocketIO.cerrar, cortar):
        ws = await WebSocket.abrir(puerta)
        ws.enviar('40{"esperar":true}')
        await asyncio.sleep(0.01)
        acabar(puerta.aplicaciones[-1].conexion, "x")
        assert await ws.codigo() == 1000
        assert puerta.aplicaciones[-1].llamadas[1:] == [("desconectado", "x")]


@con_bucle
async def test_cortar_no_despide() -> None:
    puerta = Puerta()
    ws = await WebSocket.conectar(puerta)
    cortar(puerta.aplicaciones[0].conexion)

    assert (await ws.mensaje())["type"] == "websocket.close"


@con_bucle
async def test_tras_cortar_no_llega_el_resto_de_la_carga() -> None:
    puerta = Puerta()
    for acabar in (ConexionSocketIO.cerrar, cortar):
        sid = await conectar(puerta)
        aplicacion = puerta.aplicaciones[-1]
        aplicacion.al_recibir = partial(acabar, aplicacion.conexion)
        await post(puerta, sid, '42["a"]\x1e42["b"]')
        await asyncio.sleep(0)
        assert aplicacion.llamadas[1:] == [("a",), ("desconectado", "x")]


@con_bucle
async def test_sin_cliente_nada_falla() -> None:
    puerta = Puerta()
    ws = await WebSocket.conectar(puerta)
    ws.enviar('421["a"]')
    await asyncio.sleep(0.01)
    ws.cerrar()
    await ws.tarea
    aplicacion = puerta.aplicaciones[0]
    conexion, responder = aplicacion.conexion, aplicacion.responder
    assert responder is not None
    for accion in (conexion.aceptar, conexion.pausar, conexion.reanudar):
        accion()
    conexion.rechazar("x")
    conexion.enviar("42[1]")
    conexion.cerrar("x")
    responder(b"1")

    assert aplicacion.llamadas[-1] == ("desconectado", "transport close")


@con_bucle
async def test_un_fallo_de_la_aplicacion_solo_es_suyo() -> None:
    logging.disable()
    puerta = Puerta()
    ws, otro = await WebSocket.conectar(puerta), await WebSocket.conectar(puerta)
    ws.enviar('42["fallar"]')

    assert await ws.codigo() == 1011
    assert puerta.aplicaciones[0].llamadas[-1] == ("desconectado", "internal error")
    otro.enviar('42["a"]')
    await asyncio.sleep(0.01)
    assert puerta.aplicaciones[1].llamadas[-1] == ("a",)
    logging.disable(logging.NOTSET)


@con_bucle
async def test_una_carga_con_un_paquete_malo_no_se_procesa() -> None:
    puerta = Puerta()
    sid = await conectar(puerta)

    assert (await post(puerta, sid, '42["a"]\x1e42["b"]\x1e42{}'))[0] == 400
    assert puerta.aplicaciones[0].llamadas[1:] == [("desconectado", "parse error")]


@con_bucle
async def test_una_carga_mala_que_ademas_se_despide() -> None:
    puerta = Puerta()
    sid = await conectar(puerta)

    assert (await post(puerta, sid, "42{}\x1e1"))[0] == 400
    assert puerta.aplicaciones[0].llamadas[1:] == [("desconectado", "transport close")]
    assert len(puerta.sesiones) == 0


@con_bucle
async def test_quien_no_conecta_no_se_queda() -> None:
    puerta = Puerta(AjustesSocketIO(plazo_connect=0.02))
    ws = await WebSocket.abrir(puerta)

    assert await ws.codigo() == 1000


@con_bucle
async def test_los_adjuntos_a_medias_vencen() -> None:
    puerta = Puerta(AjustesSocketIO(plazo_adjuntos=0.02))
    ws = await WebSocket.conectar(puerta)
    ws.enviar('451-["b",{"_placeholder":true,"num":0}]')

    assert await ws.codigo() == 1000
    assert puerta.aplicaciones[0].llamadas[-1] == ("desconectado", "attachments timeout")


@con_bucle
async def test_los_latidos_llegan_a_la_aplicacion() -> None:
    puerta = Puerta(intervalo_ping=0.05)
    ws = await WebSocket.conectar(puerta)
    aplicacion = puerta.aplicaciones[0]
    aplicacion.conexion.enviar(marco_evento("a", b"1"))
    assert [await ws.trama(), await ws.trama()] == ['42["a",1]', "2"]
    assert aplicacion.llamadas[-1] == ("ping enviado",)
    ws.enviar("3")
    await asyncio.sleep(0.01)

    assert aplicacion.llamadas[-1] == ("ping contestado",)


@con_bucle
async def test_la_aplicacion_marca_el_ritmo() -> None:
    puerta = Puerta()
    sid = await conectar(puerta)
    aplicacion = puerta.aplicaciones[0]
    aplicacion.conexion.pausar()
    envio = PeticionHTTP(puerta, "POST", sid, '42["a"]\x1e42["b"]')
    await asyncio.sleep(0.01)
    assert not envio.tarea.done() and len(aplicacion.llamadas) == 1
    aplicacion.conexion.reanudar()

    assert await envio.respuesta() == (200, "ok")
    assert aplicacion.llamadas[1:] == [("a",), ("b",)]


@con_bucle
async def test_los_eventos_siguen_tras_el_ascenso() -> None:
    puerta = Puerta()
    sid = await conectar(puerta)
    conexion = puerta.aplicaciones[0].conexion
    ws = await WebSocket.abrir(puerta, sid)
    ws.enviar("2probe")
    await ws.trama()
    conexion.enviar(marco_evento("a", b"1"))
    ws.enviar("5")

    assert await ws.trama() == '42["a",1]'
    assert len(puerta.aplicaciones) == 1


@con_bucle
async def test_credenciales_con_sustitutos_sueltos() -> None:
    puerta = Puerta()
    sid = await abrir(puerta)
    await post(puerta, sid, '40{"token":"\\ud800"}')

    assert puerta.aplicaciones[0].llamadas == [("conectar", {"token": "?"})]


TRAMAS = [
    "40",
    "41",
    '42["a"]',
    '421["a"]',
    '42["fallar"]',
    "42{}",
    "43[]",
    "4",
    "abc",
    "3",
    "1",
    "6",
]
TRAMAS += ['451-["a",{"_placeholder":true,"num":0}]', "beA==", "40/otro", '40{"esperar":true}']


@given(st.lists(st.sampled_from(TRAMAS), max_size=8), st.booleans(), st.integers(1, 4))
@settings(deadline=None, max_examples=150)
def test_a_cada_conexion_un_solo_final(tramas: list[str], por_websocket: bool, lote: int) -> None:
    async def prueba() -> None:
        puerta = Puerta()
        if por_websocket:
            ws = await WebSocket.abrir(puerta)
            for trama in tramas:
                ws.enviar(trama)
            ws.cerrar()
            await ws.tarea
        else:
            sid = await abrir(puerta)
            for n in range(0, len(tramas), lote):
                await post(puerta, sid, "\x1e".join(tramas[n : n + lote]))
            await post(puerta, sid, "1")
        await asyncio.sleep(0)
        assert [s for s in puerta.sesiones.values() if s.abierta] == []
        for aplicacion in puerta.aplicaciones:
            nombres = [llamada[0] for llamada in aplicacion.llamadas]
            assert nombres[0] == "conectar"
            assert nombres.count("desconectado") == 1 and nombres[-1] == "desconectado"

    logging.disable()
    try:
        asyncio.run(asyncio.wait_for(prueba(), 5))
    finally:
        logging.disable(logging.NOTSET)
