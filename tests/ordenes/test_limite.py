"""El límite de mensajes se cuenta sin retener la conversación, y solo lo que se acepta."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from mensajeria.entre_procesos import limites
from mensajeria.entre_procesos.ventanas import Gasto
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.ordenes import ejecucion
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.puntos_de_fallo import Punto
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.apoyo import ejecutar
from tests.archivos.apoyo import con_archivo, subir

pytestmark = pytest.mark.bd


def envio(quien: str, texto: str = "hola", **mas: Any) -> Orden[cargas.EnviarMensaje]:
    contenido = cargas.ContenidoEnviado(texto=texto)
    datos = {"conversacion_id": "conv", "contenido": contenido, **mas}
    return Orden(Actor(quien), cargas.EnviarMensaje(**datos))


Contar = Callable[[Mapping[str, int]], dict[str, Gasto]]


def todos_caben(cuantos: Mapping[str, int]) -> dict[str, Gasto]:
    return {quien: Gasto(n, 0.0) for quien, n in cuantos.items()}


@pytest.fixture
def contados(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Cuántos se le han contado a cada uno y no se le han devuelto."""
    cuenta: Counter[str] = Counter()

    def gastar(cuantos: Mapping[str, int]) -> dict[str, Gasto]:
        cuenta.update(cuantos)
        return todos_caben(cuantos)

    monkeypatch.setattr(limites, "gastar_mensajes", gastar)
    monkeypatch.setattr(limites, "devolver_mensajes", cuenta.subtract)
    return cuenta


