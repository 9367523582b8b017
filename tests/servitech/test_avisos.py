"""Los ajustes de lo que se contesta por correo: lo que no puede valer se dice al arrancar."""

from __future__ import annotations

import pytest

from servitech import avisos
from servitech.entorno import Variables


@pytest.mark.parametrize(
    ("nombre", "valor"),
    [
        ("CORREO_DE_RESPUESTAS", "responder"),
        ("CORREO_DE_RESPUESTAS", "Servitech <responder@tusitio.com>"),
        ("CORREO_DE_RESPUESTAS", "responder+a@tusitio.com"),
        # No cabría la firma.
        ("CORREO_DE_RESPUESTAS", f"{'a' * 25}@tusitio.com"),
        ("CORREO_ENTRANTE_SECRETO", "corto"),
    ],
)
def test_lo_que_no_puede_valer(nombre: str, valor: str) -> None:
    variables = Variables({nombre: valor})
    avisos.leer(variables)
    [problema] = variables.problemas
    assert problema.startswith(nombre)
    assert ("corto" in problema) is False


def test_la_direccion_se_compara_en_minusculas() -> None:
    variables = Variables({"CORREO_DE_RESPUESTAS": "Responder@Tusitio.com"})
    assert avisos.leer(variables).correo_de_respuestas == "responder@tusitio.com"
