"""Lo que una conexión pide, en su turno, con un nodo que no hace nada hasta que se le dice."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from mensajeria.central.sala import entregar
from mensajeria.difusion.emision import Emision
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo import empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_existe, no_valido
from mensajeria.protocolo.tipos import MAX_REPETIDO
from mensajeria.sesion.conexion import Peticion
from mensajeria.sesion.sesion import MAX_PENDIENTES, Sesion


class Cable:
    """La conexión, y lo que la sesión le pidió."""

    def __init__(self) -> None:
        self.enviado: list[tuple[str, Any]] = []
        self.llamadas: list[str] = []

    @staticmethod
    def marco_evento(evento: str, datos: bytes) -> str:
        return json.dumps([evento, json.loads(datos)])

    def entregar(self, emision: Emision) -> None:
        self.enviar(emision.marcos[self.marco_evento])

    def enviar(self, marco: str) -> None:
        evento, datos = json.loads(marco)
        self.enviado.append((evento, datos))

    def pedir_latido(self) -> None:
        self.llamadas.append("latido")

    def cerrar(self) -> None:
        self.llamadas.append("cerrar")

    def pausar(self) -> None:
        self.llamadas.append("pausar")

    def reanudar(self) -> None:
        self.llamadas.append("reanudar")


class Nodo:
    """Guarda las órdenes pedidas, para terminarlas cuando la prueba quiera."""

    def __init__(self) -> None:
        self.atiende = True
        self.ordenes: list[tuple[Orden[Any], Callable[[Any], None]]] = []
        self.idos: list[Any] = []
        self.escritor = SimpleNamespace(pedir=lambda *orden: self.ordenes.append(orden))
        self.recibido: list[tuple[str, str, int]] = []
        self.apuntados: list[Any] = []
        self.barrido = SimpleNamespace(apuntar=self.apuntados.append)
        self.recibidos = SimpleNamespace(sumar=lambda *de_que: self.recibido.append(de_que))
        self.emisor = SimpleNamespace(emitir=lambda *_: None)
        self.entrada = SimpleNamespace(desconectar=self.idos.append)
        self.reparto = SimpleNamespace(salir=lambda _cliente, id_: id_ == "c")


def abrir(con_credencial: bool = True) -> tuple[Sesion, Cable, Nodo]:
    nodo, cable = Nodo(), Cable()
    sesion = Sesion(nodo, cable, "10.0.0.1", "agente")  # type: ignore[arg-type]
    if con_credencial:
        sesion._interlocutor.usuario_id = "ana"
        sesion._interlocutor.acreditar(Credencial("ana", time.time(), None))
    return sesion, cable, nodo


def leer(n: int = 0, **mas: Any) -> Peticion:
    return Peticion("marcar_leido", ({"conversacionId": f"c{n}"},), **mas)


async def test_sin_credencial_solo_lo_que_no_la_pide() -> None:
    sesion, cable, nodo = abrir(con_credencial=False)
    sesion.recibir(leer(id=3))
    sesion.recibir(Peticion("ping"))
    sesion.recibir(Peticion("nada"))

    (_, error), (pong, _), (_, otro) = cable.enviado
    assert (error["code"], error["evento"], error["id"]) == ("AUTH_REQUIRED", "marcar_leido", 3)
    assert pong == "pong" and otro["code"] == "UNKNOWN_EVENT"
    assert nodo.ordenes == []


async def test_los_verbos_van_en_vuelo_y_lo_demas_los_espera() -> None:
    sesion, cable, nodo = abrir()
    acuses: list[bytes] = []
    for n in range(2):
        sesion.recibir(leer(n, responder=acuses.append))
    salir = Peticion("salir_conversacion", ({"conversacionId": "c"},), None, acuses.append)
    sesion.recibir(salir)
    sesion.recibir(leer(2))
    sesion.recibir(Peticion("ping"))

    assert [orden.carga.conversacion_id for orden, _ in nodo.ordenes] == ["c0", "c1"]
    assert [evento for evento, _ in cable.enviado] == ["pong"]
    (_, primera), (_, segunda) = nodo.ordenes
    primera(None)
    segunda(no_existe("conversacionId"))
    assert [json.loads(a)["ok"] for a in acuses] == [True, False, True]
    assert [orden.carga.conversacion_id for orden, _ in nodo.ordenes] == ["c0", "c1", "c2"]


async def test_con_demasiado_pendiente_se_deja_de_leer() -> None:
    sesion, cable, nodo = abrir()
    for n in range(MAX_PENDIENTES):
        assert cable.llamadas == []
        sesion.recibir(leer(n))
    assert cable.llamadas == ["pausar"]
    nodo.ordenes[0][1](None)
    assert cable.llamadas == ["pausar", "reanudar"]


async def test_un_ping_contestado_acusa_lo_enviado_antes() -> None:
    sesion, cable, nodo = abrir()
    sobre = SimpleNamespace(conversacion="c", secuencia=4)
    entregar(Emision("nuevo_mensaje", b"{}", sobre), [sesion._interlocutor])  # type: ignore[arg-type]
    sesion.ping_enviado()
    sesion.ping_contestado()
    sesion.ping_contestado()

    assert nodo.recibido == [("ana", "c", 4)]
    assert [evento for evento, _ in cable.enviado] == ["nuevo_mensaje"]


async def test_a_quien_recibe_se_le_apunta_una_vez_por_ping() -> None:
    sesion, cable, nodo = abrir()
    cliente = sesion._interlocutor
    for secuencia in (4, 5):
        sobre = SimpleNamespace(conversacion="c", secuencia=secuencia)
        entregar(Emision("nuevo_mensaje", b"{}", sobre), [cliente])  # type: ignore[arg-type]
    entregar(Emision("usuario_escribiendo", b"{}"), [cliente])
    assert nodo.apuntados == [cliente] and set(cliente.por_confirmar) == {"c"}
    cliente.pedir_latido()
    assert cable.llamadas == ["latido"]
    sesion.ping_enviado()
    cliente.enviado_hasta("d", 1)
    assert len(nodo.apuntados) == 2


async def test_lo_que_no_se_pudo_leer_tambien_gasta_ritmo() -> None:
    sesion, cable, _ = abrir(con_credencial=False)

    def frenar() -> None:
        raise ErrorMensajeria(CodigoError.RATE_LIMITED)

    sesion.negar(Peticion(), no_valido("No es JSON válido"))
    assert cable.enviado[-1][1]["message"] == "No es JSON válido"
    sesion._interlocutor.cubo = SimpleNamespace(gastar=frenar)  # type: ignore[assignment]
    sesion.negar(Peticion(), no_valido("No es JSON válido"))
    assert cable.enviado[-1][1]["code"] == "RATE_LIMITED"


async def test_quien_tantea_identificadores_se_frena(settings: Any) -> None:
    """Lo que no existe gasta; pasado el límite ni se dice, ni se busca lo que sí."""
    settings.BUSQUEDAS_FALLIDAS_POR_MINUTO = 3
    sesion, cable, nodo = abrir()
    for n in range(5):
        sesion.recibir(leer(n))
    for _, terminada in nodo.ordenes:
        terminada(no_existe("conversacionId"))
    codigos = [datos["code"] for _, datos in cable.enviado]
    assert codigos == ["NOT_FOUND"] * 3 + ["RATE_LIMITED"] * 2
    sesion.recibir(leer())
    sesion.recibir(Peticion("salir_conversacion", ({"conversacionId": "c"},)))
    sesion.recibir(Peticion("ping"))
    assert len(nodo.ordenes) == 5
    (_, uno), (_, otro), (pong, _) = cable.enviado[5:]
    assert (uno["code"], otro["code"], pong) == ("RATE_LIMITED", "RATE_LIMITED", "pong")
    assert 0 < uno["reintentarEn"] <= 20


async def test_lo_negado_por_otra_cosa_no_gasta_busquedas(settings: Any) -> None:
    settings.BUSQUEDAS_FALLIDAS_POR_MINUTO = 1
    sesion, cable, nodo = abrir()
    for _ in range(3):
        sesion.recibir(leer())
        nodo.ordenes.pop()[1](no_valido("no"))
    assert [datos["code"] for _, datos in cable.enviado] == ["VALIDATION_ERROR"] * 3


async def test_al_irse_no_queda_nada_suyo() -> None:
    sesion, cable, nodo = abrir()
    sesion.recibir(leer())
    sesion.recibir(Peticion("salir_conversacion", ({"conversacionId": "c"},)))
    sesion.desconectada()
    sesion.desconectada()
    nodo.ordenes[0][1](None)
    sesion.recibir(leer())

    assert nodo.idos == [sesion._interlocutor]
    assert len(nodo.ordenes) == 1 and cable.enviado == []
    assert sesion._interlocutor.credencial is None


async def test_detenido_el_nodo_no_se_empieza_nada() -> None:
    sesion, cable, nodo = abrir()
    nodo.atiende = False
    sesion.recibir(leer())
    assert (nodo.ordenes, cable.enviado) == ([], [])


async def test_al_caducar_se_dice_y_se_cierra() -> None:
    sesion, cable, _ = abrir()
    sesion._interlocutor.acreditar(Credencial("ana", time.time(), time.time() + 0.02))
    await asyncio.sleep(0.05)

    assert cable.enviado[0][1]["code"] == "TOKEN_EXPIRED"
    assert cable.llamadas == ["cerrar"]


async def test_expulsar_lo_dice_y_cierra() -> None:
    sesion, cable, nodo = abrir()
    sesion._interlocutor.expulsar()

    assert cable.enviado[0][1]["code"] == "AUTH_INVALID"
    assert cable.llamadas == ["cerrar"] and nodo.idos == [sesion._interlocutor]


async def test_lo_que_ocupa_mucho_no_va_dos_veces() -> None:
    """Con acuse, solo en él; sin él, en el evento, como en la semilla."""
    sesion, cable, _ = abrir()
    acuses: list[bytes] = []
    chica = empujes.TokenRenovado(expira="x")
    grande = empujes.TokenRenovado(expira="x" * MAX_REPETIDO)
    for empuje, responder, enviados, acusados in (
        (chica, acuses.append, 1, 1),
        (grande, acuses.append, 0, 1),
        (grande, None, 1, 0),
    ):
        cable.enviado.clear()
        acuses.clear()
        sesion._interlocutor.contestar(Peticion("renovar_token", responder=responder), empuje)
        assert (len(cable.enviado), len(acuses)) == (enviados, acusados)
        for datos in [json.loads(a)["datos"] for a in acuses] + [d for _, d in cable.enviado]:
            assert datos["expira"] == empuje.expira
