"""Cuántas huellas se calculan a la vez, y que el tiempo que tardan no diga de quién son."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.test import Client
from rest_framework.test import APIClient

from mensajeria.models import Usuario
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from servitech import contrasenas
from servitech.contrasenas import COLA, HILOS, Huellas

VUELTAS = 300_000


@pytest.fixture
def de_verdad(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PASSWORD_HASHERS = [
        "servitech.contrasenas.PBKDF2",
        "servitech.contrasenas.BcryptDelOriginal",
    ]
    monkeypatch.setattr(contrasenas.PBKDF2, "iterations", VUELTAS)


@pytest.mark.bd
def test_fallar_cuesta_lo_mismo_exista_o_no_y_sea_cual_sea_su_huella(
    base: None, de_verdad: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gastado: list[float] = []
    calcular = Huellas.calcular

    def medir(estas: Huellas, funcion: Any, *argumentos: Any) -> Any:
        def medida() -> Any:
            antes = time.thread_time()
            try:
                return funcion(*argumentos)
            finally:
                gastado.append(time.thread_time() - antes)

        return calcular(estas, medida)

    def importada(coste: int) -> str:
        return "bcrypt$" + bcrypt.hashpw(b"clave", bcrypt.gensalt(coste)).decode()

    for nombre, huella in (
        ("ana", make_password("clave")),
        ("beto", importada(4)),
        ("carla", importada(10)),
        ("dora", make_password(None)),
        ("eva", "bcrypt$rota"),
    ):
        Usuario.objects.create(pk=nombre, username=nombre, password=huella)
    monkeypatch.setattr(Huellas, "calcular", medir)
    cuesta = dict.fromkeys(("ana", "beto", "carla", "dora", "eva", "nadie"), math.inf)

    def raros() -> dict[str, float]:
        """Quién cuesta otra cosa que la contraseña de la casa, y cuántas veces ella."""
        veces = {nombre: segundos / cuesta["ana"] for nombre, segundos in cuesta.items()}
        return {nombre: vez for nombre, vez in veces.items() if not 0.75 < vez < 1.33}

    # Lo que la máquina hace mientras tanto solo alarga: cada cual, por su vuelta más corta.
    for vuelta in range(30):
        for nombre in cuesta:
            gastado.clear()
            assert authenticate(username=nombre, password="mal") is None
            cuesta[nombre] = min(cuesta[nombre], sum(gastado))
        if vuelta >= 2 and not raros():
            break
    assert not raros()
    # La importada vale, y se guarda con la de casa.
    assert authenticate(username="carla", password="clave") is not None
    assert Usuario.objects.get(pk="carla").password.startswith("pbkdf2_sha256$")


@pytest.fixture
def ocupadas(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Todo el sitio de las huellas, tomado hasta que acabe la prueba."""
    estas, soltar = Huellas(), threading.Event()
    monkeypatch.setattr(contrasenas, "huellas", estas)
    dentro = threading.Semaphore(0)

    def esperar() -> None:
        dentro.release()
        soltar.wait(30)

    with ThreadPoolExecutor(HILOS + COLA) as pedidas:
        for _ in range(HILOS + COLA):
            pedidas.submit(estas.calcular, esperar)
        try:
            for _ in range(HILOS):
                assert dentro.acquire(timeout=30)
            _hasta_llenarse(estas)
            yield estas
        finally:
            soltar.set()


def _hasta_llenarse(estas: Huellas) -> None:
    limite = time.monotonic() + 30
    while estas._sitio.acquire(blocking=False):
        estas._sitio.release()
        assert time.monotonic() < limite
        time.sleep(0.001)


@pytest.mark.bd
def test_las_que_no_caben_son_503_y_no_cuentan_como_fallo(
    ana: Usuario, de_verdad: None, settings: Any, ocupadas: Huellas
) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 1
    datos = {"username": "ana", "password": "mal"}
    for _ in range(3):
        api = APIClient().post("/api/token/", datos, format="json")
        assert (api.status_code, api.json()["code"]) == (503, "UNAVAILABLE")
        mesa = Client().post("/admin/login/", datos)
        assert mesa.status_code == 503
        assert "demasiados ingresos" in mesa.content.decode()
        assert int(api["Retry-After"]) > 0
        assert int(mesa["Retry-After"]) > 0


def test_lo_que_lanza_una_huella_deja_su_sitio() -> None:
    estas = Huellas()
    for _ in range(HILOS + COLA + 1):
        with pytest.raises(ZeroDivisionError):
            estas.calcular(lambda: 1 // 0)
    assert estas.calcular(int, "7") == 7


def test_no_se_espera_a_quien_no_cabe(ocupadas: Huellas) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        ocupadas.calcular(int)
    assert error.value.codigo is CodigoError.UNAVAILABLE
