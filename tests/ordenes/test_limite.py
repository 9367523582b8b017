"""El límite de mensajes se cuenta sin retener la conversación, y solo lo que se acepta."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection

from mensajeria.entre_procesos import limites
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.operaciones import mensajes
from mensajeria.ordenes.filas import Filas
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.vistazo import Vistazo
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


def envio(quien: str, texto: str = "hola", **mas: Any) -> Orden[cargas.EnviarMensaje]:
    contenido = cargas.ContenidoEnviado(texto=texto)
    datos = {"conversacion_id": "conv", "contenido": contenido, **mas}
    return Orden(Actor(quien), cargas.EnviarMensaje(**datos))


@pytest.fixture
def contados(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """De quién es cada mensaje contado."""
    de_quien: list[str] = []
    monkeypatch.setattr(limites, "gastar_mensaje", de_quien.append)
    return de_quien


def test_mientras_se_cuenta_la_conversacion_no_esta_retenida(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis tarda: quien envía espera, y los demás siguen con la misma conversación."""
    contando, sigue = threading.Event(), threading.Event()
    enviados: list[Any] = []

    def contar(_: str) -> None:
        contando.set()
        assert sigue.wait(10)

    def enviar() -> None:
        try:
            enviados.extend(ejecutar([envio("ana")]))
        finally:
            connection.close()

    def actualizar() -> None:
        try:
            carga = cargas.CambiarParticipante(
                conversacion_id="conv", usuario_id="beto", rol="experto"
            )
            ejecutar([Orden(Actor("ana"), carga)])
        finally:
            connection.close()

    monkeypatch.setattr(limites, "gastar_mensaje", contar)
    hilo, otro = threading.Thread(target=enviar), threading.Thread(target=actualizar)
    hilo.start()
    try:
        assert contando.wait(10)
        otro.start()
        otro.join(3)
        retenida = otro.is_alive()
    finally:
        sigue.set()
        hilo.join()
        otro.join()
    assert not retenida
    [acuse] = enviados
    assert (acuse.secuencia, acuse.secuencia_cambio) == (1, 3)
    assert Participante.objects.get(usuario="beto").rol == "experto"


def test_lo_rechazado_no_cuenta(conversacion: Conversacion, contados: list[str]) -> None:
    otra = Conversacion.objects.create(id="otra", activa=False)
    Participante.objects.create(conversacion=otra, usuario_id="ana")
    ajeno = Mensaje.objects.create(conversacion=otra, secuencia=1, secuencia_cambio=1)
    Participante.objects.filter(usuario="beto").update(puede_enviar=False)
    resultados = ejecutar(
        [
            envio("carla"),
            envio("beto"),
            envio("ana", conversacion_id="otra"),
            envio("ana", conversacion_id="no-existe"),
            envio("ana", respuesta_a=ajeno.pk),
            envio("ana", respuesta_a="no-existe"),
        ]
    )
    assert [r.codigo for r in resultados if isinstance(r, ErrorMensajeria)] == [
        CodigoError.NOT_FOUND,
        CodigoError.PERMISSION_DENIED,
        CodigoError.CONVERSATION_CLOSED,
        CodigoError.NOT_FOUND,
        CodigoError.NOT_FOUND,
        CodigoError.NOT_FOUND,
    ]
    assert contados == []


def test_los_reintentos_no_cuentan_ni_en_el_mismo_lote(
    conversacion: Conversacion, contados: list[str]
) -> None:
    ejecutar([envio("ana", id_cliente="a")])
    resultados = ejecutar(
        [
            envio("ana", id_cliente="a"),
            envio("ana", "otro cuerpo", id_cliente="a"),
            envio("ana", id_cliente="b"),
            envio("ana", id_cliente="b"),
            envio("beto", id_cliente="b"),
        ]
    )
    assert [type(r) for r in resultados].count(ErrorMensajeria) == 1
    assert contados == ["ana", "ana", "beto"]


