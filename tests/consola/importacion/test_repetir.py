"""La importación repetida, cortada, a la vez que otros o solo simulada."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from mensajeria.base_de_datos import atomico
from mensajeria.consola.importacion import importador
from mensajeria.consola.importacion.destino import Destino
from mensajeria.models import (
    Conversacion,
    Mensaje,
    Participante,
    Usuario,
)
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from tests.apoyo import ejecutar_una
from tests.consola.importacion.apoyo import foto, importar
from tests.consola.importacion.original import (
    ANA,
    BETO,
    CARLA,
    PAREJA,
    base_al_azar,
    base_variada,
    conversacion,
    lectura,
    mensaje,
    minuto,
    oid,
)

pytestmark = pytest.mark.bd


def test_repetir_no_dobla_nada(base: None, ruta: Path, tmp_path: Path) -> None:
    importar(base_variada(), ruta)
    antes = foto()
    segunda = importar(base_variada(), tmp_path / "otra.jsonl")
    assert foto() == antes
    assert [c.nuevos for c in segunda.cuentas.values()] == [0, 0, 0, 0]
    assert segunda.cuentas["mensajes"].ya_estaban == 13


@pytest.mark.parametrize("cortes", [1, 3])
def test_cortada_a_medias_y_repetida_queda_igual(
    base: None, ruta: Path, monkeypatch: Any, cortes: int
) -> None:
    """El corte cae dentro de la transacción de una tanda cualquiera."""
    monkeypatch.setattr(importador, "TANDA", 20)
    datos = base_al_azar(120, semilla=7)
    original = Destino.guardar_hileras
    quedan = 0

    def cortar(self: Any, hileras: Any) -> None:
        nonlocal quedan
        quedan -= 1
        if quedan < 0:
            raise KeyboardInterrupt
        original(self, hileras)

    monkeypatch.setattr(Destino, "guardar_hileras", cortar)
    for quedan in range(1, cortes + 1):  # noqa: B007
        with pytest.raises(KeyboardInterrupt):
            importar(datos, ruta)
    quedan = 1000
    importar(datos, ruta)
    a_trozos = foto()
    for modelo in (Usuario, Conversacion):
        for fila in modelo.objects.all():
            fila.delete()
    Mensaje.objects.all().delete()
    importar(datos, ruta)
    de_una_vez = foto()
    # Las filas de acuses pueden partirse por otro sitio; lo que dicen es lo mismo.
    assert a_trozos[:4] + a_trozos[5:] == de_una_vez[:4] + de_una_vez[5:]


def test_espera_a_quien_retiene_lo_que_necesita(base: None, ruta: Path) -> None:
    """Como lo que deja a medias un proceso muerto, que en MongoDB dura un minuto."""
    datos = base_al_azar(0, semilla=1)
    importar(datos, ruta)
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(1))]
    retenida, acabada = threading.Event(), threading.Event()

    def retener() -> None:
        try:
            with atomico():
                Conversacion.objects.filter(pk=str(PAREJA)).update(descripcion="retenida")
                retenida.set()
                acabada.wait(3)
        finally:
            connection.close()

    otro = threading.Thread(target=retener)
    otro.start()
    retenida.wait()
    importar(datos, ruta)
    acabada.set()
    otro.join()
    fila = Conversacion.objects.get(pk=str(PAREJA))
    assert (fila.ultima_secuencia, fila.descripcion) == (1, "retenida")


def test_lo_nuevo_del_original_se_suma_detras(base: None, ruta: Path) -> None:
    datos = base_variada()
    importar(datos, ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="ya aquí")
    )
    ejecutar_una(Orden(Actor(str(BETO)), carga))
    datos["mensajes"].append(
        mensaje(oid(150), PAREJA, ANA, minuto(0), lecturas=[lectura(BETO, minuto(99))])
    )
    datos["conversaciones"].append(conversacion(oid(15), ANA, CARLA))
    version = Usuario.objects.get(pk=str(ANA)).version
    importar(datos, ruta)
    assert Mensaje.objects.get(pk=str(oid(150))).secuencia == 9
    beto = Participante.objects.get(conversacion=str(PAREJA), usuario=str(BETO))
    assert (beto.leido_hasta, beto.enviados, beto.enviados_leidos) == (9, 3, 3)
    assert Usuario.objects.get(pk=str(ANA)).version == version + 1


def test_lo_viejo_que_llega_tarde_no_da_por_leido_lo_de_aqui(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    importar(datos, ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="ya aquí")
    )
    ejecutar_una(Orden(Actor(str(ANA)), carga))
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(-99))]
    importar(datos, ruta)
    assert Participante.objects.get(conversacion=str(PAREJA), usuario=str(BETO)).leido_hasta == 0


def test_simular_no_guarda_y_cuenta_lo_mismo(
    base: None, ruta: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(importador, "TANDA", 6)
    simulado = importar(base_variada(), ruta, simular=True)
    assert not Usuario.objects.exists()
    assert not Conversacion.objects.exists()
    assert not Mensaje.objects.exists()
    de_verdad = importar(base_variada(), tmp_path / "otra.jsonl")
    cuentas = [(c.nuevos, c.ajustados) for c in simulado.cuentas.values()]
    assert cuentas == [(c.nuevos, c.ajustados) for c in de_verdad.cuentas.values()]


def test_quien_escribio_sin_figurar_entra_como_quien_salio(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["mensajes"] = [mensaje(oid(500), PAREJA, CARLA, minuto(1))]
    importar(datos, ruta)
    fila = Participante.objects.get(conversacion=str(PAREJA), usuario=str(CARLA))
    assert (fila.activo, fila.enviados) == (False, 1)
