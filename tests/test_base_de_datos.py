"""`atomico` e `instantanea` prometen lo mismo en las tres bases."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from mensajeria.base_de_datos import atomico, instantanea
from mensajeria.models import Usuario
from tests.cronometro import Cronometro

pytestmark = pytest.mark.bd


def nombrar(nombre: str) -> None:
    Usuario.objects.filter(pk="ana").update(nombre=nombre)


def test_dentro_de_la_de_django_confirma_y_avisa(ana: Usuario) -> None:
    """Como cuando una vista del admin, que abre la suya, llama a una operación."""
    avisos: list[str] = []

    def avisar() -> None:
        with transaction.atomic():
            avisos.append(Usuario.objects.get(pk="ana").nombre)

    with transaction.atomic():
        with atomico(), atomico():
            nombrar("Anita")
            transaction.on_commit(avisar)
            assert avisos == []
        with atomico(), transaction.atomic():
            Usuario.objects.filter(pk="ana").update(apellido="Otro")
    assert avisos == ["Anita"]
    assert Usuario.objects.get(pk="ana").get_full_name() == "Anita Otro"
    assert not connection.in_atomic_block


def test_dentro_de_la_de_django_lo_que_falla_se_deshace(ana: Usuario) -> None:
    avisos: list[str] = []
    with pytest.raises(ZeroDivisionError), transaction.atomic(), atomico():
        nombrar("Anita")
        transaction.on_commit(lambda: avisos.append("confirmado"))
        raise ZeroDivisionError
    assert avisos == []
    assert Usuario.objects.get(pk="ana").nombre == "Ana"
    with atomico():
        nombrar("Anita")
    assert Usuario.objects.get(pk="ana").nombre == "Anita"


def test_leer_un_instante_no_espera_a_quien_escribe(ana: Usuario) -> None:
    escribiendo, leido = threading.Event(), threading.Event()

    def escribir() -> None:
        try:
            with atomico():
                nombrar("Anita")
                escribiendo.set()
                leido.wait(10)
        finally:
            connection.close()

    hilo = threading.Thread(target=escribir)
    hilo.start()
    assert escribiendo.wait(30)
    inicio = Cronometro()
    with instantanea():
        assert Usuario.objects.get(pk="ana").nombre == "Ana"
    tardo = inicio.segundos()
    leido.set()
    hilo.join()
    assert tardo < 2
    with instantanea():
        assert Usuario.objects.get(pk="ana").nombre == "Anita"
