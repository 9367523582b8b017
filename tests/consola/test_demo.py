"""El ejemplo se carga entero, y en una base que ya lo tenía, lo que falte."""

from __future__ import annotations

import pytest

from mensajeria.consola.demo import cargar_demo
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.muestras import CUENTAS, TOKENS


@pytest.mark.bd
def test_carga_lo_que_falte(base: None) -> None:
    assert cargar_demo()
    assert not cargar_demo()
    assert set(Usuario.objects.values_list("pk", flat=True)) == set(CUENTAS) > set(TOKENS.values())
    quienes = Participante.objects.filter(conversacion_id="conv_test_001")
    assert "test_user_001" in set(quienes.values_list("usuario_id", flat=True))
    quienes.delete()
    Conversacion.objects.filter(pk="conv_test_001").delete()
    Usuario.objects.filter(pk__in=["test_user_001", "mod"]).delete()
    assert cargar_demo()
    assert Usuario.objects.get(pk="mod").groups.count() == 1
    assert quienes.count() == 2
    assert not cargar_demo()
