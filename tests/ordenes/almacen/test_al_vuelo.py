"""Escribir sin leer: si lo que se recuerda no es verdad, nada queda, y se lee."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import connection
from django.db.models import F

from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.filas import MensajeLigero
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario, ahora, nuevo_id
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.por_guardar import PorGuardar
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.ordenes.almacen.pista import Pista

pytestmark = pytest.mark.bd


class Chat:
    """Ana envía en «conv», al vuelo desde el segundo mensaje; `sobres` es lo que se emitió."""

    def __init__(self, pista: Pista) -> None:
        self.pista = pista
        self.sobres: list[Sobre] = []
        emisor = Emisor()
        emisor.emitir = emisor.emitir_ya = self.sobres.extend  # type: ignore[method-assign,assignment]
        self.ejecutor = Ejecutor(VERBOS, emisor)

    def orden(self, texto: str = "hola", **mas: Any) -> Orden[cargas.EnviarMensaje]:
        contenido = cargas.ContenidoEnviado(texto=texto)
        carga = cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido, **mas)
        return Orden(Actor("ana"), carga)

    def enviar(self, *ordenes: Orden[cargas.EnviarMensaje]) -> list[Any]:
        return self.pista.ejecutar(self.ejecutor, ordenes or [self.orden()])


@pytest.fixture
def chat(conversacion: Conversacion, pista: Pista) -> Iterator[Chat]:
    uno = Chat(pista)
    [acuse] = uno.enviar()
    assert isinstance(acuse, empujes.MensajeEnviado)
    assert pista.volaron == 0
    yield uno


def test_el_primero_se_lee_y_los_siguientes_no(chat: Chat) -> None:
    primero = chat.enviar(chat.orden("dos"), chat.orden("tres"))
    [ultimo] = chat.enviar(chat.orden("cuatro"))
    assert chat.pista.volaron == 3
    assert [a.secuencia for a in (*primero, ultimo)] == [2, 3, 4]
    guardados = Mensaje.objects.order_by("secuencia").values_list("texto", "numero_de_remitente")
    assert list(guardados) == [("hola", 1), ("dos", 2), ("tres", 3), ("cuatro", 4)]
    conv = Conversacion.objects.get(pk="conv")
    assert (conv.ultima_secuencia, conv.ultimo_cambio) == (4, ultimo.secuencia_cambio)
    primero_de_todos = conv.ultimo_cambio - 3
    assert [s.cambio for s in chat.sobres] == [*range(primero_de_todos, conv.ultimo_cambio + 1)]


def test_la_base_no_tiene_nada_que_decir_de_un_envio(chat: Chat) -> None:
    """Un aviso suyo por mensaje es una línea de su registro, y un paquete más que leer."""
    avisos: list[str] = []
    conexion = chat.pista.vuelo._conexion
    assert conexion is not None
    conexion.add_notice_handler(lambda aviso: avisos.append(aviso.message_primary or ""))
    chat.enviar()
    assert chat.pista.volaron == 1
    assert avisos == []


# Lo que otro cambia sin que este proceso se entere, y lo que ha de salir entonces.
A_ESPALDAS: dict[str, tuple[Any, dict[str, Any], CodigoError | None]] = {
    "cerrada": (Conversacion, {"activa": False}, CodigoError.CONVERSATION_CLOSED),
    "otro cambio": (Conversacion, {"ultimo_cambio": F("ultimo_cambio") + 5}, None),
    "otro mensaje": (Conversacion, {"ultima_secuencia": F("ultima_secuencia") + 5}, None),
    "salió": (Participante, {"activo": False}, CodigoError.NOT_FOUND),
    "callada": (Participante, {"puede_enviar": False}, CodigoError.PERMISSION_DENIED),
    "envió en otro sitio": (Participante, {"enviados": F("enviados") + 5}, None),
    "desactivada": (Usuario, {"is_active": False}, CodigoError.NOT_FOUND),
    "otro alias": (Usuario, {"username": "anita"}, None),
    "otro nombre": (Usuario, {"nombre": "Anita"}, None),
    "otro apellido": (Usuario, {"apellido": "Ruiz"}, None),
    "otro avatar": (Usuario, {"avatar_url": "/a.png"}, None),
}


@pytest.mark.parametrize("que", A_ESPALDAS)
def test_lo_que_otro_cambio_no_se_da_por_sabido(que: str, chat: Chat) -> None:
    clase, cambios, codigo = A_ESPALDAS[que]
    cual = {Conversacion: {"pk": "conv"}, Usuario: {"pk": "ana"}}
    suyo = cual.get(clase, {"conversacion": "conv", "usuario": "ana"})
    clase.objects.filter(**suyo).update(**cambios)
    [resultado] = chat.enviar(chat.orden("tras el cambio"))
    assert chat.pista.volaron == 0
    if codigo is not None:
        assert isinstance(resultado, ErrorMensajeria)
        assert resultado.codigo is codigo
        assert Mensaje.objects.count() == 1
        return
    nuevo = Mensaje.objects.select_related("remitente").get(pk=resultado.mensaje_id)
    conv = Conversacion.objects.get(pk="conv")
    assert (conv.ultima_secuencia, conv.ultimo_cambio) == (nuevo.secuencia, nuevo.secuencia_cambio)
    assert Participante.objects.get(**_DE_ANA).enviados == nuevo.numero_de_remitente
    assert nuevo.remitente is not None
    dicho = msgspec.json.decode(chat.sobres[-1].datos)["mensaje"]["remitente"]
    assert dicho["nombre"] == (nuevo.remitente.nombre or nuevo.remitente.username)
    assert dicho["apellido"] == nuevo.remitente.apellido
    # Y lo que se acaba de leer vale para el siguiente.
    chat.enviar()
    assert chat.pista.volaron == 1


_DE_ANA = {"conversacion": "conv", "usuario": "ana"}


def test_lo_que_no_cabe_en_el_limite_se_niega_como_siempre(chat: Chat, settings: Any) -> None:
    settings.MENSAJES_POR_MINUTO = 3
    resultados = chat.enviar(*(chat.orden() for _ in range(4)))
    negados = [r for r in resultados if isinstance(r, ErrorMensajeria)]
    assert [e.codigo for e in negados] == [CodigoError.RATE_LIMITED] * 2
    assert chat.pista.volaron == 0
    assert Mensaje.objects.count() == 3


def test_un_reintento_no_se_guarda_dos_veces(chat: Chat) -> None:
    chat.ejecutor.ejecutar([chat.orden("uno", id_cliente="k")])
    [otra] = chat.enviar(chat.orden("uno", id_cliente="k"))
    assert isinstance(otra, empujes.MensajeEnviado)
    assert otra.secuencia == 2
    assert Mensaje.objects.filter(id_cliente="k").count() == 1


def test_lo_que_solo_se_mira_al_confirmar_tampoco_queda(chat: Chat) -> None:
    """Una clave ajena, que PostgreSQL comprueba al final: se sabe que no quedó nada."""
    pendiente = PorGuardar()
    pendiente.crear(
        MensajeLigero(
            id=nuevo_id(),
            conversacion_id="no existe",
            remitente_id="ana",
            secuencia=1,
            fecha_envio=ahora(),
        )
    )

    async def escribir() -> tuple[Exception | None, bool]:
        llegada: asyncio.Future[Any] = chat.pista.bucle.create_future()
        await asyncio.sleep(0)
        chat.pista.vuelo.escribir([], pendiente, lambda *como: llegada.set_result(como))
        dicho: tuple[Exception | None, bool] = await llegada
        return dicho

    error, nada_quedo = chat.pista.bucle.run_until_complete(escribir())
    assert isinstance(error, psycopg.errors.ForeignKeyViolation)
    assert nada_quedo
    assert Mensaje.objects.count() == 1
    chat.enviar()
    assert chat.pista.volaron == 1


def _otra_conexion() -> psycopg.Connection[Any]:
    return psycopg.connect(**_datos(), autocommit=True)


def _proceso(chat: Chat) -> int:
    """El de PostgreSQL que atiende a los vuelos."""
    conexion = chat.pista.vuelo._conexion
    assert conexion is not None
    return conexion.info.backend_pid


def _datos() -> dict[str, Any]:
    datos = connection.get_connection_params()
    return {k: datos[k] for k in ("host", "port", "user", "password", "dbname") if k in datos}


def test_con_la_conexion_cortada_a_medias_no_se_repite(chat: Chat) -> None:
    """Si quedó o no, no se sabe: repetirlo podría guardarlo dos veces. Que lo diga el cliente."""
    with _otra_conexion() as otra:
        otra.execute("BEGIN")
        otra.execute("SELECT 1 FROM mensajeria_conversacion WHERE _id = 'conv' FOR UPDATE")
        pid = _proceso(chat)
        chat.pista.bucle.call_later(
            0.05, lambda: otra.execute("SELECT pg_terminate_backend(%s)", [pid])
        )
        [resultado] = chat.enviar()
        otra.execute("ROLLBACK")
    assert isinstance(resultado, ErrorMensajeria)
    assert resultado.codigo is CodigoError.UNAVAILABLE
    assert Mensaje.objects.count() == 1
    # Sin ella se escribe por el otro camino, hasta que hay otra.
    chat.pista.vuelo._probar = 0
    assert chat.enviar()[0].secuencia == 2
    chat.enviar()
    assert Mensaje.objects.count() == 3
    assert not any(isinstance(r, ErrorMensajeria) for r in chat.enviar())


def test_lo_que_llega_sin_pedirlo_no_para_el_bucle(chat: Chat) -> None:
    conexion = chat.pista.vuelo._conexion
    assert conexion is not None
    conexion.execute("LISTEN algo")
    with _otra_conexion() as otra:
        otra.execute("NOTIFY algo")

    async def leido() -> None:
        while conexion.pgconn.notifies() is None:
            await asyncio.sleep(0.005)

    chat.pista.bucle.run_until_complete(asyncio.wait_for(leido(), 5))
    chat.enviar()
    assert chat.pista.volaron == 1


def test_cortada_mientras_no_se_usa_se_abre_otra(chat: Chat) -> None:
    pid = _proceso(chat)
    with _otra_conexion() as otra:
        otra.execute("SELECT pg_terminate_backend(%s)", [pid])

    async def enterarse() -> None:
        while chat.pista.vuelo.libre:
            await asyncio.sleep(0.01)

    chat.pista.bucle.run_until_complete(asyncio.wait_for(enterarse(), 5))
    chat.pista.vuelo._probar = 0
    chat.enviar()
    chat.enviar()
    assert chat.pista.volaron >= 1
    assert Mensaje.objects.count() == 3
