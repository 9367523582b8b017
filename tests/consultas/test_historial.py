"""Del historial se leen las últimas versiones, y cuántas hay, en las tres bases."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.models import Mensaje

pytestmark = pytest.mark.bd

VERSIONES = [{"texto": f'"v{i}" ñ😀', "fecha": "2025-07-06T10:30:00.000Z"} for i in range(7)]


@pytest.mark.parametrize("cuantas", [0, 1, 2, 3, 4, 7])
def test_las_ultimas_en_su_orden_y_cuantas_hay(decir: Any, cuantas: int) -> None:
    id_ = decir("ana", "ahora").mensaje_id
    Mensaje.objects.filter(pk=id_).update(historial=VERSIONES[:cuantas], editado=True)
    [fila] = consultas.Historia("ana", "conv").por_secuencia(True, (0, consultas.SIN_FIN), 5)
    assert fila.historial == VERSIONES[:cuantas][-3:]
    assert fila.versiones == cuantas