def test_un_lote_que_se_repite_cuenta_una_vez(
    conversacion: Conversacion, contados: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    veces: list[int] = []

    def chocar(lote: Lote) -> Any:
        veces.append(1)
        if len(veces) < 3:
            raise IntegrityError("otro se adelantó")
        return guardar(lote)

    guardar = Lote.guardar
    monkeypatch.setattr(Lote, "guardar", chocar)
    resultados = ejecutar([envio("ana", id_cliente="c"), envio("ana", id_cliente="c")])
    assert {type(r) for r in resultados} == {empujes.MensajeEnviado}
    assert (len(veces), contados) == (3, ["ana"])


def test_lo_que_pasa_del_limite_no_detiene_lo_demas(
    conversacion: Conversacion, settings: Any
) -> None:
    settings.MENSAJES_POR_MINUTO = 1
    uno, dos, otro = ejecutar([envio("ana"), envio("ana"), envio("beto")])
    assert isinstance(dos, ErrorMensajeria)
    assert (dos.codigo, 0 < (dos.reintentar_en or 0) <= 60) == (CodigoError.RATE_LIMITED, True)
    assert [getattr(r, "secuencia", None) for r in (uno, otro)] == [1, 2]


def test_lo_confirmado_antes_del_cerrojo_recibe_su_acuse_aunque_se_cierre(
    conversacion: Conversacion, contados: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """El mismo envío por dos procesos, y la conversación cerrada justo después del primero."""
    ganador: list[Any] = []

    def adelantarse(filas: Filas, *leido: Any) -> None:
        if not ganador:
            ganador.append(None)
            ganador[0] = Mensaje.objects.create(
                conversacion_id="conv",
                remitente_id="ana",
                id_cliente="c",
                huella=mensajes._huella(envio("ana", id_cliente="c").carga),
                texto="hola",
                secuencia=1,
                secuencia_cambio=2,
            )
            Conversacion.objects.update(activa=False, ultima_secuencia=1, ultimo_cambio=2)
        cargar(filas, *leido)

    cargar = Filas.__init__
    monkeypatch.setattr(Filas, "__init__", adelantarse)
    [acuse] = ejecutar([envio("ana", id_cliente="c")])
    assert isinstance(acuse, empujes.MensajeEnviado), acuse
    assert acuse.mensaje_id == ganador[0].pk


def _de_que_mensaje(acuse: Any) -> str:
    assert isinstance(acuse, empujes.MensajeEnviado), acuse
    return acuse.mensaje_id


def test_un_reintento_confirmado_mientras_se_cuenta_recibe_su_acuse(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otro nodo confirma el mismo envío, el último que cabía, justo cuando se cuenta aquí."""
    contados: list[str] = []
    confirmado: list[Any] = []

    def gastar(quien: str) -> None:
        contados.append(quien)
        if len(contados) == 1:
            confirmado.extend(ejecutar([envio("beto", id_cliente="k")]))
            raise ErrorMensajeria(CodigoError.RATE_LIMITED, reintentar_en=1.0)

    monkeypatch.setattr(limites, "gastar_mensaje", gastar)
    [acuse] = ejecutar([envio("beto", id_cliente="k")])
    assert _de_que_mensaje(acuse) == _de_que_mensaje(confirmado[0])
    assert Mensaje.objects.count() == 1


def test_un_reintento_recibe_su_acuse_aunque_ya_no_participe(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otro nodo confirma el mismo envío y su salida, entre las dos miradas de este."""
    confirmado: list[Any] = []
    original = Vistazo.mirar_remitentes

    def mirar(vistazo: Vistazo, claves: set[tuple[str, str]]) -> None:
        if not confirmado:
            confirmado.append(None)
            confirmado[:] = ejecutar([envio("beto", id_cliente="k")])
            salida = cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto")
            ejecutar([Orden(Actor("beto"), salida)])
        original(vistazo, claves)

    monkeypatch.setattr(Vistazo, "mirar_remitentes", mirar)
    [acuse] = ejecutar([envio("beto", id_cliente="k")])
    assert _de_que_mensaje(acuse) == _de_que_mensaje(confirmado[0])
