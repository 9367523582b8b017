"""Quien envía mucho, o despacio, no deja fuera a los demás."""

from __future__ import annotations

import contextlib

import pytest

from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.puertas.entrada_http import ALARGAR
from servitech import subidas


def test_de_cada_persona_unas_cuantas_y_a_quien_no_tiene_ninguna_le_cabe_una() -> None:
    with contextlib.ExitStack() as abiertas:
        for persona in range(11):
            for _ in range(subidas.A_LA_VEZ):
                with contextlib.suppress(ErrorMensajeria):
                    abiertas.enter_context(subidas.enviando(f"lenta-{persona}"))
        with pytest.raises(ErrorMensajeria) as error:
            abiertas.enter_context(subidas.enviando("lenta-0"))
        assert error.value.codigo == "RATE_LIMITED"
        with subidas.enviando("ana"), pytest.raises(ErrorMensajeria):
            abiertas.enter_context(subidas.enviando("ana"))
    with contextlib.ExitStack() as abiertas:
        for _ in range(subidas.A_LA_VEZ):
            abiertas.enter_context(subidas.enviando("ana"))
        with pytest.raises(ErrorMensajeria):
            abiertas.enter_context(subidas.enviando("ana"))


def test_a_quien_lleva_la_conexion_se_le_dice_cuanto_esperar() -> None:
    pedidos: list[float] = []
    subidas.dar_tiempo({"extensions": {ALARGAR: pedidos.append}})
    # Otro servidor no lo ofrece.
    subidas.dar_tiempo({})
    assert pedidos == [subidas.SEGUNDOS]


@pytest.mark.parametrize(
    ("metodo", "camino", "tipo", "es"),
    [
        ("POST", "archivos/", "multipart/form-data; boundary=x", True),
        ("POST", "archivos", "Multipart/Form-Data; boundary=x", True),
        ("POST", "conversaciones/conv/archivos/", "multipart/form-data; boundary=x", True),
        ("POST", "conversaciones/conv/mensajes", "multipart/form-data; boundary=x", True),
        ("POST", "conversaciones/con/barra/archivos/", "multipart/form-data; boundary=x", True),
        ("POST", "archivos/", "application/json", False),
        ("PUT", "archivos/", "multipart/form-data; boundary=x", False),
        ("POST", "conversaciones/", "multipart/form-data; boundary=x", False),
        ("POST", "mensajes/m/reacciones", "multipart/form-data; boundary=x", False),
    ],
)
def test_cuales_son(metodo: str, camino: str, tipo: str, es: bool) -> None:
    scope = {
        "method": metodo,
        "path": f"/api/mensajeria/{camino}",
        "headers": [(b"content-type", tipo.encode())],
    }
    assert subidas.es_subida(scope) is es
