"""El buzón: cada aviso lo toma uno, lo que falla se repite y lo imposible se entierra."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from mensajeria.avisos import buzon, cierre, limpieza
from mensajeria.avisos.buzon import ENVIADO, Quedo, Resultado
from mensajeria.models import Aviso, Canal, Dispositivo, Usuario, ahora
from tests.avisos.apoyo import adelantar, repartir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]

REINTENTO = Resultado(Quedo.REINTENTO, "no contesta")


def _sembrar(cuantos: int, **campos: Any) -> None:
    Aviso.objects.bulk_create(
        Aviso(id=f"a{n:04}", usuario_id="beto", canal=Canal.APLICACION, clase="mensajes", **campos)
        for n in range(cuantos)
    )


def test_cada_aviso_lo_toma_uno_aunque_lo_quieran_varios() -> None:
    _sembrar(300)
    tomados: list[str] = []

    def vaciar() -> None:
        while tanda := buzon.tomar(Canal.APLICACION, 20):
            tomados.extend(a.pk for a in tanda)
        connections.close_all()

    hilos = [threading.Thread(target=vaciar) for _ in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert len(tomados) == len(set(tomados)) == 300


def test_lo_que_tomo_quien_murio_vuelve_al_pasar_su_arriendo() -> None:
    _sembrar(1)
    [aviso] = buzon.tomar(Canal.APLICACION, 1)
    assert buzon.tomar(Canal.APLICACION, 1) == []
    adelantar(buzon.arriendo_de_uno())
    [otra_vez] = buzon.tomar(Canal.APLICACION, 1)
    assert otra_vez.pk == aviso.pk
    # Quien tardó demasiado ya no dice en qué quedó.
    cierre.acabar([(aviso, ENVIADO)])
    assert Aviso.objects.get().estado == "pendiente"
    cierre.acabar([(otra_vez, ENVIADO)])
    assert Aviso.objects.get().estado == "hecho"


def test_lo_que_falla_espera_cada_vez_mas_y_acaba_enterrado_con_su_error() -> None:
    _sembrar(1)
    esperas = []
    for _ in range(cierre.INTENTOS):
        adelantar(timedelta(hours=1))
        [aviso] = buzon.tomar(Canal.APLICACION, 1)
        cierre.acabar([(aviso, REINTENTO)])
        esperas.append(Aviso.objects.get().no_antes_de - ahora())
    assert esperas[0] < timedelta(seconds=3) < esperas[2] < esperas[5] < timedelta(minutes=40)
    fila = Aviso.objects.get()
    assert (fila.estado, fila.ultimo_error) == ("enterrado", "no contesta")


def test_se_espera_lo_que_pide_quien_lo_recibe() -> None:
    _sembrar(1)
    cierre.acabar([(buzon.tomar(Canal.APLICACION, 1)[0], Resultado(Quedo.REINTENTO, "429", 600))])
    assert Aviso.objects.get().no_antes_de > ahora() + timedelta(minutes=9)


def test_lo_que_llega_mientras_se_envia_no_se_da_por_enviado(decir: Any) -> None:
    decir("ana")
    repartir()
    [aviso] = buzon.tomar(Canal.APLICACION, 1)
    decir("ana")
    repartir()
    cierre.acabar([(aviso, ENVIADO)])
    fila = Aviso.objects.get(canal=Canal.APLICACION)
    assert (fila.estado, fila.hasta, fila.enviado_hasta) == ("pendiente", 2, 1)
    assert [a.hasta for a in buzon.tomar(Canal.APLICACION, 1)] == [2]


def test_lo_urgente_se_repite_tres_veces_como_mucho() -> None:
    _sembrar(1)
    Aviso.objects.update(canal=Canal.FCM, prioridad="urgente")
    enviados = 0
    for _ in range(5):
        for aviso in buzon.tomar(Canal.FCM, 1):
            enviados += 1
            cierre.acabar([(aviso, ENVIADO)])
        adelantar(cierre.ENTRE_REPETICIONES)
    assert (enviados, Aviso.objects.get().estado) == (3, "hecho")


def test_lo_que_no_se_llego_a_enviar_puede_salir_ya() -> None:
    _sembrar(2)
    buzon.soltar(buzon.tomar(Canal.APLICACION, 2))
    assert [a.intentos for a in buzon.tomar(Canal.APLICACION, 2)] == [1, 1]


def test_un_sitio_que_ya_no_existe_se_olvida_con_lo_suyo(beto: Usuario) -> None:
    sitio = Dispositivo.objects.create(usuario=beto, canal=Canal.FCM, punto="t", huella="h")
    _sembrar(1, dispositivo=sitio)
    cierre.acabar([(buzon.tomar(Canal.APLICACION, 1)[0], Resultado(Quedo.OLVIDADO))])
    assert not Dispositivo.objects.exists()
    assert not Aviso.objects.exists()


def test_se_limpia_lo_acabado_hace_mucho_y_los_dispositivos_callados(beto: Usuario) -> None:
    viejo, hoy = ahora() - timedelta(days=61), ahora()
    _sembrar(1, estado="hecho", causado=viejo)
    for huella, ultima in (("viejo", viejo), ("nuevo", hoy)):
        Dispositivo.objects.create(
            usuario=beto, canal=Canal.FCM, punto=huella, huella=huella, ultima_vez=ultima
        )
    limpieza.limpiar()
    assert not Aviso.objects.exists()
    assert list(Dispositivo.objects.values_list("huella", flat=True)) == ["nuevo"]
