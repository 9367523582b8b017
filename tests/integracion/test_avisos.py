"""Dos `manage.py notificar` a la vez, muertos de golpe donde sea, y un servicio que se cae un rato:
cada aviso llega, y ninguno se pierde.

En cada punto, en SQLite; `make avisos` los recorre también en PostgreSQL, y al azar.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mensajeria.avisos.cartero import TANDA
from mensajeria.ordenes.puntos_de_fallo import PuntoDeAviso
from tests.avisos.servicio import Navegador, Servicio
from tests.avisos.test_webpush import CLAVE
from tests.carteros import FALTAN, Carteros
from tests.servicios import PACIENCIA, Servidor

CUANTOS = 240
ARRIENDO = 5

# Una persona por aviso, con su navegador, y una conversación con ana; y de cada una, un mensaje.
SEMBRAR = """
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
m = models
quienes = range({cuantos})
m.Usuario.objects.bulk_create(
    m.Usuario(pk=f"p{{n}}", username=f"p{{n}}", nombre=f"P{{n}}") for n in quienes)
m.Conversacion.objects.bulk_create(
    m.Conversacion(pk=f"av{{n}}", codigo=f"AV-{{n}}", tipo="individual") for n in quienes)
m.Participante.objects.bulk_create(
    m.Participante(conversacion_id=f"av{{n}}", usuario_id=u) for n in quienes
    for u in ("ana", f"p{{n}}"))
m.Dispositivo.objects.bulk_create(
    m.Dispositivo(usuario_id=f"p{{n}}", canal="webpush", punto=f"{url}/p{{n}}", huella=f"h{{n}}",
        claves={claves!r}, nombre="navegador") for n in quienes)
ordenes = [Orden(Actor("ana"), cargas.EnviarMensaje(conversacion_id=f"av{{n}}",
    contenido=cargas.ContenidoEnviado(texto="hola"))) for n in quienes]
for i in range(0, len(ordenes), 500):
    assert not any(isinstance(r, Exception) for r in nodo().pedir(ordenes[i:i + 500]))
"""


@pytest.fixture
def sembrado(tmp_path: Path, redis: str) -> Iterator[tuple[Servidor, Servicio, Navegador]]:
    navegador = Navegador()
    with Servicio() as servicio:
        servidor = Servidor(
            tmp_path,
            AVISOS="aparte",
            AVISOS_ARRIENDO=str(ARRIENDO),
            RECORDATORIO_HORAS="0",
            REDIS_URL=redis,
            VAPID_CLAVE=CLAVE,
            SALIENTES_ADMITIDAS="127.0.0.1",
            ARCHIVOS=str(tmp_path / "archivos"),
        )
        servidor.guion(SEMBRAR.format(cuantos=CUANTOS, url=servicio.url, claves=navegador.claves))
        yield servidor, servicio, navegador


def esperar_todos(servidor: Servidor, carteros: Carteros) -> None:
    limite = time.monotonic() + PACIENCIA
    while True:
        carteros.reponer(2)
        [(faltan, enterrados)] = servidor.sql(FALTAN)
        assert enterrados == 0
        if not faltan:
            return
        assert time.monotonic() < limite, f"faltan {faltan}"
        time.sleep(0.2)


def llegados(servicio: Servicio) -> Counter[str]:
    return Counter(p.camino.removeprefix("/") for p in servicio.recibidas)


@pytest.mark.aparte
def test_dos_carteros_no_envian_ninguno_dos_veces(
    sembrado: tuple[Servidor, Servicio, Navegador],
) -> None:
    servidor, servicio, navegador = sembrado
    # Que una máquina ocupada no dé a nadie por muerto.
    servidor.entorno["AVISOS_ARRIENDO"] = "60"
    carteros = Carteros(servidor)
    try:
        esperar_todos(servidor, carteros)
    finally:
        carteros.parar()
    assert llegados(servicio) == {f"p{n}": 1 for n in range(CUANTOS)}
    assert navegador.leer(servicio.recibidas[0].cuerpo)["cuerpo"] == "hola"


@pytest.mark.elige_base
@pytest.mark.parametrize(
    ("puntos", "repetidos"),
    [
        # Uno tras otro: los tres, antes de enviar nada.
        pytest.param(
            [PuntoDeAviso.AL_REPARTIR, PuntoDeAviso.TRAS_REPARTIR, PuntoDeAviso.TRAS_TOMAR],
            0,
            marks=pytest.mark.aparte,
            id="antes_de_entregar",
        ),
        pytest.param([PuntoDeAviso.TRAS_ENTREGAR], TANDA, id="tras_entregar"),
        # Otros de la misma tanda, entregados, aún no habían acabado.
        pytest.param([PuntoDeAviso.TRAS_ACABAR], TANDA, marks=pytest.mark.aparte, id="tras_acabar"),
    ],
)
def test_muertos_en_cada_punto_llegan_todos(
    sembrado: tuple[Servidor, Servicio, Navegador], puntos: list[PuntoDeAviso], repetidos: int
) -> None:
    """Con el mismo tema: lo que llega dos veces es como mucho lo que tenía en las manos."""
    servidor, servicio, _ = sembrado
    carteros = Carteros(servidor)
    try:
        for punto in puntos:
            carteros.arrancar(f"{punto}:1")
            assert carteros.procesos[-1].wait(PACIENCIA) == -signal.SIGKILL
        # Lo del muerto vuelve pronto; a los que siguen, una máquina ocupada no los da por muertos.
        servidor.entorno["AVISOS_ARRIENDO"] = "60"
        esperar_todos(servidor, carteros)
    finally:
        carteros.parar()
    veces = llegados(servicio)
    assert len(veces) == CUANTOS
    assert sum(veces.values()) - CUANTOS <= repetidos


@pytest.mark.aparte
def test_con_muertes_al_azar_y_el_servicio_caido_un_rato_llegan_todos(
    sembrado: tuple[Servidor, Servicio, Navegador],
) -> None:
    servidor, servicio, _ = sembrado
    carteros, azar = Carteros(servidor), random.Random(7)
    servicio.contesta.extend([(503, {"Retry-After": "1"}, b"caido")] * (CUANTOS // 3))
    muertes = 0
    try:
        for _ in range(4):
            muertes += carteros.reponer(2)
            time.sleep(azar.uniform(1.5, 3))
            cual = azar.choice(carteros.procesos)
            cual.kill()
            cual.wait(PACIENCIA)
        esperar_todos(servidor, carteros)
    finally:
        carteros.parar()
    assert muertes >= 3
    assert len(llegados(servicio)) == CUANTOS