def test_mientras_se_cuenta_la_conversacion_no_esta_retenida(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis tarda: quien envía espera, y los demás siguen con la misma conversación."""
    contando, sigue = threading.Event(), threading.Event()
    enviados: list[Any] = []

    def contar(cuantos: Mapping[str, int]) -> dict[str, Gasto]:
        contando.set()
        assert sigue.wait(10)
        return todos_caben(cuantos)

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

    monkeypatch.setattr(limites, "gastar_mensajes", contar)
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


def test_lo_rechazado_no_cuenta(conversacion: Conversacion, contados: Counter[str]) -> None:
    otra = Conversacion.objects.create(id="otra", activa=False)
    Participante.objects.create(conversacion=otra, usuario_id="ana")
    Participante.objects.filter(usuario="beto").update(puede_enviar=False)
    resultados = ejecutar(
        [
            envio("carla"),
            envio("beto"),
            envio("ana", conversacion_id="otra"),
            envio("ana", conversacion_id="no-existe"),
        ]
    )
    assert [r.codigo for r in resultados if isinstance(r, ErrorMensajeria)] == [
        CodigoError.NOT_FOUND,
        CodigoError.PERMISSION_DENIED,
        CodigoError.CONVERSATION_CLOSED,
        CodigoError.NOT_FOUND,
    ]
    assert not +contados


def test_los_reintentos_no_cuentan_ni_en_el_mismo_lote(
    conversacion: Conversacion, contados: Counter[str]
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
    assert contados == {"ana": 2, "beto": 1}


def test_un_lote_que_se_repite_cuenta_una_vez(
    conversacion: Conversacion, contados: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    veces: list[int] = []

    def chocar(_: Punto) -> None:
        veces.append(1)
        if len(veces) < 3:
            raise IntegrityError("otro se adelantó")

    monkeypatch.setattr(ejecucion, "pasar", chocar)
    resultados = ejecutar([envio("ana", id_cliente="c"), envio("ana", id_cliente="c")])
    assert {type(r) for r in resultados} == {empujes.MensajeEnviado}
    assert (len(veces), contados) == (5, {"ana": 1})


def test_lo_que_pasa_del_limite_no_detiene_lo_demas(
    conversacion: Conversacion, settings: Any
) -> None:
    settings.MENSAJES_POR_MINUTO = 1
    uno, dos, otro = ejecutar([envio("ana"), envio("ana"), envio("beto")])
    assert isinstance(dos, ErrorMensajeria)
    assert (dos.codigo, 0 < (dos.reintentar_en or 0) <= 60) == (CodigoError.RATE_LIMITED, True)
    assert [getattr(r, "secuencia", None) for r in (uno, otro)] == [1, 2]


def test_de_quien_no_cabe_solo_se_niega_lo_que_gastaba(
    conversacion: Conversacion, settings: Any
) -> None:
    """Cabe uno, y va detrás de reintentos y de algo que no se admite."""
    settings.MENSAJES_POR_MINUTO = 3
    ejecutar([envio("ana", id_cliente="a"), envio("ana", id_cliente="b")])
    resultados = ejecutar(
        [
            envio("ana", id_cliente="a"),
            envio("ana", conversacion_id="no-existe"),
            envio("ana", id_cliente="b"),
            envio("ana", id_cliente="c"),
            envio("ana", id_cliente="d"),
            envio("ana", id_cliente="d"),
            envio("ana", id_cliente="c"),
        ]
    )
    codigos = [getattr(r, "codigo", None) for r in resultados]
    no, niega = CodigoError.NOT_FOUND, CodigoError.RATE_LIMITED
    assert codigos == [None, no, None, None, niega, niega, None]
    assert Mensaje.objects.count() == 3


def test_lo_devuelto_se_puede_gastar(conversacion: Conversacion, settings: Any) -> None:
    settings.MENSAJES_POR_MINUTO = 2
    for _ in range(5):
        ejecutar([envio("ana", conversacion_id="no-existe")])
        ejecutar([envio("ana", id_cliente="a")])
    [resultado] = ejecutar([envio("ana")])
    assert isinstance(resultado, empujes.MensajeEnviado)


def _de_que_mensaje(acuse: Any) -> str:
    assert isinstance(acuse, empujes.MensajeEnviado), acuse
    return acuse.mensaje_id


def mientras_se_cuenta(
    monkeypatch: pytest.MonkeyPatch, pasa: Callable[[], None], despues: Contar
) -> None:
    """Lo que otro nodo hace mientras este cuenta, y lo que aquí resulta de contar."""
    contados: list[str] = []

    def gastar(cuantos: Mapping[str, int]) -> dict[str, Gasto]:
        contados.extend(cuantos)
        if len(contados) > 1:
            return todos_caben(cuantos)
        pasa()
        return despues(cuantos)

    monkeypatch.setattr(limites, "gastar_mensajes", gastar)


def test_un_reintento_confirmado_mientras_se_cuenta_recibe_su_acuse(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otro nodo confirma el mismo envío, el último que cabía, justo cuando se cuenta aquí."""
    confirmado: list[Any] = []

    def confirmar() -> None:
        confirmado.extend(ejecutar([envio("beto", id_cliente="k")]))

    mientras_se_cuenta(monkeypatch, confirmar, lambda _: {"beto": Gasto(0, 1.0)})
    [acuse] = ejecutar([envio("beto", id_cliente="k")])
    assert _de_que_mensaje(acuse) == _de_que_mensaje(confirmado[0])
    assert Mensaje.objects.count() == 1


@pytest.mark.parametrize(
    "despues", [todos_caben, lambda _: {"beto": Gasto(0, 1.0)}], ids=["cabe", "no cabe"]
)
def test_un_reintento_recibe_su_acuse_aunque_ya_no_participe_y_se_cierre(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch, despues: Contar
) -> None:
    """Otro nodo confirma el mismo envío, su salida y el cierre antes de que este bloquee."""
    confirmado: list[Any] = []

    def confirmar() -> None:
        confirmado.extend(ejecutar([envio("beto", id_cliente="k")]))
        salida = cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto")
        cierre = cargas.ActualizarConversacion(conversacion_id="conv", activa=False)
        ejecutar([Orden(Actor("beto"), salida), Orden(Actor("ana"), cierre)])

    mientras_se_cuenta(monkeypatch, confirmar, despues)
    [acuse] = ejecutar([envio("beto", id_cliente="k")])
    assert _de_que_mensaje(acuse) == _de_que_mensaje(confirmado[0])


def test_el_que_lleva_un_archivo_ya_conto_al_subirlo(
    conversacion: Conversacion, contados: Counter[str], almacen: Path
) -> None:
    con, otra = (Orden(Actor("ana"), con_archivo(subir("ana").pk)) for _ in range(2))
    ejecutar([con, envio("ana"), otra, envio("ana", "otro")])
    assert Mensaje.objects.count() == 4
    assert contados == Counter(ana=2)
    # Ni lo que se le niegue, ni lo que repita, le devuelve lo que no gastó.
    ejecutar([Orden(Actor("ana"), con.carga)])
    assert contados == Counter(ana=2)
