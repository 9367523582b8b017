from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.nodo import nodo
from mensajeria.operaciones import mensajes
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes import ejecucion, limite, retencion
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.puntos_de_fallo import Punto
from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd


def envio(quien: str, texto: str = "hola", **mas: Any) -> Orden[cargas.EnviarMensaje]:
    contenido = cargas.ContenidoEnviado(texto=texto)
    carga = cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido, **mas)
    return Orden(Actor(quien), carga)


def secuencias() -> list[int]:
    return list(Mensaje.objects.order_by("secuencia").values_list("secuencia", flat=True))


def test_cien_mensajes_son_una_transaccion_y_pocas_consultas(
    conversacion: Conversacion, sobres: list[Sobre]
) -> None:
    with CaptureQueriesContext(connection) as uno:
        ejecutar([envio("ana")])
    with CaptureQueriesContext(connection) as cien:
        resultados = ejecutar([envio("ana" if i % 2 else "beto") for i in range(100)])
    assert all(isinstance(r, empujes.MensajeEnviado) for r in resultados)
    assert secuencias() == list(range(1, 102))
    # En PostgreSQL, una más: cómo se buscan.
    assert len(uno) <= 9
    assert len(cien) <= len(uno)
    aperturas = [q["sql"] for q in cien.captured_queries if q["sql"].startswith("BEGIN")]
    assert len(aperturas) == (0 if connection.vendor == "mongodb" else 1)
    assert [s.secuencia for s in sobres] == list(range(1, 102))


def test_lo_mezclado_no_cuesta_mas_por_orden(conversacion: Conversacion) -> None:
    id_ = ejecutar([envio("ana")])[0].mensaje_id  # type: ignore[union-attr]

    def tanda(veces: int) -> list[Orden[Any]]:
        return [
            orden
            for i in range(veces)
            for orden in (
                envio("ana"),
                Orden(Actor("beto"), cargas.MarcarLeido(conversacion_id="conv")),
                Orden(Actor("beto"), cargas.AgregarReaccion(mensaje_id=id_, tipo="like")),
                Orden(Actor("beto"), cargas.QuitarReaccion(mensaje_id=id_)),
                Orden(Actor("ana"), cargas.EditarMensaje(mensaje_id=id_, texto=f"v{i}")),
            )
        ]

    with CaptureQueriesContext(connection) as pocas:
        ejecutar(tanda(1))
    with CaptureQueriesContext(connection) as muchas:
        ejecutar(tanda(5))
    assert len(muchas) <= len(pocas) + 1 <= 22


def test_una_orden_mala_falla_sola(conversacion: Conversacion) -> None:
    resultados = ejecutar([envio("ana"), envio("carla"), envio("beto")])
    assert isinstance(resultados[1], ErrorMensajeria)
    assert [getattr(r, "secuencia", None) for r in resultados] == [1, None, 2]


def test_lo_inesperado_tambien_falla_solo(conversacion: Conversacion) -> None:
    def romper(lote: Any, orden: Orden[cargas.EnviarMensaje]) -> Any:
        if orden.carga.contenido.texto == "malo":
            raise RuntimeError("un defecto")
        return mensajes.enviar(lote, orden)

    verbos: dict[Any, Any] = {
        **VERBOS,
        cargas.EnviarMensaje: replace(mensajes.ENVIAR, aplicar=romper),
    }
    ejecutor = Ejecutor(verbos, Emisor())
    resultados = ejecutor.ejecutar([envio("ana", t) for t in ("uno", "malo", "dos", "tres")])
    assert isinstance(resultados[1], ErrorMensajeria)
    assert resultados[1].codigo is CodigoError.INTERNAL_ERROR
    assert list(Mensaje.objects.order_by("secuencia").values_list("texto", flat=True)) == [
        "uno",
        "dos",
        "tres",
    ]
    assert secuencias() == [1, 2, 3]


def test_lo_que_no_se_confirma_no_se_emite(
    conversacion: Conversacion, sobres: list[Sobre], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fallar(_: Punto) -> None:
        raise RuntimeError("con todo decidido y antes de confirmar")

    monkeypatch.setattr(ejecucion, "pasar", fallar)
    [resultado] = ejecutar([envio("ana")])
    assert isinstance(resultado, ErrorMensajeria)
    assert sobres == []
    assert not Mensaje.objects.exists()


@pytest.mark.parametrize("que", ["emitir", "devolver"])
def test_lo_que_falla_ya_confirmado_no_se_repite(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch, que: str
) -> None:
    """Repetir el lote guardaría los mensajes dos veces."""

    def fallar(*_: Any) -> None:
        raise RuntimeError("con todo ya guardado")

    if que == "emitir":
        monkeypatch.setattr(Emisor, "emitir", fallar)
    else:
        monkeypatch.setattr(limite, "devolver", fallar)
    resultados = ejecutar([envio("ana"), envio("ana")])
    assert [getattr(r, "secuencia", None) for r in resultados] == [1, 2]
    assert secuencias() == [1, 2]


def test_el_mismo_id_dos_veces_en_un_lote(conversacion: Conversacion) -> None:
    uno, dos, otro = ejecutar(
        [
            envio("ana", id_cliente="c"),
            envio("ana", id_cliente="c"),
            envio("ana", "distinto", id_cliente="c"),
        ]
    )
    assert uno.mensaje_id == dos.mensaje_id  # type: ignore[union-attr]
    assert isinstance(otro, ErrorMensajeria)
    assert secuencias() == [1]


def test_hilos_a_la_vez_ni_huecos_ni_dobles(conversacion: Conversacion) -> None:
    """Cada hilo reintenta con los mismos ids que los demás: gana uno, y todos reciben su acuse."""
    acuses: list[tuple[str, str]] = []

    def enviar() -> None:
        try:
            for i in range(10):
                [resultado] = ejecutar([envio("ana", id_cliente=f"c{i}")])
                assert isinstance(resultado, empujes.MensajeEnviado), resultado
                acuses.append((f"c{i}", resultado.mensaje_id))
        finally:
            connection.close()

    hilos = [threading.Thread(target=enviar) for _ in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert len(acuses) == 40
    assert len(set(acuses)) == 10
    assert secuencias() == list(range(1, 11))
    conversacion.refresh_from_db()
    assert (conversacion.ultima_secuencia, conversacion.ultimo_cambio) == (10, 11)
    assert Participante.objects.get(usuario="ana").enviados == 10


def test_nada_se_cuela_tras_una_salida(conversacion: Conversacion) -> None:
    """Uno envía sin parar mientras lo sacan: nada suyo queda después de su salida."""
    fuera = threading.Event()

    def enviar() -> None:
        try:
            while not fuera.is_set():
                ejecutar([envio("beto")])
        finally:
            connection.close()

    hilo = threading.Thread(target=enviar)
    hilo.start()
    salida = cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto")
    try:
        while Mensaje.objects.count() < 5:
            time.sleep(0.005)
        [resultado] = ejecutar([Orden(Actor("ana"), salida)])
    finally:
        fuera.set()
        hilo.join()
    assert not isinstance(resultado, ErrorMensajeria)
    corte = Participante.objects.get(usuario="beto").secuencia_cambio
    assert not Mensaje.objects.filter(secuencia_cambio__gt=corte).exists()


def test_lo_que_retiene_otro_no_detiene_lo_demas(conversacion: Conversacion) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("solo PostgreSQL espera por filas de otro")
    libre = Conversacion.objects.create(id="libre", tipo="grupal")
    Participante.objects.create(conversacion=libre, usuario_id="ana")
    carga = cargas.EnviarMensaje(
        conversacion_id="libre", contenido=cargas.ContenidoEnviado(texto="hola")
    )
    tanda = [*(envio("ana") for _ in range(30)), Orden(Actor("ana"), carga)]

    def medir() -> tuple[list[Any], float]:
        inicio = time.monotonic()
        return ejecutar(tanda), time.monotonic() - inicio

    parametros = connection.get_connection_params()
    conectar = {k: parametros[k] for k in ("dbname", "user", "host", "port") if k in parametros}
    with psycopg.connect(**conectar) as otro:
        otro.execute("SELECT 1 FROM mensajeria_conversacion WHERE _id = 'conv' FOR UPDATE")
        for tope in (3.0, 1.0):  # la primera espera por la fila; las demás ya saben que no
            resultados, segundos = medir()
            assert isinstance(resultados[-1], empujes.MensajeEnviado)
            assert {r.codigo for r in resultados[:-1]} == {CodigoError.UNAVAILABLE}
            assert all(r.reintentar_en for r in resultados[:-1])
            assert segundos < tope
    resultados, _ = medir()
    assert all(isinstance(r, empujes.MensajeEnviado) for r in resultados)
    assert secuencias() == sorted([1, 2, *range(1, 31), 3])


def test_si_la_base_cae_al_mirar_lo_retenido_lo_dice_el_lote(
    conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def caida(_: Any) -> Any:
        raise OperationalError("no contesta")

    retenidas = nodo().ejecutor.retencion
    monkeypatch.setitem(retenidas._hasta, "conv", time.monotonic() + 5)
    monkeypatch.setattr(retencion, "conversaciones_de", caida)
    [resultado] = ejecutar([envio("ana")])
    assert isinstance(resultado, empujes.MensajeEnviado)
    assert not retenidas.descubrir([mensajes.ENVIAR.nombra(envio("ana"))])
